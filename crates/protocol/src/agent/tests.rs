//! Exchanges as a device sees them: what happens on the left, what the machine wants below.

use expect_test::{Expect, expect};
use journal::{BranchHead, DeviceSecret, Receipt};

use super::*;
use crate::fixture::{self, Log, hub_secret, known, receipt, secret};
use crate::{Refused, split_first};

mod doubts;
mod followed;
mod proof;
mod refusals;

/// A device `a`, what it holds durably, and what its machine said.
struct Stage {
    machine: Agent,
    log: Log,
    epoch: Epoch,
    /// How far the device knows its log to be held.
    held: u64,
    followed: Option<Log>,
    /// How far the followed log has come.
    follows: u64,
    disk: Result<(), String>,
    lists_branches: bool,
    last_receipt: Option<Receipt>,
    lines: Vec<String>,
}

impl Stage {
    fn new(entries: u64, held: u64) -> Self {
        let machine = Agent::new(secret(b'a').public(), hub_secret().public());
        let log = Log::of(b'a', entries);
        let (epoch, lines) = (log.name.epoch, Vec::new());
        Self {
            machine,
            log,
            epoch,
            held,
            followed: None,
            follows: 0,
            disk: Ok(()),
            lists_branches: true,
            last_receipt: None,
            lines,
        }
    }

    fn tell(&mut self, input: AgentInput) {
        self.machine.handle(input, &secret(b'a'));
        while let Some(output) = self.machine.poll() {
            if let Some(reply) = self.perform(output) {
                self.machine.handle(reply, &secret(b'a'));
            }
        }
    }

    fn begin(&mut self) {
        self.lines.push("> begin".to_owned());
        self.tell(AgentInput::Begin);
    }

    fn answer(&mut self, messages: Vec<Message>) {
        self.lines
            .extend(messages.iter().map(|message| format!("> {}", fixture::message(message))));
        let lists_branches = self.lists_branches;
        self.tell(AgentInput::Answered { messages, ms: 100, bytes: 10, lists_branches });
    }

    /// A receipt that names these heads.
    fn receipt(&mut self, heads: Vec<BranchHead>) {
        self.answer(vec![receipted(heads, &hub_secret())]);
    }

    /// Its key is revoked; what it brought is set aside up to these heads.
    fn revoked(&mut self, heads: Vec<BranchHead>) {
        let words = "words".to_owned();
        let refused = Refused { why: Why::Revoked, words, log: None, seq: 0, heads };
        self.answer(vec![Message::Refused(Box::new(refused))]);
    }

    fn lose(&mut self) {
        self.lines.push("> no answer".to_owned());
        self.tell(AgentInput::Unanswered { words: "cut".to_owned(), retry_after_ms: None });
    }

    /// Does what the machine wants, up to sending.
    fn perform(&mut self, output: AgentOutput) -> Option<AgentInput> {
        let (line, reply) = match output {
            AgentOutput::Look => ("look".to_owned(), Some(AgentInput::Looked(self.known()))),
            AgentOutput::Load { log, head, from, has, .. } => {
                let logs = || std::iter::once(&self.log).chain(&self.followed);
                let found = logs().find(|known| known.name == log && known.head() == head);
                let common = |found: &Log| {
                    let common = has.iter().filter(|place| found.has(place));
                    common.map(|(seq, _)| seq + 1).max().unwrap_or(1).max(from)
                };
                let from = found.map_or(from, common);
                let line = format!("load {} from {from}", fixture::log(&log));
                let frames = found.map(|found| found.frames(from)).unwrap_or_default();
                (line, Some(AgentInput::Loaded(frames)))
            }
            AgentOutput::Ahead { log, from, .. } => {
                (format!("ahead {} from {from}", fixture::log(&log)), None)
            }
            AgentOutput::Send(body) => (said(&body), None),
            AgentOutput::Ids(asked) => {
                let logs = || std::iter::once(&self.log).chain(&self.followed);
                let ids = asked.iter().map(|(log, seq)| {
                    let named = logs().filter(|known| known.name == *log);
                    named.filter_map(|known| known.id(*seq)).collect()
                });
                return Some(AgentInput::Ids(Ok(ids.collect())));
            }
            AgentOutput::Keep { receipt, held, unlisted, frames } => {
                let mut line = self.keep(receipt.as_deref(), &held, &frames);
                for (log, points) in unlisted {
                    let points: Vec<u64> = points.iter().map(|point| point.seq).collect();
                    line.push_str(&format!(", unlisted {}:{points:?}", fixture::log(&log)));
                }
                (line, Some(AgentInput::Kept(self.disk.clone())))
            }
            AgentOutput::End(report) => (ended(&report), None),
        };
        self.lines.push(format!("  {line}"));
        reply
    }

