//! The tables: how each row's key and value are laid out. Only this file knows.

use journal::codec;
use journal::{Dot, EpochStart, LogId, LogName, ShortId, SiteCode};
use record::{RecordId, RecordKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{Fault, Lookup, View};

use super::Of;
use super::review::Reviewed;

/// Log id, short id of a first entry → the log's name and that entry.
pub(super) const LOGS: u8 = 1;
/// Record id, site → the fold.
pub(super) const RECORDS: u8 = 2;
/// Record id, site → [`Summary`].
pub(super) const SUMMARIES: u8 = 3;
/// Reference, record id, site → nothing.
pub(super) const REFERENCES: u8 = 4;
/// Log id → the highest number among the references that its changes gave.
pub(super) const COUNTERS: u8 = 5;
/// Person, log id, number, short id → [`super::cards::Said`].
pub(super) const PERSONS: u8 = 6;
/// Device, log id, number, short id → [`super::cards::Said`].
pub(super) const BINDINGS: u8 = 7;
/// Site, log id, number, short id → [`super::cards::Said`].
pub(super) const SITES: u8 = 8;
/// Log id, number, short id → bytes of an urgent entry.
pub(super) const URGENT: u8 = 9;
/// Log id, number, short id → [`super::Remark`].
pub(super) const REMARKS: u8 = 10;
/// Record id, site → nothing, where there are acts of review.
pub(super) const REVIEWS: u8 = 11;
/// Record id, site, 0, log id, number, short id → an act of review.
pub(super) const ACTS: u8 = 12;
/// Record id, site → nothing, where the site has to answer the centre.
pub(super) const TO_ANSWER: u8 = 13;

/// Subject, name, 0, version → what was published.
pub(super) const PUBLICATIONS: u8 = 14;
/// Nothing → what tells all that was published from anything else.
pub(super) const PUBLISHED: u8 = 15;
/// Subject, name, 0, record id, site → nothing, where the record names a version not here.
pub(super) const WANTING: u8 = 16;

/// Form, field and text of a field that is unique, record id, site → nothing.
pub(super) const NAMED: u8 = 17;

/// Bytes of one value: a record that was amended some thousand times.
const VALUE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a list shows of a record, and what finds its parts without the fold.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The id of its form.
    pub form: String,
    /// The smallest of its references.
    pub reference: Option<String>,
    /// Whether it goes ahead of others.
    pub urgent: bool,
    /// Whether any field is in conflict.
    pub conflict: bool,
    /// Its own date.
    pub occurred_at: Option<String>,
    /// Its title.
    pub title: String,
    /// The hashes of the lines it was imported from.
    pub imports: Vec<Vec<u8>>,
    /// Its entries, sorted.
    pub dots: Vec<Dot>,
    /// What was said about it.
    pub review: Reviewed,
}

/// Returns what the keys of the acts about a record begin with.
pub(super) fn act_prefix(record_key: &[u8]) -> Vec<u8> {
    [record_key, &[0]].concat()
}

/// Returns the key of an act about a record.
pub(super) fn act_key(record_key: &[u8], dot: &Dot) -> Vec<u8> {
    [act_prefix(record_key).as_slice(), &dot_key(dot)].concat()
}

/// Returns the key of a record's rows.
pub(super) fn record_key(key: &RecordKey) -> Vec<u8> {
    [key.id.0.as_slice(), key.site.as_str().as_bytes()].concat()
}

/// Reads the key of a record's rows.
pub(super) fn read_record_key(bytes: &[u8]) -> Option<RecordKey> {
    let (id, site) = bytes.split_first_chunk::<16>()?;
    let site = std::str::from_utf8(site).ok()?.parse().ok()?;
    Some(RecordKey { site, id: RecordId(*id) })
}

/// Returns what the keys of a reference's rows begin with.
///
/// References are counted, so new rows stand beside the last ones, which is what sled is fast at.
pub(super) fn reference_prefix(reference: &str) -> Vec<u8> {
    [reference.as_bytes(), &[0]].concat()
}

