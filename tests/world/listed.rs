//! Whether everything that anybody still has is listed wherever it should be, and everywhere alike.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use journal::{Dot, Entry, EntryId, Lane, LogName};
use record::{Act, Action, Change, RecordKey, ReviewEntry, Side};

use crate::device::Device;
use crate::office::Office;

/// Where the changes and acts that anybody has are listed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Census {
    /// How many there are.
    pub written: u64,
    /// Those that the hub lists.
    pub hub: u64,
    /// Those that are listed where they were written: by some device of that key, or by the hub.
    pub author: u64,
    /// How often they should be listed at siblings.
    pub siblings_wanted: u64,
    /// How often they are.
    pub siblings: u64,
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { written, hub, author, siblings_wanted, siblings } = self;
        write!(
            f,
            "{written} entries written; listed by the hub {hub}, by their authors {author}, by \
             siblings {siblings} of {siblings_wanted}"
        )
    }
}

impl Census {
    /// Adds that of another world.
    pub const fn add(&mut self, other: &Self) {
        self.written += other.written;
        self.hub += other.hub;
        self.author += other.author;
        self.siblings_wanted += other.siblings_wanted;
        self.siblings += other.siblings;
    }
}

/// An entry about a record.
struct About {
    log: LogName,
    key: RecordKey,
    dot: Dot,
    is_act: bool,
}

/// Counts where everything is listed that anybody still has.
pub(crate) fn census(office: &Office, devices: &[Device]) -> Result<Census, String> {
    let mut census = Census::default();
    for about in all(office, devices).values() {
        census.written += 1;
        census.hub += u64::from(at_hub(office, about));
        let mut by_author = about.log.device == office.key() && at_hub(office, about);
        for device in devices.iter().filter(|device| reads(device, &about.log)) {
            let listed = at_device(device, about)?;
            if device.key() == about.log.device {
                by_author |= listed;
            } else {
                census.siblings_wanted += 1;
                census.siblings += u64::from(listed);
            }
        }
        census.author += u64::from(by_author);
    }
    Ok(census)
}

/// Checks that all of it is listed, and that everybody lists the same.
pub(crate) fn everywhere(office: &Office, devices: &[Device]) -> Result<(), String> {
    for about in all(office, devices).values() {
        let what = || format!("entry {} of {} ({})", about.dot.seq, about.log.lane, about.key);
        if !at_hub(office, about) {
            return Err(format!("{} is not listed by the hub", what()));
        }
        for device in devices.iter().filter(|device| reads(device, &about.log)) {
            if !at_device(device, about)? {
                return Err(format!("{} is not listed by {}", what(), device.name));
            }
        }
    }
    devices.iter().try_for_each(|device| alike(office, device))
}

/// Checks that a device shows what the hub shows, of its site.
fn alike(office: &Office, device: &Device) -> Result<(), String> {
    let name = &device.name;
    let records = device.listing.records();
    let summaries = records.summaries().map_err(|fault| fault.to_string())?;
    let here: BTreeSet<RecordKey> =
        summaries.into_iter().map(|(key, _)| key).filter(|key| key.site == device.site).collect();
    let there = office.fold.records.iter().filter(|(key, _)| key.site == device.site);
    for (key, record) in there {
        let Some(state) = &record.state else { continue };
        if !here.contains(key) {
            return Err(format!("{name} does not list {key}, the hub does"));
        }
        let Some((seen, acts)) = device.listing.record(key)? else {
            return Err(format!("{name} lists {key} and has no fold of it"));
        };
        if seen.hash() != state.hash() {
            return Err(format!("{name} has another state of {key} than the hub"));
        }
        let there = office.fold.review(record, state);
        let review = records.review(device.listing.hub(), &acts, &seen);
        if review.map_err(|fault| fault.to_string())? != there {
            return Err(format!("{name} has another review of {key} than the hub"));
        }
        let summary = records.summary(key).map_err(|fault| fault.to_string())?;
        if summary.is_none_or(|summary| summary.review.state != there.state.word()) {
            return Err(format!("{name} lists {key} as other than {}", there.state));
        }
        if there.decision.is_some() && contradict(&record.acts) {
            return Err(format!(
                "the review of {key} settles decisions that saw neither each other"
            ));
        }
    }
    let is_there = |key: &&RecordKey| {
        office.fold.records.get(*key).is_some_and(|record| record.state.is_some())
    };
    if let Some(key) = here.iter().find(|key| !is_there(key)) {
        return Err(format!("{name} lists {key}, the hub does not"));
    }
    cards(office, device)
}

