//! The page of sites: who was heard of when, and what still waits there.

use askama::Template;
use record::Words;

use crate::NotRendered;
use crate::dictionary::Dictionary;
use crate::frame::{Frame, Place};
use crate::written::count;

/// A clock is worth a word when it is this many seconds off.
const SKEW_SECONDS_MIN: u64 = 120;

/// A site, as the hub knows it.
#[derive(Clone, Debug, Default)]
pub struct SiteRow {
    /// Its code.
    pub code: String,
    /// Its name.
    pub names: Words,
    /// Its region's name.
    pub region: Words,
    /// When one of its devices was last heard, as RFC 3339.
    pub last_contact: Option<String>,
    /// What its devices said waits there.
    pub waiting: Option<Waiting>,
    /// How far the worst clock of its devices is from the hub's.
    pub clock_skew_ms: Option<i64>,
    /// Its devices.
    pub devices: Vec<DeviceRow>,
    /// Records held.
    pub records: u64,
    /// Those with a conflict.
    pub conflicts: u64,
    /// Entries that the fold could not take as they are.
    pub remarks: u64,
}

/// What waits at a site, as it declared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Waiting {
    /// Urgent entries.
    pub urgent_entries: u64,
    /// All others.
    pub entries: u64,
    /// Bytes of them all.
    pub bytes: u64,
}

/// A device of a site.
#[derive(Clone, Debug, Default)]
pub struct DeviceRow {
    /// What people call it.
    pub name: String,
    /// Its letter in references.
    pub letter: String,
    /// Whether its key is refused.
    pub revoked: bool,
    /// Whether a log of it has two branches.
    pub forked: bool,
}

#[derive(Template)]
#[template(path = "sites.html")]
struct Sites<'a> {
    frame: &'a Frame,
    w: &'static Dictionary,
    place: Place,
    sites: Vec<&'a SiteRow>,
    total: u64,
    silent: u64,
}

/// Shows the sites.
///
/// # Errors
///
/// Returns [`NotRendered`] if the template fails.
pub fn sites_page(frame: &Frame, sites: &[SiteRow]) -> Result<String, NotRendered> {
    let silent = sites.iter().filter(|site| site.last_contact.is_none()).count();
    // Those one can hear of come first.
    let mut order: Vec<&SiteRow> = sites.iter().collect();
    order.sort_by_key(|site| site.devices.is_empty());
    let page = Sites {
        frame,
        w: frame.words(),
        place: Place::Sites,
        sites: order,
        total: count(sites.len()),
        silent: count(silent),
    };
    page.render().map_err(NotRendered)
}

impl Waiting {
    const fn is_nothing(&self) -> bool {
        self.urgent_entries == 0 && self.entries == 0
    }
}

impl Sites<'_> {
    fn name<'a>(&self, site: &'a SiteRow) -> &'a str {
        self.w.lang.pick(&site.names).unwrap_or(&site.code)
    }

    fn region<'a>(&self, site: &'a SiteRow) -> Option<&'a str> {
        self.w.lang.pick(&site.region)
    }

    fn skew(&self, site: &SiteRow) -> Option<String> {
        let seconds = site.clock_skew_ms?.unsigned_abs() / 1000;
        let minutes = seconds / 60;
        (SKEW_SECONDS_MIN <= seconds).then(|| self.w.n("clock-off", minutes))
    }
}