    fn keep(
        &mut self,
        receipt: Option<&Receipt>,
        held: &[(LogName, Vec<Head>)],
        frames: &[Frame],
    ) -> String {
        let furthest = |points: &Vec<Head>| points.iter().map(|point| point.seq).max().unwrap_or(0);
        let held: Vec<_> = held.iter().map(|(log, points)| (log, furthest(points))).collect();
        if self.disk.is_ok() {
            self.held = held.iter().map(|(_, seq)| *seq).next_back().unwrap_or(self.held);
            self.follows = frames.iter().map(Frame::last).next_back().unwrap_or(self.follows);
        }
        let held = held.iter().map(|(log, seq)| format!("{}:{seq}", fixture::log(log)));
        let held: Vec<String> = held.chain(frames.iter().map(fixture::frame)).collect();
        let number = receipt.map_or(0, |receipt| receipt.number);
        format!("keep receipt {number} [{}]", held.join(", "))
    }

    fn known(&self) -> Known {
        let followed =
            self.followed.iter().map(|log| (log.name.clone(), vec![log.head_at(self.follows)]));
        let branches = vec![OwnBranch { head: self.log.head(), held: self.held }];
        let own = vec![OwnLog { log: self.log.name.clone(), branches }];
        let last_receipt = self.last_receipt.clone().map(Box::new);
        Known { epoch: self.epoch, own, followed: followed.collect(), last_receipt, ..known() }
    }

    fn check(&mut self, expected: &Expect) {
        expected.assert_eq(&std::mem::take(&mut self.lines).join("\n"));
    }
}

fn receipted(heads: Vec<BranchHead>, by: &DeviceSecret) -> Message {
    Message::Receipt(Box::new(receipt(7, b'a', heads, by)))
}

fn refused(why: Why, log: &Log, seq: u64, heads: Vec<BranchHead>) -> Message {
    let log = Some(log.name.clone());
    Message::Refused(Box::new(Refused { why, words: "words".to_owned(), log, seq, heads }))
}

fn said(mut body: &[u8]) -> String {
    let mut lines = Vec::new();
    while let Some((message, length)) = split_first(body).unwrap() {
        lines.push(fixture::message(&message));
        body = &body[length..];
    }
    format!("send {}", lines.join(" + "))
}

fn ended(report: &Report) -> String {
    let Report { ended, sent, received, refused, forgotten, ahead, removed, .. } = report;
    let refused = refused.len();
    let forgotten: Vec<String> = forgotten.iter().map(fixture::log).collect();
    let forgotten = forgotten.join(" ");
    let ahead: String =
        ahead.iter().map(|log| format!(", ahead in {}", fixture::log(log))).collect();
    let removed = removed
        .iter()
        .map(|(log, (first, last))| format!(", removed {} {first}..{last}", fixture::log(log)));
    let removed: String = removed.collect();
    format!(
        "end {ended:?}, sent {sent}, received {received}, refused {refused}, forgotten [{forgotten}]{ahead}{removed}"
    )
}

