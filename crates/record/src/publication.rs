//! A version of a form or vocabulary that the centre published: an entry of the hub's own log.
//!
//! It holds the source text, so whoever reads it compiles it for himself; what this software can't
//! compile is kept and forwarded all the same. A version is never changed and never removed.

use journal::codec::CodecError;
use journal::{Envelope, Kind};
use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::kind;

/// The layout of the payload.
const SCHEMA: u16 = 1;

/// What a publication is a version of.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// A form.
    Form,
    /// A file of lists.
    Vocabulary,
}

/// One version of a form or vocabulary.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// Whether it is a form or a vocabulary.
    pub subject: Subject,
    /// The form's id or the vocabulary's name, such as `choices`.
    pub name: String,
    /// Its version, counted on from the shipped one.
    pub version: u32,
    /// Of a form: the vocabularies it was checked against, with their versions.
    pub vocabularies: Vec<(String, u32)>,
    /// Who published it.
    pub author: PersonId,
    /// Its source: TOML of a form, CSV of a vocabulary.
    pub text: String,
}

impl Subject {
    /// Returns its number in keys and tables.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Form => 1,
            Self::Vocabulary => 2,
        }
    }

    /// Returns the subject with that number.
    #[must_use]
    pub const fn of_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Form),
            2 => Some(Self::Vocabulary),
            _ => None,
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Form => "form",
            Self::Vocabulary => "vocabulary",
        })
    }
}

impl Publication {
    /// The kind of the entries that hold one.
    pub const KIND: Kind = kind::PUBLICATION;

    /// Returns the payload.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is too large.
    pub fn to_payload(&self) -> Result<Vec<u8>, CodecError> {
        Envelope::pack(SCHEMA, self)
    }

    /// Reads a payload of kind [`Self::KIND`].
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is none.
    pub fn from_payload(payload: &[u8]) -> Result<Self, CodecError> {
        Envelope::unpack(SCHEMA, payload)
    }

    /// Returns what tells one set of publications from another, of the hashes of all in it.
    #[must_use]
    pub fn hash_of_all(hashes: &[[u8; 32]]) -> [u8; 32] {
        let mut sorted = hashes.to_vec();
        sorted.sort_unstable();
        blake3::derive_key("ashuu 2026 publications v1", sorted.as_flattened())
    }

    /// Returns a hash of all that it says.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("ashuu 2026 publication v1");
        hasher.update(&[self.subject.number()]).update(&self.version.to_be_bytes());
        for text in [&self.name, &self.text] {
            hasher.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        for (name, version) in &self.vocabularies {
            hasher.update(name.as_bytes()).update(&[0]).update(&version.to_be_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publication(text: String) -> Publication {
        Publication {
            subject: Subject::Form,
            name: "incident".to_owned(),
            version: 2,
            vocabularies: vec![("choices".to_owned(), 1)],
            author: PersonId([7; 16]),
            text,
        }
    }

    #[test]
    fn a_publication_reads_back_as_it_was_written() {
        let written = publication("id = \"incident\"".to_owned());
        let read = Publication::from_payload(&written.to_payload().unwrap());
        assert_eq!(read, Ok(written.clone()));
        for subject in [Subject::Form, Subject::Vocabulary] {
            assert_eq!(Subject::of_number(subject.number()), Some(subject));
        }
        let other = Publication { version: 3, ..written.clone() };
        assert_ne!(written.hash(), other.hash());
    }

    #[test]
    fn a_source_that_no_payload_holds_is_refused() {
        let large = "x".repeat(journal::limits::PAYLOAD_BYTES_MAX);
        assert!(publication(large).to_payload().is_err());
    }
}