/// Whether the hub decided different things in two lives, and has said nothing since that saw both.
fn contradict(acts: &[Act]) -> bool {
    let decides = |act: &&Act| match (act.side, &act.entry.action) {
        (
            Side::Centre { .. },
            Action::Accept
            | Action::Return { .. }
            | Action::Hold
            | Action::Duplicate { .. }
            | Action::NotReportable
            | Action::Reopen
            | Action::GrantRecall,
        ) => true,
        (Side::Centre { .. } | Side::Site | Side::Stranger, _) => false,
    };
    let decisions: Vec<&Act> = acts.iter().filter(decides).collect();
    let is_last = |act: &&&Act| !decisions.iter().any(|it| it.entry.seen.contains(&act.dot));
    let mut last = decisions.iter().filter(is_last).map(|act| &act.entry.action);
    let first = last.next();
    last.any(|action| Some(action) != first)
}

fn cards(office: &Office, device: &Device) -> Result<(), String> {
    let (name, records) = (&device.name, device.listing.records());
    let mut persons = records.persons(&device.site).map_err(|fault| fault.to_string())?;
    persons.sort_by_key(|card| card.id);
    let there = office.fold.persons.values().map(|(_, card)| card);
    let there: Vec<_> = there.filter(|card| card.site == device.site).cloned().collect();
    if persons != there {
        return Err(format!("{name} knows persons {persons:?}, the hub {there:?}"));
    }
    let site = records.site(&device.site).map_err(|fault| fault.to_string())?;
    let there = office.fold.sites.get(&device.site).map(|(_, card)| card);
    if site.as_ref() != there {
        return Err(format!("{name} knows its site as {site:?}, the hub as {there:?}"));
    }
    Ok(())
}

/// Returns every entry about a record that anybody still has.
fn all(office: &Office, devices: &[Device]) -> BTreeMap<EntryId, About> {
    let mut all = BTreeMap::new();
    let at_hub = office.disk.durable().shelves();
    let here = devices.iter().flat_map(|device| device.disk.durable().shelves());
    for shelf in at_hub.chain(here) {
        for entry in shelf.entries() {
            if let (false, Some(about)) = (all.contains_key(&entry.id), about(&shelf.log, entry)) {
                all.insert(entry.id, about);
            }
        }
    }
    all
}

fn about(log: &LogName, entry: &Entry) -> Option<About> {
    let (key, is_act) = match entry.header.kind {
        Change::KIND => (Change::from_payload(entry.bytes()?).ok()?.record, false),
        ReviewEntry::KIND => (ReviewEntry::from_payload(entry.bytes()?).ok()?.record, true),
        _other => return None,
    };
    Some(About { log: log.clone(), key, dot: entry.dot(), is_act })
}

fn reads(device: &Device, log: &LogName) -> bool {
    log.lane == Lane::Everyone || log.lane == Lane::Site(device.site.clone())
}

fn at_hub(office: &Office, about: &About) -> bool {
    office.fold.records.get(&about.key).is_some_and(|record| match about.is_act {
        true => record.acts.iter().any(|act| act.dot == about.dot),
        false => record.dots.contains(&about.dot),
    })
}

fn at_device(device: &Device, about: &About) -> Result<bool, String> {
    let records = device.listing.records();
    if about.is_act {
        let acts = records.acts(&about.key).map_err(|fault| fault.to_string())?;
        return Ok(acts.iter().any(|act| act.dot == about.dot));
    }
    let summary = records.summary(&about.key).map_err(|fault| fault.to_string())?;
    Ok(summary.is_some_and(|summary| summary.dots.binary_search(&about.dot).is_ok()))
}
