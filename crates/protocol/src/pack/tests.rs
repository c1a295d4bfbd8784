//! Packed frames are few, small, and unpack to what was packed.

use journal::{Draft, EntryId, Epoch, Head, Kind, Lane, LogName, Seed, Stamp, Writer};
use proptest::prelude::*;

use super::*;
use crate::fixture::{Log, secret};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn packed_frames_are_small_and_unpack_to_the_same_entries(
        sizes in prop::collection::vec(0..40_000_usize, 1..60),
        noise in any::<bool>(),
        frame_bytes in 2_048..=PACKED_FRAME_BYTES_MAX,
    ) {
        let (log, frames) = written(&sizes, noise);
        let largest = frames.iter().map(Frame::size).max().unwrap();
        let pace = Pace { frame_bytes, ..Pace::whole(1) };
        let packed = pack(frames.clone(), pace).unwrap();
        prop_assert!(packed.len() <= frames.len());
        let (mut prev, mut seen) = (EntryId(log.id().0), 0);
        let mut unpacker = Unpacker::default();
        for (index, (bytes, last)) in packed.into_iter().enumerate() {
            prop_assert!(bytes.len() <= frame_bytes.max(largest + 1_024));
            let read = if index == 0 { unpacker.first(&bytes) } else { unpacker.next(&bytes) };
            let frame = read.unwrap();
            prop_assert_eq!(frame.last(), last);
            let entries = frame.verify(prev).unwrap();
            prev = entries.last().unwrap().id;
            for entry in entries {
                prop_assert_eq!(entry.bytes().unwrap().len(), sizes[seen]);
                seen += 1;
            }
        }
        prop_assert_eq!(seen, sizes.len());
    }
}

#[test]
fn text_is_joined_until_a_packed_frame_is_full() {
    let (_, frames) = written(&[400; 1_000], false);
    assert_eq!(frames.len(), 10);
    let packed = pack(frames, Pace::whole(9)).unwrap();
    assert_eq!(packed.len(), 1);
    let (_, frames) = written(&[400; 3_000], false);
    let packed = pack(frames, Pace::whole(9)).unwrap();
    assert!(unpack(&packed[1].0).is_err(), "what continues can't be read alone");
}

#[test]
fn nothing_is_packed_beyond_the_step() {
    let (_, frames) = written(&[400; 1_000], true);
    let largest = frames.iter().map(Frame::size).max().unwrap() + 1_024;
    for (frame_bytes, step_bytes) in [(2_048, 4_096), (largest, 150_000), (largest, 300_000)] {
        let pace = Pace { frame_bytes, step_bytes, ..Pace::whole(1) };
        let packed = pack(frames.clone(), pace).unwrap();
        let sizes: Vec<usize> = packed.iter().map(|(bytes, _)| bytes.len()).collect();
        let size: usize = sizes.iter().sum();
        assert!(size <= step_bytes || sizes.len() == 1, "{sizes:?} for {step_bytes}");
        assert!(step_bytes < size + frame_bytes, "{sizes:?} leave room in {step_bytes}");
    }
}

#[test]
fn frames_with_a_gap_between_them_are_not_packed() {
    let log = Log::of(b'a', 3);
    assert!(pack(vec![log.frame(1, 1), log.frame(3, 3)], Pace::whole(1)).is_err());
    assert_eq!(pack(Vec::new(), Pace::whole(1)), Ok(Vec::new()));
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let bomb = zstd::bulk::compress(&vec![0; 64 * FRAME_BYTES_MAX], 1).unwrap();
    assert!(bomb.len() < 10_000, "{} bytes", bomb.len());
    assert!(matches!(unpack(&bomb), Err(FrameFault::Codec(_))));
}

fn written(sizes: &[usize], noise: bool) -> (LogName, Vec<Frame>) {
    let lane = Lane::Everyone;
    let log = LogName { device: secret(b'a').public(), epoch: Epoch([1; 8]), lane };
    let mut state = 1_u64;
    let mut byte = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        if noise { state.to_le_bytes()[7] } else { b'x' }
    };
    let drafts = sizes.iter().map(|size| Draft {
        kind: Kind(16),
        payload: (0..*size).map(|_| byte()).collect(),
        stamp: Stamp::default(),
        receipt: 0,
    });
    let mut writer = Writer::resume(log.clone(), Head::empty(log.id()));
    let seeds = [Seed([1; 32]), Seed([2; 32]), Seed([3; 32]), Seed([4; 32]), Seed([5; 32])];
    (log, writer.append(drafts.collect(), &seeds, &secret(b'a')))
}
