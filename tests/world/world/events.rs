//! What happens, in which order.

use journal::{Epoch, Lane};

use super::{DEVICES_MAX, World};
use crate::checks;
use crate::visit::Visit;

/// Events of one world.
const EVENTS: u64 = 200;

/// Events after which the weather clears for a while.
const SPELL: u64 = 100;

/// Milliseconds of ten years: no clock jumps further.
const TEN_YEARS_MS: usize = 315_360_000_000;

impl World {
    pub(super) fn events(&mut self) -> Result<(), String> {
        for event in 1..=EVENTS {
            self.tally.events += 1;
            let at = self.chance.below(self.devices.len());
            match self.chance.below(24) {
                0..=7 => self.write(at)?,
                8..=14 => drop(self.exchange(at)?),
                15 | 16 => self.write_at_the_hub(at)?,
                17 => self.deliver_a_stray()?,
                18 => self.restart_hub(),
                19 => self.restart(at),
                20 => self.jump(at),
                21 => self.put_hub_back(),
                22 => self.put_back(at),
                _ => self.clone_or_wipe(at)?,
            }
            self.list()?;
            checks::always(&self.office, &self.devices)?;
            if event % SPELL == 0 {
                self.rest()?;
            }
        }
        Ok(())
    }

    fn write(&mut self, at: usize) -> Result<(), String> {
        let Some(device) = self.devices.get_mut(at) else { return Ok(()) };
        let count = 1 + self.chance.below(4);
        let noise = if self.chance.one_in(4) { self.climate.noise } else { 0 };
        let mut written = Vec::new();
        for _ in 0..count {
            let noise = self.chance.noise(noise);
            written.push(device.compose(&noise, &mut self.chance)?);
        }
        let lane = match self.chance.one_in(4) {
            true => Lane::Everyone,
            false => Lane::Site(device.site.clone()),
        };
        let told = lane.to_string();
        device.write(lane, written, &mut self.chance)?;
        let commits = !self.chance.one_in(4);
        if commits {
            device.disk.commit();
        }
        self.tally.written += count as u64;
        let durable = if commits { "" } else { ", not durable" };
        let line = format!("{} writes {count} in {told}{durable}", device.name);
        self.tell(line);
        Ok(())
    }

    fn write_at_the_hub(&mut self, at: usize) -> Result<(), String> {
        let Some(device) = self.devices.get(at) else { return Ok(()) };
        let site = device.site.clone();
        self.tell(format!("the hub writes for {site}"));
        let written = self.office.compose(&site, &mut self.chance)?;
        self.office.append(Lane::Site(site), written, &mut self.chance)
    }

    fn deliver_a_stray(&mut self) -> Result<(), String> {
        let at = self.chance.below(self.strays.len());
        if at < self.strays.len() {
            let (device, body) = self.strays.remove(at);
            self.tell(format!("an old request of device {device} arrives"));
            Visit::new(body).finish(&mut self.office)?;
            self.excuse(device);
        }
        Ok(())
    }

    fn restart_hub(&mut self) {
        self.tell("the hub restarts".to_owned());
        self.tally.fired("hub restarts");
        self.office.disk.restart();
    }

    fn restart(&mut self, at: usize) {
        let Some(device) = self.devices.get_mut(at) else { return };
        self.story.push(format!("{} restarts", device.name));
        self.tally.fired("device restarts");
        device.restart();
    }

    /// Lets a clock jump, at a device or at the hub.
    fn jump(&mut self, at: usize) {
        let ms = self.chance.below(TEN_YEARS_MS) as i64 - TEN_YEARS_MS as i64 / 2;
        self.tally.fired("clock jumps");
        match self.devices.get_mut(at).filter(|_| self.chance.below(4) != 0) {
            Some(device) => device.clock_ms += ms,
            None => self.office.jump(ms),
        }
    }

    /// Copies the hub's disk, or puts the copy back: as it is, or so that the hub knows.
    fn put_hub_back(&mut self) {
        let (restores, copies) = (self.climate.restores_hub, self.climate.copies_hub);
        if !restores && !copies {
            return;
        }
        let Some(copy) = self.archived.take() else {
            self.archived = Some(self.office.copy());
            return self.tell("the hub's disk is copied".to_owned());
        };
        let is_restored = restores && (!copies || self.chance.one_in(2));
        let next = is_restored.then(|| Epoch(self.chance.draw().to_le_bytes()));
        let what = if is_restored { "hub restored" } else { "hub put back as it was" };
        self.tell(format!("the {what}"));
        self.tally.fired(what);
        self.office.set_back(copy, next);
        self.excuse_all();
    }

    /// Copies a device's disk, or puts the copy back.
    fn put_back(&mut self, at: usize) {
        let (Some(device), Some(copy)) = (self.devices.get_mut(at), self.copies.get_mut(at)) else {
            return;
        };
        if !self.climate.sets_back {
            return;
        }
        match copy.take() {
            None => {
                *copy = Some(device.copy());
                self.story.push(format!("the disk of {} is copied", device.name));
            }
            Some(copy) => {
                self.story.push(format!("{} is set back", device.name));
                self.tally.fired("device set back");
                device.set_back(copy);
            }
        }
    }

    /// Lets a second machine live on a copy of a disk, or wipes one, which is enrolled again.
    fn clone_or_wipe(&mut self, at: usize) -> Result<(), String> {
        let (clones, wipes) = (self.climate.clones, self.climate.wipes);
        let doubles = clones && self.devices.len() < DEVICES_MAX;
        let Some(device) = self.devices.get_mut(at) else { return Ok(()) };
        if doubles && (!wipes || self.chance.one_in(2)) {
            let double = device.double(format!("{}'", device.name));
            self.story.push(format!("{} lives on a copy of its disk", double.name));
            self.tally.fired("device cloned");
            self.devices.push(double);
            self.copies.push(None);
        } else if wipes && self.chance.one_in(2) {
            let (name, site) = (format!("{}+", device.name), device.site.clone());
            self.tell(format!("{name} is wiped and enrolled again"));
            self.tally.fired("device wiped");
            self.devices.remove(at);
            self.copies.remove(at);
            // What was on its way of it still may arrive.
            self.strays.retain(|(of, _)| *of != at);
            for (of, _) in &mut self.strays {
                *of -= usize::from(at < *of);
            }
            self.enrol(name, site)?;
        }
        Ok(())
    }
}
