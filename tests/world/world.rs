//! The world itself: who lives there, what happens, in which order.

mod road;

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

use journal::SiteCode;
use protocol::{AgentInput, Ended, Report};

use crate::chance::Chance;
use crate::checks::{self, Broken};
use crate::device::{Device, Done, Memory};
use crate::listed::{self, Census};
use crate::office::{Archive, Office};
use crate::visit::Visit;
use crate::weather::Climate;

/// Events of one world before its weather clears.
const EVENTS: usize = 200;

/// Devices of one world.
const DEVICES_MAX: usize = 8;

/// Rounds of exchanges in fair weather after which everything must have arrived.
const ROUNDS_MAX: u64 = 4;

/// Steps of one exchange; more means that the two sides talk past each other.
const STEPS_MAX: usize = 60;

/// A rule of the world, broken on purpose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mutant {
    /// The hub says "kept" before its disk has it.
    AckBeforeDurable,
    /// A device takes as held what a receipt names, without a look at its own entries.
    HeldWithoutComparing,
    /// The hub gives receipts for what a device says it has.
    ReceiptOfWhatWasAsked,
    /// A device sends entries that its own disk does not have yet.
    SendBeforeDurable,
    /// A device that had no answer is taken for one that never sent.
    ForgetsWhatWasSent,
    /// A device goes on in a log of which the hub holds entries that it does not have.
    GoesOnInAForkedLog,
}

/// What came of a world, to be added to that of others.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Faults that fired, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Steps of exchanges.
    pub steps: u64,
    /// Entries written on devices.
    pub written: u64,
    /// Entries sent that the hub held already.
    pub resent: u64,
    /// Rounds of fair weather until all was quiet, at the most.
    pub rounds: u64,
    /// Devices and hubs whose disk was put back.
    pub set_back: u64,
    /// Devices that went on in their next epoch.
    pub healed: u64,
    /// Where what was written is listed.
    pub census: Census,
}

/// Devices, a hub, and what lies between them.
#[derive(Debug)]
pub struct World {
    chance: Chance,
    climate: Climate,
    mutant: Option<Mutant>,
    office: Office,
    devices: Vec<Device>,
    /// An old copy of each device's disk.
    copies: Vec<Option<Memory>>,
    /// An old copy of the hub's disk.
    archived: Option<Archive>,
    /// Requests that have not arrived yet.
    strays: Vec<(usize, Vec<u8>)>,
    /// Frames carried in the exchange at hand.
    carried: u64,
    tally: Tally,
    story: Vec<String>,
    census: Census,
}

/// A seed, and what came of its world.
pub type Lived = (u64, Result<Tally, Broken>);

/// Lives through the worlds of these seeds, on as many threads as there are processors.
#[must_use]
pub fn all(seeds: Range<u64>, climate: Climate, mutant: Option<Mutant>) -> Vec<Lived> {
    let threads = thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let share = |first: u64| {
        let seeds = seeds.clone().filter(move |seed| seed % threads == first);
        seeds.map(|seed| (seed, World::live(seed, climate, mutant))).collect::<Vec<_>>()
    };
    let mut lived: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(move || share(first))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    lived.sort_by_key(|(seed, _)| *seed);
    lived
}

impl World {
    /// Lives through the world of a seed.
    ///
    /// # Errors
    ///
    /// Returns the law that was broken, and the story.
    pub fn live(seed: u64, climate: Climate, mutant: Option<Mutant>) -> Result<Tally, Broken> {
        let census = Census::default();
        let mut world = Self::begin(seed, climate, mutant).map_err(|law| Broken {
            law,
            story: Vec::new(),
            census,
        })?;
        match world.events().and_then(|()| world.clear_up()) {
            Ok(()) => Ok(Tally { census: world.census, ..world.tally }),
            Err(law) => Err(Broken { law, story: world.story, census: world.census }),
        }
    }

