//! A dot names one entry for ever, even where a fork has two at one position.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{LogId, ShortId};

/// The name of one entry: its log, its number, the start of its id.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Dot {
    /// The log it stands in.
    pub log: LogId,
    /// Its number there.
    pub seq: u64,
    /// The first eight bytes of its id.
    pub id: ShortId,
}

/// The text is no dot.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a token of this program: give back what `show` printed under `seen`")]
pub struct MalformedDot;

impl fmt::Display for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.log, self.seq, self.id)
    }
}

impl FromStr for Dot {
    type Err = MalformedDot;

    fn from_str(text: &str) -> Result<Self, MalformedDot> {
        let mut parts = text.split('-');
        let (Some(log), Some(seq), Some(id), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(MalformedDot);
        };
        let seq = seq.parse().map_err(|_no_number| MalformedDot)?;
        Ok(Self { log: LogId(unhex(log)?), seq, id: ShortId(unhex(id)?) })
    }
}

fn unhex<const N: usize>(text: &str) -> Result<[u8; N], MalformedDot> {
    let mut bytes = [0; N];
    if text.len() != 2 * N || !text.is_ascii() {
        return Err(MalformedDot);
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
        let pair = std::str::from_utf8(pair).map_err(|_not_text| MalformedDot)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_no_digit| MalformedDot)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_reads_back_as_it_was_written() {
        let dot = Dot { log: LogId([7; 32]), seq: 42, id: ShortId([9; 8]) };
        assert_eq!(dot.to_string().parse(), Ok(dot));
        assert_eq!("".parse::<Dot>(), Err(MalformedDot));
        assert_eq!("aa-1-é".parse::<Dot>(), Err(MalformedDot));
    }
}
