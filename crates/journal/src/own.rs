//! The journal's own payloads: how a log begins, and which keys belong to which site.

use serde::{Deserialize, Serialize};

use crate::codec::CodecError;
use crate::envelope::Envelope;
use crate::id::{EntryId, Epoch, Lane, LogId, SiteCode};
use crate::key::DeviceKey;

/// The layout of the payloads in this file.
const SCHEMA: u16 = 1;

/// The first entry of every log: whose site, and what went before.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct EpochStart {
    /// The device's site; the hub's own is the central office.
    pub site: SiteCode,
    /// The sites that merged into it, whose records it carries on.
    pub predecessors: Vec<SiteCode>,
    /// When the epoch was opened by the device's clock, in milliseconds since 1970.
    pub opened_at_ms: i64,
    /// Which of the device's epochs it is, from 1.
    pub count: u32,
    /// The epoch before, where there was one.
    pub previous: Option<PreviousEpoch>,
    /// The log under a cloned key that this device gave up for a key of its own.
    pub abandoned: Option<LogId>,
}

/// Where the epoch before ended; older entries may still arrive up to here.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PreviousEpoch {
    /// The epoch.
    pub epoch: Epoch,
    /// The last head known of each of its lanes.
    pub heads: Vec<(Lane, u64, EntryId)>,
}

/// What the hub says of a device key: an entry of the lane of its site.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// The key.
    pub device: DeviceKey,
    /// The name people call the device by.
    pub name: String,
    /// The letter in its records' references, unique in the site.
    pub letter: String,
    /// The site it belongs to.
    pub site: SiteCode,
    /// The sites that merged into that one.
    pub predecessors: Vec<SiteCode>,
    /// Whether the site may publish to everyone.
    pub publishes: bool,
    /// Whether the key is good.
    pub state: BindingState,
}

/// Whether a device key is good.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum BindingState {
    /// It is.
    Active,
    /// It is refused from now on.
    Revoked {
        /// Why, in the words of who revoked it.
        reason: String,
    },
}

impl EpochStart {
    /// Returns the payload.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is too large.
    pub fn to_payload(&self) -> Result<Vec<u8>, CodecError> {
        Envelope::pack(SCHEMA, self)
    }

    /// Reads a payload of kind [`crate::Kind::EPOCH_START`].
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is none.
    pub fn from_payload(payload: &[u8]) -> Result<Self, CodecError> {
        Envelope::unpack(SCHEMA, payload)
    }
}

impl Binding {
    /// Returns the payload.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is too large.
    pub fn to_payload(&self) -> Result<Vec<u8>, CodecError> {
        Envelope::pack(SCHEMA, self)
    }

    /// Reads a payload of kind [`crate::Kind::BINDING`].
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is none.
    pub fn from_payload(payload: &[u8]) -> Result<Self, CodecError> {
        Envelope::unpack(SCHEMA, payload)
    }
}