    fn begin(seed: u64, climate: Climate, mutant: Option<Mutant>) -> Result<Self, String> {
        let mut chance = Chance::new(seed);
        let mut office = Office::new(&mut chance);
        office.acks_early = mutant == Some(Mutant::AckBeforeDurable);
        office.receipts_what_was_asked = mutant == Some(Mutant::ReceiptOfWhatWasAsked);
        let count = 2 + chance.below(4);
        let sites = ["INST-001", "INST-002"].map(str::parse::<SiteCode>);
        let mut devices = Vec::new();
        for (name, site) in ('a'..).zip(sites.into_iter().flatten().cycle()).take(count) {
            let mut device = Device::new(name.to_string(), site, office.key(), &mut chance)?;
            device.sends_uncommitted = mutant == Some(Mutant::SendBeforeDurable);
            office.let_in(device.key(), device.site.clone());
            devices.push(device);
        }
        let copies = vec![None; count];
        Ok(Self {
            chance,
            climate,
            mutant,
            office,
            devices,
            copies,
            archived: None,
            strays: Vec::new(),
            carried: 0,
            tally: Tally::default(),
            story: Vec::new(),
            census: Census::default(),
        })
    }

    fn events(&mut self) -> Result<(), String> {
        for _ in 0..EVENTS {
            let at = self.chance.below(self.devices.len());
            match self.chance.below(20) {
                0..=6 => self.write(at)?,
                7..=14 => drop(self.exchange(at)?),
                15 => self.write_at_the_hub(at)?,
                16 => self.deliver_a_stray()?,
                17 => self.restart_hub(),
                18 => self.restart(at),
                _ => self.set_back(at)?,
            }
            self.list()?;
            if !self.climate.copies_hub {
                checks::always(&self.office, &self.devices)?;
            }
        }
        Ok(())
    }

    /// Fair weather: everything must arrive, and then nothing may move any more.
    fn clear_up(&mut self) -> Result<(), String> {
        self.climate.one_in = 0;
        self.story.push("the weather clears".to_owned());
        self.office.disk.commit();
        self.devices.iter_mut().for_each(|device| device.disk.commit());
        loop {
            self.tally.rounds += 1;
            let mut unrest = None;
            for at in 0..self.devices.len() {
                self.carried = 0;
                let report = self.exchange(at)?.unwrap_or_default();
                self.list()?;
                if !self.climate.copies_hub {
                    checks::always(&self.office, &self.devices)?;
                }
                if 0 < self.carried || report.ended != Ended::Settled {
                    unrest = Some(format!("{} frames, {:?}", self.carried, report.ended));
                }
            }
            match unrest {
                None => return self.at_rest(),
                Some(unrest) if ROUNDS_MAX < self.tally.rounds => {
                    self.at_rest()?;
                    return Err(format!("no rest after {ROUNDS_MAX} rounds: {unrest}"));
                }
                Some(_) => (),
            }
        }
    }

    /// Lists what is new, at the hub and everywhere.
    fn list(&mut self) -> Result<(), String> {
        self.office.list();
        self.devices.iter_mut().try_for_each(Device::list)
    }

    fn at_rest(&mut self) -> Result<(), String> {
        self.census = listed::census(&self.office, &self.devices)?;
        listed::everywhere(&self.office, &self.devices, &self.census)?;
        checks::in_the_end(&self.office, &self.devices)
    }

    fn write(&mut self, at: usize) -> Result<(), String> {
        let Some(device) = self.devices.get_mut(at) else { return Ok(()) };
        let count = 1 + self.chance.below(4);
        let noise = if self.chance.one_in(4) { self.climate.noise } else { 0 };
        let mut payloads = Vec::new();
        for _ in 0..count {
            let noise = self.chance.noise(noise);
            payloads.push(device.compose(&noise, &mut self.chance)?);
        }
        let lane = usize::from(self.chance.one_in(4));
        device.write(lane, payloads, &mut self.chance);
        let commits = !self.chance.one_in(4);
        if commits {
            device.disk.commit();
        }
        self.tally.written += count as u64;
        let durable = if commits { "" } else { ", not durable" };
        self.story.push(format!("{} writes {count} in lane {lane}{durable}", device.name));
        Ok(())
    }

