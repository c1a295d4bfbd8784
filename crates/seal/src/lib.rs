//! Sealing a stream under a passphrase: nobody without it reads anything, and whoever has it
//! knows that nothing was altered, moved, taken out or cut off.
//!
//! [`Sealer`] and [`Opener`] are told the bytes in pieces of any size and answer with what is
//! ready; they hold one chunk at a time. [`ItemWriter`] and [`ItemReader`] put items into such a
//! stream, through whatever writes or reads bytes. This crate is pure: salt and nonce are arguments, and must
//! be fresh random bytes for each stream.
//!
//! ```text
//! magic 16 | cost: KiB 4, passes 4, lanes 4 | salt 16 | nonce 19 | check 16
//! chunk: 64 KiB sealed, and its tag 16; the last one is shorter, and says that it is the last
//! ```
//! A key is derived from the passphrase by Argon2id. Chunks are XChaCha20-Poly1305 in the STREAM
//! construction: the nonce counts them and marks the last. The check is a keyed hash of all before
//! it, so that a wrong passphrase is told from a damaged file.

mod header;
mod items;
pub mod limits;
mod stream;

pub use header::{Cost, HEADER_BYTES, NONCE_BYTES, Nonce, SALT_BYTES, Salt};
pub use items::{ItemReader, ItemWriter, ItemsFault};
pub use stream::{Opener, SealFault, Sealer};
