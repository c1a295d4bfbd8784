//! Messages as kernels send them.

use super::*;

fn packed(kind: u16, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + content.len()).unwrap();
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.resize(HEADER, 0);
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn link(index: u32, flags: u32) -> Vec<u8> {
    let mut content = vec![0; 4];
    content.extend(index.to_ne_bytes());
    content.extend(flags.to_ne_bytes());
    content.extend([0; 4]);
    packed(NEW_LINK, &content)
}

fn ip(kind: u16, (index, scope): (u32, u8), last: u8) -> Vec<u8> {
    let mut content = vec![2, 24, 0, scope];
    content.extend(index.to_ne_bytes());
    // A label before the address, of a length that has to be rounded up.
    content.extend([9, 0, 3, 0, b'e', b't', b'h', b'0', 0, 0, 0, 0]);
    content.extend([8, 0, 1, 0, 10, 0, 0, last]);
    packed(kind, &content)
}

/// A picture of a machine that has the loopback and one link without a carrier.
fn settled() -> Picture {
    let mut picture = Picture::default();
    let done = packed(DONE, &[0; 4]);
    let links = [link(1, UP | LOOPBACK | CARRIER), link(2, UP), done.clone()].concat();
    assert_eq!(picture.hear(&links), Heard::Answered(Some(Question::Addresses)));
    let addresses = [ip(NEW_ADDRESS, (2, 0), 5), done].concat();
    assert_eq!(picture.hear(&addresses), Heard::Answered(None));
    picture
}

#[test]
fn a_carrier_that_comes_back_counts_once_each_time() {
    let mut picture = settled();
    assert_eq!(picture.hear(&link(2, UP | CARRIER)), Heard::Up);
    assert_eq!(picture.hear(&link(2, UP | CARRIER)), Heard::Nothing);
    assert_eq!(picture.hear(&link(2, UP)), Heard::Nothing);
    assert_eq!(picture.hear(&link(2, UP | CARRIER)), Heard::Up);
    assert_eq!(picture.hear(&link(3, CARRIER)), Heard::Nothing, "it is switched off");
}

#[test]
fn a_lease_that_is_renewed_is_no_news_and_a_new_address_is() {
    let mut picture = settled();
    assert_eq!(picture.hear(&ip(NEW_ADDRESS, (2, 0), 5)), Heard::Nothing);
    assert_eq!(picture.hear(&ip(NEW_ADDRESS, (2, 0), 6)), Heard::Up);
    assert_eq!(picture.hear(&ip(DEL_ADDRESS, (2, 0), 5)), Heard::Nothing);
    assert_eq!(picture.hear(&ip(NEW_ADDRESS, (2, 0), 5)), Heard::Up);
}

#[test]
fn the_loopback_and_addresses_that_reach_nobody_wake_nobody() {
    let mut picture = settled();
    assert_eq!(picture.hear(&link(1, UP | LOOPBACK)), Heard::Nothing);
    assert_eq!(picture.hear(&link(1, UP | LOOPBACK | CARRIER)), Heard::Nothing);
    assert_eq!(picture.hear(&ip(NEW_ADDRESS, (1, 254), 1)), Heard::Nothing);
    assert_eq!(picture.hear(&ip(NEW_ADDRESS, (2, SCOPE_LINK), 7)), Heard::Nothing);
}

#[test]
fn no_bytes_can_harm() {
    let whole = [link(2, UP | CARRIER), ip(NEW_ADDRESS, (2, 0), 6)].concat();
    for end in 0..whole.len() {
        settled().hear(&whole[..end]);
    }
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            settled().hear(&flipped);
        }
    }
}
