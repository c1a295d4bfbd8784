//! Bodies read back as they were written, however they are cut, and refuse what is no message.

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::fixture::{Log, hello, hub_secret, receipt, secret};

#[test]
fn a_body_reads_back_as_it_was_written() {
    let (messages, body) = body();
    let mut rest = body.as_slice();
    for message in messages {
        let (read, length) = split_first(rest).unwrap().unwrap();
        assert_eq!(read, message);
        rest = &rest[length..];
    }
    assert_eq!(split_first(rest), Ok(None));
}

#[test]
fn a_message_that_is_not_all_there_is_waited_for() {
    let (_, body) = body();
    let (_, first) = split_first(&body).unwrap().unwrap();
    for end in 0..first {
        assert_eq!(split_first(&body[..end]), Ok(None), "cut at {end}");
    }
}

#[test]
fn what_can_never_become_a_message_is_refused_at_once() {
    let head = |kind: u8, length: u32| {
        let bytes = [[kind].as_slice(), &length.to_le_bytes()].concat();
        split_first(&bytes).unwrap_or_else(|malformed| panic!("{malformed}")).is_none()
    };
    assert!(head(1, 10));
    let wrong = [
        vec![0, 0, 0, 0, 0],
        vec![6, 0, 0, 0, 0],
        vec![2, 0, 0, 0, 255],
        vec![1, 1, 0, 0, 0, 7],
        vec![3, 0, 0, 0, 0],
    ];
    let said = wrong.map(|bytes| split_first(&bytes).unwrap_err().to_string());
    expect![[r#"
        unknown message kind 0
        message kind 6 needs newer software
        a message of 4278190080 bytes is longer than 1048576
        malformed: io error: unexpected end of file
        malformed: io error: unexpected end of file"#]]
    .assert_eq(&said.join("\n"));
}

#[test]
fn a_message_longer_than_one_may_be_is_not_written() {
    let message = Message::Frame(vec![0; MESSAGE_BYTES_MAX + 1]);
    assert!(message.write_to(&mut Vec::new()).is_err());
}

#[test]
fn a_hello_is_its_device_s_own_word_for_word() {
    let good = hello(b'a', vec![Log::of(b'a', 2).branch_head(2)]);
    assert_eq!(good.verify(), Ok(()));
    let altered: [fn(&mut Hello); 6] = [
        |hello| hello.versions.push(2),
        |hello| hello.device = secret(b'b').public(),
        |hello| hello.heads[0].seq += 1,
        |hello| hello.waiting.routine.entries += 1,
        |hello| hello.clock.claimed_ms += 1,
        |hello| hello.software.push('x'),
    ];
    for alter in altered {
        let mut hello = good.clone();
        alter(&mut hello);
        assert!(hello.verify().is_err(), "{hello:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_stop_the_reader(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut rest = body.as_slice();
        while let Ok(Some((_, length))) = split_first(rest) {
            rest = &rest[length..];
        }
    }

    #[test]
    fn no_flipped_bit_stops_the_reader(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let (_, mut body) = body();
        let at = at.index(body.len());
        body[at] ^= 1 << bit;
        let mut rest = body.as_slice();
        while let Ok(Some((_, length))) = split_first(rest) {
            rest = &rest[length..];
        }
    }
}

fn body() -> (Vec<Message>, Vec<u8>) {
    let log = Log::of(b'a', 3);
    let heads = vec![log.branch_head(3)];
    let refused = Refused {
        why: Why::Gap,
        words: "words".to_owned(),
        log: Some(log.name.clone()),
        seq: 2,
        heads: heads.clone(),
    };
    let messages = vec![
        Message::Hello(Box::new(hello(b'a', heads.clone()))),
        log.packed(1, 3),
        Message::Receipt(Box::new(receipt(1, b'a', heads, &hub_secret()))),
        Message::Refused(Box::new(refused)),
    ];
    let mut body = Vec::new();
    for message in &messages {
        message.write_to(&mut body).unwrap();
    }
    (messages, body)
}
