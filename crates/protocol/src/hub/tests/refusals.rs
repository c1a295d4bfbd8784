//! What a hub does not take, and that everything else flows on.

use expect_test::expect;
use journal::Form;

use super::*;
use crate::message::Amount;

#[test]
fn an_altered_frame_is_refused_whole_while_another_log_flows_on() {
    let (log, other) = (Log::of(b'a', 4), Log::begin(b'a', None));
    let mut stage = Stage::new(&log, 2);
    stage.own.push(other.held(0));
    let mut other = other;
    other.write_start(&site());
    let mut altered = log.frame(3, 4);
    altered.items[0].form = Form::Whole(b"sword".to_vec());
    stage.hello(vec![log.branch_head(4)]);
    stage.hears(fixture::packed(altered));
    stage.hears(log.packed(3, 4));
    stage.hears(other.packed(1, 1));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:4#5fa6]
          look
        > frame a 3..4
          ids a:2
          ids a:1
        > frame a 3..4
        > frame a(everyone) 1..1
          keep a(everyone) 1..1
        > end
          make a receipt
          say receipt 1 [a:2#9f85 a(everyone):1#46c2]
          say refused Frame a 3 [a:2#9f85^1] chain, payload or signature of entries 3 to 4 was altered"#]]);
}

#[test]
fn every_flipped_bit_of_a_frame_is_refused_or_changes_nothing() {
    let log = Log::of(b'a', 2);
    let bytes = log.frame(2, 2).to_bytes().unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let mut stage = Stage::new(&log, 1);
        stage.machine.handle(HubInput::Received(Message::Hello(Box::new(hello(b'a', Vec::new())))));
        stage.machine.poll();
        stage.machine.handle(HubInput::Standing(stage.active()));
        let packed = zstd::bulk::compress(&flipped, 1).unwrap();
        stage.tell(HubInput::Received(Message::Frame(packed)));
        assert!(stage.own[0].heads[0].seq == 1 || stage.own[0].heads[0] == log.head(), "bit {bit}");
    }
}

#[test]
fn rubbish_in_place_of_a_frame_is_refused_and_the_rest_flows_on() {
    let log = Log::of(b'a', 2);
    let mut stage = Stage::new(&log, 0);
    stage.hello(Vec::new());
    stage.hears(Message::Frame(b"rubbish".to_vec()));
    stage.hears(log.packed(1, 2));
    stage.end();
    stage.check(&expect![[r#"
        > hello []
          look
        > frame of rubbish
        > frame a 1..2
          keep a 1..2
        > end
          make a receipt
          say receipt 1 [a:2#9f85]
          say refused Frame everything 0 [] a frame that can't be read: malformed: Unknown frame descriptor"#]]);
}

#[test]
fn a_revoked_device_is_told_so() {
    let log = Log::of(b'a', 2);
    let mut stage = Stage::new(&log, 0);
    stage.revoke();
    stage.hello(vec![log.branch_head(2)]);
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:2#9f85]
          look
        > end
          say refused Revoked everything 0 [] this device was revoked: stolen"#]]);
}

#[test]
fn an_unknown_device_waits_for_approval_and_nothing_is_stored() {
    let log = Log::of(b'a', 2);
    let mut stage = Stage::new(&log, 0);
    stage.standing = Some(Standing::Unknown);
    stage.hello(vec![log.branch_head(2)]);
    stage.hears(log.packed(1, 2));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:2#9f85]
          look
        > frame a 1..2
        > end
          say refused UnknownDevice everything 0 [] this device is not known here and waits for approval by the hub's administrator; its records stay with it"#]]);
}

#[test]
fn a_log_that_begins_with_another_site_is_refused() {
    let mut foreign = Log::begin(b'a', Some("INST-001"));
    foreign.write_start(&"INST-099".parse().unwrap());
    let mut silent = Log::begin(b'a', Some("INST-001"));
    silent.write(1);
    for log in [foreign, silent] {
        let mut stage = Stage::new(&log, 0);
        stage.hello(Vec::new());
        stage.hears(log.packed(1, 1));
        stage.end();
        assert!(stage.own.is_empty());
        assert!(stage.lines.last().unwrap().contains("refused WrongSite a 1"), "{:?}", stage.lines);
    }
}

#[test]
fn a_device_may_not_write_the_log_of_another_nor_a_lane_it_was_not_given() {
    let log = Log::of(b'a', 1);
    let mut stage = Stage::new(&log, 1);
    stage.hello(Vec::new());
    stage.hears(Log::of(b'b', 2).packed(1, 2));
    let mut everyone = Log::begin(b'a', None);
    everyone.write_start(&site());
    stage.hears(everyone.packed(1, 1));
    stage.end();
    stage.check(&expect![[r#"
        > hello []
          look
        > frame b 1..2
        > frame a(everyone) 1..1
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          say refused WrongLog b 1 [] this device may not write site/INST-001
          say refused WrongLog a(everyone) 1 [] this device may not write everyone"#]]);
}

#[test]
fn a_disk_that_fails_gives_no_receipt_for_what_it_did_not_keep() {
    let log = Log::of(b'a', 3);
    let mut stage = Stage::new(&log, 1);
    stage.hello(Vec::new());
    stage.hears(log.packed(2, 2));
    stage.disk = Err("the disk is full".to_owned());
    stage.hears(log.packed(3, 3));
    stage.end();
    stage.check(&expect![[r#"
        > hello []
          look
        > frame a 2..2
          keep a 2..2
        > frame a 3..3
          keep a 3..3
        > end
          make a receipt
          say receipt 1 [a:2#9f85]
          say refused Disk everything 0 [] the disk is full"#]]);
}

#[test]
fn a_receipt_that_can_not_be_made_durable_is_not_given() {
    let log = Log::of(b'a', 2);
    let mut stage = Stage::new(&log, 1);
    stage.receipts = Err("the disk is full".to_owned());
    stage.hello(Vec::new());
    stage.hears(log.packed(2, 2));
    stage.end();
    stage.check(&expect![[r#"
        > hello []
          look
        > frame a 2..2
          keep a 2..2
        > end
          make a receipt
          say refused Disk everything 0 [] the disk is full"#]]);
}

#[test]
fn an_exchange_must_begin_with_one_signed_hello_of_a_common_version() {
    let log = Log::of(b'a', 2);
    let good = || hello(b'a', Vec::new());
    let mut altered = good();
    altered.waiting.urgent = Amount { entries: 1, bytes: 1 };
    let newer = Hello { versions: vec![7], ..good() }.sign(&secret(b'a')).unwrap();
    let hellos = [altered, newer].map(|hello| vec![Message::Hello(Box::new(hello))]);
    let twice = vec![Message::Hello(Box::new(good())), Message::Hello(Box::new(good()))];
    let [altered, newer] = hellos;
    let mut said = Vec::new();
    for messages in [altered, newer, vec![log.packed(1, 2)], Vec::new(), twice] {
        let mut stage = Stage::new(&log, 0);
        for message in messages {
            stage.hears(message);
        }
        stage.hears(log.packed(1, 2));
        stage.end();
        assert!(stage.own.is_empty());
        said.push(stage.lines.pop().unwrap().trim_start().to_owned());
    }
    expect![[r#"
        say refused Hello everything 0 [] the hello is not signed by its device
        say refused Version everything 0 [] this hub speaks protocol [3, 2, 1], the agent [7]: update the older one
        say refused Hello everything 0 [] an exchange begins with one hello
        say refused Hello everything 0 [] an exchange begins with one hello
        say refused Hello everything 0 [] an exchange begins with one hello"#]].assert_eq(&said.join("\n"));
}

#[test]
fn an_entry_of_a_followed_log_that_the_hub_does_not_know_is_named() {
    let (log, lane) = (Log::of(b'a', 1), Log::of(b'h', 5));
    let mut stage = Stage::new(&log, 1);
    stage.follow = vec![lane.held(3)];
    stage.logs.push(lane.clone());
    stage.hello(vec![lane.branch_head(5)]);
    stage.end();
    stage.check(&expect![[r#"
        > hello [h:5#0dd8]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          ids h:2 h:1
          say refused UnknownHead h 5 [h:3#63eb^2,1] the hub does not know entry 5 that the device has"#]]);
}
