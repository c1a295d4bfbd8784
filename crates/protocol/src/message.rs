//! What the two sides say to each other, and how messages follow each other in a body.
//!
//! A body is a sequence of messages: one byte of kind, four of length (little endian), the content.

use journal::codec::{self, CodecError};
use journal::{
    BadSignature, BranchHead, DeviceKey, DeviceSecret, Dot, Epoch, LogName, Receipt, ReceiptName,
    Signature, Stamp,
};
use serde::{Deserialize, Serialize};

use crate::limits::{HELLO_BYTES_MAX, MESSAGE_BYTES_MAX};

/// What signatures over Hellos are for.
const HELLO_DOMAIN: &str = "ashuu 2026 hello signature v1";

/// The header in which a hub says which version of the protocol it speaks; one that says none is
/// older than version 3.
pub const PROTOCOL_HEADER: &str = "ashuu-protocol";

const HELLO: u8 = 1;
const FRAME: u8 = 2;
const RECEIPT: u8 = 3;
const REFUSED: u8 = 4;
const CONTINUED: u8 = 5;

/// Kinds kept for what comes later: an advance of an urgent record, a bundle's opening and end.
const RESERVED: [u8; 3] = [6, 7, 8];

/// One message, in either direction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Message {
    /// Agent to hub: who speaks, what it holds, what waits.
    Hello(Box<Hello>),
    /// Entries, compressed: see [`crate::Unpacker::first`].
    Frame(Vec<u8>),
    /// The entries that follow, compressed by what came before: see [`crate::Unpacker::next`].
    Continued(Vec<u8>),
    /// Hub to agent: what is held. Agent to hub: the receipt that its Hello names, as proof.
    Receipt(Box<Receipt>),
    /// What was not taken, and why.
    Refused(Box<Refused>),
}

/// Who speaks, what it holds, what waits.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// Versions of the protocol, best first.
    pub versions: Vec<u16>,
    /// The device.
    pub device: DeviceKey,
    /// Its epoch.
    pub epoch: Epoch,
    /// Every log it writes or follows, a head a branch.
    pub heads: Vec<BranchHead>,
    /// Entries it holds without their payload.
    pub lost: Vec<Dot>,
    /// Its last receipt.
    pub last_receipt: Option<ReceiptName>,
    /// What it still has to send.
    pub waiting: Waiting,
    /// What its clocks say.
    pub clock: Stamp,
    /// The version of its software, for people.
    pub software: String,
    /// The device's signature over all of the above.
    pub signature: Signature,
}

/// What a device still has to send.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// Entries of urgent records.
    pub urgent: Amount,
    /// All other entries.
    pub routine: Amount,
    /// Attachments.
    pub attachments: Amount,
}

/// A number of things and their bytes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Amount {
    /// How many.
    pub entries: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// What was not taken, and why.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    /// Why, for the machine.
    pub why: Why,
    /// Why, for a person.
    pub words: String,
    /// The log in question, where it is about one.
    pub log: Option<LogName>,
    /// The first entry in question.
    pub seq: u64,
    /// What the speaker holds of that log instead, with skipped ids.
    pub heads: Vec<BranchHead>,
}

/// Why something was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Why {
    /// No common version.
    Version,
    /// The key is not known here; an administrator must let it in.
    UnknownDevice,
    /// The key was revoked.
    Revoked,
    /// The Hello's signature or shape is wrong.
    Hello,
    /// The log is not one this device may write.
    WrongLog,
    /// Chain, signature, commitment or size of a frame is wrong.
    Frame,
    /// Entries are missing before the frame.
    Gap,
    /// The head named for this log is not known.
    UnknownHead,
    /// The first entry of a log contradicts the enrolment.
    WrongSite,
    /// The disk is full or failing; try later.
    Disk,
    /// The receipt that the Hello names is not held here: it must be shown, since it proves that
    /// the hub was set back.
    Prove,
}

/// The bytes are no message.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Malformed {
    /// A kind this software does not know.
    #[error("unknown message kind {0}")]
    Kind(u8),
    /// A kind kept for later software.
    #[error("message kind {0} needs newer software")]
    Reserved(u8),
    /// Longer than a message may be.
    #[error("a message of {0} bytes is longer than {MESSAGE_BYTES_MAX}")]
    Length(usize),
    /// The content is wrong.
    #[error(transparent)]
    Content(#[from] CodecError),
}

