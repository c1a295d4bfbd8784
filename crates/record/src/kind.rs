//! The register of entry kinds: every number stands here once. One that was given out is never
//! used for anything else.

use journal::Kind;

/// A change of a record: [`crate::Change`].
pub(crate) const CHANGE: Kind = number(0);
/// A person's card: [`crate::PersonCard`].
pub(crate) const PERSON: Kind = number(1);
/// A site's card: [`crate::SiteCard`].
pub(crate) const SITE: Kind = number(2);
/// An act of review: [`crate::ReviewEntry`].
pub(crate) const REVIEW: Kind = number(3);
/// A version of a form or vocabulary: [`crate::Publication`].
pub(crate) const PUBLICATION: Kind = number(4);

/// A piece of the hub's time: [`crate::clock::Piece`].
pub(crate) const CLOCK_PIECE: Kind = number(8);
/// The word that the hub's clock is right: [`crate::clock::Accept`].
pub(crate) const CLOCK_ACCEPT: Kind = number(9);

const fn number(of_records: u16) -> Kind {
    Kind(Kind::FIRST_OF_RECORDS.0 + of_records)
}
