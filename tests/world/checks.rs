//! What must hold after every event, and what must have come true once the weather clears.

use std::fmt;

use crate::device::Device;
use crate::listed::Census;
use crate::office::Office;

/// A law was broken; with the story that led there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Broken {
    /// Which.
    pub law: String,
    /// What happened, in order.
    pub story: Vec<String>,
    /// Where what was written is listed.
    pub census: Census,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.story.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        f.write_str(&self.law)
    }
}

impl std::error::Error for Broken {}

/// Checks what must hold always.
pub(crate) fn always(office: &Office, devices: &[Device]) -> Result<(), String> {
    office.wrongs.first().map_or(Ok(()), |wrong| Err(wrong.clone()))?;
    for device in devices {
        held_is_durable(office, device)?;
        if !device.was_set_back {
            nothing_has_forked(office, device)?;
        }
        if !devices.iter().any(|device| device.was_set_back) && !office.was_set_back() {
            followed_is_what_the_hub_has(office, device)?;
        }
    }
    Ok(())
}

/// Checks what must have come true when nothing is on its way any more.
pub(crate) fn in_the_end(office: &Office, devices: &[Device]) -> Result<(), String> {
    for device in devices {
        let (name, memory) = (&device.name, device.disk.durable());
        for shelf in &memory.own {
            let (log, head) = (&shelf.log.lane, shelf.head());
            let there = office.disk.durable().logs.get(&shelf.log);
            if 0 < head.seq && !there.is_some_and(|there| there.holds(head.id)) {
                return Err(format!(
                    "{name} has {} entries of {log}, the hub lacks some",
                    head.seq
                ));
            }
            let held = memory.held.get(&shelf.log).copied().unwrap_or(0);
            let is_present = shelf.log.epoch == memory.epoch;
            if held != head.seq && (is_present || !device.was_set_back) {
                return Err(format!("{name} has {} entries of {log}, {held} held", head.seq));
            }
        }
        for shelf in office.followed(device.key(), &device.site) {
            let here = memory.followed.get(&shelf.log);
            let heads = std::iter::once(shelf.head()).chain(shelf.branches());
            for head in heads.filter(|head| 0 < head.seq) {
                if !here.is_some_and(|here| here.holds(head.id)) {
                    let (has, log) = (here.map_or(0, |here| here.head().seq), &shelf.log.lane);
                    let all = head.seq;
                    return Err(format!("{name} follows {log} and has {has} of {all} entries"));
                }
            }
        }
    }
    Ok(())
}

/// What a device calls held stands on the hub's disk, under the id the device has.
///
/// An id stands for all entries before it, so the last is enough.
fn held_is_durable(office: &Office, device: &Device) -> Result<(), String> {
    let memory = device.disk.durable();
    if memory.receipt.is_some_and(|receipt| receipt.hub_epoch != office.epoch()) {
        return Ok(()); // It can't know yet that the hub lost what it had.
    }
    for (log, held) in memory.held.iter().filter(|(_, held)| 0 < **held) {
        let own = memory.own.iter().find(|shelf| shelf.log == *log);
        let id = own.and_then(|shelf| shelf.id(*held));
        let there = office.disk.durable().logs.get(log);
        if !id.zip(there).is_some_and(|(id, there)| there.id(*held) == Some(id) || there.holds(id))
        {
            let name = &device.name;
            return Err(format!("{name} calls entry {held} of {} held, it is not", log.lane));
        }
    }
    Ok(())
}

/// The hub has no entry of a device that the device itself does not have.
fn nothing_has_forked(office: &Office, device: &Device) -> Result<(), String> {
    for own in &device.disk.now().own {
        let Some(there) = office.disk.durable().logs.get(&own.log) else { continue };
        let head = there.head();
        if !there.branches().is_empty() || own.id(head.seq) != Some(head.id) {
            return Err(format!("the hub has entries of {} that it never wrote", device.name));
        }
    }
    Ok(())
}

fn followed_is_what_the_hub_has(office: &Office, device: &Device) -> Result<(), String> {
    for (log, shelf) in &device.disk.durable().followed {
        let head = shelf.head();
        let there = office.disk.now().logs.get(log);
        if there.and_then(|there| there.id(head.seq)) != Some(head.id) {
            return Err(format!("{} follows entries that the hub does not have", device.name));
        }
    }
    Ok(())
}
