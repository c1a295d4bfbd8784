//! Declaring a record void from the centre: a change in the hub's lane.
//!
//! Nothing is deleted; what was written stays, with the reason beside it.

use journal::Dot;
use record::{Change, Language, Path, PersonId, RecordKey, Value, Write, message};

use super::{own_lane, resolve};
use crate::read::{ViewError, show};
use crate::truth::{Fault, Truth};

/// Declares a record void, folds that, and returns the entry's dot.
///
/// # Errors
///
/// Returns [`ViewError`] if no reason is given, the record is void already or the database can't be
/// written.
pub async fn void(
    truth: &Truth,
    key: &RecordKey,
    author: PersonId,
    (reason, language): (&str, Language),
) -> Result<Dot, ViewError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(ViewError::refused("reason", &message::reason_missing(language)));
    }
    let mut tx = own_lane::begin(truth, key).await?;
    let (state, _entries) = show::load(&mut tx, key).await?;
    let path = Path::field(Path::VOID);
    let live = &state.get(&path).live;
    if live.values().any(|value| *value != Value::Cleared) {
        return Err(ViewError::refused("id", &message::void_already(language)));
    }
    let form = state.form().cloned().ok_or_else(|| ViewError::NoRecord(key.to_string()))?;
    let seen = state.live_dots();
    let replaces = (0_u32..).zip(&seen).filter(|(_, dot)| live.contains_key(dot));
    let replaces = replaces.map(|(index, _)| index).collect();
    let change = Change {
        record: key.clone(),
        form,
        lists: Vec::new(),
        author,
        reason: Some(reason.to_owned()),
        urgent: false,
        seen,
        writes: vec![Write { path, value: Value::Text(reason.to_owned()), replaces }],
    };
    let payload = (Change::KIND, change.to_payload().map_err(Fault::from)?);
    let lane = resolve::lane_of(&mut tx, key).await?;
    own_lane::append(truth, tx, &lane, payload).await
}
