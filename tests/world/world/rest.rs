//! Fair weather: everything must arrive and be listed, and then nothing may move any more.

use protocol::Ended;

use super::World;
use crate::checks;
use crate::listed;

/// Rounds of exchanges in fair weather after which everything must have arrived.
const ROUNDS_MAX: u64 = 6;

impl World {
    pub(super) fn rest(&mut self) -> Result<(), String> {
        let one_in = std::mem::take(&mut self.climate.one_in);
        self.tell("the weather clears".to_owned());
        self.office.disk.commit();
        self.devices.iter_mut().for_each(|device| device.disk.commit());
        let mut rounds = 0;
        loop {
            self.let_in_who_waits()?;
            rounds += 1;
            self.tally.rounds = self.tally.rounds.max(rounds);
            let Some(unrest) = self.round()? else { break };
            if ROUNDS_MAX <= rounds {
                return Err(format!("no rest after {ROUNDS_MAX} rounds: {unrest}"));
            }
        }
        self.list()?;
        self.census.add(&listed::census(&self.office, &self.devices)?);
        listed::everywhere(&self.office, &self.devices)?;
        checks::at_rest(&self.office, &self.devices)?;
        self.tally.rests += 1;
        let forked = self.office.disk.durable().shelves().filter(|it| 1 < it.branches().len());
        self.tally.forks += forked.count() as u64;
        self.climate.one_in = one_in;
        self.tell("it is quiet".to_owned());
        Ok(())
    }

    /// Lets every device make one exchange; returns what moved, if anything did.
    fn round(&mut self) -> Result<Option<String>, String> {
        let mut unrest = None;
        for at in 0..self.devices.len() {
            self.carried = 0;
            let report = self.exchange(at)?.unwrap_or_default();
            self.list()?;
            checks::always(&self.office, &self.devices)?;
            let Some(device) = self.devices.get(at) else { continue };
            let (carried, passed_over) = (self.carried, device.passed_over);
            if 0 < carried || 0 < passed_over || report.ended != Ended::Settled {
                let (name, ended) = (&device.name, report.ended);
                unrest = Some(format!(
                    "{name} had {carried} frames, passed {passed_over} over, {ended:?}, {:?}",
                    report.refused
                ));
            }
        }
        Ok(unrest)
    }

    /// The administrator lets in whom a hub does not know since its disk was put back.
    fn let_in_who_waits(&mut self) -> Result<(), String> {
        for at in 0..self.devices.len() {
            let Some(device) = self.devices.get(at) else { continue };
            let (key, site) = (device.key(), device.site.clone());
            if !self.office.knows(&key) {
                self.story.push(format!("{} is let in again", device.name));
                self.office.let_in(key, site, &mut self.chance)?;
            }
        }
        Ok(())
    }
}
