//! Who is meant by `@author`: a person's id, or a name that only one person of the site has.

use record::{Language, PersonCard, PersonId, message};

use crate::desk::Desk;
use crate::problem::Problem;
use crate::projector::Records;
use crate::request::FieldReason;

/// The persons of a site.
#[derive(Debug)]
pub(super) struct Authors(Vec<PersonCard>);

impl Authors {
    pub(super) fn of(desk: &Desk) -> Result<Self, Problem> {
        Ok(Self(Records(&desk.reader).persons(&desk.identity().enrolment.site)?))
    }

    /// Returns the person meant.
    pub(super) fn named(&self, name: &str, language: Language) -> Result<PersonId, FieldReason> {
        let name = name.trim();
        let id: Option<PersonId> = name.parse().ok();
        let meant = |card: &&PersonCard| match id {
            Some(id) => card.id == id,
            None => card.name == name,
        };
        let refuse = |reason: String| Err(FieldReason::new("@author", reason));
        let mut found = self.0.iter().filter(meant);
        match (found.next(), found.next()) {
            (Some(card), None) => Ok(card.id),
            (None, _) => refuse(message::author_unknown(language)),
            (Some(_), Some(_)) => refuse(message::author_ambiguous(language)),
        }
    }
}
