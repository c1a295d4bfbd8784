//! A device: its disk, its machine, and who writes there.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use journal::{
    BootId, DeviceKey, DeviceSecret, Draft, Epoch, EpochStart, Frame, Head, Kind, Lane, LogName,
    Receipt, ReceiptName, Seed, SiteCode, Stamp, Writer,
};
use protocol::{Agent, AgentInput, AgentOutput, Known, Report, Waiting};

use crate::chance::Chance;
use crate::disk::Disk;
use crate::listing::Listing;
use crate::pen::Written;
use crate::shelf::Shelf;

/// The logs that a device writes in one epoch.
const LANES: usize = 2;

/// What a device keeps on its disk.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) epoch: Epoch,
    /// The logs it wrote; last those that it writes, a log a lane.
    pub(crate) own: Vec<Shelf>,
    pub(crate) followed: BTreeMap<LogName, Shelf>,
    /// How far it says that the hub holds each own log.
    pub(crate) held: BTreeMap<LogName, u64>,
    pub(crate) receipt: Option<ReceiptName>,
}

impl Memory {
    /// Returns every log that it has something of.
    pub(crate) fn shelves(&self) -> impl Iterator<Item = &Shelf> {
        self.own.iter().chain(self.followed.values())
    }
}

/// A computer that writes.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) site: SiteCode,
    secret: Rc<DeviceSecret>,
    hub: DeviceKey,
    machine: Agent,
    pub(crate) disk: Disk<Memory>,
    pub(crate) disk_fails: bool,
    /// The last answer, for a mutant that believes it unread.
    pub(crate) believes: Option<BTreeMap<LogName, u64>>,
    /// Whether something happened after which entries may be sent that the hub already holds.
    pub(crate) is_excused: bool,
    /// Whether its disk was ever put back, so that its logs have forked.
    pub(crate) was_set_back: bool,
    pub(crate) sends_uncommitted: bool,
    /// What it lists.
    pub(crate) listing: Listing,
}

