//! Device keys: Ed25519, checked strictly. The key is the device's identity, on the wire too.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::Signer as _;
use serde::{Deserialize, Serialize};

use crate::id::write_hex;

/// What stands before the 32 bytes of a public key in a `SubjectPublicKeyInfo` (RFC 8410).
const SPKI_PREFIX: [u8; 12] = [48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0];

/// What stands before the 32 bytes of a secret key in PKCS #8 (RFC 8410).
const PKCS8_PREFIX: [u8; 16] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

/// The public key of a device; it names the device.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct DeviceKey(pub [u8; 32]);

/// A signature by a device.
#[derive(Clone, Copy, Eq, PartialEq, Serialize, Deserialize)]
pub struct Signature([u8; 32], [u8; 32]);

/// The secret key of a device.
pub struct DeviceSecret(ed25519_dalek::SigningKey);

/// The signature is not the device's over this.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the signature does not fit")]
pub struct BadSignature;

/// The text is not a device key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a device key is 64 hexadecimal digits")]
pub struct MalformedKey;

impl DeviceKey {
    /// Checks that the holder of this key signed `message` for `domain`.
    ///
    /// # Errors
    ///
    /// Returns [`BadSignature`] if not, or if the key is no point of the curve or a weak one.
    pub fn verify(
        &self,
        domain: &'static str,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&self.0).map_err(|_weak| BadSignature)?;
        let signature = ed25519_dalek::Signature::from_components(signature.0, signature.1);
        key.verify_strict(&digest(domain, message), &signature).map_err(|_other| BadSignature)
    }

    /// Returns the key as a `SubjectPublicKeyInfo`, as TLS shows it (RFC 7250).
    #[must_use]
    pub fn to_spki(self) -> Vec<u8> {
        [SPKI_PREFIX.as_slice(), &self.0].concat()
    }

    /// Reads the key of a `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn from_spki(bytes: &[u8]) -> Option<Self> {
        bytes.strip_prefix(&SPKI_PREFIX)?.try_into().ok().map(Self)
    }

    /// Returns the first eight bytes as digits: enough for a person to tell devices apart.
    #[must_use]
    pub fn short(&self) -> String {
        let [head, ..] = self.0.as_chunks::<8>().0 else { return String::new() };
        crate::id::ShortId(*head).to_string()
    }
}

impl Signature {
    pub(crate) const fn empty() -> Self {
        Self([0; 32], [0; 32])
    }
}

impl DeviceSecret {
    /// Makes the secret key whose seed these 32 random bytes are.
    #[must_use]
    pub fn from_bytes(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// Returns the seed, to be written to a file only its owner reads.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Returns the key in PKCS #8, as TLS libraries take it.
    #[must_use]
    pub fn to_pkcs8(&self) -> Vec<u8> {
        [PKCS8_PREFIX.as_slice(), &self.0.to_bytes()].concat()
    }

    /// Returns the public half.
    #[must_use]
    pub fn public(&self) -> DeviceKey {
        DeviceKey(self.0.verifying_key().to_bytes())
    }

    /// Signs `message` for `domain`; a signature for one domain is none for another.
    #[must_use]
    pub fn sign(&self, domain: &'static str, message: &[u8]) -> Signature {
        let signature = self.0.sign(&digest(domain, message));
        Signature(*signature.r_bytes(), *signature.s_bytes())
    }
}

fn digest(domain: &'static str, message: &[u8]) -> [u8; 32] {
    blake3::derive_key(domain, message)
}

impl FromStr for DeviceKey {
    type Err = MalformedKey;

    fn from_str(text: &str) -> Result<Self, MalformedKey> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|c| c.is_ascii_hexdigit()) {
            return Err(MalformedKey);
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
            let pair = std::str::from_utf8(pair).map_err(|_not_text| MalformedKey)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_no_digit| MalformedKey)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey({})", self.short())
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

impl fmt::Debug for DeviceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceSecret(of {})", self.public().short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_message_domain_and_key_only() {
        let (one, two) = (DeviceSecret::from_bytes(&[1; 32]), DeviceSecret::from_bytes(&[2; 32]));
        let signature = one.sign("a", b"message");
        assert_eq!(one.public().verify("a", b"message", &signature), Ok(()));
        assert_eq!(one.public().verify("a", b"massage", &signature), Err(BadSignature));
        assert_eq!(one.public().verify("b", b"message", &signature), Err(BadSignature));
        assert_eq!(two.public().verify("a", b"message", &signature), Err(BadSignature));
    }

    #[test]
    fn keys_read_back_as_they_were_written() {
        let key = DeviceSecret::from_bytes(&[3; 32]).public();
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(DeviceKey::from_spki(&key.to_spki()), Some(key));
        assert_eq!(DeviceKey::from_spki(&key.0), None);
    }
}
