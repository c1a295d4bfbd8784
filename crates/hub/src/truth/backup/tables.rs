//! Which tables are truth, and what their columns hold. The first columns are the key of a row.
//!
//! A column that is left out takes the value a new row has: it is a view's, or of this machine.

use Kind::{Bool, Bytes, Int, Text};

use super::item::Cell;
use crate::db::{Arg, Error, Row};

/// A table that is truth.
#[derive(Clone, Copy, Debug)]
pub(in crate::truth) struct Table {
    pub(in crate::truth) name: &'static str,
    /// How many of the first columns are the key of a row.
    pub(super) keys: usize,
    pub(super) columns: &'static [Column],
}

/// A column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Column(pub(super) &'static str, pub(super) Kind);

/// What a column holds; any may be missing where its table allows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Int,
    Text,
    Bytes,
    Bool,
}

/// Tables that are folded from the truth, or say how the database is laid out.
pub(in crate::truth) const OTHERS: &[&str] = &[
    "act",
    "entry_finding",
    "fold_cursor",
    "fold_lane",
    "fold_shard",
    "forgery",
    "forked_entry",
    "layout",
    "named",
    "person",
    "publication",
    "record",
    "record_entry",
    "record_wanting",
    "reference",
    "refold",
    "searched",
    "site",
    "to_search",
];

/// All tables that are truth, in the order in which they are copied.
pub(in crate::truth) const TABLES: &[Table] = &[
    Table { name: "meta", keys: 1, columns: &[Column("key", Text), Column("value", Bytes)] },
    Table {
        name: "device",
        keys: 1,
        columns: &[
            Column("key", Bytes),
            Column("name", Text),
            Column("letter", Text),
            Column("site", Text),
            Column("publishes", Bool),
            Column("state", Text),
            Column("reason", Text),
            Column("enrolled_ms", Int),
            Column("last_contact_ms", Int),
            Column("waiting_json", Text),
            Column("software", Text),
            Column("clock_skew_ms", Int),
            Column("told_epoch", Bytes),
            Column("epochs_max", Int),
            Column("epochs_per_day_max", Int),
            Column("branches_max", Int),
            Column("enrolled_clock", Bytes),
        ],
    },
    Table {
        name: "log",
        keys: 1,
        columns: &[
            Column("id", Int),
            Column("log_id", Bytes),
            Column("device", Bytes),
            Column("epoch", Bytes),
            Column("lane", Text),
            Column("site", Text),
            Column("start", Bytes),
            Column("first", Int),
            Column("first_id", Bytes),
            Column("prev_id", Bytes),
            Column("parent", Int),
            Column("begun_ms", Int),
            Column("head_seq", Int),
            Column("head_id", Bytes),
        ],
    },
    Table {
        name: "frame",
        keys: 2,
        columns: &[
            Column("log", Int),
            Column("first", Int),
            Column("last", Int),
            Column("last_id", Bytes),
            Column("prev_id", Bytes),
            Column("bytes", Bytes),
            Column("arrived_ms", Int),
            Column("clock", Bytes),
        ],
    },
    Table {
        name: "receipt",
        keys: 2,
        columns: &[
            Column("device", Bytes),
            Column("number", Int),
            Column("at_ms", Int),
            Column("bytes", Bytes),
            Column("clock", Bytes),
        ],
    },
    Table {
        name: "set_back",
        keys: 1,
        columns: &[
            Column("epoch", Bytes),
            Column("count", Int),
            Column("lost", Bytes),
            Column("at_ms", Int),
            Column("words", Text),
        ],
    },
    Table {
        name: "invitation",
        keys: 1,
        columns: &[
            Column("token_hash", Bytes),
            Column("site", Text),
            Column("name", Text),
            Column("created_ms", Int),
            Column("expires_ms", Int),
            Column("used_by", Bytes),
            Column("replaces", Bytes),
        ],
    },
    Table {
        name: "token",
        keys: 1,
        columns: &[
            Column("name", Text),
            Column("hash", Bytes),
            Column("role", Text),
            Column("created_ms", Int),
            Column("expires_ms", Int),
            Column("revoked", Bool),
            Column("person", Bytes),
        ],
    },
    Table {
        name: "opened",
        keys: 3,
        columns: &[
            Column("site", Text),
            Column("id", Bytes),
            Column("person", Bytes),
            Column("decides", Bool),
            Column("first_ms", Int),
        ],
    },
    Table {
        name: "delivery",
        keys: 2,
        columns: &[
            Column("log", Int),
            Column("seq", Int),
            Column("device", Bytes),
            Column("at_ms", Int),
        ],
    },
    Table {
        name: "posting",
        keys: 2,
        columns: &[
            Column("device", Bytes),
            Column("number", Int),
            Column("site", Text),
            Column("letter", Text),
            Column("predecessors", Text),
            Column("from_ms", Int),
            Column("everyone", Bool),
        ],
    },
    Table {
        name: "quarantine",
        keys: 1,
        columns: &[
            Column("id", Int),
            Column("device", Bytes),
            Column("epoch", Bytes),
            Column("lane", Text),
            Column("first", Int),
            Column("last", Int),
            Column("last_id", Bytes),
            Column("prev_id", Bytes),
            Column("size", Int),
            Column("arrived_ms", Int),
            Column("decided_ms", Int),
            Column("decided_by", Text),
        ],
    },
    Table {
        name: "quarantine_frame",
        keys: 2,
        columns: &[
            Column("item", Int),
            Column("first", Int),
            Column("last_id", Bytes),
            Column("prev_id", Bytes),
            Column("bytes", Bytes),
            Column("arrived_ms", Int),
            Column("clock", Bytes),
        ],
    },
    Table {
        name: "refusal",
        keys: 3,
        columns: &[
            Column("device", Bytes),
            Column("lane", Text),
            Column("why", Text),
            Column("words", Text),
            Column("first_ms", Int),
            Column("last_ms", Int),
            Column("times", Int),
        ],
    },
    Table {
        name: "hub_time",
        keys: 1,
        columns: &[
            Column("number", Int),
            Column("kind", Int),
            Column("payload", Bytes),
            Column("last_ms", Int),
        ],
    },
];

