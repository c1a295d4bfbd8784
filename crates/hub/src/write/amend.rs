//! Changing what the centre itself recorded, a course above all: a change in the hub's lane.
//!
//! What a site recorded is changed at the site; the centre returns it.

use std::collections::BTreeSet;

use journal::Dot;
use record::{
    Amendment, Change, Facts, FormVersion, Language, PersonId, Reader, RecordKey, RowId,
    may_change, message,
};
use serde_json::{Map, Value as Json};

use super::{own_lane, resolve};
use crate::keys;
use crate::read::with_others;
use crate::read::{ViewError, show};
use crate::tables;
use crate::tables::acts::Acts;
use crate::truth::{Fault, Truth};

/// What is to be changed.
#[derive(Clone, Debug)]
pub struct Amend {
    /// The fields, as `record show` names them; `null` clears one.
    pub values: Map<String, Json>,
    /// What whoever changes it has seen; none is what stands now.
    pub seen: Option<Vec<Dot>>,
    /// Why.
    pub comment: Option<String>,
    /// Who changes it.
    pub author: PersonId,
    /// The language in which a value that does not fit is refused.
    pub language: Language,
}

/// Changes fields of a record of the centre, folds that, and returns the entry's dot; none where
/// nothing differs.
///
/// # Errors
///
/// Returns [`ViewError`] if the record is a site's, a value does not fit, a reason is missing, or the
/// database can't be written.
pub async fn amend(
    truth: &Truth,
    key: &RecordKey,
    amend: &Amend,
) -> Result<Option<Dot>, ViewError> {
    let language = amend.language;
    if key.site != *truth.lanes.site() {
        let reason = message::amended_there(language, &key.site);
        return Err(ViewError::refused("id", &reason));
    }
    let mut tx = own_lane::begin(truth, key).await?;
    let (state, _entries) = show::load(&mut tx, key).await?;
    let comment = amend.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
    let standing = Acts::read(&mut tx, &truth.key(), &state).await?.review().state;
    may_change(standing, comment)
        .map_err(|refusal| ViewError::refused("comment", &refusal.words(language)))?;
    let catalogue = tables::catalogue(&mut tx).await?;
    let used = state.form().ok_or_else(|| ViewError::NoRecord(key.to_string()))?;
    let form = catalogue.form(&used.id).ok_or_else(|| {
        ViewError::refused("id", "its form is not known here: install newer software")
    })?;
    let facts = Facts { language, ..show::facts(&mut tx, key).await? };
    let now = state.live_dots();
    let seen: BTreeSet<Dot> = amend.seen.clone().unwrap_or(now).into_iter().collect();
    let (seen, rows) = (Vec::from_iter(seen), new_rows(&amend.values)?);
    let read = with_others(&mut tx, (&key.site, &*catalogue), |others| {
        let reader = Reader { catalogue: &catalogue, form, resolve: others, facts };
        let mut rows = rows.iter().copied();
        // As many ids were drawn as the object has rows.
        let mut next = || rows.next().unwrap_or(RowId([0; 8]));
        reader.read_amendment(&state, &seen, &amend.values, &mut next)
    });
    let Amendment { seen, writes, urgent, lists, .. } = read.await?.map_err(ViewError::Refused)?;
    if writes.is_empty() {
        return Ok(None);
    }
    let change = Change {
        record: key.clone(),
        form: FormVersion { id: form.id.clone(), version: form.version },
        lists,
        author: amend.author,
        reason: comment.map(str::to_owned),
        urgent,
        seen,
        writes,
    };
    let payload = (Change::KIND, change.to_payload().map_err(Fault::from)?);
    let lane = resolve::lane_of(&mut tx, key).await?;
    own_lane::append(truth, tx, &lane, payload).await.map(Some)
}

/// Draws an id for every row the object could add.
fn new_rows(values: &Map<String, Json>) -> Result<Vec<RowId>, Fault> {
    let rows = values.values().filter_map(Json::as_array).map(Vec::len).sum();
    (0..rows).map(|_| Ok(RowId(keys::random().map_err(Fault::random)?))).collect()
}
