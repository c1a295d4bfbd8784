//! What a hub knows of a device: whether it is let in, where it belonged and belongs, what is held.

use journal::{Epoch, EpochStart, Head, Lane, LogName, SiteCode};

/// What the hub holds of one log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Held {
    /// The log.
    pub log: LogName,
    /// Where its first branch stands.
    pub head: Head,
    /// Where the other branches of a fork stand.
    pub branches: Vec<Head>,
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
    pub fn nothing(log: LogName) -> Self {
        Self { head: Head::empty(log.id()), log, branches: Vec::new() }
    }

    /// Returns the highest number held on any branch.
    pub(super) fn furthest(&self) -> u64 {
        self.branches.iter().map(|head| head.seq).fold(self.head.seq, u64::max)
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

impl Member {
    /// Returns whether the device may write this lane, now or when it belonged elsewhere.
    #[must_use]
    pub fn may_write(&self, lane: &Lane) -> bool {
        match lane {
            Lane::Site(site) => self.posts.iter().any(|post| post.covers(site)),
            Lane::Everyone => self.publishes,
        }
    }

    /// Returns what contradicts the device's enrolment in the first entry of a log, if anything.
    #[must_use]
    pub fn contradiction(&self, lane: &Lane, start: Option<&EpochStart>) -> Option<String> {
        let Some(start) = start else {
            return Some("a log must begin by naming its site".to_owned());
        };
        if !self.posts.iter().any(|post| post.allows(start)) {
            let enrolled = self.posts.first().map_or("no site", |post| post.site.as_str());
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
