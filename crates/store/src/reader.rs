//! Reading rows from any thread: what is committed, and only while it is complete.

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use crate::fault::Fault;
use crate::project::{Lookup, Row};
use crate::shared::Shared;
use crate::views::Key;

/// Reads rows from any thread. Cheap to clone; not a snapshot: a batch may come between two reads.
#[derive(Clone, Debug)]
pub struct Reader {
    shared: Arc<Shared>,
}

/// Rows in the order of their keys, from either end.
pub struct Rows {
    shared: Arc<Shared>,
    rows: Result<sled::Iter, Option<Fault>>,
}

impl Reader {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Returns the rows of a stretch of a table; `.rev()` reads it backwards.
    pub fn range<'a>(&self, table: u8, keys: impl RangeBounds<&'a [u8]>) -> Rows {
        let (from, to) = (keys.start_bound().cloned(), keys.end_bound().cloned());
        self.rows(crate::views::bounds(table, from, to))
    }

    /// Returns the rows whose key begins with `prefix`; `.rev()` reads them backwards.
    #[must_use]
    pub fn prefix(&self, table: u8, prefix: &[u8]) -> Rows {
        self.rows(crate::views::prefix_bounds(table, prefix))
    }

    /// Returns how many rows have a key that begins with `prefix`.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn count(&self, table: u8, prefix: &[u8]) -> Result<u64, Fault> {
        let views = &self.shared.views;
        views.ready()?;
        views.guard(|db| {
            let keys = db.range(crate::views::prefix_bounds(table, prefix)).keys();
            keys.map(|key| key.map(|_key| 1).map_err(Fault::sled)).sum()
        })
    }

    fn rows(&self, bounds: (Bound<Vec<u8>>, Bound<Vec<u8>>)) -> Rows {
        let views = &self.shared.views;
        // Sled panics at a range that ends before it begins; here that is simply empty.
        let empty = match (&bounds.0, &bounds.1) {
            (
                Bound::Included(from) | Bound::Excluded(from),
                Bound::Included(to) | Bound::Excluded(to),
            ) => to < from,
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        };
        let rows = views.ready().map_err(Some).and_then(|()| {
            if empty {
                return Err(None);
            }
            views.guard(|db| Ok(db.range::<Vec<u8>, _>(bounds))).map_err(Some)
        });
        Rows { shared: Arc::clone(&self.shared), rows }
    }
}

impl Lookup for Reader {
    fn get(&self, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.shared.views.ready()?;
        self.shared.views.get(table, key)
    }

    fn scan(&self, table: u8, prefix: &[u8]) -> Result<Vec<Row>, Fault> {
        self.prefix(table, prefix).collect()
    }
}

impl Rows {
    fn step(
        &mut self,
        next: impl FnOnce(&mut sled::Iter) -> Option<sled::Result<(sled::IVec, sled::IVec)>>,
    ) -> Option<Result<Row, Fault>> {
        let rows = match &mut self.rows {
            Ok(rows) => rows,
            Err(fault) => return fault.take().map(Err),
        };
        let views = &self.shared.views;
        let row = views.guard(|db| {
            let _whole = views.whole();
            let Some(item) = next(rows) else { return Ok(None) };
            let (key, raw) = item.map_err(Fault::sled)?;
            let key = Key(key.to_vec());
            let value = crate::views::value(db, &key, &raw)?;
            Ok(Some((key.0.get(2..).unwrap_or_default().to_vec(), value)))
        });
        if row.is_err() {
            self.rows = Err(None); // After an error the end: a caller that skips errors must stop.
        }
        row.transpose()
    }
}

impl Iterator for Rows {
    type Item = Result<Row, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step(Iterator::next)
    }
}

impl DoubleEndedIterator for Rows {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.step(DoubleEndedIterator::next_back)
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rows(..)")
    }
}
