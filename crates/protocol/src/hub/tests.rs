//! Exchanges as the hub sees them: what the agent says on the left, what the machine wants below.

use expect_test::{Expect, expect};
use journal::{Epoch, Lane, Receipt};

use super::*;
use crate::fixture::{self, Log, hello, hub_secret, secret, site};

mod followed;
mod forks;
mod posts;
mod proof;
mod refusals;
mod revoked;

/// The hub's memory of device `a`, the logs it follows, and what the machine said.
struct Stage {
    machine: Hub,
    standing: Option<Standing>,
    /// Every log anybody wrote, so that ids can be looked up.
    logs: Vec<Log>,
    /// Where each log of the device stands durably.
    own: Vec<Held>,
    follow: Vec<Held>,
    disk: Result<(), String>,
    receipts: Result<(), String>,
    proof_due: bool,
    lines: Vec<String>,
}

impl Stage {
    /// A hub that holds so much of this log of device `a`.
    fn new(log: &Log, held: u64) -> Self {
        let own = if held == 0 { Vec::new() } else { vec![log.held(held)] };
        Self {
            machine: Hub::new(),
            standing: None,
            logs: vec![log.clone()],
            own,
            follow: Vec::new(),
            disk: Ok(()),
            receipts: Ok(()),
            proof_due: false,
            lines: Vec::new(),
        }
    }

    fn active(&self) -> Standing {
        Standing::Active(Box::new(self.member(&[])))
    }

    /// The device at its site and at those that merged into that.
    fn member(&self, predecessors: &[&str]) -> Member {
        let predecessors = predecessors.iter().map(|code| code.parse().unwrap()).collect();
        Member {
            posts: vec![Post { site: site(), predecessors }],
            publishes: false,
            own: self.own.clone(),
            follow: self.follow.clone(),
            authors: self
                .proof_due
                .then(|| (hub_secret().public(), Author::Hub))
                .into_iter()
                .collect(),
            proof_due: self.proof_due,
            ..Member::default()
        }
    }

    fn hears(&mut self, message: Message) {
        self.lines.push(format!("> {}", fixture::message(&message)));
        self.tell(HubInput::Received(message));
    }

    /// The hello of a device that has so much of its log.
    fn hello(&mut self, heads: Vec<BranchHead>) {
        self.hears(Message::Hello(Box::new(hello(b'a', heads))));
    }

    fn end(&mut self) {
        self.lines.push("> end".to_owned());
        self.tell(HubInput::Ended);
        assert!(self.machine.is_done());
    }

    fn next_exchange(&mut self) {
        self.machine = Hub::new();
    }

    fn tell(&mut self, input: HubInput) {
        self.machine.handle(input);
        while let Some(output) = self.machine.poll() {
            let (line, reply) = self.perform(output);
            self.lines.push(format!("  {line}"));
            if let Some(reply) = reply {
                self.machine.handle(reply);
            }
        }
    }

    fn perform(&mut self, output: HubOutput) -> (String, Option<HubInput>) {
        match output {
            HubOutput::Look(_) => {
                let standing = self.standing.clone().unwrap_or_else(|| self.active());
                ("look".to_owned(), Some(HubInput::Standing(standing)))
            }
            HubOutput::Ids(asked) => {
                let said = asked.iter().map(|(log, seq)| format!("{}:{seq}", fixture::log(log)));
                let line = format!("ids {}", said.collect::<Vec<_>>().join(" "));
                let ids = asked.iter().map(|(log, seq)| self.ids(log, *seq)).collect();
                (line, Some(HubInput::Ids(ids)))
            }
            HubOutput::Keep(keep) => {
                let line = format!("keep {}", fixture::frame(&keep.frame));
                if self.disk.is_ok() {
                    self.keep(&keep);
                }
                (line, Some(HubInput::Kept(self.disk.clone())))
            }
            HubOutput::Quarantine(keep) => {
                let line = format!("set aside {}", fixture::frame(&keep.frame));
                (line, Some(HubInput::Kept(self.disk.clone())))
            }
            HubOutput::Receipt { .. } => {
                let receipt = self.receipts.clone().map(|()| Box::new(self.receipt()));
                ("make a receipt".to_owned(), Some(HubInput::Receipted(receipt)))
            }
            HubOutput::SetBack(receipt) => {
                self.proof_due = false;
                let line = format!("open the next epoch for receipt {}", receipt.number);
                (line, Some(HubInput::Answered(self.disk.clone())))
            }
            HubOutput::Load { log, head, has, .. } => {
                let found = self.logs.iter().find(|known| known.head_at(head.seq) == head).unwrap();
                let other = |place: &(u64, ShortId)| {
                    let other = self.logs.iter().find(|known| known.has(place)).unwrap();
                    other.common_with(found).min(place.0)
                };
                let from = has.iter().map(other).max().unwrap_or(0) + 1;
                let line = format!("load {} to {} from {from}", fixture::log(&log), head.seq);
                let mut frames = found.frames(from);
                frames.truncate(usize::try_from(head.seq + 1 - from).unwrap());
                (line, Some(HubInput::Loaded(frames)))
            }
            HubOutput::Send(message) => (format!("say {}", fixture::message(&message)), None),
        }
    }

