//! The page of sites: who was heard of when, and what still waits there.

mod clock;
mod waiting;

use askama::Template;
use record::{EntryRule, Words};

use crate::NotRendered;
use crate::dictionary::Dictionary;
use crate::frame::{Frame, Place};
use crate::written::count;
pub use waiting::{Amount, Waiting};

/// A site, as the hub knows it.
#[derive(Clone, Debug, Default)]
pub struct SiteRow {
    /// Its code.
    pub code: String,
    /// Its name.
    pub names: Words,
    /// Its region's name.
    pub region: Words,
    /// What sort of institution it is.
    pub kind: Words,
    /// The software of the device that was heard last.
    pub software: Option<String>,
    /// When one of its devices was last heard, as RFC 3339.
    pub last_contact: Option<String>,
    /// What its devices said waits there.
    pub waiting: Option<Waiting>,
    /// How far the worst clock of its devices is from the hub's.
    pub clock_skew_ms: Option<i64>,
    /// Whole days of silence, where somebody should ask.
    pub silent_days: Option<u64>,
    /// Whether its last day is over.
    pub closed: bool,
    /// Entries that a device says it wrote and that never arrived.
    pub gaps: u64,
    /// Logs of its devices that have several branches.
    pub forks: u64,
    /// Entries of revoked devices that were set aside.
    pub quarantined: u64,
    /// The first and the last day it exists, where they are known.
    pub valid: [Option<String>; 2],
    /// The sites that merged into it.
    pub successor_of: Vec<String>,
    /// Its devices.
    pub devices: Vec<DeviceRow>,
    /// Records held.
    pub records: u64,
    /// Those with a conflict.
    pub conflicts: u64,
    /// Entries that the fold could not take as they are.
    pub remarks: u64,
}

/// A device of a site.
#[derive(Clone, Debug, Default)]
pub struct DeviceRow {
    /// What people call it.
    pub name: String,
    /// Its letter in references.
    pub letter: String,
    /// Its key.
    pub key: String,
    /// Its key in words, to compare by phone.
    pub fingerprint: String,
    /// Why its key is refused, if it is.
    pub revoked: Option<String>,
    /// Whether a log of it has several branches.
    pub forked: bool,
    /// Its software.
    pub software: Option<String>,
    /// When it was last heard, as RFC 3339.
    pub last_contact: Option<String>,
    /// What it said waits there.
    pub waiting: Option<Waiting>,
    /// How far its clock is from the hub's.
    pub clock_skew_ms: Option<i64>,
    /// Entries that it says it wrote and that never arrived.
    pub gaps: u64,
    /// Entries that were set aside since its key was revoked.
    pub quarantined: u64,
    /// Whole days of silence, where somebody should ask.
    pub silent_days: Option<u64>,
    /// What was refused of it.
    pub refused: Vec<RefusedRow>,
}

/// Something that was refused of a device.
#[derive(Clone, Debug, Default)]
pub struct RefusedRow {
    /// Why, in the API's word.
    pub why: String,
    /// When it was last refused, as RFC 3339.
    pub at: String,
    /// How often.
    pub times: u64,
}

/// Entries of a revoked device that were set aside.
#[derive(Clone, Debug, Default)]
pub struct QuarantineRow {
    /// The number it goes by.
    pub number: i64,
    /// The device's name.
    pub device: String,
    /// The numbers of its first and last entry.
    pub span: [u64; 2],
    /// How many entries it has.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When they arrived, as RFC 3339.
    pub arrived: String,
    /// When and by whom they were let in.
    pub released: Option<(String, String)>,
}

/// A site's own page.
#[derive(Clone, Debug, Default)]
pub struct SitePage {
    /// The site.
    pub site: SiteRow,
    /// What revoked devices of it brought.
    pub quarantine: Vec<QuarantineRow>,
    /// What the fold remarks on entries of its devices.
    pub findings: Vec<EntryRemark>,
}

/// What the fold remarks on an entry.
#[derive(Clone, Debug, Default)]
pub struct EntryRemark {
    /// Why, in the API's word.
    pub rule: String,
    /// The device that wrote the entry.
    pub device: String,
    /// The number of the entry in its log.
    pub seq: u64,
}

#[derive(Template)]
#[template(path = "sites.html")]
struct Sites<'a> {
    frame: &'a Frame,
    w: &'static Dictionary,
    place: Place,
    /// When it was noticed that the hub had lost what it signed.
    set_back: Option<String>,
    /// Those one can hear of.
    sites: Vec<&'a SiteRow>,
    /// Those nobody can hear of yet.
    unheard: Vec<&'a SiteRow>,
    /// Those that are gone and left nothing here.
    gone: Vec<&'a SiteRow>,
    total: u64,
    silent: u64,
}

#[derive(Template)]
#[template(path = "site.html")]
struct One<'a> {
    frame: &'a Frame,
    w: &'static Dictionary,
    place: Place,
    page: &'a SitePage,
    site: &'a SiteRow,
}

/// Shows one site.
///
/// # Errors
///
/// Returns [`NotRendered`] if the template fails.
pub fn site_page(frame: &Frame, page: &SitePage) -> Result<String, NotRendered> {
    let (w, site) = (frame.words(), &page.site);
    One { frame, w, place: Place::Sites, page, site }.render().map_err(NotRendered)
}

