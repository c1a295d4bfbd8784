//! The frozen shell of every payload: `{version, schema, body}`.
//!
//! The shell lets software keep, check and forward a body it does not know.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::codec::{self, CodecError};
use crate::limits::PAYLOAD_BYTES_MAX;

/// The shell of a payload.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// The version of the shell: 1.
    pub version: u8,
    /// The version of the body's layout, counted within its kind.
    pub schema: u16,
    /// The body.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

impl Envelope {
    /// Packs `body` as layout `schema`.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is larger than a payload may be.
    pub fn pack<T: Serialize>(schema: u16, body: &T) -> Result<Vec<u8>, CodecError> {
        let body = codec::encode(body, PAYLOAD_BYTES_MAX)?;
        codec::encode(&Self { version: 1, schema, body }, PAYLOAD_BYTES_MAX)
    }

    /// Opens a payload whose body must be the canonical form of layout `schema`.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] for another shell or layout, or bytes with a second encoding.
    pub fn unpack<T: DeserializeOwned + Serialize>(
        schema: u16,
        payload: &[u8],
    ) -> Result<T, CodecError> {
        let shell: Self = codec::decode_canonical(payload, PAYLOAD_BYTES_MAX)?;
        if shell.version != 1 || shell.schema != schema {
            let found = format!("envelope {} with schema {}", shell.version, shell.schema);
            return Err(CodecError::Malformed(found));
        }
        codec::decode_canonical(&shell.body, PAYLOAD_BYTES_MAX)
    }
}
