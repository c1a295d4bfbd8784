//! One exchange of a device with the hub, from its begin to its end.

use protocol::{AgentInput, Ended, Report};

use super::World;
use crate::device::Done;
use crate::mutant::Mutant;

/// Steps of one exchange; more means that the two sides talk past each other.
const STEPS_MAX: usize = 200;

/// Epochs that a device opens in one exchange, as the real one does.
const LIVES_MAX: usize = 4;

impl World {
    /// One exchange, and another where the device goes on in its next epoch; `None` if it restarted
    /// in the middle.
    pub(super) fn exchange(&mut self, at: usize) -> Result<Option<Report>, String> {
        let mut last = self.exchange_once(at)?;
        for _ in 0..LIVES_MAX {
            let (Some(report), Some(device)) = (&last, self.devices.get_mut(at)) else { break };
            let heals = self.mutant != Some(Mutant::GoesOnInAForkedLog) && report.answered;
            if !heals || !device.heal(report, &mut self.chance) {
                break;
            }
            self.story.push(format!("{} opens its next epoch", device.name));
            self.tally.fired("next epoch");
            last = self.exchange_once(at)?;
        }
        Ok(last)
    }

    pub(super) fn exchange_once(&mut self, at: usize) -> Result<Option<Report>, String> {
        let Some(device) = self.devices.get_mut(at) else { return Ok(None) };
        if self.mutant == Some(Mutant::ForgetsWhatWasSent) {
            device.machine = device.another_machine();
        }
        device.passed_over = 0;
        self.story.push(format!("{} begins", device.name));
        device.tell(AgentInput::Begin);
        for _ in 0..STEPS_MAX {
            let Some(device) = self.devices.get_mut(at) else { return Ok(None) };
            match device.act()? {
                Done::Ends(report) => {
                    device.ran_twice &= report.ended != Ended::Settled;
                    self.story.push(format!("  {:?}", report.ended));
                    if let Some((log, (first, last))) = report.removed.iter().next() {
                        let (name, lane) = (&device.name, &log.lane);
                        let what = format!("{name} says that {first} to {last} of {lane}");
                        return Err(format!("{what} were removed by a hub that removes nothing"));
                    }
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

    /// Lets another program on the same disk make an exchange of its own.
    pub(super) fn second_run(&mut self, at: usize) -> Result<(), String> {
        let Some(device) = self.devices.get_mut(at) else { return Ok(()) };
        let another = device.another_machine();
        let first = std::mem::replace(&mut device.machine, another);
        device.ran_twice = true;
        let one_in = std::mem::take(&mut self.climate.one_in);
        self.exchange_once(at)?;
        self.climate.one_in = one_in;
        let Some(device) = self.devices.get_mut(at) else { return Ok(()) };
        device.machine = first;
        device.ran_twice = true;
        Ok(())
    }
}
