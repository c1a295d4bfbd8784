//! What turns entries into rows, and how it sees the rows there are.
//!
//! The store knows neither records nor tables; whoever opens it hands in a [`Projector`].

use std::fmt::Debug;

use journal::{Entry, LogName};

use crate::fault::Fault;

/// A row's key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Makes rows of entries: pure and deterministic, so that rows can be made again at any time.
pub trait Projector: Debug + Send + Sync {
    /// Returns the number of the projection; with another one all rows are made anew.
    fn version(&self) -> u32;

    /// Projects an entry; `start` is the first entry of its own chain, if that is held. Its content
    /// is never a reason to fail.
    ///
    /// # Errors
    ///
    /// Returns what `view` returned: rows could not be read.
    fn project(
        &self,
        log: &LogName,
        start: Option<&Entry>,
        entry: &Entry,
        view: &mut dyn View,
    ) -> Result<(), Fault>;
}

/// Reads rows.
pub trait Lookup {
    /// Returns a row's value.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    fn get(&self, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;

    /// Returns the rows whose key begins with `prefix`, in the order of their keys.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    fn scan(&self, table: u8, prefix: &[u8]) -> Result<Vec<Row>, Fault>;
}

/// Reads and writes rows.
pub trait View: Lookup {
    /// Writes a row in place of any with this key.
    fn put(&mut self, table: u8, key: Vec<u8>, value: Vec<u8>);

    /// Removes a row.
    fn delete(&mut self, table: u8, key: Vec<u8>);
}