/// What a device does next that concerns others.
#[derive(Debug)]
pub(crate) enum Done {
    Sends(Vec<u8>),
    Ends(Report),
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
        let epoch = Epoch([1; 8]);
        let disk = Disk::new(Memory {
            epoch,
            own: shelves(secret.public(), epoch, &site),
            followed: BTreeMap::new(),
            held: BTreeMap::new(),
            receipt: None,
        });
        Ok(Self {
            name,
            site,
            secret,
            hub,
            machine,
            disk,
            disk_fails: false,
            believes: None,
            is_excused: false,
            was_set_back: false,
            sends_uncommitted: false,
            listing: Listing::new(hub)?,
        })
    }

    pub(crate) fn key(&self) -> DeviceKey {
        self.secret.public()
    }

    /// Writes entries to an own log; not yet durable.
    pub(crate) fn write(&mut self, lane: usize, payloads: Vec<Written>, chance: &mut Chance) {
        let own = &mut self.disk.write().own;
        let present = own.len().saturating_sub(LANES);
        let Some(shelf) = own.get_mut(present + lane) else { return };
        write(shelf, &self.secret, &self.site, payloads, chance);
    }

    /// Lists what is new on its disk.
    pub(crate) fn list(&mut self) -> Result<(), String> {
        self.listing.fold(self.disk.durable().shelves())
    }

    /// Restarts: what was not committed is gone, and what the machine had in mind.
    pub(crate) fn restart(&mut self) {
        self.disk.restart();
        self.machine = Agent::new(self.key(), self.hub);
        self.is_excused = true;
    }

    /// Copies its disk to another machine, which has the same key.
    pub(crate) fn double(&self) -> Self {
        let disk = Disk::new(self.disk.durable().clone());
        Self {
            name: format!("{}'", self.name),
            site: self.site.clone(),
            secret: Rc::clone(&self.secret),
            machine: Agent::new(self.key(), self.hub),
            disk,
            is_excused: true,
            was_set_back: true,
            believes: None,
            listing: self.listing.clone(),
            ..*self
        }
    }

    /// Takes a lost answer for a request that was never made.
    pub(crate) fn forget_what_was_sent(&mut self) {
        self.machine = Agent::new(self.key(), self.hub);
    }

    pub(crate) fn set_back(&mut self, copy: Memory) -> Result<(), String> {
        self.disk.set_back(copy);
        self.was_set_back = true;
        self.restart();
        self.listing = Listing::new(self.hub)?;
        Ok(())
    }

    /// Goes on in its next epoch, if the hub holds entries of the present one that are not here;
    /// returns whether it does.
    pub(crate) fn heal(&mut self, report: &Report, chance: &mut Chance) -> bool {
        let epoch = self.disk.now().epoch;
        if !report.forgotten.iter().any(|log| log.epoch == epoch) {
            return false;
        }
        let next = Epoch(chance.draw().to_le_bytes());
        let logs = shelves(self.key(), next, &self.site);
        let memory = self.disk.write();
        memory.epoch = next;
        memory.own.extend(logs);
        self.disk.commit();
        true
    }

    pub(crate) fn tell(&mut self, input: AgentInput) {
        self.machine.handle(input, &self.secret);
    }

    /// Does what the machine wants, up to what concerns others.
    pub(crate) fn act(&mut self) -> Result<Done, String> {
        while let Some(output) = self.machine.poll() {
            if matches!(output, AgentOutput::Ahead { .. }) {
                continue; // Time does not matter here.
            }
            match self.perform(output) {
                ControlFlow::Continue(input) => self.tell(input),
                ControlFlow::Break(done) => return Ok(done),
            }
        }
        Err(format!("the machine of {} stops in the middle", self.name))
    }

    fn perform(&mut self, output: AgentOutput) -> ControlFlow<Done, AgentInput> {
        let memory = self.seen();
        let own = |log: &LogName| memory.own.iter().find(|shelf| shelf.log == *log);
        ControlFlow::Continue(match output {
            AgentOutput::Look => AgentInput::Looked(self.known()),
            AgentOutput::Load { log, from, bytes } => {
                let frames = own(&log).map(|shelf| shelf.frames_from(from, bytes));
                AgentInput::Loaded(frames.unwrap_or_default())
            }
            AgentOutput::Ids(asked) => {
                let any = |log: &LogName| own(log).or_else(|| memory.followed.get(log));
                AgentInput::Ids(asked.iter().map(|(log, seq)| any(log)?.id(*seq)).collect())
            }
            AgentOutput::Keep { receipt, held, frames } => {
                AgentInput::Kept(self.keep(receipt.as_deref(), held, frames))
            }
            AgentOutput::Ahead { .. } => return ControlFlow::Break(Done::Ends(Report::default())),
            AgentOutput::Send(body) => return ControlFlow::Break(Done::Sends(body)),
            AgentOutput::End(report) => return ControlFlow::Break(Done::Ends(report)),
        })
    }

    /// What may be spoken of: only what is durable.
    const fn seen(&self) -> &Memory {
        if self.sends_uncommitted { self.disk.now() } else { self.disk.durable() }
    }

    fn known(&self) -> Known {
        let memory = self.seen();
        let held = |shelf: &Shelf| memory.held.get(&shelf.log).copied().unwrap_or(0);
        let own = memory.own.iter().map(|shelf| (shelf.log.clone(), shelf.head(), held(shelf)));
        let followed = memory.followed.values().flat_map(|shelf| {
            let heads = std::iter::once(shelf.head()).chain(shelf.branches());
            heads.map(|head| (shelf.log.clone(), head)).collect::<Vec<_>>()
        });
        Known {
            epoch: memory.epoch,
            own: own.collect(),
            followed: followed.collect(),
            last_receipt: memory.receipt,
            waiting: Waiting::default(),
            clock: Stamp::default(),
            software: "world".to_owned(),
        }
    }

    fn keep(
        &mut self,
        receipt: Option<&Receipt>,
        held: Vec<(LogName, u64)>,
        frames: Vec<Frame>,
    ) -> Result<(), String> {
        if self.disk_fails {
            return Err("the disk is full".to_owned());
        }
        let memory = self.disk.write();
        for frame in frames {
            let log = frame.log.clone();
            let shelf = memory.followed.entry(log.clone()).or_insert_with(|| Shelf::new(log));
            shelf.receive(frame)?;
        }
        memory.held.extend(held);
        memory.held.extend(self.believes.take().into_iter().flatten());
        if let Some(receipt) = receipt {
            memory.receipt = Some(receipt.name());
            self.is_excused = false;
        }
        self.disk.commit();
        Ok(())
    }
}

/// Returns the empty logs of an epoch, one a lane.
fn shelves(device: DeviceKey, epoch: Epoch, site: &SiteCode) -> Vec<Shelf> {
    let lanes: [Lane; LANES] = [Lane::Site(site.clone()), Lane::Everyone];
    lanes.map(|lane| Shelf::new(LogName { device, epoch, lane })).into()
}

/// Writes payloads to a log, after the entry that begins it.
pub(crate) fn write(
    shelf: &mut Shelf,
    secret: &DeviceSecret,
    site: &SiteCode,
    payloads: Vec<Written>,
    chance: &mut Chance,
) {
    let head = shelf.head();
    let start = EpochStart {
        site: site.clone(),
        predecessors: Vec::new(),
        opened_at_ms: 0,
        count: 1,
        previous: None,
        abandoned: None,
    };
    let start = start.to_payload().ok().filter(|_| head == Head::empty(shelf.log.id()));
    let start = start.map(|payload| (Kind::EPOCH_START, payload));
    let stamp = Stamp { claimed_ms: 0, boot: BootId([1; 8]), boot_ms: chance.draw() % 1_000 };
    let drafts = start.into_iter().chain(payloads);
    let drafts = drafts.map(|(kind, payload)| Draft { kind, payload, stamp, receipt: 0 });
    let mut writer = Writer::resume(shelf.log.clone(), head);
    let seeds = [Seed(chance.bytes()), Seed(chance.bytes())];
    for frame in writer.append(drafts.collect(), &seeds, secret) {
        let entries = frame.rebuild(shelf.head().id).unwrap_or_default();
        shelf.append(frame, entries);
    }
}
