//! Who may write, against what the hub itself signed about it.
//!
//! The tables of devices and postings are what the hub acts by; whoever has the database can write
//! there. Each binding is also an entry in the lanes of the sites it is about, so a row must be what
//! the last one of its site's lane says. When a binding was made is not in it, nor is what a device
//! last said of itself, so these columns are not judged.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Binding, DeviceKey, Lane, SiteCode};

use super::{FaultFound, OF_AUTHORITY, Verdict};
use crate::db::{self, Conn};
use crate::truth::devices::{self, Device, DeviceState, posts};
use crate::truth::vouched::{self, Vouched};
use crate::truth::{Fault, logs};

/// What a binding and a posting both say: the site, the letter, the sites before, and whether the
/// device publishes.
type Post = (SiteCode, String, Vec<SiteCode>, bool);

/// What the hub said of its devices.
#[derive(Default)]
struct Said {
    /// The sites in whose lanes it said anything.
    lanes: BTreeSet<SiteCode>,
    /// The word of the highest rank of each lane about each device.
    last: BTreeMap<(DeviceKey, SiteCode), Vouched>,
    /// Why it refuses devices.
    revoked: BTreeMap<DeviceKey, BTreeSet<String>>,
    /// Everywhere it said that a device belongs.
    posts: BTreeMap<DeviceKey, BTreeSet<Post>>,
}

/// Compares devices and postings with the hub's own lanes.
pub(super) async fn check(
    conn: &mut Conn,
    hub: &DeviceKey,
    verdict: &mut Verdict,
) -> Result<(), Fault> {
    let said = Said::read(conn, hub).await?;
    let devices = devices::list(conn).await?;
    for device in &devices {
        let postings = posts::of(conn, &device.key).await?;
        verdict
            .faults
            .extend(said.of_device(device).into_iter().map(|what| fault(&device.key, what)));
        let whats = said.of_posts(device, &postings).into_iter();
        verdict.faults.extend(whats.map(|what| fault(&device.key, what)));
    }
    let known: BTreeSet<DeviceKey> = devices.iter().map(|device| device.key).collect();
    for key in said.posts.keys().filter(|key| !known.contains(key)) {
        let what = "the hub said whose device this is, and it is not among the devices";
        verdict.faults.push(fault(key, what.to_owned()));
    }
    let strays = "SELECT DISTINCT device FROM posting WHERE device NOT IN (SELECT key FROM device)";
    let strays: Vec<Vec<u8>> = db::query_scalar(strays).fetch_all(conn).await?;
    for key in strays {
        let key = DeviceKey(crate::truth::fault::array("a device's key", key)?);
        verdict.faults.push(fault(&key, "a posting is of no device here".to_owned()));
    }
    Ok(())
}

impl Said {
    async fn read(conn: &mut Conn, hub: &DeviceKey) -> Result<Self, Fault> {
        let mut said = Self::default();
        for log in logs::starts(conn, hub).await? {
            let Lane::Site(site) = &log.name.lane else { continue };
            said.lanes.insert(site.clone());
            for vouched in vouched::in_branch(conn, hub, &log).await? {
                said.take(site, vouched);
            }
        }
        Ok(said)
    }

    fn take(&mut self, site: &SiteCode, vouched: Vouched) {
        let Binding { device, site: of, letter, predecessors, publishes, .. } =
            vouched.binding.clone();
        self.posts.entry(device).or_default().insert((of, letter, predecessors, publishes));
        if let Some(reason) = vouched.revoked() {
            self.revoked.entry(device).or_default().insert(reason.to_owned());
        }
        let key = (device, site.clone());
        if self.last.get(&key).is_none_or(|before| before.rank <= vouched.rank) {
            self.last.insert(key, vouched);
        }
    }

    fn of_device(&self, device: &Device) -> Vec<String> {
        let Some(site) = device.site.clone().filter(|_| device.state != DeviceState::Waiting)
        else {
            let is_bound = self.posts.contains_key(&device.key);
            let what = "it waits to be let in, and the hub's own log says that it was";
            return if is_bound { vec![what.to_owned()] } else { Vec::new() };
        };
        if !self.says_of(&device.key, &site) {
            return Vec::new();
        }
        let Some(Vouched { binding: said, .. }) = self.last.get(&(device.key, site)) else {
            return vec!["the hub's own log does not say that it belongs to its site".to_owned()];
        };
        let revoked = self.revoked.get(&device.key);
        let is_state_said = match &device.state {
            DeviceState::Revoked { reason } => revoked.is_some_and(|said| said.contains(reason)),
            DeviceState::Active | DeviceState::Waiting => revoked.is_none(),
        };
        let columns = [
            ("name", device.name == said.name),
            ("letter", device.letter == said.letter),
            ("site", device.site.as_ref() == Some(&said.site)),
            ("publishes", device.publishes == said.publishes),
            ("state", is_state_said),
        ];
        let differing = columns.into_iter().filter(|(_, is_same)| !is_same);
        differing
            .map(|(column, _)| format!("its {column} is not what the hub's own log says"))
            .collect()
    }

    /// Whether anything could have been said of a device at a site. Where there is not even a lane,
    /// nothing can be compared.
    fn says_of(&self, device: &DeviceKey, site: &SiteCode) -> bool {
        self.posts.contains_key(device) || self.lanes.contains(site)
    }

    fn of_posts(&self, device: &Device, postings: &[posts::Posting]) -> Vec<String> {
        let none = BTreeSet::new();
        let said = self.posts.get(&device.key).unwrap_or(&none);
        let is_said = |posting: &posts::Posting| {
            said.iter().any(|(site, letter, before, publishes)| {
                (site, letter) == (&posting.post.site, &posting.letter)
                    && (is_bare(posting)
                        || (before, *publishes) == (&posting.post.predecessors, posting.everyone))
            })
        };
        let is_kept = |site: &SiteCode, letter: &String| {
            postings.iter().any(|it| (&it.post.site, &it.letter) == (site, letter))
        };
        let is_judged = |it: &&posts::Posting| self.says_of(&device.key, &it.post.site);
        let unsaid =
            postings.iter().filter(is_judged).filter(|posting| !is_said(posting)).map(|posting| {
                let site = &posting.post.site;
                format!("its posting to {site} is not what the hub's own log says")
            });
        let lost =
            said.iter().filter(|(site, letter, ..)| !is_kept(site, letter)).map(|(site, ..)| {
                format!("its posting to {site}, which the hub's own log says, is missing")
            });
        let is_elsewhere =
            postings.first().is_some_and(|it| Some(&it.post.site) != device.site.as_ref());
        let elsewhere = is_elsewhere.then(|| "its last posting is to another site".to_owned());
        unsaid.chain(lost).chain(elsewhere).collect()
    }
}

/// Whether a posting says no more than a site and a letter, as those that older software knew of
/// were brought over.
fn is_bare(posting: &posts::Posting) -> bool {
    posting.post.predecessors.is_empty() && !posting.everyone
}

fn fault(device: &DeviceKey, what: String) -> FaultFound {
    FaultFound {
        device: device.to_string(),
        epoch: String::new(),
        lane: String::new(),
        seq: 0,
        what,
        remedy: OF_AUTHORITY,
    }
}
