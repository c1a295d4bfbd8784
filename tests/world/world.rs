//! The world itself: who lives there, and that it can be lived through.

mod events;
mod exchange;
mod rest;
mod road;

use std::ops::Range;
use std::rc::Rc;
use std::thread;

use journal::SiteCode;

use crate::chance::Chance;
use crate::checks::Broken;
use crate::device::{Copied, Device};
use crate::listed::Census;
use crate::mutant::Mutant;
use crate::office::{Archived, Office};
use crate::remains::Remains;
use crate::tally::Tally;
use crate::weather::Climate;

/// Devices of one world.
const DEVICES_MAX: usize = 8;

/// Devices, a hub, and what lies between them.
#[derive(Debug)]
pub struct World {
    chance: Chance,
    climate: Climate,
    mutant: Option<Mutant>,
    office: Office,
    devices: Vec<Device>,
    /// An old copy of each device's disk.
    copies: Vec<Option<Copied>>,
    /// An old copy of the hub's disk.
    archived: Option<Archived>,
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
        let world = Self::lived(seed, climate, mutant)?;
        Ok(Tally { census: world.census, ..world.tally })
    }

    /// Lives through the world of a seed and returns what is at the hub in the end.
    ///
    /// # Errors
    ///
    /// Returns the law that was broken, and the story.
    pub fn remains(seed: u64, climate: Climate) -> Result<Remains, Broken> {
        Ok(Remains::of(&Self::lived(seed, climate, None)?.office))
    }

    fn lived(seed: u64, climate: Climate, mutant: Option<Mutant>) -> Result<Self, Broken> {
        let census = Census::default();
        let mut world = Self::begin(seed, climate, mutant).map_err(|law| Broken {
            law,
            story: Vec::new(),
            census,
        })?;
        match world.events() {
            Ok(()) => Ok(world),
            Err(law) => Err(Broken { law, story: world.story, census: world.census }),
        }
    }

    fn begin(seed: u64, climate: Climate, mutant: Option<Mutant>) -> Result<Self, String> {
        let mut chance = Chance::new(seed);
        let site = |code: &str| code.parse::<SiteCode>().map_err(|error| error.to_string());
        let mut office = Office::new(site("CENTRE")?, &mut chance);
        office.acks_early = mutant == Some(Mutant::AckBeforeDurable);
        office.receipts_what_was_asked = mutant == Some(Mutant::ReceiptOfWhatWasAsked);
        office.numbers_again = mutant == Some(Mutant::ReceiptNumberUsedTwice);
        let only_first = mutant == Some(Mutant::OnlyFirstBranchIsFolded);
        let at_hub = only_first || mutant == Some(Mutant::HubFoldsOnlyTheFirstBranch);
        Rc::make_mut(&mut office.fold).only_first = at_hub;
        let mut world = Self {
            chance,
            climate,
            mutant,
            office,
            devices: Vec::new(),
            copies: Vec::new(),
            archived: None,
            strays: Vec::new(),
            carried: 0,
            tally: Tally::default(),
            story: Vec::new(),
            census: Census::default(),
        };
        let count = 2 + world.chance.below(4);
        let sites = [site("INST-001")?, site("INST-002")?];
        let used = if count < 4 || world.chance.one_in(3) { 1 } else { 2 };
        for (name, site) in ('a'..).zip(sites.iter().take(used).cycle()).take(count) {
            world.enrol(name.to_string(), site.clone())?;
        }
        Ok(world)
    }

    /// Lets a new machine in.
    fn enrol(&mut self, name: String, site: SiteCode) -> Result<(), String> {
        let mut device = Device::new(name, site, self.office.key(), &mut self.chance)?;
        device.sends_uncommitted = self.mutant == Some(Mutant::SendBeforeDurable);
        let only_first = self.mutant == Some(Mutant::OnlyFirstBranchIsFolded);
        Rc::make_mut(&mut device.listing).only_first = only_first;
        self.office.let_in(device.key(), device.site.clone(), &mut self.chance)?;
        self.devices.push(device);
        self.copies.push(None);
        Ok(())
    }

    fn tell(&mut self, line: String) {
        self.story.push(line);
    }

    /// Lists what is new, at the hub and everywhere.
    fn list(&mut self) -> Result<(), String> {
        self.office.list();
        self.devices.iter_mut().try_for_each(Device::list)
    }

    fn excuse(&mut self, at: usize) {
        if let Some(device) = self.devices.get_mut(at) {
            device.is_excused = true;
        }
    }

    fn excuse_all(&mut self) {
        self.devices.iter_mut().for_each(|device| device.is_excused = true);
    }
}
