//! The tables that the fold writes and that is read from: how a record is named in them, the
//! catalogue, the acts of a record, and texts as they are searched.
//!
//! This module reads rows of views. It neither folds nor knows what a page shows.

pub(crate) mod acts;
pub(crate) mod catalogue;
pub(crate) mod search;

use record::{RecordId, RecordKey};

pub(crate) use catalogue::catalogue;

use crate::truth::Fault;
use crate::truth::fault::{array, site};

/// Reads a record's name from its columns.
pub(crate) fn key(code: String, id: Vec<u8>) -> Result<RecordKey, Fault> {
    Ok(RecordKey { site: site(code)?, id: RecordId(array("a record's id", id)?) })
}
