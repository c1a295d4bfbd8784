//! A frame as bytes: what can be rebuilt is left out, and numbers are differences.

use serde::{Deserialize, Serialize};

use crate::codec::{self, CodecError};
use crate::dot::Dot;
use crate::entry::{BootId, Kind, Salt, Seed, Stamp};
use crate::frame::{Form, Frame, FrameFault, Item, SaltKey, SaltRun};
use crate::id::LogName;
use crate::key::Signature;
use crate::limits::FRAME_BYTES_MAX;

impl Frame {
    /// Returns the frame's bytes.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if it is larger than a frame may be.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        codec::encode(&WireFrame::from(self), FRAME_BYTES_MAX)
    }

    /// Reads a frame. Nothing of it is checked yet: see [`Frame::verify`].
    ///
    /// # Errors
    ///
    /// Returns [`FrameFault`] if the bytes are no frame.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameFault> {
        let wire: WireFrame = codec::decode(bytes, FRAME_BYTES_MAX)?;
        let frame = wire.unpack()?;
        frame.check_shape()?;
        Ok(frame)
    }
}

#[derive(Serialize, Deserialize)]
struct WireFrame {
    log: LogName,
    first: u64,
    salts: Vec<WireSalts>,
    boots: Vec<BootId>,
    items: Vec<WireItem>,
    signature: Signature,
}

#[derive(Serialize, Deserialize)]
enum WireSalts {
    Seed { skip: u64, count: u64, seed: Seed },
    Single { skip: u64, salt: Salt },
}

/// Times and receipts are differences from the entry before.
#[derive(Serialize, Deserialize)]
struct WireItem {
    kind: Kind,
    claimed: i64,
    receipt: i64,
    boot: u32,
    boot_ms: i64,
    form: WireForm,
}

#[derive(Serialize, Deserialize)]
enum WireForm {
    Whole(#[serde(with = "serde_bytes")] Vec<u8>),
    Erased { payload_len: u32, commitment: [u8; 32], order: Dot },
    Lost { payload_len: u32, commitment: [u8; 32] },
}

/// The values that the next item's differences count from.
#[derive(Clone, Copy, Default)]
struct Before {
    claimed: i64,
    receipt: u64,
    boot_ms: u64,
}

impl Before {
    const fn of(item: &Item) -> Self {
        let Stamp { claimed_ms, boot_ms, .. } = item.stamp;
        Self { claimed: claimed_ms, receipt: item.receipt, boot_ms }
    }
}

impl From<&Frame> for WireFrame {
    fn from(frame: &Frame) -> Self {
        let mut boots: Vec<BootId> = Vec::new();
        let mut before = Before::default();
        let mut items = Vec::with_capacity(frame.items.len());
        for item in &frame.items {
            let known = boots.iter().position(|boot| *boot == item.stamp.boot);
            let boot = known.unwrap_or_else(|| {
                boots.push(item.stamp.boot);
                boots.len() - 1
            });
            items.push(WireItem {
                kind: item.kind,
                claimed: item.stamp.claimed_ms.wrapping_sub(before.claimed),
                receipt: item.receipt.wrapping_sub(before.receipt).cast_signed(),
                boot: u32::try_from(boot).unwrap_or(u32::MAX),
                boot_ms: item.stamp.boot_ms.wrapping_sub(before.boot_ms).cast_signed(),
                form: WireForm::from(&item.form),
            });
            before = Before::of(item);
        }
        let mut next = frame.first;
        let salts = frame.salts.iter().map(|run| wire_salts(run, &mut next)).collect();
        let Frame { log, first, signature, .. } = frame;
        Self { log: log.clone(), first: *first, salts, boots, items, signature: *signature }
    }
}

impl WireFrame {
    fn unpack(self) -> Result<Frame, FrameFault> {
        let mut next = self.first;
        let salts = self.salts.into_iter().map(|run| salt_run(run, &mut next)).collect();
        let mut before = Before::default();
        let mut items = Vec::with_capacity(self.items.len());
        for wire in self.items {
            let boot = usize::try_from(wire.boot).ok().and_then(|index| self.boots.get(index));
            let Some(boot) = boot else {
                return Err(CodecError::Malformed("no such boot".to_owned()).into());
            };
            let stamp = Stamp {
                claimed_ms: before.claimed.wrapping_add(wire.claimed),
                boot: *boot,
                boot_ms: before.boot_ms.wrapping_add(wire.boot_ms.cast_unsigned()),
            };
            let receipt = before.receipt.wrapping_add(wire.receipt.cast_unsigned());
            let item = Item { kind: wire.kind, stamp, receipt, form: wire.form.into() };
            before = Before::of(&item);
            items.push(item);
        }
        let Self { log, first, signature, .. } = self;
        Ok(Frame { log, first, salts, items, signature })
    }
}

fn wire_salts(run: &SaltRun, next: &mut u64) -> WireSalts {
    let skip = run.first.wrapping_sub(*next);
    *next = run.first.wrapping_add(run.count);
    match run.key {
        SaltKey::Seed(seed) => WireSalts::Seed { skip, count: run.count, seed },
        SaltKey::Single(salt) => WireSalts::Single { skip, salt },
    }
}

fn salt_run(wire: WireSalts, next: &mut u64) -> SaltRun {
    let (skip, count, key) = match wire {
        WireSalts::Seed { skip, count, seed } => (skip, count, SaltKey::Seed(seed)),
        WireSalts::Single { skip, salt } => (skip, 1, SaltKey::Single(salt)),
    };
    let first = next.wrapping_add(skip);
    *next = first.wrapping_add(count);
    SaltRun { first, count, key }
}

impl From<&Form> for WireForm {
    fn from(form: &Form) -> Self {
        match form.clone() {
            Form::Whole(payload) => Self::Whole(payload),
            Form::Erased { payload_len, commitment, order } => {
                Self::Erased { payload_len, commitment, order }
            }
            Form::Lost { payload_len, commitment } => Self::Lost { payload_len, commitment },
        }
    }
}

impl From<WireForm> for Form {
    fn from(wire: WireForm) -> Self {
        match wire {
            WireForm::Whole(payload) => Self::Whole(payload),
            WireForm::Erased { payload_len, commitment, order } => {
                Self::Erased { payload_len, commitment, order }
            }
            WireForm::Lost { payload_len, commitment } => Self::Lost { payload_len, commitment },
        }
    }
}

#[cfg(test)]
mod tests;
