//! A hub that was set back asks for the receipt that it lost.

use expect_test::expect;

use super::*;

impl Stage {
    fn is_asked(&mut self) {
        let words = "words".to_owned();
        let refused = Refused { why: Why::Prove, words, log: None, seq: 0, heads: Vec::new() };
        self.answer(vec![Message::Refused(Box::new(refused))]);
    }
}

#[test]
fn the_last_receipt_is_shown_and_what_was_sent_is_asked_about() {
    let mut stage = Stage::new(5, 2);
    stage.last_receipt = Some(receipt(6, b'a', vec![stage.log.branch_head(2)], &hub_secret()));
    stage.begin();
    stage.is_asked();
    stage.receipt(vec![stage.log.branch_head(5)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 3
          send hello [a:5#6c41] + frame a 3..5
        > refused Prove everything 0 [] words
          keep receipt 0 []
          look
          send hello [a:5#6c41] + receipt 6 [a:2#9f85]
        > receipt 7 [a:5#6c41]
          keep receipt 7 [a:5]
          look
          end Settled, sent 3, received 0, refused 0, forgotten []"#]]);
}

#[test]
fn what_was_shown_and_is_asked_for_again_ends_the_exchange() {
    let mut stage = Stage::new(5, 2);
    stage.last_receipt = Some(receipt(6, b'a', Vec::new(), &hub_secret()));
    stage.begin();
    stage.is_asked();
    stage.is_asked();
    stage.check(&expect![[r#"
        > begin
          look
          load a from 3
          send hello [a:5#6c41] + frame a 3..5
        > refused Prove everything 0 [] words
          keep receipt 0 []
          look
          send hello [a:5#6c41] + receipt 6 []
        > refused Prove everything 0 [] words
          keep receipt 0 []
          end Refused, sent 0, received 0, refused 1, forgotten []"#]]);
}

#[test]
fn who_has_no_receipt_can_not_show_one() {
    let mut stage = Stage::new(5, 2);
    stage.begin();
    stage.is_asked();
    stage.check(&expect![[r#"
        > begin
          look
          load a from 3
          send hello [a:5#6c41] + frame a 3..5
        > refused Prove everything 0 [] words
          keep receipt 0 []
          end Refused, sent 0, received 0, refused 1, forgotten []"#]]);
}