/// Returns what the keys of a unique text's rows begin with. The length parts it from the record's
/// key, whatever stands in it.
pub(super) fn named_prefix(form: &str, field: &str, text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
    [form.as_bytes(), &[0], field.as_bytes(), &[0], &length, text.as_bytes()].concat()
}

/// Returns the key of an entry's row: two branches of a log have two entries at one number.
pub(super) fn dot_key(dot: &Dot) -> Vec<u8> {
    [entry_key(dot.log, dot.seq).as_slice(), &dot.id.0].concat()
}

/// Returns what the keys of the rows of the entries at that number begin with.
pub(super) fn entry_key(log: LogId, seq: u64) -> Vec<u8> {
    [log.0.as_slice(), &seq.to_be_bytes()].concat()
}

/// Reads the key of an entry's row.
pub(super) fn read_dot(key: &[u8]) -> Option<Dot> {
    let (log, rest) = key.split_first_chunk::<32>()?;
    let (seq, id) = rest.split_first_chunk::<8>()?;
    let id = ShortId(id.try_into().ok()?);
    Some(Dot { log: LogId(*log), seq: u64::from_be_bytes(*seq), id })
}

/// Returns what the keys of a site's rows begin with.
pub(super) fn site_prefix(site: &SiteCode) -> Vec<u8> {
    [site.as_str().as_bytes(), &[0]].concat()
}

/// Returns the key of what an entry says of something.
pub(super) fn said_key(of: &[u8], dot: &Dot) -> Vec<u8> {
    [of, &dot_key(dot)].concat()
}

/// Writes a value; `None` if it is too large to be written.
pub(super) fn put<T: Serialize>(
    view: &mut dyn View,
    table: u8,
    key: Vec<u8>,
    value: &T,
) -> Option<()> {
    let bytes = codec::encode(value, VALUE_BYTES_MAX).ok()?;
    view.put(table, key, bytes);
    Some(())
}

/// Reads a value.
pub(super) fn get<T: DeserializeOwned>(
    view: &(impl Lookup + ?Sized),
    table: u8,
    key: &[u8],
) -> Result<Option<T>, Fault> {
    view.get(table, key)?.map(|bytes| decode(table, &bytes)).transpose()
}

/// Reads the values of all rows whose keys begin so.
pub(super) fn scan<T: DeserializeOwned>(
    view: &(impl Lookup + ?Sized),
    table: u8,
    prefix: &[u8],
) -> Result<Vec<(Vec<u8>, T)>, Fault> {
    let rows = view.scan(table, prefix)?.into_iter();
    rows.map(|(key, bytes)| Ok((key, decode(table, &bytes)?))).collect()
}

/// Reads a row of [`SUMMARIES`]; nothing, if its key is no record's.
pub(super) fn keyed_summary(
    row: Result<(Vec<u8>, Vec<u8>), Fault>,
) -> Result<Option<(RecordKey, Summary)>, Fault> {
    let (key, bytes) = row?;
    let Some(key) = read_record_key(&key) else { return Ok(None) };
    Ok(Some((key, decode(SUMMARIES, &bytes)?)))
}

fn decode<T: DeserializeOwned>(table: u8, bytes: &[u8]) -> Result<T, Fault> {
    codec::decode(bytes, VALUE_BYTES_MAX)
        .map_err(|error| Fault::Damaged(format!("a row of table {table} of the views ({error})")))
}

/// Keeps whose log it is.
pub(super) fn put_log(view: &mut dyn View, of: &Of<'_>, start: &EpochStart) -> Result<(), Fault> {
    let dot = of.entry.dot();
    let key = [dot.log.0.as_slice(), &dot.id.0].concat();
    put(view, LOGS, key, &(of.log, start))
        .ok_or_else(|| Fault::Views("a log's first entry is larger than a row may be".to_owned()))
}

/// Returns whose log it is. Where its branches begin differently, the largest id says.
pub(super) fn log(
    view: &(impl Lookup + ?Sized),
    log: LogId,
) -> Result<Option<(LogName, EpochStart)>, Fault> {
    let named: Vec<(Vec<u8>, (LogName, EpochStart))> = scan(view, LOGS, &log.0)?;
    Ok(named.into_iter().next_back().map(|(_key, named)| named))
}
