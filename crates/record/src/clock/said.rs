//! What the hub's own lane says of the hub's time: pieces that begin, and what a person accepted.

use journal::codec::CodecError;
use journal::{BootId, Envelope, Kind, Run};
use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::kind;
use crate::limits::PIECE_TOLERANCE_MS;

/// The layout of both payloads.
const SCHEMA: u16 = 1;

/// What a machine's clocks said at one moment, and to which run of a hub.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Reading {
    /// The run of the program that looked.
    pub run: Run,
    /// The machine's start; zeros where the system does not say.
    pub boot: BootId,
    /// Milliseconds since that start, suspension counted.
    pub boot_ms: u64,
    /// The wall clock, in milliseconds since 1970.
    pub wall_ms: i64,
}

/// The name of a piece: the run, and where in the machine's life it began.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct PieceName {
    /// The run that it is a piece of.
    pub run: Run,
    /// Milliseconds since the machine's start at its beginning.
    pub boot_ms: u64,
}

/// A piece of the hub's time begins.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// What the clocks say at its beginning.
    pub at: Reading,
    /// By how much the wall clock moved against the piece of this run before; none at a start.
    pub jump_ms: Option<i64>,
    /// Pieces that were there and had shown a later time.
    pub later: Vec<PieceName>,
}

/// Somebody says that the clock is right now.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Accept {
    /// What the clocks say.
    pub at: Reading,
    /// Who says so.
    pub author: PersonId,
    /// Pieces that were there and contradict it: they had shown a later time, or told the time of
    /// the same start of the machine otherwise.
    pub doubtful: Vec<PieceName>,
}

/// What one entry says of the hub's time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClockSaid {
    /// A piece begins.
    Piece(Piece),
    /// The clock is right.
    Accept(Accept),
}

impl Reading {
    /// Returns how the wall clock stands to the machine's start.
    #[must_use]
    pub fn offset_ms(&self) -> i64 {
        self.wall_ms.saturating_sub(i64::try_from(self.boot_ms).unwrap_or(i64::MAX))
    }

    /// Returns whether both are of one known start of one machine.
    #[must_use]
    pub fn is_of_boot(&self, other: &Self) -> bool {
        self.boot == other.boot && self.boot != BootId::default()
    }

    /// Returns whether both tell the time of one start of a machine alike.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        let apart = self.offset_ms().saturating_sub(other.offset_ms());
        self.boot == other.boot && apart.saturating_abs() <= PIECE_TOLERANCE_MS
    }
}

impl PieceName {
    /// The time before pieces were written down: all of it is one piece.
    pub const OLDER: Self = Self { run: Run([0; 8]), boot_ms: 0 };
}

impl Piece {
    /// The kind of the entries that hold one.
    pub const KIND: Kind = kind::CLOCK_PIECE;

    /// Returns its name.
    #[must_use]
    pub const fn name(&self) -> PieceName {
        PieceName { run: self.at.run, boot_ms: self.at.boot_ms }
    }

    /// Returns the payload.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is too large.
    pub fn to_payload(&self) -> Result<Vec<u8>, CodecError> {
        Envelope::pack(SCHEMA, self)
    }

    /// Reads a payload of kind [`Self::KIND`].
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is none.
    pub fn from_payload(payload: &[u8]) -> Result<Self, CodecError> {
        Envelope::unpack(SCHEMA, payload)
    }
}

impl Accept {
    /// The kind of the entries that hold one.
    pub const KIND: Kind = kind::CLOCK_ACCEPT;

    /// Returns the payload.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is too large.
    pub fn to_payload(&self) -> Result<Vec<u8>, CodecError> {
        Envelope::pack(SCHEMA, self)
    }

    /// Reads a payload of kind [`Self::KIND`].
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is none.
    pub fn from_payload(payload: &[u8]) -> Result<Self, CodecError> {
        Envelope::unpack(SCHEMA, payload)
    }
}

impl ClockSaid {
    /// Reads the payload of an entry of either kind.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is none.
    pub fn from_payload(kind: Kind, payload: &[u8]) -> Result<Self, CodecError> {
        if kind == Accept::KIND {
            Accept::from_payload(payload).map(Self::Accept)
        } else {
            Piece::from_payload(payload).map(Self::Piece)
        }
    }
}
