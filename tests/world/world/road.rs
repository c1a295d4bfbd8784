//! The road between a device and the hub: what it does to one request and its answer.

use std::collections::BTreeMap;

use journal::Head;
use protocol::{AgentInput, Message, Unpacker, split_first, unpack};

use super::World;
use crate::mutant::Mutant;
use crate::visit::Visit;
use crate::weather::Fault;

impl World {
    /// Carries one request to the hub and the answer back; `None` if the device restarted.
    pub(super) fn carry(&mut self, at: usize, body: Vec<u8>) -> Result<Option<AgentInput>, String> {
        let fault = self.climate.draw(&mut self.chance, body.len());
        self.tally.steps += 1;
        if fault != Fault::None {
            self.tally.fired(fault.name());
        }
        let up = messages(&body)?.unwrap_or_default();
        self.story.push(format!("  sends {}, {fault:?}", frames(&up)));
        self.compare_with_what_is_held(at, &up)?;
        let answer = self.pass(at, body, fault)?;
        if fault == Fault::TwoRuns {
            self.second_run(at)?;
        }
        let Some(device) = self.devices.get_mut(at) else { return Ok(None) };
        if fault == Fault::DeviceRestarts {
            device.restart();
            return Ok(None);
        }
        device.disk_fails = fault == Fault::DeviceDisk;
        let bytes = answer.as_ref().map_or(0, Vec::len) as u64;
        let answer = answer.and_then(|answer| messages(&answer).transpose()).transpose()?;
        let Some(messages) = answer else {
            let words = "no answer".to_owned();
            return Ok(Some(AgentInput::Unanswered { words, retry_after_ms: None }));
        };
        self.story.push(format!("  hears {}", frames(&messages)));
        self.carried += count(&up) + count(&messages);
        self.compare_receipts(at, (&up, &messages))?;
        let Some(device) = self.devices.get_mut(at) else { return Ok(None) };
        if self.mutant == Some(Mutant::HeldWithoutComparing) {
            let mut believes = BTreeMap::new();
            for message in &messages {
                let Message::Receipt(receipt) = message else { continue };
                believes.extend(receipt.heads.iter().map(|head| (head.log.clone(), head.seq)));
            }
            device.believes = Some(believes);
        }
        let ms = 20 + self.chance.draw() % 4_000;
        Ok(Some(AgentInput::Answered { messages, ms, bytes, lists_branches: true }))
    }

    /// Lets a request be heard at the hub; returns the answer, if it came through whole.
    fn pass(&mut self, at: usize, body: Vec<u8>, fault: Fault) -> Result<Option<Vec<u8>>, String> {
        let office = &mut self.office;
        let visit = Visit::new(body.clone());
        let answer = match fault {
            Fault::None | Fault::DeviceDisk | Fault::DeviceRestarts | Fault::TwoRuns => {
                visit.finish(office)?
            }
            Fault::RequestCut(byte) => {
                visit.cut_at(byte).finish(office)?;
                return Ok(None);
            }
            Fault::AnswerCut(byte) => {
                let mut answer = visit.finish(office)?;
                if byte < answer.len() {
                    return Ok(None);
                }
                answer.truncate(byte);
                answer
            }
            Fault::Twice => return self.pass_twice(visit, Visit::new(body)).map(Some),
            Fault::Late => {
                self.strays.push((at, body));
                return Ok(None);
            }
            Fault::HubRestarts(doings) => {
                let mut visit = visit;
                for _ in 0..doings {
                    visit.step(office)?;
                }
                office.disk.restart();
                return Ok(None);
            }
            Fault::HubDisk(commits) => visit.with_commits(commits).finish(office)?,
            Fault::Unknown => visit.of_an_unknown_device().finish(office)?,
        };
        Ok(Some(answer))
    }

    /// Lets the same request be heard twice at once; the device reads the second answer.
    fn pass_twice(&mut self, mut one: Visit, mut two: Visit) -> Result<Vec<u8>, String> {
        let mut is_busy = true;
        while is_busy {
            let (first, second) =
                if self.chance.one_in(2) { (&mut one, &mut two) } else { (&mut two, &mut one) };
            is_busy = first.step(&mut self.office)? || second.step(&mut self.office)?;
        }
        one.answer()?;
        two.answer()
    }

