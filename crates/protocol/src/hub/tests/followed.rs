//! What goes down of followed logs where hub and device disagree, and of their further branches.

use expect_test::expect;

use super::*;

/// A lane of the hub held to entry 100, and a double that parted from it after entry 60.
fn parted() -> (Log, Log) {
    let lane = Log::of(b'h', 100);
    let mut double = lane.fork_after(60);
    double.write(50);
    (lane, double)
}

fn following(lane: &Log, held: u64) -> Stage {
    let log = Log::of(b'a', 1);
    let mut stage = Stage::new(&log, 1);
    stage.follow = vec![lane.held(held)];
    stage.logs.push(lane.clone());
    stage
}

#[test]
fn a_head_that_the_hub_does_not_know_is_named_back_while_other_logs_flow_on() {
    let (lane, double) = parted();
    let mut stage = following(&lane, 100);
    let sibling = Log::of(b'b', 2);
    stage.follow.push(sibling.held(2));
    stage.logs.push(sibling);
    stage.hello(vec![double.branch_head(110)]);
    stage.end();
    stage.check(&expect![[r#"
        > hello [h:110#37b6]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          load b from 1
          say frame b 1..2
          say refused UnknownHead h 110 [h:100#4274] the hub does not know entry 110 that the device has"#]]);
}

#[test]
fn ids_further_down_say_where_to_go_on() {
    let (lane, double) = parted();
    let mut stage = following(&lane, 100);
    stage.hello(vec![double.full_head(110)]);
    stage.end();
    stage.check(&expect![[r#"
        > hello [h:110#37b6^109,108,106,102,94,78,46,1]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          ids h:94 h:78 h:46 h:1
          load h from 47
          say frame h 47..100"#]]);
}

#[test]
fn a_device_that_is_ahead_is_sent_nothing() {
    let lane = Log::of(b'h', 100);
    let mut stage = following(&lane, 99);
    stage.hello(vec![lane.full_head(100)]);
    stage.end();
    stage.check(&expect![[r#"
        > hello [h:100#4274^99,98,96,92,84,68,36,1]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          ids h:99 h:98 h:96 h:92 h:84 h:68 h:36 h:1"#]]);
}

#[test]
fn a_log_of_which_both_know_nothing_of_the_other_goes_whole() {
    let lane = Log::of(b'h', 3);
    let mut other = Log::begin(b'h', Some("INST-001"));
    other.write(4);
    let mut stage = following(&lane, 3);
    stage.hello(vec![other.full_head(4)]);
    stage.end();
    stage.check(&expect![[r#"
        > hello [h:4#61d1^3,2,1]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          ids h:3 h:2 h:1
          load h from 1
          say frame h 1..3"#]]);
}

#[test]
fn a_second_branch_goes_down_after_the_first_to_devices_that_name_branches() {
    let (lane, double) = parted();
    let mut stage = following(&lane, 100);
    stage.follow[0].branches.push(double.head_at(110));
    stage.logs.insert(0, lane.clone());
    stage.logs.push(double.clone());
    stage.hello(vec![lane.branch_head(99)]);
    stage.end();
    stage.next_exchange();
    stage.hello(vec![lane.branch_head(100), double.branch_head(105)]);
    stage.end();
    stage.next_exchange();
    stage.hello(vec![lane.branch_head(100), double.branch_head(110)]);
    stage.end();
    stage.next_exchange();
    let old = Hello { versions: vec![1], ..hello(b'a', vec![lane.branch_head(100)]) };
    stage.hears(Message::Hello(Box::new(old.sign(&secret(b'a')).unwrap())));
    stage.end();
    stage.check(&expect![[r#"
        > hello [h:99#98f0]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          ids h:99
          load h from 100
          say frame h 100..100
          load h to 110 of a branch
          say frame h 61..110
        > hello [h:100#4274 h:105#69af]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          load h to 110 of a branch
          say frame h 106..110
        > hello [h:100#4274 h:110#37b6]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
        > hello [h:100#4274]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]"#]]);
}
