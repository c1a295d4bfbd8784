//! A device: its disk, its machine, and who writes there.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use journal::{
    DeviceKey, DeviceSecret, Epoch, Frame, Head, Lane, LogName, Receipt, SiteCode, Stamp,
};
use protocol::{Agent, AgentInput, AgentOutput, Known, OwnBranch, OwnLog, Report, Waiting};

use crate::chance::Chance;
use crate::disk::Disk;
use crate::lane::{self, Author};
use crate::listing::Listing;
use crate::pen::Written;
use crate::shelf::Shelf;

/// What a device keeps on its disk.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) epoch: Epoch,
    /// Which of its epochs that is, from 1.
    pub(crate) count: u32,
    pub(crate) logs: BTreeMap<LogName, Rc<Shelf>>,
    /// Of each own log the entries that the hub was proved to hold.
    pub(crate) held: BTreeMap<LogName, Vec<Head>>,
    pub(crate) receipt: Option<Rc<Receipt>>,
    /// How often the hub's disk had been put back when it gave the last receipt that is here.
    pub(crate) knows_of: u32,
}

/// A disk as it was copied: the truth, and what is listed of it.
pub(crate) type Copied = (Memory, Rc<Listing>);

/// A computer that writes.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) site: SiteCode,
    secret: Rc<DeviceSecret>,
    pub(crate) hub: DeviceKey,
    pub(crate) machine: Agent,
    pub(crate) disk: Disk<Memory>,
    /// What it lists.
    pub(crate) listing: Rc<Listing>,
    pub(crate) clock_ms: i64,
    pub(crate) disk_fails: bool,
    /// The last answer, for a mutant that believes it unread.
    pub(crate) believes: Option<BTreeMap<LogName, u64>>,
    /// Whether something happened after which entries may be sent that the hub already holds.
    pub(crate) is_excused: bool,
    /// Whether two programs used its disk at once since all was quiet.
    pub(crate) ran_twice: bool,
    /// Whether its disk was ever put back or copied, so that its logs have forked.
    pub(crate) was_set_back: bool,
    /// The same of the answer at hand.
    pub(crate) hears_of: u32,
    pub(crate) sends_uncommitted: bool,
    /// Frames of this exchange that it did not keep.
    pub(crate) passed_over: u64,
}

/// What a device does next that concerns others.
#[derive(Debug)]
pub(crate) enum Done {
    Sends(Vec<u8>),
    Ends(Report),
}

impl Memory {
    /// Returns every log that it has something of.
    pub(crate) fn shelves(&self) -> impl Iterator<Item = &Shelf> {
        self.logs.values().map(Rc::as_ref)
    }

    fn shelf(&mut self, log: &LogName) -> &mut Shelf {
        let new = || Rc::new(Shelf::new(log.clone()));
        Rc::make_mut(self.logs.entry(log.clone()).or_insert_with(new))
    }
}

impl Device {
    pub(crate) fn new(
        name: String,
        site: SiteCode,
        hub: DeviceKey,
        chance: &mut Chance,
    ) -> Result<Self, String> {
        let secret = Rc::new(DeviceSecret::from_bytes(&chance.bytes()));
        let machine = Agent::new(secret.public(), hub);
        let disk = Disk::new(Memory {
            epoch: Epoch(chance.draw().to_le_bytes()),
            count: 1,
            logs: BTreeMap::new(),
            held: BTreeMap::new(),
            receipt: None,
            knows_of: 0,
        });
        Ok(Self {
            name,
            site,
            secret,
            hub,
            machine,
            disk,
            listing: Rc::new(Listing::new(hub)?),
            clock_ms: 1_790_000_000_000,
            disk_fails: false,
            believes: None,
            is_excused: false,
            ran_twice: false,
            was_set_back: false,
            hears_of: 0,
            sends_uncommitted: false,
            passed_over: 0,
        })
    }

    pub(crate) fn key(&self) -> DeviceKey {
        self.secret.public()
    }

    /// Writes entries to an own log; not yet durable.
    pub(crate) fn write(
        &mut self,
        lane: Lane,
        written: Vec<Written>,
        chance: &mut Chance,
    ) -> Result<(), String> {
        let device = self.key();
        let memory = self.disk.write();
        let log = LogName { device, epoch: memory.epoch, lane };
        let (count, clock_ms) = (memory.count, self.clock_ms);
        let author = Author { secret: &self.secret, site: &self.site, count, clock_ms };
        lane::write(memory.shelf(&log), author, written, chance)
    }

    /// Lists what is new on its disk.
    pub(crate) fn list(&mut self) -> Result<(), String> {
        Rc::make_mut(&mut self.listing).fold(self.disk.durable().shelves())
    }

    /// Restarts: what was not committed is gone, and what the machine had in mind.
    pub(crate) fn restart(&mut self) {
        self.disk.restart();
        self.machine = self.another_machine();
        self.is_excused = true;
    }

    /// Returns a machine that has nothing in mind.
    pub(crate) fn another_machine(&self) -> Agent {
        Agent::new(self.key(), self.hub)
    }

    pub(crate) fn copy(&self) -> Copied {
        (self.disk.durable().clone(), Rc::clone(&self.listing))
    }

    pub(crate) fn set_back(&mut self, (memory, listing): Copied) {
        self.disk.set_back(memory);
        self.listing = listing;
        self.was_set_back = true;
        self.restart();
    }

    /// Copies its disk to another machine, which has the same key.
    pub(crate) fn double(&mut self, name: String) -> Self {
        self.was_set_back = true;
        Self {
            name,
            site: self.site.clone(),
            secret: Rc::clone(&self.secret),
            machine: self.another_machine(),
            disk: Disk::new(self.disk.durable().clone()),
            listing: Rc::clone(&self.listing),
            is_excused: true,
            believes: None,
            ..*self
        }
    }

