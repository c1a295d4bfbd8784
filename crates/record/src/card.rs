//! Cards: what is said of a person or a site. Of several, the one of the highest [`crate::Rank`] holds.

use journal::codec::CodecError;
use journal::{Envelope, Kind, SiteCode};
use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::kind;

/// The layout of the payloads in this file.
const SCHEMA: u16 = 1;

/// Who a person is. Passwords never leave a machine.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PersonCard {
    /// The id changes name as their author.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// What the person may do, such as `recorder`, `supervisor` or `reviewer`.
    pub role: String,
    /// Where the person works.
    pub site: SiteCode,
}

/// What is known of a site.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct SiteCard {
    /// Its stable code.
    pub code: SiteCode,
    /// Its name.
    pub names: Words,
    /// What sort of institution it is.
    pub kind: Option<String>,
    /// The region it stands in.
    pub region: Option<String>,
    /// The first day it exists: a date, a month or a year; none is unbounded.
    pub valid_from: Option<String>,
    /// The last one; a month or a year includes its end.
    pub valid_to: Option<String>,
    /// The sites that merged into it.
    pub successor_of: Vec<SiteCode>,
}

/// The same words in three languages, as far as they are known.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Words {
    /// English.
    pub en: Option<String>,
    /// Russian.
    pub ru: Option<String>,
    /// Kyrgyz.
    pub ky: Option<String>,
}

impl PersonCard {
    /// The kind of the entries that hold one.
    pub const KIND: Kind = kind::PERSON;

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
}

impl SiteCard {
    /// The kind of the entries that hold one.
    pub const KIND: Kind = kind::SITE;

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_read_back_as_they_were_written() {
        let site: SiteCode = "INST-027".parse().unwrap();
        let person = PersonCard {
            id: PersonId([7; 16]),
            name: "Аида".to_owned(),
            role: "recorder".to_owned(),
            site: site.clone(),
        };
        assert_eq!(PersonCard::from_payload(&person.to_payload().unwrap()), Ok(person));
        let card = SiteCard {
            code: site.clone(),
            names: Words { ru: Some("Учреждение № 27".to_owned()), ..Words::default() },
            kind: None,
            region: Some("CHUY".to_owned()),
            valid_from: None,
            valid_to: Some("2025-12".to_owned()),
            successor_of: vec![site],
        };
        assert_eq!(SiteCard::from_payload(&card.to_payload().unwrap()), Ok(card));
    }
}
