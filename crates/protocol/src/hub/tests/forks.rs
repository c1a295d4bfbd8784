//! Two branches of one log: a device that was copied, or whose disk was set back.

use expect_test::expect;

use super::*;

/// A log held to entry 5, and its double that parted after entry 3.
fn parted() -> (Log, Log) {
    let log = Log::of(b'a', 5);
    let mut fork = log.fork_after(3);
    fork.write(5);
    (log, fork)
}

#[test]
fn a_fork_is_kept_aside_as_a_branch_and_receipted() {
    let (log, fork) = parted();
    let mut stage = Stage::new(&log, 5);
    stage.hello(vec![fork.branch_head(5)]);
    stage.hears(fork.packed(4, 5));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:5#eaf6]
          look
        > frame a 4..5
          ids a:3 a:5
          keep a 4..5
        > end
          make a receipt
          say receipt 1 [a:5#6c41 a:5#eaf6]"#]]);
}

#[test]
fn both_branches_of_a_fork_can_grow() {
    let (mut log, fork) = parted();
    let mut stage = Stage::new(&log, 5);
    log.write(2);
    stage.hello(vec![fork.branch_head(8)]);
    stage.hears(fork.packed(4, 5));
    stage.hears(fork.packed(6, 6));
    stage.hears(log.packed(6, 7));
    stage.hears(fork.packed(7, 8));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:8#ebbd]
          look
        > frame a 4..5
          ids a:3 a:5
          keep a 4..5
        > frame a 6..6
          keep a 6..6
        > frame a 6..7
          keep a 6..7
        > frame a 7..8
          keep a 7..8
        > end
          make a receipt
          say receipt 1 [a:7#89de a:8#ebbd]"#]]);
}

#[test]
fn a_third_branch_leaves_the_second_alone() {
    let (log, fork) = parted();
    let mut third = log.fork_after(2);
    third.write(6);
    let mut stage = Stage::new(&log, 5);
    stage.hello(Vec::new());
    stage.hears(fork.packed(4, 5));
    stage.hears(third.packed(3, 8));
    stage.hears(fork.packed(6, 6));
    stage.end();
    stage.check(&expect![[r#"
        > hello []
          look
        > frame a 4..5
          ids a:3 a:5
          keep a 4..5
        > frame a 3..8
          ids a:2
          keep a 3..8
        > frame a 6..6
          keep a 6..6
        > end
          make a receipt
          say receipt 1 [a:5#6c41 a:6#686c a:8#cb5d]"#]]);
}

#[test]
fn a_branch_that_is_repeated_is_not_stored_again() {
    let (log, fork) = parted();
    let mut stage = Stage::new(&log, 5);
    stage.logs.push(fork.clone());
    stage.hello(Vec::new());
    stage.hears(fork.packed(4, 6));
    stage.hears(fork.packed(4, 6));
    stage.hears(fork.packed(2, 8));
    stage.end();
    stage.check(&expect![[r#"
        > hello []
          look
        > frame a 4..6
          ids a:3
          keep a 4..6
        > frame a 4..6
          ids a:3 a:6
        > frame a 2..8
          ids a:1
          keep a 7..8
        > end
          make a receipt
          say receipt 1 [a:5#6c41 a:8#ebbd]"#]]);
}

#[test]
fn the_middle_of_any_branch_may_be_repeated_and_gone_on_from() {
    let (log, fork) = parted();
    let mut stage = Stage::new(&log, 5);
    stage.logs.push(fork.clone());
    stage.hello(Vec::new());
    stage.hears(fork.packed(4, 6));
    stage.hears(fork.packed(5, 7));
    stage.end();
    stage.next_exchange();
    stage.hello(Vec::new());
    stage.hears(fork.packed(7, 8));
    stage.end();
    stage.check(&expect![[r#"
        > hello []
          look
        > frame a 4..6
          ids a:3
          keep a 4..6
        > frame a 5..7
          ids a:4
          keep a 7..7
        > end
          make a receipt
          say receipt 1 [a:5#6c41 a:7#08b5]
        > hello []
          look
        > frame a 7..8
          ids a:6
          keep a 8..8
        > end
          make a receipt
          say receipt 1 [a:5#6c41 a:8#ebbd]"#]]);
}

#[test]
fn a_branch_beyond_what_a_device_may_begin_is_refused_in_words_and_old_ones_go_on() {
    let (log, fork) = parted();
    let mut third = log.fork_after(2);
    third.write(1);
    let mut stage = Stage::new(&log, 5);
    stage.logs.push(fork.clone());
    let bounds = Bounds { branches_per_log: 2, ..Bounds::default() };
    stage.standing = Some(Standing::Active(Box::new(Member { bounds, ..stage.member(&[]) })));
    stage.hello(Vec::new());
    stage.hears(fork.packed(4, 5));
    stage.hears(fork.packed(6, 6));
    stage.hears(third.packed(3, 3));
    stage.end();
    stage.check(&expect![[r#"
        > hello []
          look
        > frame a 4..5
          ids a:3 a:5
          keep a 4..5
        > frame a 6..6
          keep a 6..6
        > frame a 3..3
          ids a:2 a:3
        > end
          make a receipt
          say receipt 1 [a:5#6c41 a:6#686c]
          say refused Frame a 3 [] this device has begun more than 2 branches of one log: its disk is set back or copied again and again; its records stay with it until the administrator of the hub has looked at it and raised the limit (`ashuu-hub device limit`)"#]]);
}