    /// Goes on in its next epoch, if the hub holds entries of the present one that are not here;
    /// returns whether it does.
    pub(crate) fn heal(&mut self, report: &Report, chance: &mut Chance) -> bool {
        let memory = self.disk.write();
        if !report.forgotten.iter().any(|log| log.epoch == memory.epoch) {
            return false;
        }
        memory.epoch = Epoch(chance.draw().to_le_bytes());
        memory.count += 1;
        self.disk.commit();
        true
    }

    pub(crate) fn tell(&mut self, input: AgentInput) {
        self.machine.handle(input, &self.secret);
    }

    /// Does what the machine wants, up to what concerns others.
    pub(crate) fn act(&mut self) -> Result<Done, String> {
        while let Some(output) = self.machine.poll() {
            match self.perform(output)? {
                ControlFlow::Continue(Some(input)) => self.tell(input),
                ControlFlow::Continue(None) => (),
                ControlFlow::Break(done) => return Ok(done),
            }
        }
        Err(format!("the machine of {} stops in the middle", self.name))
    }

    fn perform(
        &mut self,
        output: AgentOutput,
    ) -> Result<ControlFlow<Done, Option<AgentInput>>, String> {
        let memory = self.seen();
        Ok(ControlFlow::Continue(Some(match output {
            AgentOutput::Look => AgentInput::Looked(self.known()),
            AgentOutput::Load { log, head, from, has, bytes } => {
                let shelf = memory.logs.get(&log);
                let frames = shelf.map(|shelf| shelf.load(head, from, &has, bytes));
                AgentInput::Loaded(frames.unwrap_or_default())
            }
            AgentOutput::Ids(asked) => {
                let ids = |(log, seq): &(LogName, u64)| {
                    memory.logs.get(log).map(|shelf| shelf.ids_at(*seq)).unwrap_or_default()
                };
                AgentInput::Ids(Ok(asked.iter().map(ids).collect()))
            }
            AgentOutput::Keep { receipt, held, frames, unlisted: _ } => {
                if self.disk_fails {
                    AgentInput::Kept(Err("the disk is full".to_owned()))
                } else {
                    self.keep(frames)?;
                    self.prove(receipt.map(|receipt| *receipt), held);
                    AgentInput::Kept(Ok(()))
                }
            }
            // Time does not matter here.
            AgentOutput::Ahead { .. } => return Ok(ControlFlow::Continue(None)),
            AgentOutput::Send(body) => return Ok(ControlFlow::Break(Done::Sends(body))),
            AgentOutput::End(report) => return Ok(ControlFlow::Break(Done::Ends(report))),
        })))
    }

    /// What may be spoken of: only what is durable.
    const fn seen(&self) -> &Memory {
        if self.sends_uncommitted { self.disk.now() } else { self.disk.durable() }
    }

    fn known(&self) -> Known {
        let (memory, key) = (self.seen(), self.key());
        let (mut own, mut followed) = (Vec::new(), Vec::new());
        for shelf in memory.shelves() {
            let (log, heads) = (shelf.log.clone(), shelf.heads());
            if log.device != key {
                followed.push((log, heads));
                continue;
            }
            let points = memory.held.get(&log).map(Vec::as_slice).unwrap_or_default();
            let branch = |head: Head| OwnBranch { head, held: shelf.reached(points, head) };
            own.push(OwnLog { log, branches: heads.into_iter().map(branch).collect() });
        }
        Known {
            epoch: memory.epoch,
            own,
            followed,
            last_receipt: memory.receipt.as_deref().cloned().map(Box::new),
            waiting: Waiting::default(),
            clock: Stamp { claimed_ms: self.clock_ms, ..Stamp::default() },
            software: "world".to_owned(),
        }
    }

    /// Keeps frames: first the hub's, which vouch for devices, then those of whom it vouches for.
    fn keep(&mut self, frames: Vec<Frame>) -> Result<(), String> {
        let (of_hub, of_others): (Vec<_>, Vec<_>) =
            frames.into_iter().partition(|frame| frame.log.device == self.hub);
        for frames in [of_hub, of_others] {
            for frame in frames {
                let author = frame.log.device;
                let vouched = author == self.hub || author == self.key() || self.knows(&author)?;
                let log = frame.log.clone();
                if !vouched || self.disk.write().shelf(&log).receive(frame).is_err() {
                    self.passed_over += 1;
                }
            }
            self.disk.commit();
            self.list()?;
        }
        Ok(())
    }

    fn knows(&self, device: &DeviceKey) -> Result<bool, String> {
        self.listing.records().is_bound(device).map_err(|fault| fault.to_string())
    }

    fn prove(&mut self, receipt: Option<Receipt>, held: Vec<(LogName, Vec<Head>)>) {
        let memory = self.disk.write();
        memory.held.extend(held);
        for (log, seq) in self.believes.take().into_iter().flatten() {
            let shelf = memory.logs.get(&log);
            // A head further on than this disk goes is believed to stand for all of it.
            let seq = seq.min(shelf.map_or(0, |shelf| shelf.end().seq));
            let id = shelf.and_then(|shelf| shelf.ids_at(seq).first().copied());
            memory.held.insert(log, id.map(|id| Head { seq, id }).into_iter().collect());
        }
        if let Some(receipt) = receipt {
            self.is_excused = false;
            memory.knows_of = self.hears_of;
            if memory.receipt.as_ref().is_none_or(|last| last.number < receipt.number) {
                memory.receipt = Some(Rc::new(receipt));
            }
        }
        self.disk.commit();
    }
}
