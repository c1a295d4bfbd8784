//! Finds records by a text that no two of them should share: a service number, a course's code, the
//! number of a certificate.

use record::{Form, RecordKey, State};
use store::{Fault, Lookup, View};

use super::rows;

/// Keeps what finds a record: what stood `before` goes, what stands `after` comes.
pub(super) fn index(view: &mut dyn View, key: &[u8], before: &[Vec<u8>], after: &[Vec<u8>]) {
    let row = |prefix: &Vec<u8>| [prefix.as_slice(), key].concat();
    for gone in before.iter().filter(|prefix| !after.contains(prefix)) {
        view.delete(rows::NAMED, row(gone));
    }
    for come in after.iter().filter(|prefix| !before.contains(prefix)) {
        view.put(rows::NAMED, row(come), Vec::new());
    }
}

/// Returns what the keys of a record's rows begin with.
pub(super) fn prefixes(form: Option<&Form>, state: &State) -> Vec<Vec<u8>> {
    let Some(form) = form else { return Vec::new() };
    let named = record::named(form, state).into_iter();
    named.map(|(field, text)| rows::named_prefix(&form.id, &field, &text)).collect()
}

/// Returns every record in whose field the text stands.
pub(super) fn find(
    view: &(impl Lookup + ?Sized),
    form: &str,
    field: &str,
    text: &str,
) -> Result<Vec<RecordKey>, Fault> {
    let prefix = rows::named_prefix(form, field, text);
    let rows = view.scan(rows::NAMED, &prefix)?;
    let key = |row: &[u8]| rows::read_record_key(row.get(prefix.len()..)?);
    Ok(rows.iter().filter_map(|(row, _)| key(row)).collect())
}
