//! Names of records, persons and rows. They are drawn elsewhere; none says when or in what order.

use std::fmt;
use std::str::FromStr;

use journal::SiteCode;
use serde::{Deserialize, Serialize};

/// The id of a record; the same id may stand at two sites.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct RecordId(pub [u8; 16]);

/// The id of a person.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct PersonId(pub [u8; 16]);

/// The id of a row, unique in its record.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct RowId(pub [u8; 8]);

/// The full name of a record. A record keeps the site it was made at.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct RecordKey {
    /// The site it was made at.
    pub site: SiteCode,
    /// Its id there.
    pub id: RecordId,
}

/// The text is no such id.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MalformedId {
    /// It should be the id of a record or a person.
    #[error("an id is a UUID such as 0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa")]
    Uuid,
    /// It should be the id of a row.
    #[error("a row id is 16 hexadecimal digits, as `show` prints under \"@row\"")]
    Row,
    /// It should be the full name of a record.
    #[error("a record's full name is its site and its id, as in INST-027:0193a7c0-…")]
    Key,
}

impl RowId {
    /// Returns the id of an imported row: the same file gives the same rows everywhere.
    #[must_use]
    pub fn imported(record: RecordId, group: &str, ordinal: u32) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("ashuu 2026 imported row v1");
        hasher.update(&record.0).update(&ordinal.to_le_bytes()).update(group.as_bytes());
        let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
        Self([a, b, c, d, e, f, g, h])
    }
}

fn parse_uuid(text: &str) -> Result<[u8; 16], MalformedId> {
    // The other spellings of a UUID would make two names of one record.
    if text.len() != uuid::fmt::Hyphenated::LENGTH {
        return Err(MalformedId::Uuid);
    }
    let uuid = uuid::Uuid::try_parse(text).map_err(|_malformed| MalformedId::Uuid)?;
    Ok(uuid.into_bytes())
}

impl FromStr for RecordId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        parse_uuid(text).map(Self)
    }
}

impl FromStr for PersonId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        parse_uuid(text).map(Self)
    }
}

impl FromStr for RowId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let plain = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        if text.len() != 16 || !text.bytes().all(plain) {
            return Err(MalformedId::Row);
        }
        let number = u64::from_str_radix(text, 16).map_err(|_no_number| MalformedId::Row)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl FromStr for RecordKey {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let (site, id) = text.split_once(':').ok_or(MalformedId::Key)?;
        let site = site.parse().map_err(|_malformed| MalformedId::Key)?;
        Ok(Self { site, id: id.parse().map_err(|_malformed| MalformedId::Key)? })
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).as_hyphenated().fmt(f)
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).as_hyphenated().fmt(f)
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.site, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa";

    #[test]
    fn names_read_back_as_they_were_written() {
        assert_eq!(ID.parse::<RecordId>().unwrap().to_string(), ID);
        assert_eq!(ID.parse::<PersonId>().unwrap().to_string(), ID);
        let key = format!("INST-027:{ID}");
        assert_eq!(key.parse::<RecordKey>().unwrap().to_string(), key);
        let row = RowId([0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff]);
        assert_eq!(row.to_string(), "00010203fcfdfeff");
        assert_eq!(row.to_string().parse(), Ok(row));
    }

    #[test]
    fn other_spellings_are_refused() {
        assert_eq!(ID.replace('-', "").parse::<RecordId>(), Err(MalformedId::Uuid));
        assert_eq!("+001020304050607".parse::<RowId>(), Err(MalformedId::Row));
        assert_eq!("00010203FCFDFEFF".parse::<RowId>(), Err(MalformedId::Row));
        assert_eq!(ID.parse::<RecordKey>(), Err(MalformedId::Key));
    }

    #[test]
    fn an_imported_row_is_named_by_record_group_and_place() {
        let (one, two) = (RecordId([1; 16]), RecordId([2; 16]));
        let row = RowId::imported(one, "items", 0);
        assert_eq!(row, RowId::imported(one, "items", 0));
        assert_ne!(row, RowId::imported(one, "items", 1));
        assert_ne!(row, RowId::imported(one, "persons", 0));
        assert_ne!(row, RowId::imported(two, "items", 0));
    }
}