#[test]
fn frames_go_at_once_from_the_last_entry_known_to_be_held() {
    let mut stage = Stage::new(5, 2);
    stage.begin();
    stage.receipt(vec![stage.log.branch_head(5)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 3
          send hello [a:5#6c41] + frame a 3..5
        > receipt 7 [a:5#6c41]
          keep receipt 7 [a:5]
          look
          end Settled, sent 3, received 0, refused 0, forgotten []"#]]);
}

#[test]
fn a_settled_exchange_carries_no_frames() {
    let mut stage = Stage::new(5, 5);
    stage.begin();
    stage.receipt(vec![stage.log.branch_head(5)]);
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:5#6c41]
        > receipt 7 [a:5#6c41]
          keep receipt 7 [a:5]
          look
          end Settled, sent 0, received 0, refused 0, forgotten []"#]]);
}

#[test]
fn a_lost_answer_is_followed_by_a_bare_hello_and_nothing_is_sent_twice() {
    let mut stage = Stage::new(5, 2);
    stage.begin();
    stage.lose();
    stage.log.write(1);
    stage.begin();
    stage.receipt(vec![stage.log.branch_head(5)]);
    stage.receipt(vec![stage.log.branch_head(6)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 3
          send hello [a:5#6c41] + frame a 3..5
        > no answer
          end Unreachable { words: "cut", retry_after_ms: None }, sent 0, received 0, refused 0, forgotten []
        > begin
          look
          send hello [a:6#b4df]
        > receipt 7 [a:5#6c41]
          keep receipt 7 [a:5]
          look
          load a from 6
          send hello [a:6#b4df] + frame a 6..6
        > receipt 7 [a:6#b4df]
          keep receipt 7 [a:6]
          look
          end Settled, sent 4, received 0, refused 0, forgotten []"#]]);
}

#[test]
fn a_lost_poll_needs_no_bare_hello() {
    let mut stage = Stage::new(2, 2);
    stage.begin();
    stage.lose();
    stage.log.write(1);
    stage.begin();
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:2#9f85]
        > no answer
          end Unreachable { words: "cut", retry_after_ms: None }, sent 0, received 0, refused 0, forgotten []
        > begin
          look
          load a from 3
          send hello [a:3#ce22] + frame a 3..3"#]]);
}

#[test]
fn an_answer_that_could_not_be_kept_is_asked_for_again_with_a_bare_hello() {
    let mut stage = Stage::new(3, 0);
    stage.disk = Err("full".to_owned());
    stage.begin();
    stage.receipt(vec![stage.log.branch_head(3)]);
    stage.disk = Ok(());
    stage.begin();
    stage.receipt(vec![stage.log.branch_head(3)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 1
          send hello [a:3#ce22] + frame a 1..3
        > receipt 7 [a:3#ce22]
          keep receipt 7 [a:3]
          end Disk("full"), sent 3, received 0, refused 0, forgotten []
        > begin
          look
          send hello [a:3#ce22]
        > receipt 7 [a:3#ce22]
          keep receipt 7 [a:3]
          look
          end Settled, sent 3, received 0, refused 0, forgotten []"#]]);
}

#[test]
fn a_device_that_waits_for_approval_does_not_send_its_frames_again() {
    let mut stage = Stage::new(3, 0);
    stage.begin();
    stage.answer(vec![refused(Why::UnknownDevice, &stage.log, 0, Vec::new())]);
    stage.begin();
    stage.receipt(Vec::new());
    stage.check(&expect![[r#"
        > begin
          look
          load a from 1
          send hello [a:3#ce22] + frame a 1..3
        > refused UnknownDevice a 0 [] words
          keep receipt 0 []
          end Refused, sent 0, received 0, refused 1, forgotten []
        > begin
          look
          send hello [a:3#ce22]
        > receipt 7 []
          keep receipt 7 []
          look
          load a from 1
          send hello [a:3#ce22] + frame a 1..3"#]]);
}

#[test]
fn a_gap_names_heads_and_the_agent_goes_on_from_there() {
    let mut stage = Stage::new(6, 4);
    stage.begin();
    let at = stage.log.branch_head(2);
    stage.answer(vec![
        receipted(vec![at.clone()], &hub_secret()),
        refused(Why::Gap, &stage.log, 5, vec![at]),
    ]);
    stage.receipt(vec![stage.log.branch_head(6)]);
    stage.check(&expect![[r#"
        > begin
          look
          load a from 5
          send hello [a:6#b4df] + frame a 5..6
        > receipt 7 [a:2#9f85]
        > refused Gap a 5 [a:2#9f85] words
          keep receipt 7 [a:2]
          look
          load a from 3
          send hello [a:6#b4df] + frame a 3..6
        > receipt 7 [a:6#b4df]
          keep receipt 7 [a:6]
          look
          end Settled, sent 4, received 0, refused 0, forgotten []"#]]);
}

#[test]
fn frames_that_come_down_are_kept_and_asked_on_for_until_none_comes() {
    let mut stage = Stage::new(1, 1);
    let hub = Log::of(b'h', 3);
    stage.followed = Some(hub.clone());
    stage.begin();
    let receipt = receipted(vec![stage.log.branch_head(1)], &hub_secret());
    stage.answer(vec![receipt.clone(), hub.packed(1, 2)]);
    stage.answer(vec![receipt.clone(), hub.packed(3, 3)]);
    stage.answer(vec![receipt]);
    stage.check(&expect![[r#"
        > begin
          look
          send hello [a:1#d059 h:0]
        > receipt 7 [a:1#d059]
        > frame h 1..2
          keep receipt 7 [a:1, h 1..2]
          look
          send hello [a:1#d059 h:2#41af]
        > receipt 7 [a:1#d059]
        > frame h 3..3
          keep receipt 7 [a:1, h 3..3]
          look
          send hello [a:1#d059 h:3#63eb]
        > receipt 7 [a:1#d059]
          keep receipt 7 [a:1]
          look
          end Settled, sent 0, received 3, refused 0, forgotten []"#]]);
}
