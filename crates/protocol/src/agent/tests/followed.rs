//! Logs of others, of which the hub has something else than this device.

use expect_test::expect;

use super::*;

#[test]
fn a_followed_log_that_is_ahead_of_the_hub_ends_nothing() {
    let mut stage = Stage::new(1, 1);
    let lane = Log::of(b'h', 9);
    stage.follows = 9;
    stage.followed = Some(lane.clone());
    stage.begin();
    let receipt = receipted(vec![stage.log.branch_head(1)], &hub_secret());
    let at = vec![lane.branch_head(6)];
    stage.answer(vec![receipt, refused(Why::UnknownHead, &lane, 9, at)]);
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:1#d059 h:9#c209]
        > receipt 7 [a:1#d059]
        > refused UnknownHead h 9 [h:6#1f5a] words
          keep receipt 7 [a:1]
          look
          end Settled, sent 0, received 0, refused 0, forgotten [], ahead in h"#]]);
}

/// A device that follows a lane of the hub to entry 9, where the hub's parted after entry 5.
fn parted() -> (Stage, Log) {
    let mut stage = Stage::new(1, 1);
    let lane = Log::of(b'h', 9);
    let mut theirs = lane.fork_after(5);
    theirs.write(2);
    stage.follows = 9;
    stage.followed = Some(lane);
    (stage, theirs)
}

#[test]
fn a_followed_log_that_parted_is_named_again_with_ids_further_down_once() {
    let (mut stage, theirs) = parted();
    let receipt = receipted(vec![stage.log.branch_head(1)], &hub_secret());
    let unknown = refused(Why::UnknownHead, &theirs, 9, vec![theirs.branch_head(7)]);
    stage.begin();
    stage.answer(vec![receipt.clone(), unknown.clone()]);
    stage.answer(vec![receipt, unknown]);
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:1#d059 h:9#c209]
        > receipt 7 [a:1#d059]
        > refused UnknownHead h 9 [h:7#43f9] words
          keep receipt 7 [a:1]
          look
          send hello [a:1#d059 h:9#c209^8,7,5,1]
        > receipt 7 [a:1#d059]
        > refused UnknownHead h 9 [h:7#43f9] words
          keep receipt 7 [a:1]
          look
          end Settled, sent 0, received 0, refused 0, forgotten [], ahead in h"#]]);
}

#[test]
fn a_hub_that_understands_no_ids_further_down_ends_nothing_either() {
    let (mut stage, theirs) = parted();
    let receipt = receipted(vec![stage.log.branch_head(1)], &hub_secret());
    let unknown = refused(Why::UnknownHead, &theirs, 9, Vec::new());
    stage.begin();
    stage.answer(vec![receipt.clone(), unknown.clone()]);
    stage.answer(vec![receipt, unknown]);
    assert!(stage.lines.last().unwrap().contains("end Settled"), "{:?}", stage.lines);
}

#[test]
fn what_the_hub_lacks_of_a_followed_log_is_brought_up_once() {
    let mut stage = Stage::new(1, 1);
    let lane = Log::of(b'h', 9);
    stage.followed = Some(lane.clone());
    stage.follows = 9;
    let receipt = || receipted(vec![Log::of(b'a', 1).branch_head(1)], &hub_secret());
    stage.begin();
    stage.answer(vec![receipt(), refused(Why::UnknownHead, &lane, 9, vec![lane.full_head(4)])]);
    stage.answer(vec![receipt()]);
    stage.begin();
    stage.answer(vec![receipt(), refused(Why::UnknownHead, &lane, 9, vec![lane.full_head(4)])]);
    stage.answer(vec![receipt(), refused(Why::WrongLog, &lane, 5, Vec::new())]);
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:1#d059 h:9#c209]
        > receipt 7 [a:1#d059]
        > refused UnknownHead h 9 [h:4#82f4^3,2,1] words
          keep receipt 7 [a:1]
          look
          load h from 5
          send hello [a:1#d059 h:9#c209] + frame h 5..9
        > receipt 7 [a:1#d059]
          keep receipt 7 [a:1]
          look
          end Settled, sent 0, received 0, refused 0, forgotten []
        > begin
          look
          send hello [a:1#d059 h:9#c209]
        > receipt 7 [a:1#d059]
        > refused UnknownHead h 9 [h:4#82f4^3,2,1] words
          keep receipt 7 [a:1]
          look
          load h from 5
          send hello [a:1#d059 h:9#c209] + frame h 5..9
        > receipt 7 [a:1#d059]
        > refused WrongLog h 5 [] words
          keep receipt 7 [a:1]
          look
          end Settled, sent 0, received 0, refused 0, forgotten [], ahead in h"#]]);
}
