//! What was sealed opens with its passphrase, whole, and nothing else does.

use proptest::prelude::*;

use super::*;

const CHEAP: Cost = Cost { kib: 8, passes: 1, lanes: 1 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_sealed_in_any_pieces_opens_in_any_pieces(
        len in prop_oneof![0..200_usize, CHUNK_BYTES - 2..CHUNK_BYTES + 3, 2 * CHUNK_BYTES..300_000],
        one in 1..100_000_usize,
        other in 1..100_000_usize,
    ) {
        let bytes = sample(len);
        let sealed = sealed(&bytes, one);
        prop_assert_eq!(opened(&sealed, b"secret", other), Ok(bytes));
    }

    #[test]
    fn a_flipped_bit_is_refused(len in 0..200_000_usize, at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut sealed = sealed(&sample(len), 9_000);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(opened(&sealed, b"secret", 9_000).is_err(), "byte {}", at);
    }

    #[test]
    fn a_stream_that_was_cut_off_is_refused(len in 0..200_000_usize, at in any::<prop::sample::Index>()) {
        let sealed = sealed(&sample(len), 9_000);
        let cut = &sealed[..at.index(sealed.len())];
        prop_assert!(opened(cut, b"secret", 9_000).is_err());
    }
}

#[test]
fn a_cut_between_two_chunks_is_refused() {
    let sealed = sealed(&sample(3 * CHUNK_BYTES), 9_000);
    for chunks in 0..3 {
        let at = HEADER_BYTES + chunks * SEALED_BYTES;
        let fault = opened(&sealed[..at], b"secret", 9_000).unwrap_err();
        assert!(matches!(fault, SealFault::Altered { .. }), "{chunks}: {fault}");
    }
}

#[test]
fn chunks_that_changed_places_or_were_doubled_are_refused() {
    let sealed = sealed(&sample(3 * CHUNK_BYTES + 5), 9_000);
    let (header, rest) = sealed.split_at(HEADER_BYTES);
    let chunks: Vec<&[u8]> = rest.chunks(SEALED_BYTES).collect();
    for order in [[1, 0, 2, 3].as_slice(), &[0, 0, 1, 2, 3], &[0, 2, 3], &[0, 1, 2, 3, 3]] {
        let mixed: Vec<&[u8]> = order.iter().map(|at| chunks[*at]).collect();
        let altered = [header, &mixed.concat()].concat();
        let fault = opened(&altered, b"secret", 9_000).unwrap_err();
        assert!(matches!(fault, SealFault::Altered { .. }), "{order:?}");
    }
}

#[test]
fn chunks_of_another_stream_under_the_same_passphrase_are_refused() {
    let (one, other) = (sealed(&sample(100), 9_000), sealed_with([9; 16], [1; 19], &sample(100)));
    let mixed = [&one[..HEADER_BYTES], &other[HEADER_BYTES..]].concat();
    assert_eq!(
        opened(&mixed, b"secret", 9_000),
        Err(SealFault::Altered { at: HEADER_BYTES as u64 })
    );
}

#[test]
fn a_wrong_passphrase_is_told_from_a_damaged_file() {
    let sealed = sealed(b"words", 9_000);
    assert_eq!(opened(&sealed, b"Secret", 9_000), Err(SealFault::Passphrase));
    assert_eq!(opened(b"not sealed", b"secret", 9_000), Err(SealFault::NotSealed));
}

#[test]
fn a_header_that_asks_for_too_much_work_is_refused_before_it_is_done() {
    let mut sealed = sealed(b"words", 9_000);
    sealed[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(opened(&sealed, b"secret", 9_000), Err(SealFault::Cost));
}

#[test]
fn nothing_of_what_was_sealed_stands_in_the_sealed_stream() {
    let word = b"a word that nobody should read";
    let sealed = sealed(&word.repeat(5_000), 9_000);
    assert!(!sealed.windows(12).any(|window| word.windows(12).any(|part| part == window)));
}

#[test]
fn the_layout_is_frozen() {
    let hash = blake3::hash(&sealed(&sample(70_000), 9_000)).to_hex();
    assert_eq!(&hash[..32], "d1a0e7751275239928a432bf79203e9c");
}

fn sample(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
}

fn sealed(bytes: &[u8], piece: usize) -> Vec<u8> {
    let (mut sealer, header) = Sealer::begin(b"secret", ([1; 16], [2; 19]), CHEAP).unwrap();
    let mut sealed = header.to_vec();
    for piece in bytes.chunks(piece) {
        sealed.extend(sealer.push(piece).unwrap());
    }
    sealed.extend(sealer.finish().unwrap());
    sealed
}

fn sealed_with(salt: Salt, nonce: Nonce, bytes: &[u8]) -> Vec<u8> {
    let (mut sealer, header) = Sealer::begin(b"secret", (salt, nonce), CHEAP).unwrap();
    let pushed = sealer.push(bytes).unwrap();
    [header.as_slice(), &pushed, &sealer.finish().unwrap()].concat()
}

fn opened(sealed: &[u8], passphrase: &[u8], piece: usize) -> Result<Vec<u8>, SealFault> {
    let (header, rest) = sealed.split_first_chunk().ok_or(SealFault::NotSealed)?;
    let mut opener = Opener::begin(passphrase, *header)?;
    let mut bytes = Vec::new();
    for piece in rest.chunks(piece) {
        bytes.extend(opener.push(piece)?);
    }
    bytes.extend(opener.finish()?);
    Ok(bytes)
}
