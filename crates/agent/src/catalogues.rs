//! The forms and lists of this machine: the shipped ones, and what the hub published, as far as it
//! has come.
//!
//! A catalogue follows from the rows of the views alone, and is kept by what they say. So the
//! projection is deterministic, and what came with an exchange is used by the next request without
//! anybody being told.

use std::sync::{Arc, Mutex, PoisonError};

use record::{Catalogue, CatalogueError};
use store::{Fault, Lookup};

use crate::limits::CATALOGUES_MAX;
use crate::projector::publications;

/// Makes catalogues, and keeps those it made last.
#[derive(Debug)]
pub struct Catalogues {
    shipped: Arc<Catalogue>,
    made: Mutex<Vec<([u8; 32], Arc<Catalogue>)>>,
}

impl Catalogues {
    /// Reads what this program brings along.
    ///
    /// # Errors
    ///
    /// Returns a mistake in one of the files, which a test would have found.
    pub fn new() -> Result<Self, CatalogueError> {
        Ok(Self { shipped: Arc::new(Catalogue::shipped()?), made: Mutex::new(Vec::new()) })
    }

    /// Returns a hash of what this program brings along.
    #[must_use]
    pub fn shipped_digest(&self) -> [u8; 32] {
        self.shipped.digest()
    }

    /// Returns the catalogue that these rows come to.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn at(&self, view: &(impl Lookup + ?Sized)) -> Result<Arc<Catalogue>, Fault> {
        let Some(digest) = publications::digest(view)? else {
            return Ok(Arc::clone(&self.shipped));
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, catalogue)) = made.iter().find(|(known, _)| *known == digest) {
            return Ok(Arc::clone(catalogue));
        }
        let publications = publications::all(view)?;
        let catalogue = Arc::new(self.shipped.with_publications(&publications));
        if CATALOGUES_MAX <= made.len() {
            made.remove(0);
        }
        made.push((digest, Arc::clone(&catalogue)));
        Ok(catalogue)
    }

    /// Keeps whoever asks for a published catalogue waiting, the projection too, until `work` is
    /// done.
    #[cfg(test)]
    pub(crate) fn hold_while<T>(&self, work: impl FnOnce() -> T) -> T {
        let _made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        work()
    }
}