impl Hello {
    /// Signs the Hello, whatever its signature was before.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is too large.
    pub fn sign(mut self, secret: &DeviceSecret) -> Result<Self, CodecError> {
        self.signature = secret.sign(HELLO_DOMAIN, &self.signed_bytes()?);
        Ok(self)
    }

    /// Checks that the device it names signed it.
    ///
    /// # Errors
    ///
    /// Returns [`BadSignature`] if not.
    pub fn verify(&self) -> Result<(), BadSignature> {
        let bytes = self.signed_bytes().map_err(|_too_large| BadSignature)?;
        self.device.verify(HELLO_DOMAIN, &bytes, &self.signature)
    }

    fn signed_bytes(&self) -> Result<Vec<u8>, CodecError> {
        let who = (&self.versions, &self.device, &self.epoch, &self.software);
        let what = (&self.heads, &self.lost, &self.last_receipt, &self.waiting);
        let clock = (self.clock.claimed_ms, self.clock.boot, self.clock.boot_ms);
        codec::encode(&(who, what, clock), HELLO_BYTES_MAX)
    }
}

impl Message {
    /// Says what [`crate::pack()`] packed: a frame that stands alone, then those that continue it.
    pub fn frames(packed: impl IntoIterator<Item = Vec<u8>>) -> impl Iterator<Item = Self> {
        packed.into_iter().enumerate().map(|(index, bytes)| match index {
            0 => Self::Frame(bytes),
            _ => Self::Continued(bytes),
        })
    }

    /// Appends the message to a body.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is too large.
    pub fn write_to(&self, body: &mut Vec<u8>) -> Result<(), CodecError> {
        let (kind, content) = match self {
            Self::Hello(hello) => (HELLO, codec::encode(hello, HELLO_BYTES_MAX)?),
            Self::Frame(packed) => (FRAME, packed.clone()),
            Self::Continued(packed) => (CONTINUED, packed.clone()),
            Self::Receipt(receipt) => (RECEIPT, receipt.to_bytes()?),
            Self::Refused(refused) => (REFUSED, codec::encode(refused, MESSAGE_BYTES_MAX)?),
        };
        let bytes = content.len();
        let length = u32::try_from(bytes).ok().filter(|_| bytes <= MESSAGE_BYTES_MAX);
        let length = length.ok_or(CodecError::TooLarge { bytes, limit: MESSAGE_BYTES_MAX })?;
        body.push(kind);
        body.extend_from_slice(&length.to_le_bytes());
        body.extend_from_slice(&content);
        Ok(())
    }

    fn read(kind: u8, content: &[u8]) -> Result<Self, Malformed> {
        match kind {
            HELLO => Ok(Self::Hello(Box::new(codec::decode(content, HELLO_BYTES_MAX)?))),
            FRAME => Ok(Self::Frame(content.to_vec())),
            CONTINUED => Ok(Self::Continued(content.to_vec())),
            RECEIPT => Ok(Self::Receipt(Box::new(Receipt::from_bytes(content)?))),
            REFUSED => Ok(Self::Refused(Box::new(codec::decode(content, MESSAGE_BYTES_MAX)?))),
            kind if RESERVED.contains(&kind) => Err(Malformed::Reserved(kind)),
            kind => Err(Malformed::Kind(kind)),
        }
    }
}

/// Takes the first message off `body`: the message and how many bytes it took, or `None` while
/// it is not all there.
///
/// # Errors
///
/// Returns [`Malformed`] if what is there can't become a message.
pub fn split_first(body: &[u8]) -> Result<Option<(Message, usize)>, Malformed> {
    let Some((&[kind, a, b, c, d], rest)) = body.split_first_chunk::<5>() else {
        return Ok(None);
    };
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    if MESSAGE_BYTES_MAX < length {
        return Err(Malformed::Length(length));
    }
    let Some(content) = rest.get(..length) else { return Ok(None) };
    Ok(Some((Message::read(kind, content)?, 5 + length)))
}

#[cfg(test)]
mod tests;
