//! What a writer writes is what a verifier accepts, and nothing else is.

use proptest::prelude::*;

use super::*;
use crate::id::{EntryId, Epoch, Lane};
use crate::{Entry, FrameFault};

proptest! {
    #[test]
    fn what_is_written_verifies_and_reads_back(sizes in payload_sizes()) {
        let (log, frames, head) = written(&sizes);
        let mut prev = EntryId(log.id().0);
        let mut seen = Vec::new();
        for frame in frames {
            let read = Frame::from_bytes(&frame.to_bytes().unwrap()).unwrap();
            prop_assert_eq!(&read, &frame);
            let entries = read.verify(prev).unwrap();
            prev = entries.last().unwrap().id;
            seen.extend(entries.iter().map(|entry| entry.bytes().unwrap().len()));
        }
        prop_assert_eq!(prev, head.id);
        prop_assert_eq!(seen, sizes);
    }

    #[test]
    fn joined_and_cut_frames_still_verify(sizes in payload_sizes(), cut in 0.0..1.0_f64) {
        let (log, frames, head) = written(&sizes);
        let joined = Frame::join(frames).unwrap();
        let all = joined.verify(EntryId(log.id().0)).unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
        let keep = (cut * sizes.len() as f64) as usize;
        let before = if keep == 0 { EntryId(log.id().0) } else { all[keep - 1].id };
        let rest = joined.starting_at(keep as u64 + 1).unwrap();
        let rest = Frame::from_bytes(&rest.to_bytes().unwrap()).unwrap();
        prop_assert_eq!(&rest.verify(before).unwrap()[..], &all[keep..]);
        prop_assert_eq!(rest.last(), head.seq);
    }

    #[test]
    fn a_flipped_bit_is_never_accepted_as_the_same(sizes in payload_sizes(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let (log, frames, _) = written(&sizes);
        let frame = &frames[0];
        let honest = frame.verify(EntryId(log.id().0)).unwrap();
        let mut bytes = frame.to_bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(entries) = checked(&bytes, &log) {
            prop_assert_eq!(entries, honest, "byte {} changed what was read", at);
        }
    }
}

#[test]
fn a_repeated_position_has_another_id() {
    let (log, frames, _) = written(&[3, 3]);
    let mut other = Writer::resume(log.clone(), Head::empty(log.id()));
    let fork = other.append(vec![draft(9), draft(9)], &[Seed([8; 32])], &secret());
    let prev = EntryId(log.id().0);
    assert_ne!(frames[0].verify(prev).unwrap()[0].id, fork[0].verify(prev).unwrap()[0].id);
}

#[test]
fn frames_that_were_chained_apart_and_signed_once_are_as_if_written_together() {
    let log = written(&[]).0;
    let drafts = |count| vec![draft(3); count];
    let seeds = [Seed([1; 32]), Seed([2; 32])];
    let mut together = Writer::resume(log.clone(), Head::empty(log.id()));
    let together = together.append(drafts(5), &seeds, &secret());
    let mut apart = Writer::resume(log.clone(), Head::empty(log.id()));
    let (first, _) = apart.chain(drafts(2), &seeds).remove(0);
    assert_eq!(apart.seeds_lacking(3), 0);
    let (second, head) = apart.chain(drafts(3), &[]).remove(0);
    let mut joined = Frame::join(vec![first, second]).unwrap();
    assert!(joined.verify(EntryId(log.id().0)).is_err(), "nothing is signed yet");
    joined.sign(head, &secret());
    assert_eq!(vec![joined], together);
}

#[test]
fn a_writer_asks_for_seeds_before_it_must_reuse_one() {
    let log = written(&[]).0;
    let mut writer = Writer::resume(log.clone(), Head::empty(log.id()));
    for number in 0..600_u16 {
        let seeds: Vec<Seed> = (0..writer.seeds_lacking(1)).map(|_| seed(number)).collect();
        let (frame, _) = writer.chain(vec![draft(1)], &seeds).remove(0);
        let salts = u64::from(number) / RUN_ENTRIES_MAX as u64 * RUN_ENTRIES_MAX as u64;
        let expected = seed(u16::try_from(salts).unwrap());
        assert_eq!(frame.salts[0].key, SaltKey::Seed(expected), "entry {}", number + 1);
    }
}

fn seed(number: u16) -> Seed {
    let mut seed = [0; 32];
    seed[..2].copy_from_slice(&number.to_le_bytes());
    Seed(seed)
}

fn checked(bytes: &[u8], log: &LogName) -> Result<Vec<Entry>, FrameFault> {
    let frame = Frame::from_bytes(bytes)?;
    if frame.log != *log {
        return Err(FrameFault::Count); // A receiver would look up another anchor.
    }
    frame.verify(EntryId(log.id().0))
}

fn payload_sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![0..300_usize, 20_000..50_000_usize], 1..40)
}

fn written(sizes: &[usize]) -> (LogName, Vec<Frame>, Head) {
    let lane = Lane::Site("INST-001".parse().unwrap());
    let log = LogName { device: secret().public(), epoch: Epoch([5; 8]), lane };
    let mut writer = Writer::resume(log.clone(), Head::empty(log.id()));
    let drafts = sizes.iter().map(|size| draft(*size)).collect();
    let frames = writer.append(drafts, &[Seed([1; 32]), Seed([2; 32])], &secret());
    (log, frames, writer.head())
}

fn draft(size: usize) -> Draft {
    let stamp = Stamp { claimed_ms: -5 + size as i64, boot: crate::BootId([1; 8]), boot_ms: 7 };
    Draft { kind: Kind(16), payload: vec![7; size], stamp, receipt: 3 }
}

fn secret() -> DeviceSecret {
    DeviceSecret::from_bytes(&[4; 32])
}
