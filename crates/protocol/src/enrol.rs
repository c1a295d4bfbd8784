//! How a device comes to know its hub, and the hub its device: once, with a code.

use std::fmt;
use std::str::FromStr;

use journal::codec;
use journal::{DeviceKey, Epoch, SiteCode};
use serde::{Deserialize, Serialize};

/// What every code begins with, so that a person and a program recognise one.
const PREFIX: &str = "ASHUU1-";

/// Bytes of a code before it becomes text.
const CODE_BYTES_MAX: usize = 512;

/// Letters of a code: no vowels that make words, nothing that looks like something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A one-time code: where the hub is, who it is, and a secret that lets one device in.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// The hub's sync address, `host:port`.
    pub address: String,
    /// The hub's key, to be pinned.
    pub hub: DeviceKey,
    /// The site the device will belong to.
    pub site: SiteCode,
    /// The secret.
    pub token: [u8; 16],
    /// When the code expires, in milliseconds since 1970, by the hub's clock.
    pub expires_ms: i64,
}

/// The text is no invitation.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an enrolment code: copy all of it, from {PREFIX} to the end")]
pub struct MalformedInvitation;

/// What a device asks when it enrols; TLS has proved its key.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The code's secret.
    pub token: [u8; 16],
    /// The device.
    pub device: DeviceKey,
    /// The epoch it opens.
    pub epoch: Epoch,
    /// The name people will call it by, where it has a wish.
    pub name: String,
}

/// What the hub answers.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum EnrolAnswer {
    /// The device is in.
    Welcome {
        /// Its site.
        site: SiteCode,
        /// The sites that merged into that.
        predecessors: Vec<SiteCode>,
        /// Its name.
        name: String,
        /// The letter in its records' references.
        letter: String,
        /// Whether it may publish to everyone.
        publishes: bool,
        /// The hub's time, in milliseconds since 1970.
        hub_ms: i64,
    },
    /// It is not.
    Refused {
        /// Why, for a person.
        words: String,
    },
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = codec::encode(self, CODE_BYTES_MAX).map_err(|_too_large| fmt::Error)?;
        let check = blake3::hash(&bytes);
        let [a, b, ..] = *check.as_bytes();
        f.write_str(PREFIX)?;
        f.write_str(&to_text(&[&bytes, [a, b].as_slice()].concat()))
    }
}

impl FromStr for Invitation {
    type Err = MalformedInvitation;

    fn from_str(text: &str) -> Result<Self, MalformedInvitation> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let text = text.to_ascii_uppercase();
        let text = text.strip_prefix(PREFIX).ok_or(MalformedInvitation)?;
        let bytes = from_text(text).ok_or(MalformedInvitation)?;
        let (bytes, check) = bytes.split_last_chunk::<2>().ok_or(MalformedInvitation)?;
        if !blake3::hash(bytes).as_bytes().starts_with(check) {
            return Err(MalformedInvitation);
        }
        codec::decode_canonical(bytes, CODE_BYTES_MAX).map_err(|_other| MalformedInvitation)
    }
}

/// Returns a key as words that can be compared over a telephone: 96 bits of its hash.
#[must_use]
pub fn fingerprint(key: &DeviceKey) -> String {
    let hash = blake3::derive_key("ashuu 2026 key fingerprint v1", &key.0);
    let (pairs, _) = hash.as_chunks::<2>();
    let words: Vec<String> =
        pairs.iter().take(6).map(|pair| pronounceable(u16::from_be_bytes(*pair))).collect();
    words.join("-")
}

/// Five letters that can be said aloud for 16 bits: consonants and vowels in turn (a "proquint").
fn pronounceable(bits: u16) -> String {
    let pick =
        |letters: &[u8], at: u16| letters.get(usize::from(at)).copied().map_or('-', char::from);
    let consonant = |shift: u16| pick(b"bdfghjklmnprstvz", bits >> shift & 15);
    let vowel = |shift: u16| pick(b"aiou", bits >> shift & 3);
    [consonant(12), vowel(10), consonant(6), vowel(4), consonant(0)].iter().collect()
}

fn to_text(bytes: &[u8]) -> String {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let bits: Vec<u8> = bits.collect();
    let digit = |five: &[u8]| {
        let value = five.iter().fold(0, |value, bit| value << 1 | bit) << (5 - five.len());
        ALPHABET.get(usize::from(value)).copied().map_or('0', char::from)
    };
    bits.chunks(5).map(digit).collect()
}

fn from_text(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut value, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == letter)?;
        value = (value << 5 | u32::try_from(digit).ok()?) & 0xFFFF;
        bits += 5;
        if 8 <= bits {
            bits -= 8;
            bytes.push(u8::try_from(value >> bits & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_being_typed_in_pieces_and_small_letters() {
        let code = invitation().to_string();
        let (first, second) = code.split_at(20);
        let typed = format!(" {}\n{} ", first.to_lowercase(), second);
        assert_eq!(typed.parse(), Ok(invitation()));
    }

    #[test]
    fn a_mistyped_code_is_refused() {
        let code = invitation().to_string();
        for at in PREFIX.len()..code.len() {
            let mut wrong = code.clone().into_bytes();
            wrong[at] = if wrong[at] == b'7' { b'8' } else { b'7' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert_ne!(wrong.parse(), Ok(invitation()), "letter {at}");
        }
    }

    #[test]
    fn a_fingerprint_can_be_said_aloud() {
        assert_eq!(fingerprint(&DeviceKey([7; 32])).len(), 6 * 6 - 1);
    }

    fn invitation() -> Invitation {
        Invitation {
            address: "10.0.0.1:7701".to_owned(),
            hub: DeviceKey([7; 32]),
            site: "INST-027".parse().unwrap(),
            token: [9; 16],
            expires_ms: 1_764_000_000_000,
        }
    }
}
