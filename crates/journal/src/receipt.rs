//! The hub's signed word to one device: "I hold these heads on disk, at this time".

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::codec::{self, CodecError};
use crate::dot::Dot;
use crate::id::{Epoch, Head, LogName, ShortId, write_hex};
use crate::key::{BadSignature, DeviceKey, DeviceSecret, Signature};
use crate::limits::RECEIPT_BYTES_MAX;

/// What signatures over receipts are for.
const RECEIPT_DOMAIN: &str = "ashuu 2026 receipt signature v1";

/// One start of a hub process: 8 random bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Run(pub [u8; 8]);

/// The id of a receipt: the hash of what it says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct ReceiptId(pub [u8; 32]);

impl fmt::Display for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// What a device calls its last receipt by.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ReceiptName {
    /// The hub's epoch.
    pub hub_epoch: Epoch,
    /// The hub's run.
    pub run: Run,
    /// The receipt's number for this device.
    pub number: u64,
    /// The start of its id.
    pub id: ShortId,
}

/// Where one branch of one log stands.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct BranchHead {
    /// The log.
    pub log: LogName,
    /// The number of the last entry held.
    pub seq: u64,
    /// The start of its id.
    pub id: ShortId,
    /// Ids before it, at seq−1, −2, −4 … 1; named when the other side doesn't know the head.
    pub skipped: Vec<(u64, ShortId)>,
}

impl BranchHead {
    /// Says where a branch of `log` stands, and nothing of what is before.
    #[must_use]
    pub fn of(log: &LogName, head: Head) -> Self {
        Self { log: log.clone(), seq: head.seq, id: head.id.short(), skipped: Vec::new() }
    }
}

/// What the hub holds of one device.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The hub.
    pub hub: DeviceKey,
    /// Its epoch.
    pub hub_epoch: Epoch,
    /// Its run.
    pub run: Run,
    /// The receipt's number for this device, always rising.
    pub number: u64,
    /// The device.
    pub device: DeviceKey,
    /// The receipt before, of this device.
    pub previous: Option<ReceiptId>,
    /// The hub's time in milliseconds since 1970; it never falls.
    pub at_ms: i64,
    /// All logs under the device's key, each with its branches' heads.
    pub heads: Vec<BranchHead>,
    /// Entries held ahead of the chain.
    pub advances: Vec<Dot>,
    /// Entries held without their payload.
    pub lost: Vec<Dot>,
    /// The hub's signature over all of the above.
    pub signature: Signature,
}

impl Receipt {
    /// Signs the receipt, whatever its signature was before.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is larger than a receipt may be.
    pub fn sign(mut self, hub: &DeviceSecret) -> Result<Self, CodecError> {
        self.signature = hub.sign(RECEIPT_DOMAIN, &self.signed_bytes()?);
        Ok(self)
    }

    /// Checks that `hub` signed this.
    ///
    /// # Errors
    ///
    /// Returns [`BadSignature`] if not.
    pub fn verify(&self, hub: &DeviceKey) -> Result<(), BadSignature> {
        let bytes = self.signed_bytes().map_err(|_too_large| BadSignature)?;
        hub.verify(RECEIPT_DOMAIN, &bytes, &self.signature)
    }

    /// Returns the id: the hash of what is signed.
    #[must_use]
    pub fn id(&self) -> ReceiptId {
        let bytes = self.signed_bytes().unwrap_or_default();
        ReceiptId(blake3::derive_key("ashuu 2026 receipt id v1", &bytes))
    }

    /// Returns the name by which the device knows it.
    #[must_use]
    pub fn name(&self) -> ReceiptName {
        let Self { hub_epoch, run, number, .. } = *self;
        let id = crate::id::EntryId(self.id().0).short();
        ReceiptName { hub_epoch, run, number, id }
    }

    /// Returns the receipt's bytes.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is larger than a receipt may be.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        codec::encode(self, RECEIPT_BYTES_MAX)
    }

    /// Reads a receipt; its signature is still to be checked.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if the bytes are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        codec::decode(bytes, RECEIPT_BYTES_MAX)
    }

    fn signed_bytes(&self) -> Result<Vec<u8>, CodecError> {
        let Self { hub, hub_epoch, run, number, device, previous, at_ms, .. } = self;
        let name = (hub, hub_epoch, run, number, device, previous, at_ms);
        codec::encode(&(name, &self.heads, &self.advances, &self.lost), RECEIPT_BYTES_MAX)
    }
}

impl Signature {
    /// A place to be signed.
    pub const NONE: Self = Self::empty();
}
