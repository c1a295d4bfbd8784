//! The payload that alters a record: writes, each of which names the values it replaces.
//!
//! A payload with a second encoding is no change; one whose *values* this software does not know
//! is: see [`Value::Opaque`].

mod wire;

use journal::codec::CodecError;
use journal::{Dot, Envelope, Kind};
use serde::{Deserialize, Serialize};

use crate::id::{PersonId, RecordKey};
use crate::kind;
use crate::path::Path;
use crate::value::Value;

/// The layout of the payload.
const SCHEMA: u16 = 1;

/// A version of a form; versions are never removed.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct FormVersion {
    /// The form.
    pub id: String,
    /// Its version.
    pub version: u32,
}

/// What one person changed in one record at once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// The record.
    pub record: RecordKey,
    /// The form it was written by.
    pub form: FormVersion,
    /// The lists whose codes it uses, with their versions.
    pub lists: Vec<(String, u32)>,
    /// Who wrote it.
    pub author: PersonId,
    /// Why, where the author said so.
    pub reason: Option<String>,
    /// Whether it goes ahead of what waits.
    pub urgent: bool,
    /// What the author saw.
    pub seen: Vec<Dot>,
    /// The writes; a path occurs once.
    pub writes: Vec<Write>,
}

/// One value, written to one place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Write {
    /// The place.
    pub path: Path,
    /// The value.
    pub value: Value,
    /// The values it replaces, as indexes into the change's `seen`.
    pub replaces: Vec<u32>,
}

impl Change {
    /// The kind of the entries that hold one.
    pub const KIND: Kind = kind::CHANGE;

    /// Returns the payload.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is too large or would not be read back.
    pub fn to_payload(&self) -> Result<Vec<u8>, CodecError> {
        self.check()?;
        Envelope::pack(SCHEMA, self)
    }

    /// Reads a payload of kind [`Self::KIND`].
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is none; such an entry is held opaque.
    pub fn from_payload(payload: &[u8]) -> Result<Self, CodecError> {
        let change: Self = Envelope::unpack(SCHEMA, payload)?;
        change.check()?;
        Ok(change)
    }

    /// Returns the dots that `write` of this change replaces.
    pub fn replaced<'a>(&'a self, write: &'a Write) -> impl Iterator<Item = Dot> + 'a {
        write
            .replaces
            .iter()
            .filter_map(|&index| self.seen.get(usize::try_from(index).ok()?))
            .copied()
    }

    fn check(&self) -> Result<(), CodecError> {
        let seen = u32::try_from(self.seen.len()).unwrap_or(u32::MAX);
        let mut paths: Vec<&Path> = self.writes.iter().map(|write| &write.path).collect();
        paths.sort_unstable();
        if let Some([path, _]) = paths.array_windows().find(|[one, two]| one == two) {
            return Err(CodecError::Malformed(format!("{path} is written twice")));
        }
        if let Some(path) = paths.iter().find(|path| !path.is_well_formed()) {
            return Err(CodecError::Malformed(format!("{path} is no path")));
        }
        if self.writes.iter().flat_map(|write| &write.replaces).any(|&index| seen <= index) {
            return Err(CodecError::Malformed("a write replaces what was not seen".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
