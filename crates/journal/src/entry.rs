//! One link of a log: a frozen header, chained by hash, that commits to a payload.

use serde::{Deserialize, Serialize};

use crate::dot::Dot;
use crate::id::{EntryId, LogId};

/// What a payload is. New things are new kinds, never new header versions.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Kind(pub u16);

impl Kind {
    /// The first entry of every log: [`crate::EpochStart`].
    pub const EPOCH_START: Self = Self(1);
    /// A device key bound to a site, or its revocation: [`crate::Binding`].
    pub const BINDING: Self = Self(2);
    /// An order to erase a record (reserved).
    pub const ERASURE: Self = Self(3);
    /// The first kind that belongs to the crate `record`; those below are the journal's own.
    pub const FIRST_OF_RECORDS: Self = Self(16);
}

/// 32 random bytes from which the salts of a run of entries are derived.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    /// Returns the salt of entry `seq`.
    #[must_use]
    pub fn salt(&self, seq: u64) -> Salt {
        Salt(*blake3::keyed_hash(&self.0, &seq.to_le_bytes()).as_bytes())
    }
}

/// What keeps a commitment from being guessed once its payload is erased.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Salt(pub [u8; 32]);

impl Salt {
    /// Commits to `payload`.
    #[must_use]
    pub fn commit(&self, payload: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.0, payload).as_bytes()
    }
}

/// Which start of a machine a boot-time clock counts from.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
pub struct BootId(pub [u8; 8]);

/// What the machine's clocks said when an entry was written: a claim, never evidence.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// The wall clock, in milliseconds since 1970.
    pub claimed_ms: i64,
    /// The start of the machine.
    pub boot: BootId,
    /// Milliseconds since that start.
    pub boot_ms: u64,
}

/// The header of an entry. Its bytes are frozen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// The entry's number in its log, from 1.
    pub seq: u64,
    /// The id of the entry before; of the first one, the log's id.
    pub prev: EntryId,
    /// What the payload is.
    pub kind: Kind,
    /// What the clocks said.
    pub stamp: Stamp,
    /// The number of the last receipt the device had; 0 before the first.
    pub receipt: u64,
    /// Bytes of the payload.
    pub payload_len: u32,
    /// The salted commitment to the payload.
    pub commitment: [u8; 32],
}

impl Header {
    /// The version of the layout, its first byte.
    pub const VERSION: u8 = 1;

    /// Returns the entry's id: the hash of the header's bytes.
    #[must_use]
    pub fn id(&self) -> EntryId {
        let mut hasher = blake3::Hasher::new_derive_key("ashuu 2026 entry id v1");
        hasher
            .update(&[Self::VERSION])
            .update(&self.seq.to_le_bytes())
            .update(&self.prev.0)
            .update(&self.kind.0.to_le_bytes())
            .update(&self.stamp.claimed_ms.to_le_bytes())
            .update(&self.receipt.to_le_bytes())
            .update(&self.stamp.boot.0)
            .update(&self.stamp.boot_ms.to_le_bytes())
            .update(&self.payload_len.to_le_bytes())
            .update(&self.commitment);
        EntryId(*hasher.finalize().as_bytes())
    }
}

/// What is held of a payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Payload {
    /// All of it.
    Whole(Vec<u8>),
    /// Nothing: an order had it erased.
    Erased {
        /// The order.
        order: Dot,
    },
    /// Nothing: its author's device lost it.
    Lost,
}

/// An entry whose chain, signature and commitment were checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The log it stands in.
    pub log: LogId,
    /// Its header.
    pub header: Header,
    /// Its id.
    pub id: EntryId,
    /// Its payload.
    pub payload: Payload,
}

impl Entry {
    /// Returns the entry's name.
    #[must_use]
    pub const fn dot(&self) -> Dot {
        Dot { log: self.log, seq: self.header.seq, id: self.id.short() }
    }

    /// Returns the payload's bytes, where they are held.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.payload {
            Payload::Whole(bytes) => Some(bytes),
            Payload::Erased { .. } | Payload::Lost => None,
        }
    }
}