    fn write_at_the_hub(&mut self, at: usize) -> Result<(), String> {
        let Some(device) = self.devices.get(at) else { return Ok(()) };
        self.story.push(format!("the hub writes for {}", device.site));
        let written = self.office.compose(&device.site, &mut self.chance)?;
        self.office.write(&device.site, written, &mut self.chance);
        Ok(())
    }

    fn deliver_a_stray(&mut self) -> Result<(), String> {
        let at = self.chance.below(self.strays.len());
        if at < self.strays.len() {
            let (device, body) = self.strays.remove(at);
            self.story.push(format!("an old request of device {device} arrives"));
            Visit::new(body).finish(&mut self.office)?;
            self.excuse(device);
        }
        Ok(())
    }

    /// Restarts the hub; in some climates its disk is copied, or the copy put back.
    fn restart_hub(&mut self) {
        let sets_back = self.climate.sets_hub_back || self.climate.copies_hub;
        if sets_back && self.chance.one_in(2) {
            match self.archived.take() {
                None => self.archived = Some(self.office.disk.durable().clone()),
                Some(copy) => {
                    self.story.push("the hub is set back".to_owned());
                    self.tally.set_back += 1;
                    self.office.set_back(copy, self.climate.copies_hub);
                    (0..self.devices.len()).for_each(|at| self.excuse(at));
                }
            }
            return;
        }
        self.story.push("the hub restarts".to_owned());
        self.office.disk.restart();
    }

    fn restart(&mut self, at: usize) {
        let Some(device) = self.devices.get_mut(at) else { return };
        self.story.push(format!("{} restarts", device.name));
        device.restart();
    }

    /// Copies a device's disk, or puts the copy back.
    fn set_back(&mut self, at: usize) -> Result<(), String> {
        if self.climate.clones && self.devices.len() < DEVICES_MAX {
            self.devices.iter_mut().skip(at).take(1).for_each(|it| it.was_set_back = true);
            let double = self.devices.get(at).map(Device::double);
            self.devices.extend(double);
            self.copies.push(None);
            return Ok(());
        }
        if !self.climate.sets_back {
            return Ok(());
        }
        let (Some(device), Some(copy)) = (self.devices.get_mut(at), self.copies.get_mut(at)) else {
            return Ok(());
        };
        match copy.take() {
            None => *copy = Some(device.disk.durable().clone()),
            Some(copy) => {
                self.story.push(format!("{} is set back", device.name));
                self.tally.set_back += 1;
                device.set_back(copy)?;
            }
        }
        Ok(())
    }

    fn excuse(&mut self, at: usize) {
        if let Some(device) = self.devices.get_mut(at) {
            device.is_excused = true;
        }
    }

    /// One exchange, and another where the device goes on in its next epoch; `None` if it restarted
    /// in the middle.
    fn exchange(&mut self, at: usize) -> Result<Option<Report>, String> {
        let Some(report) = self.exchange_once(at)? else { return Ok(None) };
        let Some(device) = self.devices.get_mut(at) else { return Ok(None) };
        let heals = self.mutant != Some(Mutant::GoesOnInAForkedLog);
        if heals && report.answered && device.heal(&report, &mut self.chance) {
            self.story.push(format!("{} opens its next epoch", device.name));
            self.tally.healed += 1;
            return self.exchange_once(at);
        }
        Ok(Some(report))
    }

    fn exchange_once(&mut self, at: usize) -> Result<Option<Report>, String> {
        let Some(device) = self.devices.get_mut(at) else { return Ok(None) };
        if self.mutant == Some(Mutant::ForgetsWhatWasSent) {
            device.forget_what_was_sent();
        }
        self.story.push(format!("{} begins", device.name));
        device.tell(AgentInput::Begin);
        for _ in 0..STEPS_MAX {
            let Some(device) = self.devices.get_mut(at) else { return Ok(None) };
            match device.act()? {
                Done::Ends(report) => {
                    self.story.push(format!("  {:?}", report.ended));
                    return Ok(Some(report));
                }
                Done::Sends(body) => {
                    let Some(input) = self.carry(at, body)? else { return Ok(None) };
                    let Some(device) = self.devices.get_mut(at) else { return Ok(None) };
                    device.tell(input);
                }
            }
        }
        Err("an exchange does not end".to_owned())
    }
}
