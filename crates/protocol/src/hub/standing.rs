//! What a hub knows of a device: whether it is let in, where it belonged and belongs, what is held.

use std::collections::BTreeMap;

use journal::{DeviceKey, Epoch, EpochStart, Head, Lane, LogName, SiteCode};

use crate::limits::{BRANCHES_MAX, BRANCHES_PER_LOG_MAX, EPOCHS_PER_DAY_MAX};

/// What the hub holds of one log: no branch of it comes before another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Held {
    /// The log.
    pub log: LogName,
    /// Where each of its branches ends, by number and id; none while nothing is held.
    pub heads: Vec<Head>,
}

/// What the hub knows of a device.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It is let in.
    Active(Box<Member>),
    /// Its key was revoked: what it brings is set aside, and nothing goes down to it.
    Revoked {
        /// Why.
        reason: String,
        /// What it was; its branches include what was set aside before.
        member: Box<Member>,
    },
    /// Its key is not known; it now waits for approval.
    Unknown,
}

/// A device that is let in, or was.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// Where it belongs, and before that where it belonged; the present post stands first.
    pub posts: Vec<Post>,
    /// Whether it may publish to everyone.
    pub publishes: bool,
    /// All logs under its key.
    pub own: Vec<Held>,
    /// The logs it follows: the hub's lanes, its siblings', everyone's.
    pub follow: Vec<Held>,
    /// Who else may have written what it brings.
    pub authors: BTreeMap<DeviceKey, Author>,
    /// What it may still begin.
    pub bounds: Bounds,
    /// Whether the last receipt that it names is not held here, though this epoch or one not known
    /// here gave it: then the hub was set back, or the device lies.
    pub proof_due: bool,
}

/// Somebody whose logs another device may bring.
#[derive(Clone, Debug)]
pub enum Author {
    /// This hub, before it was set back.
    Hub,
    /// A device that is let in.
    Device {
        /// Where it belongs, and before that where it belonged.
        posts: Vec<Post>,
        /// Whether it may publish to everyone.
        publishes: bool,
    },
}

/// What a device may still begin before the administrator must look at it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// Branches of one log.
    pub branches_per_log: usize,
    /// Branches of all its logs, beyond the first of each.
    pub branches: usize,
    /// Epochs that it may begin now.
    pub new_epochs: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            branches_per_log: BRANCHES_PER_LOG_MAX,
            branches: BRANCHES_MAX,
            new_epochs: EPOCHS_PER_DAY_MAX,
        }
    }
}

/// A site that a device belongs or belonged to, as the hub told it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Post {
    /// The site.
    pub site: SiteCode,
    /// The sites that had merged into it.
    pub predecessors: Vec<SiteCode>,
}

impl Held {
    /// What is held of a log of which nothing is.
    #[must_use]
    pub const fn nothing(log: LogName) -> Self {
        Self { log, heads: Vec::new() }
    }

    /// Returns the highest number held on any branch.
    pub(super) fn furthest(&self) -> u64 {
        self.heads.iter().map(|head| head.seq).max().unwrap_or(0)
    }

    /// Moves the branches that ended at `grown` to their new end.
    pub(super) fn grow(&mut self, grown: &[Head], head: Head) {
        self.heads.retain(|old| !grown.contains(old) && *old != head);
        self.heads.push(head);
        self.heads.sort_by_key(|head| (head.seq, head.id));
    }
}

impl Post {
    fn covers(&self, site: &SiteCode) -> bool {
        self.site == *site || self.predecessors.contains(site)
    }

    /// Whether a device at this post may begin a log so.
    fn allows(&self, start: &EpochStart) -> bool {
        let merged = start.predecessors.iter().all(|site| self.predecessors.contains(site));
        self.covers(&start.site) && merged
    }
}

impl Author {
    /// Returns whether it may write this lane, now or when it belonged elsewhere.
    #[must_use]
    pub fn may_write(&self, lane: &Lane) -> bool {
        match (self, lane) {
            (Self::Hub, _) => true,
            (Self::Device { posts, .. }, Lane::Site(site)) => {
                posts.iter().any(|post| post.covers(site))
            }
            (Self::Device { publishes, .. }, Lane::Everyone) => *publishes,
        }
    }

    /// Returns what contradicts its enrolment in the first entry of a log, if anything.
    #[must_use]
    pub fn contradiction(&self, lane: &Lane, start: Option<&EpochStart>) -> Option<String> {
        let Some(start) = start else {
            return Some("a log must begin by naming its site".to_owned());
        };
        let Self::Device { posts, .. } = self else { return None };
        if !posts.iter().any(|post| post.allows(start)) {
            let enrolled = posts.first().map_or("no site", |post| post.site.as_str());
            let merged: Vec<&str> = start.predecessors.iter().map(SiteCode::as_str).collect();
            let merged = if merged.is_empty() {
                String::new()
            } else {
                format!(" and of those that merged into it ({})", merged.join(", "))
            };
            return Some(format!(
                "the log says it is of {}{merged}, the device is enrolled for {enrolled}",
                start.site
            ));
        }
        match lane {
            Lane::Site(site) if *site != start.site => {
                Some(format!("the log of {site} says it is of {}", start.site))
            }
            Lane::Site(_) | Lane::Everyone => None,
        }
    }
}

impl Member {
    /// Returns the device as the author of its own logs.
    #[must_use]
    pub fn author(&self) -> Author {
        Author::Device { posts: self.posts.clone(), publishes: self.publishes }
    }

    /// Returns whether the device reads this lane at its present post.
    #[must_use]
    pub fn reads(&self, lane: &Lane) -> bool {
        match lane {
            Lane::Site(site) => self.posts.first().is_some_and(|post| post.covers(site)),
            Lane::Everyone => true,
        }
    }

    /// Returns whether the device has not begun, in this epoch, a log at its present post.
    #[must_use]
    pub fn has_yet_to_move(&self, epoch: Epoch) -> bool {
        let Some(post) = self.posts.first() else { return false };
        let here = |held: &Held| match &held.log.lane {
            Lane::Site(site) => held.log.epoch == epoch && *site == post.site,
            Lane::Everyone => false,
        };
        1 < self.posts.len() && !self.own.iter().any(here)
    }
}
