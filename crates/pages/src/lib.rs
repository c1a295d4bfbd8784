//! What both binaries show: HTML in Kyrgyz, Russian and English.
//!
//! Plain values go in, a page comes out. Every text a person reads stands in `words/`, every page
//! works without a script, and whatever came from outside is escaped by the templates. This crate
//! reads no store, knows no session and never looks at a clock.

mod dictionary;
mod forms;
mod frame;
mod lang;
mod problem;
mod record;
mod records;
mod sites;
mod written;

pub use dictionary::Dictionary;
pub use forms::{
    FormPage, FormRow, VersionLine, VocabularyPage, VocabularyRow, form_page, forms_page,
    vocabulary_page,
};
pub use frame::{Frame, Place};
pub use lang::Lang;
pub use problem::{ProblemPage, Trouble, problem_page};
pub use record::{Part, PlainLine, RecordPage, Wording, record_page};
pub use records::{Choice, Filter, RecordRow, RecordsPage, Shortcut, records_page};
pub use sites::{
    Amount, DeviceRow, EntryRemark, QuarantineRow, RefusedRow, SitePage, SiteRow, Waiting,
    site_page, sites_page,
};

/// The style sheet of every page.
pub const STYLE: &str = include_str!("../assets/ashuu.css");

/// The mark shown in a browser's tab.
pub const ICON: &str = include_str!("../assets/icon.svg");

/// A page could not be written.
#[derive(Debug)]
pub struct NotRendered(askama::Error);

impl std::fmt::Display for NotRendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a page could not be written: {}", self.0)
    }
}

impl std::error::Error for NotRendered {}
