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
        if !devices.iter().any(|device| device.was_set_back) && office.set_backs == 0 {
            followed_is_what_the_hub_has(office, device)?;
        }
    }
    Ok(())
}

/// Checks what must have come true when nothing is on its way any more.
pub(crate) fn at_rest(office: &Office, devices: &[Device]) -> Result<(), String> {
    for device in devices {
        let (name, memory) = (&device.name, device.disk.durable());
        let followed = office.followed(device.key(), &device.site);
        for shelf in followed.into_iter().filter(|shelf| shelf.log.device != device.key()) {
            let here = memory.logs.get(&shelf.log);
            for head in shelf.heads() {
                if !here.is_some_and(|here| here.holds(head)) {
                    let log = &shelf.log.lane;
                    return Err(format!("{name} follows {log} and lacks entry {}", head.seq));
                }
            }
        }
        for shelf in memory.shelves() {
            let (log, there) = (&shelf.log.lane, office.disk.durable().logs.get(&shelf.log));
            let own = shelf.log.device == device.key();
            let points = memory.held.get(&shelf.log).map(Vec::as_slice).unwrap_or_default();
            for head in shelf.heads() {
                if !there.is_some_and(|there| there.holds(head)) {
                    return Err(format!(
                        "{name} has entry {} of {log}, the hub lacks it",
                        head.seq
                    ));
                }
                let held = shelf.reached(points, head);
                if own && held != head.seq {
                    return Err(format!("{name} has {} entries of {log}, {held} held", head.seq));
                }
            }
        }
    }
    Ok(())
}

/// What a device calls held stands on the hub's disk, under the id the device has.
///
/// An id stands for all entries before it, so the last is enough. A device that has not heard of the
/// hub since its disk was put back can't know yet what was lost.
fn held_is_durable(office: &Office, device: &Device) -> Result<(), String> {
    if device.disk.durable().knows_of != office.set_backs {
        return Ok(());
    }
    for (log, points) in &device.disk.durable().held {
        let there = office.disk.durable().logs.get(log);
        let lacks = |point: &&journal::Head| !there.is_some_and(|there| there.holds(**point));
        if let Some(point) = points.iter().find(lacks) {
            let name = &device.name;
            return Err(format!(
                "{name} calls entry {} of {} held, it is not",
                point.seq, log.lane
            ));
        }
    }
    Ok(())
}

/// The hub has no entry of a device that the device itself does not have.
fn nothing_has_forked(office: &Office, device: &Device) -> Result<(), String> {
    let own = device.disk.now().shelves().filter(|shelf| shelf.log.device == device.key());
    for own in own {
        let Some(there) = office.disk.durable().logs.get(&own.log) else { continue };
        if !there.heads().iter().all(|head| own.holds(*head)) {
            return Err(format!("the hub has entries of {} that it never wrote", device.name));
        }
    }
    Ok(())
}

fn followed_is_what_the_hub_has(office: &Office, device: &Device) -> Result<(), String> {
    let followed = device.disk.durable().shelves();
    for shelf in followed.filter(|shelf| shelf.log.device != device.key()) {
        let there = office.disk.now().logs.get(&shelf.log);
        if !shelf.heads().iter().all(|head| there.is_some_and(|there| there.holds(*head))) {
            return Err(format!("{} follows entries that the hub does not have", device.name));
        }
    }
    Ok(())
}
