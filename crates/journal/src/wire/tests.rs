//! The bytes that are frozen, and what the signature does not cover but the shape must.

use expect_test::{Expect, expect};

use super::*;
use crate::{
    BranchHead, DeviceKey, DeviceSecret, Draft, EntryId, Epoch, EpochStart, Head, Lane, Receipt,
    ReceiptId, Run, ShortId, SiteCode, Writer,
};

#[test]
fn the_id_of_an_entry_is_frozen() {
    let entries = example().verify(EntryId(log().id().0)).unwrap();
    check(
        &log().id().0,
        &expect!["b4a3ffaf090e425c5fc9d4f983ae16c0f14c3cca0700400dfc45a456b5b37ed8"],
    );
    check(
        &entries[0].header.commitment,
        &expect!["e1c3128d6e854ed320b3a4ac12ab3a4d0315c1cbf661848737190d8063faddd4"],
    );
    check(
        &entries[0].id.0,
        &expect!["54df9e1a3e19985321f82688fdd00c61da7e53712401ca558dfdb26bba8d70f9"],
    );
    check(
        &entries[1].id.0,
        &expect!["0fee8b68378b790ec96bf13cf9b6bcfa8fd655e1456c0cebe3f4e11206b5433d"],
    );
}

#[test]
fn the_bytes_of_a_frame_are_frozen() {
    check(
        &example().to_bytes().unwrap(),
        &expect![[r#"
        8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c
        05050505050505050008494e53542d3032370101000002070707070707070707
        0707070707070707070707070707070707070707070707010606060606060606
        0201fd00d02f6d350300000000fc20bf0200002201011f08494e53542d303237
        0108494e53542d303034fd00d02f6d3503000001000010fbcf070600fbf82a00
        0961207061796c6f6164b963e02bda8a3b1d9e5e7d1dc4aa3a068da2bf516249
        e39d43dd6bdf7bb25e1701e61c82c50961442afddfe2614320f9f6b03129daf8
        f1a9237f2ee39f588101"#]],
    );
}

#[test]
fn the_bytes_of_a_receipt_are_frozen() {
    check(
        &receipt().to_bytes().unwrap(),
        &expect![[r#"
        8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394
        03030303030303030404040404040404fb2c018a88e3dd7409f195fd52db2d3c
        ba5d72ca6709bf1d94121bf3748801b40f6f5c01050505050505050505050505
        0505050505050505050505050505050505050505fdc0a4316d35030000028a88
        e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0505
        0505050505050008494e53542d30323702080808080808080801010909090909
        0909098a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b4
        0f6f5c05050505050505050008494e53542d303237fc70110100070707070707
        070701fc6f11010009090909090909090001b4a3ffaf090e425c5fc9d4f983ae
        16c0f14c3cca0700400dfc45a456b5b37ed80208080808080808081ed9ab0297
        4860673a982c0bbd63d492cfd709d6d1fbd29d327a2a51334ad088773d4e16cd
        e3fbb35795e47972e8e93a053d78c23ce784a52894e00d29ac6c0b"#]],
    );
    check(
        &receipt().id().0,
        &expect!["5749359821c20c7c2236762df9a828f62e6d3a9274eb657c152a33da743b6c54"],
    );
}

#[test]
fn frozen_bytes_read_back_as_what_they_were_written_from() {
    let frame = example();
    assert_eq!(Frame::from_bytes(&frame.to_bytes().unwrap()), Ok(frame));
    let receipt = receipt();
    assert_eq!(Receipt::from_bytes(&receipt.to_bytes().unwrap()), Ok(receipt.clone()));
    assert_eq!(receipt.verify(&secret(2).public()), Ok(()));
}

#[test]
fn a_salt_run_that_leaves_its_frame_is_refused() {
    let faults = [(1, 3), (1, u64::MAX), (0, 2), (u64::MAX, 1), (1, 0)].map(|(first, count)| {
        let mut frame = example();
        frame.salts[0].first = first;
        frame.salts[0].count = count;
        assert_eq!(frame.verify(EntryId(log().id().0)).unwrap_err(), FrameFault::Salt(first));
        Frame::from_bytes(&frame.to_bytes().unwrap()).unwrap_err()
    });
    assert_eq!(faults[0], FrameFault::Salt(1));
    assert!(faults.iter().all(|fault| matches!(fault, FrameFault::Salt(_))));
}

#[test]
fn a_run_that_overlaps_another_is_refused() {
    let mut frame = example();
    frame.salts.push(frame.salts[0]);
    assert_eq!(frame.verify(EntryId(log().id().0)), Err(FrameFault::Salt(1)));
}

#[test]
fn a_frame_that_counts_past_the_last_number_is_refused() {
    for first in [0, u64::MAX, u64::MAX - 1] {
        let frame = Frame { first, ..example() };
        assert_eq!(frame.verify(EntryId([0; 32])), Err(FrameFault::Count), "{first}");
        let bytes = frame.to_bytes().unwrap();
        assert_eq!(Frame::from_bytes(&bytes), Err(FrameFault::Count), "{first}");
    }
}

fn check(bytes: &[u8], expected: &Expect) {
    let lines: Vec<String> = bytes
        .chunks(32)
        .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

fn example() -> Frame {
    let start = EpochStart {
        site: site(),
        predecessors: vec!["INST-004".parse().unwrap()],
        opened_at_ms: 1_764_000_000_000,
        count: 1,
        previous: None,
        abandoned: None,
    };
    let stamp = |claimed_ms, boot_ms| Stamp { claimed_ms, boot: BootId([6; 8]), boot_ms };
    let drafts = vec![
        Draft {
            kind: Kind::EPOCH_START,
            payload: start.to_payload().unwrap(),
            stamp: stamp(1_764_000_000_000, 90_000),
            receipt: 0,
        },
        Draft {
            kind: Kind(16),
            payload: b"a payload".to_vec(),
            stamp: stamp(1_763_999_999_000, 95_500),
            receipt: 3,
        },
    ];
    let mut writer = Writer::resume(log(), Head::empty(log().id()));
    writer.append(drafts, &[Seed([7; 32])], &secret(1)).remove(0)
}

fn receipt() -> Receipt {
    let head = |seq, id| BranchHead {
        log: log(),
        seq,
        id: ShortId([id; 8]),
        skipped: vec![(seq - 1, ShortId([9; 8]))],
    };
    let receipt = Receipt {
        hub: secret(2).public(),
        hub_epoch: Epoch([3; 8]),
        run: Run([4; 8]),
        number: 300,
        device: secret(1).public(),
        previous: Some(ReceiptId([5; 32])),
        at_ms: 1_764_000_060_000,
        heads: vec![head(2, 8), head(70_000, 7)],
        advances: Vec::new(),
        lost: vec![Dot { log: log().id(), seq: 2, id: ShortId([8; 8]) }],
        signature: Signature::NONE,
    };
    receipt.sign(&secret(2)).unwrap()
}

fn log() -> LogName {
    let device: DeviceKey = secret(1).public();
    LogName { device, epoch: Epoch([5; 8]), lane: Lane::Site(site()) }
}

fn site() -> SiteCode {
    "INST-027".parse().unwrap()
}

fn secret(seed: u8) -> DeviceSecret {
    DeviceSecret::from_bytes(&[seed; 32])
}