/// Shows the sites, and above them when the hub was lately found to have been set back, as RFC 3339.
///
/// # Errors
///
/// Returns [`NotRendered`] if the template fails.
pub fn sites_page(
    frame: &Frame,
    sites: &[SiteRow],
    set_back: Option<String>,
) -> Result<String, NotRendered> {
    let silent = count(sites.iter().filter(|site| site.silent_days.is_some()).count());
    let is_empty = |site: &SiteRow| site.devices.is_empty() && site.records == 0;
    let (empty, mut heard): (Vec<_>, Vec<_>) = sites.iter().partition(|site| is_empty(site));
    let (gone, unheard) = empty.into_iter().partition(|site: &&SiteRow| site.closed);
    // Whoever needs a call comes first, whoever is gone last.
    heard.sort_by_key(|site| {
        let is_gone = (site.closed, site.devices.is_empty());
        (is_gone, site.silent_days.is_none(), !site.is_in_trouble())
    });
    let (w, place, total) = (frame.words(), Place::Sites, count(sites.len()));
    Sites { frame, w, place, set_back, sites: heard, unheard, gone, total, silent }
        .render()
        .map_err(NotRendered)
}

impl Sites<'_> {
    fn name<'a>(&self, site: &'a SiteRow) -> &'a str {
        site.name(self.w)
    }

    fn region<'a>(&self, site: &'a SiteRow) -> Option<&'a str> {
        self.w.lang.pick(&site.region)
    }

    fn unheard(&self) -> u64 {
        count(self.unheard.len())
    }

    fn skew(&self, site: &SiteRow) -> Option<String> {
        clock::off(self.w, site.clock_skew_ms)
    }
}

impl One<'_> {
    fn name(&self) -> &str {
        self.site.name(self.w)
    }

    /// Returns what sort of institution it is and in which region.
    fn about(&self) -> Vec<&str> {
        let words = [&self.site.kind, &self.site.region];
        words.into_iter().filter_map(|words| self.w.lang.pick(words)).collect()
    }

    fn skew(&self, skew_ms: &Option<i64>) -> Option<String> {
        clock::off(self.w, *skew_ms)
    }
}

impl SiteRow {
    /// Returns whether anything is amiss that somebody at the centre has to look at.
    const fn is_in_trouble(&self) -> bool {
        self.gaps != 0 || self.forks != 0 || self.quarantined != 0 || self.remarks != 0
    }

    fn name(&self, w: &Dictionary) -> &str {
        w.lang.pick(&self.names).unwrap_or(&self.code)
    }

    /// Returns the days it exists, where any is known.
    fn validity(&self, w: &Dictionary) -> Option<String> {
        match &self.valid {
            [None, None] => None,
            [Some(from), None] => Some(w.with("valid-from", &w.time(from))),
            [None, Some(to)] => Some(w.with("valid-to", &w.time(to))),
            [Some(from), Some(to)] => Some(format!("{} – {}", w.time(from), w.time(to))),
        }
    }

    fn silence(&self, w: &Dictionary) -> Option<String> {
        self.silent_days.map(|days| w.n("site-silent", days))
    }
}

impl DeviceRow {
    /// Returns why it was revoked, if somebody or a rule said so.
    fn why(&self, w: &Dictionary) -> Option<String> {
        let reason = self.revoked.as_deref().filter(|reason| !reason.is_empty())?;
        let is_rule = reason == EntryRule::Forged.words();
        Some(if is_rule { w.t("entry-forged") } else { reason.to_owned() })
    }

    fn silence(&self, w: &Dictionary) -> Option<String> {
        self.silent_days.map(|days| w.n("site-silent", days))
    }
}

impl EntryRemark {
    /// Returns the rule in words; one this software does not know stands as it is.
    fn words(&self, w: &Dictionary) -> String {
        entry_rule(w, &self.rule).unwrap_or_else(|| self.rule.clone())
    }

    fn entry(&self, w: &Dictionary) -> String {
        w.with("entry-number", &w.number(&self.seq))
    }
}

/// Returns the words for what the fold could not do with an entry, if it is one of its rules.
pub(crate) fn entry_rule(w: &Dictionary, rule: &str) -> Option<String> {
    let key = match EntryRule::of_name(rule)? {
        EntryRule::PayloadMissing => "entry-payload-missing",
        EntryRule::Unreadable => "entry-unreadable",
        EntryRule::NotItsWord => "entry-not-its-word",
        EntryRule::Forged => "entry-forged",
        EntryRule::UnknownKind => "entry-unknown-kind",
        EntryRule::DoesNotCount => "entry-does-not-count",
    };
    Some(w.t(key))
}

impl RefusedRow {
    fn words(&self, w: &Dictionary) -> String {
        match self.why.as_str() {
            "wrong_site" => w.t("refused-wrong-site"),
            "wrong_log" => w.t("refused-wrong-log"),
            "frame" => w.t("refused-frame"),
            "prove" => w.t("refused-prove"),
            other => other.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
