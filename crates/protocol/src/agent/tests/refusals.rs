//! What the hub refuses, and whether the rest of the exchange goes on.

use expect_test::expect;

use super::*;

#[test]
fn a_refused_log_is_left_alone_and_the_exchange_says_so() {
    let mut stage = Stage::new(3, 1);
    stage.begin();
    let at = vec![stage.log.branch_head(1)];
    stage
        .answer(vec![receipted(at, &hub_secret()), refused(Why::Frame, &stage.log, 2, Vec::new())]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 2
          send hello [a:3#ce22] + frame a 2..3
        > receipt 7 [a:1#d059]
        > refused Frame a 2 [] words
          keep receipt 7 [a:1]
          look
          end Refused, sent 0, received 0, refused 1, forgotten []"#]]);
}

#[test]
fn a_refused_device_stops_at_once() {
    for why in [Why::UnknownDevice, Why::Revoked, Why::Version, Why::Hello, Why::Disk] {
        let mut stage = Stage::new(3, 1);
        stage.begin();
        stage.answer(vec![refused(why, &stage.log, 0, Vec::new())]);
        assert!(stage.lines.last().unwrap().contains("end Refused"), "{why:?}: {:?}", stage.lines);
        assert_eq!(stage.held, 1);
    }
}

#[test]
fn a_revoked_device_goes_on_until_all_is_set_aside() {
    let mut stage = Stage::new(3, 1);
    stage.begin();
    stage.revoked(vec![stage.log.branch_head(1), stage.log.branch_head(2)]);
    stage.revoked(vec![stage.log.branch_head(3)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 2
          send hello [a:3#ce22] + frame a 2..3
        > refused Revoked everything 0 [a:1#d059 a:2#9f85] words
          keep receipt 0 []
          look
          load a from 3
          send hello [a:3#ce22] + frame a 3..3
        > refused Revoked everything 0 [a:3#ce22] words
          keep receipt 0 []
          look
          end Refused, sent 0, received 0, refused 1, forgotten []"#]]);
}

#[test]
fn a_frame_that_the_hub_could_not_read_ends_the_exchange() {
    let mut stage = Stage::new(3, 1);
    stage.begin();
    let Message::Refused(mut unread) = refused(Why::Frame, &stage.log, 0, Vec::new()) else {
        return;
    };
    unread.log = None;
    let at = vec![stage.log.branch_head(1)];
    stage.answer(vec![receipted(at, &hub_secret()), Message::Refused(unread)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 2
          send hello [a:3#ce22] + frame a 2..3
        > receipt 7 [a:1#d059]
        > refused Frame everything 0 [] words
          keep receipt 7 [a:1]
          end Refused, sent 0, received 0, refused 1, forgotten []"#]]);
}
