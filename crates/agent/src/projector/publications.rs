//! What the hub published, row by row, and the records that wait for some of it.
//!
//! A record is summed up by the versions its changes name. Where one has not come yet, the record
//! is summed up by what is here and noted; when the version comes, it is summed up anew. So the
//! rows are the same whatever came first.

use std::collections::BTreeSet;

use record::{Publication, Rank, Subject, Wanted};
use serde::{Deserialize, Serialize};
use store::{Fault, Lookup, View};

use super::fold;
use super::rows;
use crate::catalogues::Catalogues;

/// A publication as its row keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// The one of the highest rank holds.
    rank: Rank,
    publication: Publication,
}

/// Keeps a publication, and sums up anew what waited for it.
pub(super) fn keep(
    view: &mut dyn View,
    catalogues: &Catalogues,
    rank: Rank,
    publication: Publication,
) -> Result<(), Fault> {
    let wanted = Wanted { subject: publication.subject, name: publication.name.clone() };
    let mut key = prefix(&wanted);
    key.extend_from_slice(&publication.version.to_be_bytes());
    let before: Option<Kept> = rows::get(view, rows::PUBLICATIONS, &key)?;
    if before.as_ref().is_some_and(|before| rank < before.rank) {
        return Ok(());
    }
    let old = catalogues.at(view)?;
    let written = rows::put(view, rows::PUBLICATIONS, key, &Kept { rank, publication });
    debug_assert!(written.is_some(), "a publication is smaller than a payload may be");
    let hashes: Vec<[u8; 32]> = all(view)?.iter().map(Publication::hash).collect();
    let digest = Publication::hash_of_all(&hashes);
    view.put(rows::PUBLISHED, Vec::new(), digest.to_vec());
    let new = catalogues.at(view)?;
    let waiting = match before {
        None => waiting(view, &wanted)?,
        // Another one of the same version stood here, and any record may have been summed up by it.
        Some(_other) => view.scan(rows::SUMMARIES, &[])?.into_iter().map(|(key, _)| key).collect(),
    };
    for record in waiting {
        fold::sum_up(view, (&old, &new), record)?;
    }
    Ok(())
}

/// Returns what tells the publications of these rows from any others; nothing where there are none.
pub(crate) fn digest(view: &(impl Lookup + ?Sized)) -> Result<Option<[u8; 32]>, Fault> {
    let digest = view.get(rows::PUBLISHED, &[])?;
    let whole = |bytes: Vec<u8>| {
        let damaged = |_other| Fault::Damaged("a row of what was published".to_owned());
        <[u8; 32]>::try_from(bytes).map_err(damaged)
    };
    digest.map(whole).transpose()
}

/// Returns all publications.
pub(crate) fn all(view: &(impl Lookup + ?Sized)) -> Result<Vec<Publication>, Fault> {
    let rows: Vec<(Vec<u8>, Kept)> = rows::scan(view, rows::PUBLICATIONS, &[])?;
    Ok(rows.into_iter().map(|(_key, kept)| kept.publication).collect())
}

/// Notes what a record names and is not here, in place of what was noted `before`.
pub(super) fn note(view: &mut dyn View, key: &[u8], before: Vec<Wanted>, now: Vec<Wanted>) {
    if before.is_empty() && now.is_empty() {
        return;
    }
    let (before, now): (BTreeSet<Wanted>, BTreeSet<Wanted>) =
        (before.into_iter().collect(), now.into_iter().collect());
    for gone in before.difference(&now) {
        view.delete(rows::WANTING, [prefix(gone).as_slice(), key].concat());
    }
    for new in now.difference(&before) {
        view.put(rows::WANTING, [prefix(new).as_slice(), key].concat(), Vec::new());
    }
}

/// Returns the keys of the records that wait for a version of this. A vocabulary may be what a form
/// that came before it can't be read without.
fn waiting(view: &dyn View, wanted: &Wanted) -> Result<BTreeSet<Vec<u8>>, Fault> {
    let mut rows = view.scan(rows::WANTING, &prefix(wanted))?;
    if wanted.subject == Subject::Vocabulary {
        rows.extend(view.scan(rows::WANTING, &[Subject::Form.number()])?);
    }
    let record = |key: &[u8]| {
        let end_of_name = key.iter().position(|byte| *byte == 0)?;
        key.get(end_of_name + 1..).map(<[u8]>::to_vec)
    };
    Ok(rows.iter().filter_map(|(key, _)| record(key)).collect())
}

/// What the keys of a subject's rows begin with.
fn prefix(wanted: &Wanted) -> Vec<u8> {
    [&[wanted.subject.number()], wanted.name.as_bytes(), &[0]].concat()
}
