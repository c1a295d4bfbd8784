//! How a row lies in sled: its key, its checksum, and its parts where it is large.
//!
//! ```text
//! key of a row:        1 | table | key
//! key of a part:       2 | table | key | number of the part 2, big-endian
//! keys of our own:     0 | what
//! value:               checksum 8 | kind 1 | data
//! ```

use std::ops::Bound;

use journal::{EntryId, LogId};

use crate::fault::Fault;

/// The number of a table; the projector gives them their meaning.
pub(crate) type Table = u8;

const OWN: u8 = 0;
const ROWS: u8 = 1;
const PARTS: u8 = 2;

/// A key as sled knows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Key(pub(crate) Vec<u8>);

/// What the data of a row are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The value.
    Whole,
    /// The number of the rows that hold it.
    Parts,
}

/// A row whose checksum was right.
pub(crate) struct Opened<'a> {
    pub(crate) kind: Kind,
    pub(crate) data: &'a [u8],
}

/// A sum over all rows that does not depend on their order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Digest {
    pub(crate) rows: u64,
    pub(crate) sum: u64,
}

impl Key {
    pub(crate) fn row(table: Table, key: &[u8]) -> Self {
        Self([&[ROWS, table], key].concat())
    }

    pub(crate) fn digest() -> Self {
        Self(vec![OWN, b'd'])
    }

    pub(crate) fn version() -> Self {
        Self(vec![OWN, b'v'])
    }

    pub(crate) fn progress(log: &LogId) -> Self {
        Self([&[OWN, b'p'], log.0.as_slice()].concat())
    }

    /// Returns the key of the row that says that a file beside the journal was projected.
    pub(crate) fn beside(last: &EntryId) -> Self {
        Self([&[OWN, b'b'], last.0.as_slice()].concat())
    }

    pub(crate) fn is_beside(&self) -> bool {
        self.0.starts_with(&[OWN, b'b'])
    }

    /// Returns the key of a part of this row.
    pub(crate) fn part(&self, number: u16) -> Self {
        let mut key = self.0.clone();
        if let Some(area) = key.first_mut() {
            *area = PARTS;
        }
        key.extend_from_slice(&number.to_be_bytes());
        Self(key)
    }

    /// Whether the row says how far a log was projected.
    pub(crate) fn is_progress(&self) -> bool {
        self.0.starts_with(&[OWN, b'p'])
    }
}

/// Returns the bounds of a stretch of a table.
pub(crate) fn bounds(
    table: Table,
    from: Bound<&[u8]>,
    to: Bound<&[u8]>,
) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let key = |key: &[u8]| Key::row(table, key).0;
    let from = match from {
        Bound::Unbounded => Bound::Included(key(&[])),
        Bound::Included(from) => Bound::Included(key(from)),
        Bound::Excluded(from) => Bound::Excluded(key(from)),
    };
    let to = match to {
        Bound::Unbounded => Bound::Excluded(after_prefix(&[ROWS, table])),
        Bound::Included(to) => Bound::Included(key(to)),
        Bound::Excluded(to) => Bound::Excluded(key(to)),
    };
    (from, to)
}

/// Returns the bounds of the rows whose key begins with `prefix`.
pub(crate) fn prefix_bounds(table: Table, prefix: &[u8]) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let from = Key::row(table, prefix).0;
    let to = after_prefix(&from);
    (Bound::Included(from), Bound::Excluded(to))
}

/// Returns the smallest bytes that are larger than all that begin with `prefix`.
fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut after = prefix.to_vec();
    while let Some(last) = after.pop() {
        if let Some(next) = last.checked_add(1) {
            after.push(next);
            break;
        }
    }
    after
}

/// Returns a row's bytes.
pub(crate) fn seal(key: &Key, kind: Kind, data: &[u8]) -> Vec<u8> {
    let kind = match kind {
        Kind::Whole => 0,
        Kind::Parts => 1,
    };
    let checksum = checksum(key, kind, data).to_le_bytes();
    [checksum.as_slice(), &[kind], data].concat()
}

/// Opens a row whose bytes were read.
pub(crate) fn open<'a>(key: &Key, raw: &'a [u8]) -> Result<Opened<'a>, Fault> {
    let altered = || Fault::Damaged("a row of the views".to_owned());
    let (found, rest) = raw.split_first_chunk::<8>().ok_or_else(altered)?;
    let (kind, data) = rest.split_first().ok_or_else(altered)?;
    if checksum(key, *kind, data).to_le_bytes() != *found {
        return Err(altered());
    }
    match kind {
        0 => Ok(Opened { kind: Kind::Whole, data }),
        1 => Ok(Opened { kind: Kind::Parts, data }),
        _ => Err(altered()),
    }
}

/// Returns the value of a row, put together from its parts where it is large.
pub(crate) fn value(db: &sled::Db, key: &Key, raw: &[u8]) -> Result<Vec<u8>, Fault> {
    let Opened { kind, data } = open(key, raw)?;
    if kind == Kind::Whole {
        return Ok(data.to_vec());
    }
    let mut value = Vec::new();
    for number in 0..part_count_of(key, data)? {
        let part = key.part(number);
        let raw = db.get(&part.0).map_err(Fault::sled)?;
        let raw = raw.ok_or_else(|| Fault::Damaged("a large row of the views".to_owned()))?;
        value.extend_from_slice(open(&part, &raw)?.data);
    }
    Ok(value)
}

/// Returns the number of parts as it is written.
pub(crate) fn part_count(parts: usize) -> Result<u16, Fault> {
    u16::try_from(parts).map_err(|_large| Fault::Views(format!("a row of {parts} parts")))
}

/// Reads the number of parts.
pub(crate) fn part_count_of(key: &Key, data: &[u8]) -> Result<u16, Fault> {
    let bytes = data.try_into().map_err(|_other| {
        let table = key.0.get(1).copied().unwrap_or_default();
        Fault::Damaged(format!("a large row of table {table} of the views"))
    })?;
    Ok(u16::from_be_bytes(bytes))
}

impl Digest {
    pub(crate) fn add(&mut self, raw: &[u8]) {
        self.rows = self.rows.wrapping_add(1);
        self.sum = self.sum.wrapping_add(found_checksum(raw));
    }

    pub(crate) fn subtract(&mut self, raw: &[u8]) {
        self.rows = self.rows.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(found_checksum(raw));
    }

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let (rows, sum) = bytes.split_at_mut(8);
        rows.copy_from_slice(&self.rows.to_le_bytes());
        sum.copy_from_slice(&self.sum.to_le_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (rows, sum) = bytes.split_first_chunk::<8>()?;
        let sum = sum.try_into().ok()?;
        Some(Self { rows: u64::from_le_bytes(*rows), sum: u64::from_le_bytes(sum) })
    }
}

fn found_checksum(raw: &[u8]) -> u64 {
    raw.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn checksum(key: &Key, kind: u8, data: &[u8]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    let len = u64::try_from(key.0.len()).unwrap_or(u64::MAX);
    hasher.update(&len.to_le_bytes()).update(&key.0).update(&[kind]).update(data);
    found_checksum(hasher.finalize().as_bytes())
}
