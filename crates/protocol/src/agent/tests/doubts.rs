//! What a device must not believe, and how it goes on where hub and device disagree.

use expect_test::expect;
use journal::Epoch;

use super::*;

#[test]
fn a_receipt_signed_by_another_key_is_not_believed() {
    let mut stage = Stage::new(3, 1);
    stage.begin();
    stage.answer(vec![receipted(vec![stage.log.branch_head(3)], &secret(b'x'))]);
    stage.begin();
    stage.check(&expect![[r#"
        > begin
          look
          load a from 2
          send hello [a:3#ce22] + frame a 2..3
        > receipt 7 [a:3#ce22]
          end Unreachable { words: "the answer can't be used: a receipt not signed by our hub", retry_after_ms: None }, sent 0, received 0, refused 0, forgotten []
        > begin
          look
          send hello [a:3#ce22]"#]]);
    assert_eq!(stage.held, 1);
}

#[test]
fn what_the_hub_had_held_and_lacks_in_the_same_epoch_was_removed_there() {
    let ends = |epoch: [u8; 8]| {
        let mut stage = Stage::new(5, 5);
        let last = receipt(6, b'a', vec![stage.log.branch_head(5)], &hub_secret());
        let last = Receipt { hub_epoch: Epoch(epoch), ..last };
        stage.last_receipt = Some(last.sign(&hub_secret()).unwrap());
        stage.begin();
        let three = receipt(7, b'a', vec![stage.log.branch_head(3)], &hub_secret());
        let five = receipt(8, b'a', vec![stage.log.branch_head(5)], &hub_secret());
        stage.answer(vec![Message::Receipt(Box::new(three))]);
        stage.answer(vec![Message::Receipt(Box::new(five))]);
        stage.lines.pop().unwrap()
    };
    expect!["  end Settled, sent 2, received 0, refused 0, forgotten [], removed a 4..5"]
        .assert_eq(&ends([2; 8]));
    // A hub that was set back says so by its next epoch.
    expect!["  end Settled, sent 2, received 0, refused 0, forgotten []"].assert_eq(&ends([1; 8]));
}

#[test]
fn a_receipt_for_another_device_is_not_believed() {
    let mut stage = Stage::new(3, 1);
    stage.begin();
    let other = receipt(7, b'b', vec![stage.log.branch_head(3)], &hub_secret());
    stage.answer(vec![Message::Receipt(Box::new(other))]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 2
          send hello [a:3#ce22] + frame a 2..3
        > receipt 7 [a:3#ce22]
          end Unreachable { words: "the answer can't be used: a receipt not signed by our hub", retry_after_ms: None }, sent 0, received 0, refused 0, forgotten []"#]]);
    assert_eq!(stage.held, 1);
}

#[test]
fn a_head_with_another_id_is_never_taken_as_held() {
    let mut stage = Stage::new(5, 2);
    let mut fork = stage.log.fork_after(2);
    fork.write(3);
    stage.begin();
    stage.receipt(vec![fork.branch_head(5)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 3
          send hello [a:5#6c41] + frame a 3..5
        > receipt 7 [a:5#5edf]
          keep receipt 7 [a:0]
          look
          end Stuck, sent 0, received 0, refused 0, forgotten [a]"#]]);
    assert_eq!(stage.held, 0);
}

#[test]
fn of_two_branches_the_own_one_is_held() {
    let mut stage = Stage::new(5, 2);
    let mut fork = stage.log.fork_after(2);
    fork.write(6);
    stage.begin();
    stage.receipt(vec![fork.branch_head(8), stage.log.branch_head(5)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 3
          send hello [a:5#6c41] + frame a 3..5
        > receipt 7 [a:8#cb5d a:5#6c41]
          keep receipt 7 [a:5]
          look
          end Settled, sent 3, received 0, refused 0, forgotten [a]"#]]);
}

#[test]
fn a_head_beyond_what_is_here_is_named_as_forgotten() {
    let mut stage = Stage::new(3, 3);
    let mut before = stage.log.clone();
    before.write(2);
    stage.begin();
    let skipped = vec![(3, stage.log.branch_head(3).id)];
    stage.receipt(vec![BranchHead { skipped, ..before.branch_head(5) }]);
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:3#ce22]
        > receipt 7 [a:5#6c41^3]
          keep receipt 7 [a:3]
          look
          end Settled, sent 0, received 0, refused 0, forgotten [a]"#]]);
}

#[test]
fn what_a_hub_that_was_set_back_names_otherwise_is_not_held_any_more() {
    let mut stage = Stage::new(3, 3);
    let mut fork = stage.log.fork_after(1);
    fork.write(1);
    stage.begin();
    stage.receipt(vec![fork.branch_head(2)]);
    assert_eq!(stage.held, 0);
    stage.receipt(vec![fork.branch_head(2), stage.log.branch_head(3)]);
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:3#ce22]
        > receipt 7 [a:2#de59]
          keep receipt 7 [a:0]
          look
          load a from 1
          send hello [a:3#ce22] + frame a 1..3
        > receipt 7 [a:2#de59 a:3#ce22]
          keep receipt 7 [a:3]
          look
          end Settled, sent 3, received 0, refused 0, forgotten [a]"#]]);
}

#[test]
fn what_an_older_hub_does_not_name_stays_held() {
    let mut stage = Stage::new(3, 3);
    let mut fork = stage.log.fork_after(1);
    fork.write(1);
    stage.lists_branches = false;
    stage.begin();
    stage.receipt(vec![fork.branch_head(2)]);
    assert_eq!(stage.held, 3);
}

#[test]
fn what_a_hub_that_was_set_back_no_longer_names_is_not_held_any_more() {
    let mut stage = Stage::new(3, 3);
    stage.begin();
    stage.receipt(Vec::new());
    stage.receipt(vec![stage.log.branch_head(3)]);
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:3#ce22]
        > receipt 7 []
          keep receipt 7 [a:0]
          look
          load a from 1
          send hello [a:3#ce22] + frame a 1..3
        > receipt 7 [a:3#ce22]
          keep receipt 7 [a:3]
          look
          end Settled, sent 3, received 0, refused 0, forgotten []"#]]);
}

#[test]
fn two_heads_that_nobody_knows_do_not_deadlock_the_log_goes_whole() {
    let mut stage = Stage::new(4, 3);
    let mut fork = stage.log.fork_after(1);
    fork.write(5);
    stage.begin();
    let unknown = vec![fork.branch_head(2)];
    let receipt = receipted(unknown.clone(), &hub_secret());
    stage.answer(vec![receipt, refused(Why::Gap, &stage.log, 4, unknown)]);
    stage.receipt(vec![fork.branch_head(2), stage.log.branch_head(4)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 4
          send hello [a:4#5fa6] + frame a 4..4
        > receipt 7 [a:2#c44d]
        > refused Gap a 4 [a:2#c44d] words
          keep receipt 7 [a:0]
          look
          load a from 1
          send hello [a:4#5fa6] + frame a 1..4
        > receipt 7 [a:2#c44d a:4#5fa6]
          keep receipt 7 [a:4]
          look
          end Settled, sent 4, received 0, refused 0, forgotten [a]"#]]);
}

#[test]
fn a_log_whose_gap_is_named_twice_at_one_place_is_left_alone() {
    let mut stage = Stage::new(6, 4);
    stage.begin();
    for _ in 0..2 {
        let at = vec![stage.log.branch_head(4)];
        let receipt = receipted(at.clone(), &hub_secret());
        stage.answer(vec![receipt, refused(Why::Gap, &stage.log, 5, at)]);
    }
    stage.check(&expect![[r#"
        > begin
          look
          load a from 5
          send hello [a:6#b4df] + frame a 5..6
        > receipt 7 [a:4#5fa6]
        > refused Gap a 5 [a:4#5fa6] words
          keep receipt 7 [a:4]
          look
          load a from 5
          send hello [a:6#b4df] + frame a 5..6
        > receipt 7 [a:4#5fa6]
        > refused Gap a 5 [a:4#5fa6] words
          keep receipt 7 [a:4]
          look
          end Refused, sent 0, received 0, refused 1, forgotten []"#]]);
}

#[test]
fn what_no_head_can_prove_is_sent_once_and_not_called_held() {
    let mut stage = Stage::new(3, 0);
    let mut before = stage.log.clone();
    before.write(2);
    stage.begin();
    stage.receipt(vec![before.branch_head(5)]);
    stage.begin();
    stage.receipt(vec![before.branch_head(5)]);
    assert_eq!(stage.held, 0);
    stage.log = stage.log.fork_after(3);
    stage.log.write(1);
    stage.begin();
    stage.receipt(vec![before.branch_head(5), stage.log.branch_head(4)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 1
          send hello [a:3#ce22] + frame a 1..3
        > receipt 7 [a:5#6c41]
          keep receipt 7 []
          look
          end Stuck, sent 0, received 0, refused 0, forgotten [a]
        > begin
          look
          send hello [a:3#ce22]
        > receipt 7 [a:5#6c41]
          keep receipt 7 []
          look
          end Stuck, sent 0, received 0, refused 0, forgotten [a]
        > begin
          look
          load a from 4
          send hello [a:4#b28b] + frame a 4..4
        > receipt 7 [a:5#6c41 a:4#b28b]
          keep receipt 7 [a:4]
          look
          end Settled, sent 4, received 0, refused 0, forgotten [a]"#]]);
    assert_eq!(stage.held, 4);
}

#[test]
fn a_log_of_an_earlier_epoch_that_no_head_can_prove_holds_nothing_up() {
    let mut stage = Stage::new(3, 0);
    let mut before = stage.log.clone();
    before.write(2);
    stage.epoch = Epoch([77; 8]);
    stage.begin();
    stage.receipt(vec![before.branch_head(5)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 1
          send hello [a:3#ce22] + frame a 1..3
        > receipt 7 [a:5#6c41]
          keep receipt 7 []
          look
          end Settled, sent 0, received 0, refused 0, forgotten [a]"#]]);
    assert_eq!(stage.held, 0);
}

#[test]
fn an_id_further_down_that_a_receipt_names_proves_what_its_head_can_not() {
    let mut stage = Stage::new(3, 0);
    let mut before = stage.log.clone();
    before.write(2);
    stage.begin();
    let skipped = vec![(3, stage.log.branch_head(3).id), (1, stage.log.branch_head(1).id)];
    stage.receipt(vec![BranchHead { skipped, ..before.branch_head(5) }]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 1
          send hello [a:3#ce22] + frame a 1..3
        > receipt 7 [a:5#6c41^3,1]
          keep receipt 7 [a:3]
          look
          end Settled, sent 3, received 0, refused 0, forgotten [a]"#]]);
}

#[test]
fn frames_that_the_device_can_not_keep_end_as_stuck() {
    let mut stage = Stage::new(1, 1);
    let receipt = receipted(vec![stage.log.branch_head(1)], &hub_secret());
    stage.begin();
    stage.answer(vec![receipt, Log::of(b'h', 2).packed(1, 2)]); // Nothing follows that log here.
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:1#d059]
        > receipt 7 [a:1#d059]
        > frame h 1..2
          keep receipt 7 [a:1, h 1..2]
          look
          end Stuck, sent 0, received 2, refused 0, forgotten []"#]]);
}

#[test]
fn an_answer_that_is_no_answer_changes_nothing() {
    for message in
        [Message::Frame(vec![1, 2, 3]), Message::Hello(Box::new(fixture::hello(b'a', Vec::new())))]
    {
        let mut stage = Stage::new(3, 1);
        stage.begin();
        let receipt = receipted(vec![stage.log.branch_head(3)], &hub_secret());
        let messages = vec![receipt, message];
        let lists_branches = true;
        stage.tell(AgentInput::Answered { messages, ms: 1, bytes: 1, lists_branches });
        assert!(stage.lines.last().unwrap().contains("Unreachable"), "{:?}", stage.lines);
        assert_eq!(stage.held, 1);
    }
}

#[test]
fn an_exchange_that_was_abandoned_leaves_nothing_behind_but_a_bare_hello() {
    let mut stage = Stage::new(3, 1);
    stage.begin();
    stage.machine.handle(
        AgentInput::Unanswered { words: String::new(), retry_after_ms: None },
        &secret(b'a'),
    );
    stage.begin(); // Nobody polled what the one before wanted.
    stage.check(&expect![[r#"
        > begin
          look
          load a from 2
          send hello [a:3#ce22] + frame a 2..3
        > begin
          look
          send hello [a:3#ce22]"#]]);
}

#[test]
fn a_log_of_which_the_hub_holds_less_than_it_receipted_goes_on_from_there() {
    let mut stage = Stage::new(6, 6);
    stage.begin();
    stage.receipt(vec![stage.log.branch_head(2)]);
    stage.receipt(vec![stage.log.branch_head(6)]);
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:6#b4df]
        > receipt 7 [a:2#9f85]
          keep receipt 7 [a:2]
          look
          load a from 3
          send hello [a:6#b4df] + frame a 3..6
        > receipt 7 [a:6#b4df]
          keep receipt 7 [a:6]
          look
          end Settled, sent 4, received 0, refused 0, forgotten []"#]]);
    assert_eq!(stage.held, 6);
}

#[test]
fn ids_further_down_say_where_two_copies_parted() {
    let mut stage = Stage::new(100, 99);
    let mut fork = stage.log.fork_after(90);
    fork.write(9);
    stage.begin();
    let receipt = receipted(vec![fork.branch_head(98)], &hub_secret());
    stage.answer(vec![receipt, refused(Why::Gap, &stage.log, 100, vec![fork.full_head(98)])]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 100
          send hello [a:100#9328] + frame a 100..100
        > receipt 7 [a:98#18eb]
        > refused Gap a 100 [a:98#18eb^97,96,94,90,82,66,34,1] words
          keep receipt 7 [a:0]
          look
          load a from 91
          send hello [a:100#9328] + frame a 91..100"#]]);
}

#[test]
fn what_an_older_hub_holds_on_a_further_branch_is_told_from_what_it_lists() {
    let mut stage = Stage::new(5, 2);
    let mut fork = stage.log.fork_after(2);
    fork.write(6);
    stage.lists_branches = false;
    stage.begin();
    stage.receipt(vec![fork.full_head(8), stage.log.branch_head(5)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 3
          send hello [a:5#6c41] + frame a 3..5
        > receipt 7 [a:8#cb5d^7,6,4,1 a:5#6c41]
          keep receipt 7 [a:5], unlisted a:[5]
          look
          end Settled, sent 3, received 0, refused 0, forgotten [a]"#]]);
}
