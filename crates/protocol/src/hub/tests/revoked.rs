//! What a device brings after its key was revoked: set aside, never receipted, never lost.

use expect_test::expect;

use super::*;

impl Stage {
    pub(super) fn revoke(&mut self) {
        let member = Box::new(self.member(&[]));
        self.standing = Some(Standing::Revoked { reason: "stolen".to_owned(), member });
    }
}

#[test]
fn sound_frames_of_a_revoked_device_are_set_aside_and_it_is_refused() {
    let (log, sibling) = (Log::of(b'a', 5), Log::of(b'b', 2));
    let mut stage = Stage::new(&log, 2);
    stage.follow = vec![sibling.held(2)];
    stage.revoke();
    stage.hello(vec![log.branch_head(5)]);
    stage.hears(log.packed(2, 3));
    stage.hears(log.packed(4, 5));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:5#6c41]
          look
        > frame a 2..3
          ids a:1
          set aside a 3..3
        > frame a 4..5
          set aside a 4..5
        > end
          say refused Revoked everything 0 [a:5#6c41] this device was revoked: stolen; what it sent is set aside for the hub's administrator"#]]);
}

#[test]
fn what_was_set_aside_before_is_not_set_aside_again() {
    let log = Log::of(b'a', 5);
    let mut stage = Stage::new(&log, 2);
    stage.own[0].heads.push(log.head_at(4));
    stage.revoke();
    stage.hello(vec![log.branch_head(5)]);
    stage.hears(log.packed(3, 4));
    stage.hears(log.packed(3, 5));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:5#6c41]
          look
        > frame a 3..4
        > frame a 3..5
          set aside a 5..5
        > end
          say refused Revoked everything 0 [a:5#6c41] this device was revoked: stolen; what it sent is set aside for the hub's administrator"#]]);
}

#[test]
fn an_unsound_frame_of_a_revoked_device_is_not_set_aside() {
    let log = Log::of(b'a', 4);
    let mut stage = Stage::new(&log, 2);
    stage.revoke();
    stage.hello(Vec::new());
    let mut altered = log.frame(3, 4);
    altered.items[0].stamp.claimed_ms ^= 1;
    stage.hears(fixture::packed(altered));
    stage.hears(Log::of(b'b', 2).packed(1, 2));
    stage.end();
    stage.check(&expect![[r#"
        > hello []
          look
        > frame a 3..4
          ids a:2
          ids a:1
        > frame b 1..2
        > end
          say refused Revoked everything 0 [a:2#9f85] this device was revoked: stolen"#]]);
}
