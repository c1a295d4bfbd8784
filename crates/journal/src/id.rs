//! Names: of a site, a lane, a log, an entry. All but the site's are hashes or random bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::key::DeviceKey;
use crate::limits::SITE_CODE_CHARS_MAX;

/// The stable code of an institution, such as `INST-027`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteCode(String);

/// The text is no site code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a site code is 1 to {SITE_CODE_CHARS_MAX} letters A-Z, digits, '-' or '_'")]
pub struct MalformedSiteCode;

impl SiteCode {
    /// Returns the code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SiteCode {
    type Error = MalformedSiteCode;

    fn try_from(text: String) -> Result<Self, MalformedSiteCode> {
        let fits = (1..=SITE_CODE_CHARS_MAX).contains(&text.len());
        let plain = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
        if fits && text.bytes().all(plain) { Ok(Self(text)) } else { Err(MalformedSiteCode) }
    }
}

impl FromStr for SiteCode {
    type Err = MalformedSiteCode;

    fn from_str(text: &str) -> Result<Self, MalformedSiteCode> {
        Self::try_from(text.to_owned())
    }
}

impl From<SiteCode> for String {
    fn from(code: SiteCode) -> Self {
        code.0
    }
}

impl fmt::Display for SiteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who a log is for.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub enum Lane {
    /// The devices of one site, and the hub.
    Site(SiteCode),
    /// Every device.
    Everyone,
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Site(code) => write!(f, "site/{code}"),
            Self::Everyone => f.write_str("everyone"),
        }
    }
}

/// A device's life between two losses of memory.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Epoch(pub [u8; 8]);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// What a log is the log of; its [`LogId`] is a hash of this.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct LogName {
    /// Who writes it.
    pub device: DeviceKey,
    /// In which of its lives.
    pub epoch: Epoch,
    /// For whom.
    pub lane: Lane,
}

impl LogName {
    /// Returns the log's id, which stands before its first entry.
    #[must_use]
    pub fn id(&self) -> LogId {
        let mut hasher = blake3::Hasher::new_derive_key("ashuu 2026 log id v1");
        hasher.update(&self.device.0).update(&self.epoch.0);
        match &self.lane {
            Lane::Site(code) => hasher.update(&[1]).update(code.as_str().as_bytes()),
            Lane::Everyone => hasher.update(&[2]),
        };
        LogId(*hasher.finalize().as_bytes())
    }
}

/// The id of a log.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct LogId(pub [u8; 32]);

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// The id of an entry: the hash of its header.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct EntryId(pub [u8; 32]);

impl EntryId {
    /// Returns the first eight bytes, which is what travels.
    #[must_use]
    pub const fn short(self) -> ShortId {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        ShortId([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// The first eight bytes of an [`EntryId`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct ShortId(pub [u8; 8]);

impl fmt::Display for ShortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// Where a log stands. `seq` 0 is an empty log, whose id is the log's own.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Head {
    /// The number of the last entry; the first entry has 1.
    pub seq: u64,
    /// Its id.
    pub id: EntryId,
}

impl Head {
    /// Returns the head of a log without entries.
    #[must_use]
    pub fn empty(log: LogId) -> Self {
        Self { seq: 0, id: EntryId(log.0) }
    }
}

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}
