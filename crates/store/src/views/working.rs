//! The views as a projector sees them: sled, and over it what this group has written so far.

use std::collections::BTreeMap;

use super::Views;
use super::row::{Key, Table, prefix_bounds, value};
use crate::fault::Fault;
use crate::project::{Lookup, Row, View};

/// Rows that a group wrote and that are not in sled yet; `None` removes one.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    rows: BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>,
}

/// Sled and what is pending, as one.
#[derive(Debug)]
pub(crate) struct Working<'a> {
    views: &'a Views,
    pending: &'a mut Pending,
}

impl Pending {
    pub(crate) fn rows(&self) -> &BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>> {
        &self.rows
    }
}

impl<'a> Working<'a> {
    pub(crate) const fn new(views: &'a Views, pending: &'a mut Pending) -> Self {
        Self { views, pending }
    }
}

impl Lookup for Working<'_> {
    fn get(&self, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.views.usable()?;
        match self.pending.rows.get(&(table, key.to_vec())) {
            Some(pending) => Ok(pending.clone()),
            None => self.views.get(table, key),
        }
    }

    fn scan(&self, table: u8, prefix: &[u8]) -> Result<Vec<Row>, Fault> {
        self.views.usable()?;
        let mut rows = self.views.scan(table, prefix)?;
        let from = (table, prefix.to_vec());
        let mut pending = self
            .pending
            .rows
            .range(from..)
            .take_while(|((of, key), _)| *of == table && key.starts_with(prefix))
            .peekable();
        if pending.peek().is_some() {
            for ((_, key), value) in pending {
                match value {
                    Some(value) => rows.insert(key.clone(), value.clone()),
                    None => rows.remove(key),
                };
            }
        }
        Ok(rows.into_iter().collect())
    }
}

impl View for Working<'_> {
    fn put(&mut self, table: u8, key: Vec<u8>, value: Vec<u8>) {
        self.pending.rows.insert((table, key), Some(value));
    }

    fn delete(&mut self, table: u8, key: Vec<u8>) {
        self.pending.rows.insert((table, key), None);
    }
}

impl Views {
    fn scan(&self, table: Table, prefix: &[u8]) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, Fault> {
        self.guard(|db| {
            let mut rows = BTreeMap::new();
            let _whole = self.whole();
            for item in db.range::<Vec<u8>, _>(prefix_bounds(table, prefix)) {
                let (key, raw) = item.map_err(Fault::sled)?;
                let value = value(db, &Key(key.to_vec()), &raw)?;
                rows.insert(key.get(2..).unwrap_or_default().to_vec(), value);
            }
            Ok(rows)
        })
    }
}
