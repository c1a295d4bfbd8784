//! Torn or damaged: the difference between a write nobody was told of and a loss.

use super::*;

#[test]
fn what_was_written_is_found() {
    let scan = scan(1, &segment(&[2, 1]), Extent::Open);
    assert_eq!(script(&scan), "good good good");
    assert_eq!(scan.torn, 0);
}

#[test]
fn a_bad_place_in_the_last_group_is_torn_and_all_of_it_behind_goes() {
    let mut bytes = segment(&[1, 3]);
    let second = offsets(&bytes)[2];
    bytes[second + 20] ^= 1;
    let scan = scan(1, &bytes, Extent::Open);
    assert_eq!(script(&scan), "good good");
    assert_eq!(scan.end, second as u64);
    assert!(0 < scan.torn);
}

#[test]
fn a_bad_place_before_a_later_group_is_loss() {
    let mut bytes = segment(&[2, 1]);
    let second = offsets(&bytes)[1];
    bytes[second + 20] ^= 1;
    assert_eq!(script(&scan(1, &bytes, Extent::Open)), "good bad good");
}

#[test]
fn within_what_a_fence_attests_nothing_is_torn() {
    let mut bytes = segment(&[1, 1]);
    let end = scan(1, &bytes, Extent::Open).end;
    let last = offsets(&bytes)[1];
    bytes[last] ^= 1;
    assert_eq!(script(&scan(1, &bytes, Extent::Bytes(end))), "good bad");
    assert_eq!(script(&scan(1, &bytes[..last], Extent::Bytes(end))), "good bad");
}

#[test]
fn beyond_what_a_fence_attests_nothing_counts() {
    let bytes = segment(&[1, 1]);
    let second = offsets(&bytes)[1];
    assert_eq!(script(&scan(1, &bytes, Extent::Bytes(second as u64))), "good");
}

#[test]
fn an_item_counts_only_in_its_segment() {
    assert_eq!(script(&scan(2, &segment(&[1]), Extent::Open)), "");
}

#[test]
fn no_flipped_bit_passes_or_panics() {
    let good = segment(&[1, 1]);
    let end = usize::try_from(scan(1, &good, Extent::Open).end).unwrap();
    for bit in 0..end * 8 {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(script(&scan(1, &bytes, Extent::Open)), "good good", "bit {bit}");
    }
}

/// Writes groups of so many fences each, and zeros behind.
fn segment(groups: &[usize]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for group in groups {
        let mut items = Vec::new();
        for _ in 0..*group {
            let body = Fence::default().to_body().unwrap();
            encode(1, bytes.len() as u64, &body, &mut items);
        }
        bytes.extend(items);
    }
    bytes.resize(bytes.len() + 100, 0);
    bytes
}

fn offsets(bytes: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&MAGIC)).collect()
}

fn script(scan: &Scan) -> String {
    let word = |piece: &Piece| match piece {
        Piece::Good(_) => "good",
        Piece::Bad(_) => "bad",
    };
    scan.pieces.iter().map(word).collect::<Vec<_>>().join(" ")
}
