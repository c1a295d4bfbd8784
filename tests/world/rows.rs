//! Rows in memory: what an agent's projection writes to and reads from.

use std::collections::BTreeMap;

use store::{Fault, Lookup, Row, View};

/// Rows by table and key.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Rows(BTreeMap<(u8, Vec<u8>), Vec<u8>>);

impl Lookup for Rows {
    fn get(&self, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.0.get(&(table, key.to_vec())).cloned())
    }

    fn scan(&self, table: u8, prefix: &[u8]) -> Result<Vec<Row>, Fault> {
        let rows = self.0.range((table, prefix.to_vec())..);
        let rows = rows.take_while(|((of, key), _)| *of == table && key.starts_with(prefix));
        Ok(rows.map(|((_, key), value)| (key.clone(), value.clone())).collect())
    }
}

impl View for Rows {
    fn put(&mut self, table: u8, key: Vec<u8>, value: Vec<u8>) {
        self.0.insert((table, key), value);
    }

    fn delete(&mut self, table: u8, key: Vec<u8>) {
        self.0.remove(&(table, key));
    }
}