/// A table of layouts before 9, which copies made by older software have.
pub(super) const BRANCH: Table = Table {
    name: "branch",
    keys: 3,
    columns: &[
        Column("log", Int),
        Column("branch", Int),
        Column("first", Int),
        Column("last", Int),
        Column("last_id", Bytes),
        Column("prev_id", Bytes),
        Column("bytes", Bytes),
        Column("arrived_ms", Int),
    ],
};

impl Table {
    /// Returns the table of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().chain([&BRANCH]).find(|table| table.name == name)
    }

    /// Returns the column of this name.
    pub(super) fn column(&self, name: &str) -> Option<Column> {
        self.columns.iter().copied().find(|column| column.0 == name)
    }
}

impl Kind {
    /// Reads the column at a place of a row.
    pub(super) fn read(self, row: &Row, place: usize) -> Result<Cell, Error> {
        Ok(match self {
            Int => row.at::<Option<i64>>(place)?.map_or(Cell::Nothing, Cell::Int),
            Text => row.at::<Option<String>>(place)?.map_or(Cell::Nothing, Cell::Text),
            Bytes => row.at::<Option<Vec<u8>>>(place)?.map_or(Cell::Nothing, Cell::Bytes),
            Bool => row.at::<Option<bool>>(place)?.map_or(Cell::Nothing, Cell::Bool),
        })
    }

    /// Returns the value of a cell, if it is one of this kind.
    pub(super) fn arg(self, cell: Cell) -> Option<Arg> {
        Some(match (self, cell) {
            (Int, Cell::Int(value)) => Arg::Int(Some(value)),
            (Text, Cell::Text(value)) => Arg::Text(Some(value)),
            (Bytes, Cell::Bytes(value)) => Arg::Bytes(Some(value)),
            (Bool, Cell::Bool(value)) => Arg::Bool(Some(value)),
            (Int, Cell::Nothing) => Arg::Int(None),
            (Text, Cell::Nothing) => Arg::Text(None),
            (Bytes, Cell::Nothing) => Arg::Bytes(None),
            (Bool, Cell::Nothing) => Arg::Bool(None),
            (Int | Text | Bytes | Bool, _other) => return None,
        })
    }
}