    /// A receipt's number is above the one that the device named; with it the device knows of
    /// everything that became of the hub's disk before.
    fn compare_receipts(
        &mut self,
        at: usize,
        (up, down): (&[Message], &[Message]),
    ) -> Result<(), String> {
        let Some(device) = self.devices.get_mut(at) else { return Ok(()) };
        let named = up.iter().find_map(|message| match message {
            Message::Hello(hello) => hello.last_receipt,
            Message::Frame(_)
            | Message::Continued(_)
            | Message::Receipt(_)
            | Message::Refused(_) => None,
        });
        for message in down {
            let Message::Receipt(receipt) = message else { continue };
            if named.is_some_and(|named| receipt.number <= named.number) {
                let (name, number) = (&device.name, receipt.number);
                return Err(format!("{name} is given receipt number {number} a second time"));
            }
            if named.is_some_and(|named| self.office.is_unanswered(device.key(), &named)) {
                let name = &device.name;
                return Err(format!("the hub goes on though {name} has a receipt that it lost"));
            }
            device.hears_of = self.office.set_backs;
        }
        Ok(())
    }

    /// No entry that the hub holds is sent again, but after a device forgot what it had sent.
    fn compare_with_what_is_held(&mut self, at: usize, up: &[Message]) -> Result<(), String> {
        let Some(device) = self.devices.get(at) else { return Ok(()) };
        let (mut again, mut which) = (0, String::new());
        let mut unpacker = Unpacker::default();
        for message in up {
            let frame = match message {
                Message::Frame(packed) => unpacker.first(packed),
                Message::Continued(packed) => unpacker.next(packed),
                Message::Hello(_) | Message::Receipt(_) | Message::Refused(_) => continue,
            };
            let frame = frame.map_err(|fault| fault.to_string())?;
            let held = self.office.disk.durable().logs.get(&frame.log);
            let own = device.disk.now().logs.get(&frame.log);
            let ids = own.map(|own| own.ids_at(frame.last())).unwrap_or_default();
            let is_held = |id| held.is_some_and(|held| held.holds(Head { seq: frame.last(), id }));
            let is_whole = !ids.is_empty() && ids.into_iter().all(is_held);
            // Of another's log it knows only some places that the hub named.
            if is_whole && frame.log.device != device.key() {
                self.tally.resent += frame.items.len() as u64;
            } else if is_whole {
                again += frame.items.len() as u64;
                which = format!("{}..{} of {}", frame.first, frame.last(), frame.log.lane);
            }
        }
        self.tally.resent += again;
        let excused = device.is_excused || device.ran_twice || device.was_set_back;
        if 0 < again && !excused {
            let name = &device.name;
            return Err(format!("{name} sends {again} entries that the hub holds: {which}"));
        }
        Ok(())
    }
}

/// Reads a body; `None` if it breaks off.
fn messages(mut body: &[u8]) -> Result<Option<Vec<Message>>, String> {
    let mut messages = Vec::new();
    while !body.is_empty() {
        let first = split_first(body).map_err(|malformed| malformed.to_string())?;
        let Some((message, length)) = first else { return Ok(None) };
        messages.push(message);
        body = body.get(length..).unwrap_or_default();
    }
    Ok(Some(messages))
}

fn count(messages: &[Message]) -> u64 {
    messages
        .iter()
        .filter(|message| matches!(message, Message::Frame(_) | Message::Continued(_)))
        .count() as u64
}

/// Says in short what messages carry.
fn frames(messages: &[Message]) -> String {
    let said = messages.iter().map(|message| match message {
        Message::Hello(_) => "hello".to_owned(),
        Message::Continued(_) => "frame that continues".to_owned(),
        Message::Frame(packed) => unpack(packed).map_or_else(
            |fault| fault.to_string(),
            |frame| {
                let device = frame.log.device.to_string();
                let device = device.get(..4).unwrap_or_default();
                format!("{device}@{} {}..{}", frame.log.lane, frame.first, frame.last())
            },
        ),
        Message::Receipt(receipt) => {
            let heads = receipt.heads.iter().map(|head| format!(" {}:{}", head.log.lane, head.seq));
            format!("receipt{}", heads.collect::<String>())
        }
        Message::Refused(refused) => {
            let heads = refused.heads.iter().map(|head| format!(" {}#{}", head.seq, head.id));
            let below = refused.heads.iter().flat_map(|head| &head.skipped);
            let below = below.map(|(seq, id)| format!(" {seq}#{id}"));
            let names = heads.chain(std::iter::once(" below".to_owned())).chain(below);
            let names: String = names.collect();
            format!("refused {:?} at {}, holds{names}", refused.why, refused.seq)
        }
    });
    said.collect::<Vec<_>>().join(", ")
}
