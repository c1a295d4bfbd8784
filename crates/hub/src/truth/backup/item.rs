//! What stands in a copy, one after the other: a head, rows table by table, an end that counts them.

use journal::codec::{self, CodecError};
use journal::{DeviceKey, Epoch};
use serde::{Deserialize, Serialize};

use crate::limits::BACKUP_ITEM_BYTES_MAX;

/// The format of copies that this program writes; older ones it reads.
pub(super) const FORMAT: u32 = 1;

/// An item.
#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Item {
    Head(Head),
    /// The secret key of the hub.
    Key(#[serde(with = "serde_bytes")] Vec<u8>),
    /// Some rows of a table, with the columns that they have.
    Rows {
        table: String,
        columns: Vec<String>,
        rows: Vec<Vec<Cell>>,
    },
    /// How many rows stand before it.
    End {
        rows: u64,
    },
}

/// What the copy is of.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Head {
    /// The format of the copy.
    pub format: u32,
    /// The layout of the database that it was taken of.
    pub layout: i64,
    /// The version of the program.
    pub software: String,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
    /// The hub's public key.
    pub hub: DeviceKey,
    /// Its epoch.
    pub epoch: Epoch,
}

/// One value of a row.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Cell {
    Nothing,
    Int(i64),
    Text(String),
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
    Bool(bool),
}

impl Item {
    /// Returns the item's bytes.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        codec::encode(self, BACKUP_ITEM_BYTES_MAX)
    }

    /// Reads an item.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        codec::decode(bytes, BACKUP_ITEM_BYTES_MAX)
    }
}

impl Cell {
    /// Returns about how many bytes it takes.
    pub(super) const fn size(&self) -> usize {
        match self {
            Self::Nothing | Self::Bool(_) => 2,
            Self::Int(_) => 10,
            Self::Text(text) => 10 + text.len(),
            Self::Bytes(bytes) => 10 + bytes.len(),
        }
    }
}
