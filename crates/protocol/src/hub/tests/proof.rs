//! A hub that was set back: only its own word proves it, and a made-up one changes nothing.

use expect_test::expect;

use super::*;

impl Stage {
    /// The hello of a device that names this receipt, which the hub does not hold.
    fn hello_with(&mut self, heads: Vec<BranchHead>, receipt: &Receipt) {
        self.proof_due = true;
        let named = hello(b'a', heads);
        let hello = Hello { last_receipt: Some(receipt.name()), ..named };
        self.hears(Message::Hello(Box::new(hello.sign(&secret(b'a')).unwrap())));
    }

    fn is_shown(&mut self, receipt: Receipt) {
        self.hears(Message::Receipt(Box::new(receipt)));
    }
}

fn lost(number: u64) -> Receipt {
    fixture::receipt(number, b'a', Vec::new(), &hub_secret())
}

#[test]
fn a_receipt_that_is_not_held_is_asked_for_and_frames_are_kept_meanwhile() {
    let log = Log::of(b'a', 2);
    let mut stage = Stage::new(&log, 0);
    stage.hello_with(vec![log.branch_head(2)], &lost(9));
    stage.hears(log.packed(1, 2));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:2#9f85]
          look
        > frame a 1..2
          keep a 1..2
        > end
          say refused Prove everything 0 [] the device names receipt 9, which this hub does not hold: it must show it"#]]);
}

#[test]
fn a_receipt_that_is_shown_opens_the_next_epoch_before_anything_is_receipted() {
    let log = Log::of(b'a', 2);
    let mut stage = Stage::new(&log, 0);
    stage.hello_with(vec![log.branch_head(2)], &lost(9));
    stage.is_shown(lost(9));
    stage.hears(log.packed(1, 2));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:2#9f85]
          look
        > receipt 9 []
          open the next epoch for receipt 9
        > frame a 1..2
          keep a 1..2
        > end
          make a receipt
          say receipt 1 [a:2#9f85]"#]]);
}

#[test]
fn what_is_no_receipt_of_this_hub_for_this_device_opens_nothing() {
    let log = Log::of(b'a', 2);
    let made_up = fixture::receipt(9, b'a', Vec::new(), &secret(b'a'));
    let another = fixture::receipt(9, b'b', Vec::new(), &hub_secret());
    for (named, shown) in [(&made_up, &made_up), (&another, &another), (&lost(9), &lost(8))] {
        let mut stage = Stage::new(&log, 2);
        stage.hello_with(vec![log.branch_head(2)], named);
        stage.is_shown(shown.clone());
        stage.end();
        let said = stage.lines.join("\n");
        assert!(said.contains("refused Prove everything 0 []"), "{said}");
        assert!(!said.contains("epoch") && !said.contains("make a receipt"), "{said}");
    }
}

#[test]
fn a_receipt_that_nobody_asked_for_is_no_part_of_an_exchange() {
    let log = Log::of(b'a', 2);
    let mut stage = Stage::new(&log, 2);
    stage.hello(vec![log.branch_head(2)]);
    stage.is_shown(lost(9));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:2#9f85]
          look
        > receipt 9 []
        > end
          make a receipt
          say receipt 1 [a:2#9f85]
          say refused Hello everything 0 [] an exchange begins with one hello"#]]);
}

#[test]
fn an_epoch_that_can_not_be_opened_gives_no_receipt() {
    let log = Log::of(b'a', 2);
    let mut stage = Stage::new(&log, 2);
    stage.disk = Err("the disk is full".to_owned());
    stage.hello_with(vec![log.branch_head(2)], &lost(9));
    stage.is_shown(lost(9));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:2#9f85]
          look
        > receipt 9 []
          open the next epoch for receipt 9
        > end
          say refused Disk everything 0 [] the disk is full"#]]);
}
