//! Settling a conflict: a change in the hub's lane of the record's site that replaces every value
//! that stands in the field.

use std::collections::BTreeSet;

use journal::{Dot, Lane};
use record::{
    Change, Facts, Language, MalformedPath, Path, PersonId, Reach, Reader, RecordKey, resolution,
};
use serde_json::Value as Json;

use super::own_lane;
use crate::db::Conn;
use crate::read::with_others;
use crate::read::{ViewError, show};
use crate::tables;
use crate::truth::{Fault, Truth};

/// What settles a conflict.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// The field's path, as `show` names it.
    pub field: String,
    /// The value that is to stand.
    pub value: Json,
    /// What whoever decides has seen; none is what stands now.
    pub seen: Option<Vec<Dot>>,
    /// Who decides; none is the hub's administrator.
    pub author: Option<PersonId>,
    /// Why.
    pub reason: Option<String>,
    /// The language in which a value that does not fit is refused.
    pub language: Language,
}

/// Settles a conflict and folds it.
///
/// # Errors
///
/// Returns [`ViewError`] if the field or value does not fit, the field changed since it was seen,
/// or the database can't be written.
pub async fn resolve(
    truth: &Truth,
    key: &RecordKey,
    settled: &Resolution,
) -> Result<Dot, ViewError> {
    let mut tx = own_lane::begin(truth, key).await?;
    let change = change(&mut tx, truth, key, settled).await?;
    let payload = (Change::KIND, change.to_payload().map_err(Fault::from)?);
    let lane = lane_of(&mut tx, key).await?;
    own_lane::append(truth, tx, &lane, payload).await
}

/// Returns the lane in which the hub changes a record: what goes to everyone is changed for
/// everyone, wherever it was made.
pub(super) async fn lane_of(conn: &mut Conn, key: &RecordKey) -> Result<Lane, ViewError> {
    let (state, _entries) = show::load(conn, key).await?;
    let catalogue = tables::catalogue(conn).await?;
    let form = state.form().and_then(|form| catalogue.form(&form.id));
    let for_everyone = form.is_some_and(|form| form.reach == Reach::Everyone);
    Ok(if for_everyone { Lane::Everyone } else { Lane::Site(key.site.clone()) })
}

async fn change(
    conn: &mut Conn,
    truth: &Truth,
    key: &RecordKey,
    settled: &Resolution,
) -> Result<Change, ViewError> {
    let field = settled.field.as_str();
    let path: Path = field
        .parse()
        .map_err(|malformed: MalformedPath| ViewError::refused(field, &malformed.to_string()))?;
    let (state, _entries) = show::load(conn, key).await?;
    let facts = Facts { language: settled.language, ..show::facts(conn, key).await? };
    let author = match settled.author {
        Some(author) => author,
        None => truth.administrator(conn).await?,
    };
    let used = state.form().ok_or_else(|| ViewError::NoRecord(key.to_string()))?;
    let catalogue = tables::catalogue(conn).await?;
    let form = catalogue.edition(&state).ok_or_else(|| {
        let reason = "the form of this record is not known here: install newer software";
        ViewError::refused(field, reason)
    })?;
    let value = with_others(conn, (&key.site, &*catalogue), |others| {
        let reader = Reader { catalogue: &catalogue, form: &form, resolve: others, facts };
        reader.read_value(&path, &settled.value)
    });
    let value = value.await?;
    let value = value.map_err(|error| ViewError::Refused(vec![error]))?;
    if let Some(seen) = &settled.seen {
        let seen: BTreeSet<&Dot> = seen.iter().collect();
        if !state.get(&path).live.keys().all(|dot| seen.contains(dot)) {
            return Err(ViewError::Stale(field.to_owned()));
        }
    }
    let standing: BTreeSet<_> = state.get(&path).live.values().cloned().collect();
    if standing.len() == 1 {
        let reason =
            "nobody disagrees about this field: return the record, or have its site amend it";
        return Err(ViewError::refused(field, reason));
    }
    let settles = resolution(&state, &path, value)
        .ok_or_else(|| ViewError::refused(field, "nothing stands in this field"))?;
    Ok(Change {
        record: key.clone(),
        form: used.clone(),
        lists: settles.lists,
        author,
        reason: settled.reason.clone(),
        urgent: false,
        seen: settles.seen,
        writes: settles.writes,
    })
}
