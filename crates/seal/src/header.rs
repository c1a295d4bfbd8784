//! What stands before the sealed chunks, and the keys that follow from it and a passphrase.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::limits::{COST_KIB, COST_KIB_MAX, COST_LANES_MAX, COST_PASSES, COST_PASSES_MAX};
use crate::stream::SealFault;

const MAGIC: [u8; 16] = *b"ashuu sealed v1\n";

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// Bytes of a nonce; five more count the chunks.
pub const NONCE_BYTES: usize = 19;

/// Bytes of the check.
const CHECK_BYTES: usize = 16;

/// Bytes before the check.
const CHECKED_BYTES: usize = 16 + 12 + SALT_BYTES + NONCE_BYTES;

/// Bytes that stand before the chunks.
pub const HEADER_BYTES: usize = CHECKED_BYTES + CHECK_BYTES;

/// Fresh random bytes that make two equal passphrases two keys.
pub type Salt = [u8; SALT_BYTES];

/// Fresh random bytes that make two streams under one key differ.
pub type Nonce = [u8; NONCE_BYTES];

/// What deriving a key costs whoever does it, also whoever guesses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cost {
    /// KiB of memory.
    pub kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes of it.
    pub lanes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { kib: COST_KIB, passes: COST_PASSES, lanes: 1 }
    }
}

/// A key of a stream, and its nonce.
pub(crate) struct Keyed {
    pub(crate) key: Zeroizing<[u8; 32]>,
    pub(crate) nonce: Nonce,
    pub(crate) header: [u8; HEADER_BYTES],
}

impl Keyed {
    /// Derives the keys of a new stream.
    pub(crate) fn begin(
        passphrase: &[u8],
        salt: Salt,
        nonce: Nonce,
        cost: Cost,
    ) -> Result<Self, SealFault> {
        let mut header = [0; HEADER_BYTES];
        let fields = [
            MAGIC.as_slice(),
            &cost.kib.to_le_bytes(),
            &cost.passes.to_le_bytes(),
            &cost.lanes.to_le_bytes(),
            &salt,
            &nonce,
        ];
        let (checked, check) = header.split_at_mut(CHECKED_BYTES);
        checked.copy_from_slice(&fields.concat());
        let master = master(passphrase, &salt, cost)?;
        check.copy_from_slice(&check_of(&master, checked));
        Ok(Self { key: stream_key(&master), nonce, header })
    }

    /// Reads the header of a stream and derives its keys.
    pub(crate) fn read(passphrase: &[u8], header: [u8; HEADER_BYTES]) -> Result<Self, SealFault> {
        let (checked, check) = header.split_at(CHECKED_BYTES);
        let parts = checked.split_first_chunk::<16>().filter(|(magic, _)| **magic == MAGIC);
        let (_magic, rest) = parts.ok_or(SealFault::NotSealed)?;
        let (kib, rest) = number(rest)?;
        let (passes, rest) = number(rest)?;
        let (lanes, rest) = number(rest)?;
        let (salt, nonce) = rest.split_first_chunk().ok_or(SealFault::NotSealed)?;
        let nonce = nonce.try_into().map_err(|_short| SealFault::NotSealed)?;
        let cost = Cost { kib, passes, lanes };
        let master = master(passphrase, salt, cost)?;
        let found: [u8; CHECK_BYTES] = check.try_into().map_err(|_short| SealFault::NotSealed)?;
        if blake3::Hash::from(widened(found))
            != blake3::Hash::from(widened(check_of(&master, checked)))
        {
            return Err(SealFault::Passphrase);
        }
        Ok(Self { key: stream_key(&master), nonce, header })
    }
}

fn number(bytes: &[u8]) -> Result<(u32, &[u8]), SealFault> {
    let (number, rest) = bytes.split_first_chunk().ok_or(SealFault::NotSealed)?;
    Ok((u32::from_le_bytes(*number), rest))
}

fn master(passphrase: &[u8], salt: &Salt, cost: Cost) -> Result<Zeroizing<[u8; 32]>, SealFault> {
    let Cost { kib, passes, lanes } = cost;
    let fits = kib <= COST_KIB_MAX && passes <= COST_PASSES_MAX && lanes <= COST_LANES_MAX;
    let params = Params::new(kib, passes, lanes, Some(32)).ok().filter(|_| fits);
    let params = params.ok_or(SealFault::Cost)?;
    let mut master = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase, salt, master.as_mut_slice())
        .map_err(|_unfit| SealFault::Cost)?;
    Ok(master)
}

fn stream_key(master: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(blake3::derive_key("ashuu 2026 seal stream key v1", master))
}

fn check_of(master: &[u8; 32], checked: &[u8]) -> [u8; CHECK_BYTES] {
    let key = Zeroizing::new(blake3::derive_key("ashuu 2026 seal check key v1", master));
    let hash = blake3::keyed_hash(&key, checked);
    let mut check = [0; CHECK_BYTES];
    check.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    check
}

/// Hashes are compared in a time that tells nothing, and have 32 bytes.
fn widened(check: [u8; CHECK_BYTES]) -> [u8; 32] {
    let mut wide = [0; 32];
    wide.iter_mut().zip(check).for_each(|(to, from)| *to = from);
    wide
}
