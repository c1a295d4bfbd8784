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
          ids h:99 h:98 h:96 h:92 h:84 h:68 h:36 h:1
          load b to 2 from 1
          say frame b 1..2
          say refused UnknownHead h 110 [h:100#4274^99,98,96,92,84,68,36,1] the hub does not know entry 110 that the device has"#]]);
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
          ids h:1 h:46 h:78 h:94
          load h to 100 from 47
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
          say receipt 1 [a:1#d059]"#]]);
}

#[test]
fn a_log_of_which_both_know_nothing_of_the_other_goes_whole() {
    let lane = Log::of(b'h', 3);
    let mut other = Log::begin(b'h', Some("INST-001"));
    other.write(4);
    let mut stage = following(&lane, 3);
    stage.logs.push(other.clone());
    stage.hello(vec![other.full_head(4)]);
    stage.end();
    stage.check(&expect![[r#"
        > hello [h:4#61d1^3,2,1]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          ids h:1 h:2 h:3
          load h to 3 from 1
          say frame h 1..3"#]]);
}

#[test]
fn a_second_branch_goes_down_after_the_first_to_devices_that_name_branches() {
    let (lane, double) = parted();
    let mut stage = following(&lane, 100);
    stage.follow[0].heads.push(double.head_at(110));
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
          load h to 100 from 100
          say frame h 100..100
          load h to 110 from 61
          say frame h 61..110
        > hello [h:100#4274 h:105#69af]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          ids h:105
          load h to 110 from 106
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

/// A sibling's frame, brought by device `a`; `authors` are those who may have written it.
fn brought(sibling: &Log, held: u64, authors: &[u8]) -> Stage {
    let mut stage = following(sibling, held);
    let author = Author::Device { posts: stage.member(&[]).posts, publishes: false };
    let authors = authors.iter().map(|name| (secret(*name).public(), author.clone()));
    let member = Member { authors: authors.collect(), ..stage.member(&[]) };
    stage.standing = Some(Standing::Active(Box::new(member)));
    stage
}

#[test]
fn what_the_hub_lacks_of_another_device_may_come_from_whoever_has_it() {
    let sibling = Log::of(b'b', 6);
    let mut stage = brought(&sibling, 4, b"b");
    stage.hello(vec![sibling.branch_head(6)]);
    stage.end();
    stage.next_exchange();
    stage.hello(vec![sibling.branch_head(6)]);
    stage.hears(sibling.packed(5, 6));
    stage.end();
    stage.check(&expect![[r#"
        > hello [b:6#a72d]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          ids b:3 b:2 b:1
          say refused UnknownHead b 6 [b:4#b819^3,2,1] the hub does not know entry 6 that the device has
        > hello [b:6#a72d]
          look
        > frame b 5..6
          keep b 5..6
        > end
          make a receipt
          say receipt 1 [a:1#d059]"#]]);
}

#[test]
fn of_a_log_that_the_hub_lost_whole_it_says_so_and_takes_it() {
    let sibling = Log::of(b'b', 2);
    let mut stage = brought(&sibling, 0, b"b");
    stage.follow.clear();
    let Some(Standing::Active(member)) = &mut stage.standing else { return };
    member.follow.clear();
    stage.hello(vec![sibling.branch_head(2)]);
    stage.end();
    stage.next_exchange();
    stage.hello(vec![sibling.branch_head(2)]);
    stage.hears(sibling.packed(1, 2));
    stage.end();
    stage.check(&expect![[r#"
        > hello [b:2#c840]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          say refused UnknownHead b 2 [b:0] the hub does not know entry 2 that the device has
        > hello [b:2#c840]
          look
        > frame b 1..2
          keep b 1..2
        > end
          make a receipt
          say receipt 1 [a:1#d059]"#]]);
}

#[test]
fn entries_of_a_device_that_is_not_let_in_come_from_nobody() {
    let sibling = Log::of(b'b', 6);
    let mut stage = brought(&sibling, 4, b"");
    stage.hello(vec![sibling.branch_head(6)]);
    stage.hears(sibling.packed(5, 6));
    stage.end();
    stage.check(&expect![[r#"
        > hello [b:6#a72d]
          look
        > frame b 5..6
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          ids b:3 b:2 b:1
          say refused WrongLog b 5 [] this device may not write site/INST-001
          say refused UnknownHead b 6 [b:4#b819^3,2,1] the hub does not know entry 6 that the device has"#]]);
}

#[test]
fn a_devices_own_earlier_logs_come_back_to_it_on_every_branch() {
    let (log, fork) = {
        let log = Log::of(b'a', 5);
        let mut fork = log.fork_after(3);
        fork.write(3);
        (log, fork)
    };
    let mut stage = Stage::new(&log, 5);
    stage.own[0].heads.push(fork.head_at(6));
    stage.logs.push(fork.clone());
    let later = |heads| Hello { epoch: Epoch([9; 8]), ..hello(b'a', heads) };
    for heads in [vec![fork.branch_head(6)], vec![log.branch_head(2)], Vec::new()] {
        stage.hears(Message::Hello(Box::new(later(heads).sign(&secret(b'a')).unwrap())));
        stage.end();
        stage.next_exchange();
    }
    stage.hello(vec![log.branch_head(2)]);
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:6#686c]
          look
        > end
          make a receipt
          say receipt 1 [a:5#6c41 a:6#686c]
          load a to 5 from 4
          say frame a 4..5
        > hello [a:2#9f85]
          look
        > end
          make a receipt
          say receipt 1 [a:5#6c41 a:6#686c]
          ids a:2
          load a to 5 from 3
          say frame a 3..5
          load a to 6 from 4
          say frame a 4..6
        > hello []
          look
        > end
          make a receipt
          say receipt 1 [a:5#6c41 a:6#686c]
          load a to 5 from 1
          say frame a 1..5
          load a to 6 from 4
          say frame a 4..6
        > hello [a:2#9f85]
          look
        > end
          make a receipt
          say receipt 1 [a:5#6c41 a:6#686c]"#]]);
}
