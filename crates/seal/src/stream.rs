//! The chunks of a sealed stream, in order, to the one that says it is the last.

use std::fmt;

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::Payload;
use zeroize::Zeroizing;

use crate::header::{Cost, HEADER_BYTES, Keyed, Nonce, Salt};
use crate::limits::{CHUNK_BYTES, COST_KIB_MAX, COST_LANES_MAX, COST_PASSES_MAX};

/// Bytes of a tag.
const TAG_BYTES: usize = 16;

/// Bytes of a chunk once it is sealed.
const SEALED_BYTES: usize = CHUNK_BYTES + TAG_BYTES;

/// A sealed stream can't be opened, or a stream can't be sealed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealFault {
    /// It does not begin as a sealed stream does.
    #[error("this is no sealed file, or its beginning was altered")]
    NotSealed,
    /// The passphrase is another one.
    #[error("the passphrase is wrong, or the beginning of the file was altered")]
    Passphrase,
    /// Deriving the key would cost too much.
    #[error(
        "the file asks for more work than is allowed to derive its key ({COST_KIB_MAX} KiB, \
         {COST_PASSES_MAX} passes, {COST_LANES_MAX} lanes): it was altered"
    )]
    Cost,
    /// A chunk is not what was sealed at its place.
    #[error("the file was altered or cut off near byte {at}: use another copy")]
    Altered {
        /// Where the chunk begins in the sealed stream.
        at: u64,
    },
    /// More chunks than can be counted.
    #[error("the stream is too long to be sealed")]
    TooLong,
}

/// Seals a stream.
pub struct Sealer {
    stream: EncryptorBE32<XChaCha20Poly1305>,
    header: [u8; HEADER_BYTES],
    /// What is not a whole chunk yet.
    waiting: Zeroizing<Vec<u8>>,
}

/// Opens a sealed stream.
pub struct Opener {
    stream: DecryptorBE32<XChaCha20Poly1305>,
    header: [u8; HEADER_BYTES],
    waiting: Vec<u8>,
    /// Where the next chunk begins in the sealed stream.
    at: u64,
}

impl Sealer {
    /// Begins a stream and returns its header, which stands before all that [`Sealer::push`] and
    /// [`Sealer::finish`] return.
    ///
    /// # Errors
    ///
    /// Returns [`SealFault::Cost`] if the cost is beyond its bounds.
    pub fn begin(
        passphrase: &[u8],
        (salt, nonce): (Salt, Nonce),
        cost: Cost,
    ) -> Result<(Self, [u8; HEADER_BYTES]), SealFault> {
        let Keyed { key, nonce, header } = Keyed::begin(passphrase, salt, nonce, cost)?;
        let stream = EncryptorBE32::new((&*key).into(), (&nonce).into());
        Ok((Self { stream, header, waiting: Zeroizing::new(Vec::new()) }, header))
    }

    /// Takes bytes and returns what of the sealed stream is ready.
    ///
    /// # Errors
    ///
    /// Returns [`SealFault::TooLong`] beyond some hundred terabytes.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<u8>, SealFault> {
        let mut sealed = Vec::new();
        while !bytes.is_empty() {
            if self.waiting.len() == CHUNK_BYTES {
                // More follows, so this one is not the last.
                let payload = Payload { msg: &self.waiting, aad: &self.header };
                let next = self.stream.encrypt_next(payload);
                sealed.extend(next.map_err(|_spent| SealFault::TooLong)?);
                self.waiting.clear();
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            bytes = later;
        }
        Ok(sealed)
    }

    /// Ends the stream and returns the rest of it.
    ///
    /// # Errors
    ///
    /// Returns [`SealFault::TooLong`] beyond some hundred terabytes.
    pub fn finish(self) -> Result<Vec<u8>, SealFault> {
        let payload = Payload { msg: &self.waiting, aad: &self.header };
        self.stream.encrypt_last(payload).map_err(|_spent| SealFault::TooLong)
    }
}

impl Opener {
    /// Begins with a header.
    ///
    /// # Errors
    ///
    /// Returns [`SealFault`] if it is none, or the passphrase is another one.
    pub fn begin(passphrase: &[u8], header: [u8; HEADER_BYTES]) -> Result<Self, SealFault> {
        let Keyed { key, nonce, header } = Keyed::read(passphrase, header)?;
        let stream = DecryptorBE32::new((&*key).into(), (&nonce).into());
        Ok(Self { stream, header, waiting: Vec::new(), at: HEADER_BYTES as u64 })
    }

    /// Takes sealed bytes and returns what of the stream is ready.
    ///
    /// What it returns was sealed so and stands in its place; only [`Opener::finish`] says that
    /// nothing is missing.
    ///
    /// # Errors
    ///
    /// Returns [`SealFault::Altered`] if a chunk is not what was sealed at its place.
    pub fn push(&mut self, mut sealed: &[u8]) -> Result<Vec<u8>, SealFault> {
        let mut bytes = Vec::new();
        while !sealed.is_empty() {
            if self.waiting.len() == SEALED_BYTES {
                let payload = Payload { msg: &self.waiting, aad: &self.header };
                let next = self.stream.decrypt_next(payload);
                bytes.extend(next.map_err(|_altered| SealFault::Altered { at: self.at })?);
                self.at += SEALED_BYTES as u64;
                self.waiting.clear();
            }
            let room = SEALED_BYTES - self.waiting.len();
            let (now, later) = sealed.split_at(sealed.len().min(room));
            self.waiting.extend_from_slice(now);
            sealed = later;
        }
        Ok(bytes)
    }

    /// Ends the stream and returns the rest of it: all of it is there, and unaltered.
    ///
    /// # Errors
    ///
    /// Returns [`SealFault::Altered`] if it was cut off, or its last chunk was altered.
    pub fn finish(self) -> Result<Vec<u8>, SealFault> {
        let payload = Payload { msg: &self.waiting, aad: &self.header };
        let last = self.stream.decrypt_last(payload);
        last.map_err(|_altered| SealFault::Altered { at: self.at })
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener(..)")
    }
}

#[cfg(test)]
mod tests;
