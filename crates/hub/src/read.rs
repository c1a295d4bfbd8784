//! What people and programs ask of the folded records: lists, one record, its history, sites.
//!
//! Everything here only reads. Whoever needs several answers that fit together asks on one snapshot.

mod coverage;
mod entries;
mod export;
mod find;
mod list;
mod others;
mod parts;
pub(crate) mod show;
mod sites;
pub(crate) mod time;
mod titles;
mod versions;

use record::{FieldError, RecordKey};

pub use coverage::{CoverageView, coverage};
pub use export::Exporter;
pub use find::find;
pub use list::{Page, Query, list, page};
pub use show::{history, show, show_in};
pub use sites::{
    AmountView, DeviceFact, DeviceFacts, DeviceView, EntryFinding, Names, RefusalView, SiteView,
    WaitingView, site, sites,
};
pub use titles::say_in;
pub use versions::{VersionView, versions};

pub(crate) use find::{names, site_in};
pub(crate) use list::{count, waiting};
pub(crate) use others::with_others;
pub(crate) use sites::remarks;
pub(crate) use titles::titles;

use crate::db;
use crate::truth::Fault;

/// What was asked can't be answered.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The database can't be used.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Nothing goes by that name.
    #[error("there is no record {0}: give its id, its ref, or SITE:id")]
    NoRecord(String),
    /// There is no such site.
    #[error("there is no site {0}")]
    NoSite(String),
    /// Several records go by that name.
    #[error("{id} stands at several sites: say {}", either(.keys))]
    Ambiguous {
        /// What was asked for.
        id: String,
        /// What it could mean.
        keys: Vec<RecordKey>,
    },
    /// What was given does not fit.
    #[error("{}", sentence(.0))]
    Refused(Vec<FieldError>),
    /// The state of the review does not allow it.
    #[error("{0}")]
    NotNow(String),
    /// The record changed since it was looked at.
    #[error("{0} was changed since you looked at it: look again, nothing was written")]
    Stale(String),
}

impl From<db::Error> for ViewError {
    fn from(error: db::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl ViewError {
    /// Refuses one field.
    #[must_use]
    pub fn refused(field: &str, reason: &str) -> Self {
        Self::Refused(vec![FieldError { field: field.to_owned(), reason: reason.to_owned() }])
    }
}

fn either(keys: &[RecordKey]) -> String {
    let keys: Vec<String> = keys.iter().map(RecordKey::to_string).collect();
    keys.join(" or ")
}

fn sentence(errors: &[FieldError]) -> String {
    let errors: Vec<String> = errors.iter().map(FieldError::to_string).collect();
    errors.join("; ")
}

#[cfg(test)]
mod tests;