    /// The ids held at a place.
    fn ids(&self, log: &LogName, seq: u64) -> Vec<EntryId> {
        if seq == 0 {
            return vec![EntryId(log.id().0)];
        }
        let held = self.own.iter().chain(&self.follow).filter(|held| held.log == *log);
        let heads: Vec<Head> = held.flat_map(|held| held.heads.clone()).collect();
        let is_held = |known: &&Log| {
            heads.iter().any(|head| seq <= head.seq && known.has(&(head.seq, head.id.short())))
        };
        let mut ids: Vec<EntryId> =
            self.logs.iter().filter(is_held).filter_map(|known| known.id(seq)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn keep(&mut self, keep: &Keep) {
        let last = keep.entries.last().unwrap();
        let head = Head { seq: last.header.seq, id: last.id };
        let name = keep.frame.log.clone();
        let all =
            if name.device == secret(b'a').public() { &mut self.own } else { &mut self.follow };
        if !all.iter().any(|held| held.log == name) {
            all.push(Held::nothing(name.clone()));
        }
        for held in all.iter_mut().filter(|held| held.log == name) {
            let grown: Vec<Head> =
                held.heads.iter().filter(|head| head.id == keep.prev).copied().collect();
            held.grow(&grown, head);
        }
    }

    fn receipt(&self) -> Receipt {
        let heads = self.own.iter().flat_map(|held| {
            held.heads.iter().map(|head| BranchHead::of(&held.log, *head)).collect::<Vec<_>>()
        });
        fixture::receipt(1, b'a', heads.collect(), &hub_secret())
    }

    fn check(&mut self, expected: &Expect) {
        expected.assert_eq(&std::mem::take(&mut self.lines).join("\n"));
    }
}

#[test]
fn a_receipt_comes_after_everything_it_covers_is_durable() {
    let log = Log::of(b'a', 4);
    let mut stage = Stage::new(&log, 0);
    stage.hello(vec![log.branch_head(4)]);
    stage.hears(log.packed(1, 3));
    stage.hears(log.packed(4, 4));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:4#5fa6]
          look
        > frame a 1..3
          keep a 1..3
        > frame a 4..4
          keep a 4..4
        > end
          make a receipt
          say receipt 1 [a:4#5fa6]"#]]);
}

#[test]
fn a_repeated_frame_is_answered_and_not_stored_again() {
    let log = Log::of(b'a', 4);
    let mut stage = Stage::new(&log, 4);
    stage.hello(vec![log.branch_head(4)]);
    stage.hears(log.packed(2, 3));
    stage.hears(log.packed(1, 4));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:4#5fa6]
          look
        > frame a 2..3
          ids a:1 a:3
        > frame a 1..4
          ids a:0 a:4
        > end
          make a receipt
          say receipt 1 [a:4#5fa6]"#]]);
}

#[test]
fn of_a_frame_that_overlaps_only_the_new_entries_are_kept() {
    let log = Log::of(b'a', 6);
    let mut stage = Stage::new(&log, 3);
    stage.hello(vec![log.branch_head(6)]);
    stage.hears(log.packed(2, 5));
    stage.hears(log.packed(1, 6));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:6#b4df]
          look
        > frame a 2..5
          ids a:1
          keep a 4..5
        > frame a 1..6
          keep a 6..6
        > end
          make a receipt
          say receipt 1 [a:6#b4df]"#]]);
}

#[test]
fn a_gap_is_answered_with_the_heads_held_and_nothing_is_kept() {
    let log = Log::of(b'a', 6);
    let mut stage = Stage::new(&log, 2);
    stage.hello(vec![log.branch_head(6)]);
    stage.hears(log.packed(4, 5));
    stage.hears(log.packed(6, 6));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:6#b4df]
          look
        > frame a 4..5
          ids a:1
        > frame a 6..6
        > end
          make a receipt
          say receipt 1 [a:2#9f85]
          say refused Gap a 4 [a:2#9f85^1] entries 3 to 3 are missing before this"#]]);
}

#[test]
fn an_exchange_without_news_carries_no_frames_down() {
    let (log, lane) = (Log::of(b'a', 2), Log::of(b'h', 3));
    let mut stage = Stage::new(&log, 2);
    stage.follow = vec![lane.held(3)];
    stage.hello(vec![log.branch_head(2), lane.branch_head(3)]);
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:2#9f85 h:3#63eb]
          look
        > end
          make a receipt
          say receipt 1 [a:2#9f85]"#]]);
}

#[test]
fn down_goes_only_what_the_device_lacks() {
    let (log, lane, sibling) = (Log::of(b'a', 1), Log::of(b'h', 5), Log::of(b'b', 2));
    let empty = Log::begin(b'c', Some("INST-001"));
    let mut stage = Stage::new(&log, 1);
    stage.follow = vec![lane.held(5), sibling.held(2), empty.held(0)];
    stage.logs.extend([lane.clone(), sibling, empty]);
    stage.hello(vec![log.branch_head(1), lane.branch_head(3)]);
    stage.end();
    stage.check(&expect![[r#"
        > hello [a:1#d059 h:3#63eb]
          look
        > end
          make a receipt
          say receipt 1 [a:1#d059]
          ids h:3
          load h to 5 from 4
          say frame h 4..5
          load b to 2 from 1
          say frame b 1..2"#]]);
}

#[test]
fn a_device_of_a_merged_site_may_bring_the_log_it_wrote_before() {
    let mut log = Log::begin(b'a', Some("INST-004"));
    log.write_start(&"INST-004".parse().unwrap());
    let mut stage = Stage::new(&log, 0);
    stage.standing = Some(Standing::Active(Box::new(stage.member(&["INST-004"]))));
    stage.hello(vec![log.branch_head(1)]);
    stage.hears(log.packed(1, 1));
    stage.end();
    stage.check(&expect![[r#"
        > hello [a(site/INST-004):1#2e16]
          look
        > frame a(site/INST-004) 1..1
          keep a(site/INST-004) 1..1
        > end
          make a receipt
          say receipt 1 [a(site/INST-004):1#2e16]"#]]);
}

#[test]
fn an_answer_that_nobody_asked_for_is_passed_over() {
    let log = Log::of(b'a', 2);
    let mut stage = Stage::new(&log, 0);
    stage.tell(HubInput::Kept(Ok(())));
    stage.tell(HubInput::Ids(vec![Vec::new()]));
    stage.tell(HubInput::Loaded(Vec::new()));
    stage.hello(vec![log.branch_head(2)]);
    stage.tell(HubInput::Standing(Standing::Unknown));
    stage.hears(log.packed(1, 2));
    stage.end();
    stage.tell(HubInput::Ended);
    stage.check(&expect![[r#"
        > hello [a:2#9f85]
          look
        > frame a 1..2
          keep a 1..2
        > end
          make a receipt
          say receipt 1 [a:2#9f85]"#]]);
}

#[test]
fn what_a_lane_says_is_told_from_what_it_is_of() {
    let everyone = Log::begin(b'a', None);
    assert_eq!(everyone.name.lane, Lane::Everyone);
    assert_ne!(everyone.name.id(), Log::begin(b'a', Some("INST-001")).name.id());
    assert_eq!(secret(b'a').public(), everyone.name.device);
}
