//! The one door to bincode: bounded slices in, no trailing bytes, one encoding of each value.

use bincode::Options as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The bytes are not what they should be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CodecError {
    /// More bytes than the limit for such a value.
    #[error("{bytes} bytes are more than the {limit} allowed")]
    TooLarge {
        /// How many there are.
        bytes: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Not an encoding of such a value.
    #[error("malformed: {0}")]
    Malformed(String),
    /// A second encoding of a value, which could hide a difference from a hash.
    #[error("not the canonical encoding")]
    NotCanonical,
}

/// Encodes `value` in at most `limit` bytes.
///
/// # Errors
///
/// Returns [`CodecError`] if it needs more.
pub fn encode<T: Serialize>(value: &T, limit: usize) -> Result<Vec<u8>, CodecError> {
    #[expect(clippy::disallowed_methods, reason = "this module is the door")]
    let options = bincode::DefaultOptions::new();
    let bytes =
        options.serialize(value).map_err(|error| CodecError::Malformed(error.to_string()))?;
    if limit < bytes.len() {
        return Err(CodecError::TooLarge { bytes: bytes.len(), limit });
    }
    Ok(bytes)
}

/// Decodes all of `bytes`; never allocates more than about `limit`.
///
/// # Errors
///
/// Returns [`CodecError`] if they are too many or malformed.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, CodecError> {
    if limit < bytes.len() {
        return Err(CodecError::TooLarge { bytes: bytes.len(), limit });
    }
    #[expect(clippy::disallowed_methods, reason = "this module is the door")]
    let options = bincode::DefaultOptions::new();
    options
        .with_limit(u64::try_from(limit).unwrap_or(u64::MAX))
        .deserialize(bytes)
        .map_err(|error| CodecError::Malformed(error.to_string()))
}

/// Decodes `bytes` and checks that they are the only encoding of what they say.
///
/// # Errors
///
/// Returns [`CodecError`] if they are too many, malformed or not canonical.
pub fn decode_canonical<T: DeserializeOwned + Serialize>(
    bytes: &[u8],
    limit: usize,
) -> Result<T, CodecError> {
    let value = decode(bytes, limit)?;
    if encode(&value, limit)? != bytes {
        return Err(CodecError::NotCanonical);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailing_bytes_are_refused() {
        let mut bytes = encode(&7_u64, 16).unwrap();
        bytes.push(0);
        assert!(decode::<u64>(&bytes, 16).is_err());
    }

    #[test]
    fn a_length_beyond_the_slice_allocates_nothing() {
        let hostile = [253, 255, 255, 255, 255, 255, 255, 255, 127];
        assert!(decode::<Vec<u8>>(&hostile, 1024).is_err());
        assert!(decode::<String>(&hostile, 1024).is_err());
    }

    #[test]
    fn a_long_varint_is_not_canonical() {
        assert_eq!(decode::<u64>(&[251, 7, 0], 16), Ok(7));
        assert_eq!(decode_canonical::<u64>(&[251, 7, 0], 16), Err(CodecError::NotCanonical));
    }
}
