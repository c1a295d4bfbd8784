//! The hub and the computers of the colonies, their links, and waiting for what has to come.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::link::Link;
use crate::process::Program;
use crate::samples::{COLONIES, INSTITUTIONS};

/// How long everything may take to arrive once the links are up.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(30);

/// How often arrival is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// The colony that nobody hears of.
const SILENT: &str = "INST-008";

/// For how many days it has not been heard of.
pub(crate) const SILENT_DAYS: u64 = 21;

/// A computer of a colony, and its link.
pub(crate) struct Computer {
    pub(crate) site: &'static str,
    pub(crate) name: &'static str,
    pub(crate) program: Program,
    pub(crate) link: Link,
}

/// A hub and the computers of three colonies; the third has two.
pub(crate) struct World {
    pub(crate) hub: Program,
    pub(crate) computers: Vec<Computer>,
    /// Gone with everything in it when the demonstration ends.
    pub(crate) folder: TempDir,
}

impl World {
    /// Makes the hub and the computers, enrolled; the links are down.
    pub(crate) fn begin() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("ashuu-demo-").tempdir()?;
        let listen = "[web]\nlisten = \"127.0.0.1:0\"\n[sync]\nlisten = \"127.0.0.1:0\"\n\
                      [metrics]\nlisten = \"127.0.0.1:0\"\n";
        let hub = Program::new("hub", folder.path().join("hub"), listen)?;
        let mut world = Self { hub, computers: Vec::new(), folder };
        world.three_weeks_ago()?;
        world.hub.start()?;
        for (site, name) in
            [("INST-016", "A"), ("INST-021", "A"), ("INST-027", "A"), ("INST-027", "B")]
        {
            let computer = world.computer(site, name)?;
            world.computers.push(computer);
        }
        Ok(world)
    }

    /// One colony was in contact three weeks ago, and never after.
    fn three_weeks_ago(&mut self) -> anyhow::Result<()> {
        self.hub.live_before(SILENT_DAYS);
        self.hub.call(&["init"])?;
        let sites = self.folder.path().join("institutions.csv");
        std::fs::write(&sites, INSTITUTIONS)?;
        self.hub.call(&["site", "import", sites.to_str().context("a folder in UTF-8")?])?;
        self.hub.start()?;
        let mut computer = self.computer(SILENT, "A")?;
        computer.program.live_before(SILENT_DAYS);
        computer.link.up();
        let note = serde_json::json!({
            "period_from": "2026-01-01T08:00:00+06:00", "period_to": "2026-01-02T08:00:00+06:00",
            "statement": "nothing_to_report"
        });
        computer.program.feed(&["add", "nil_report", "-"], &note.to_string())?;
        computer.program.call(&["sync"])?;
        self.hub.stop();
        self.hub.live_before(0);
        Ok(())
    }

    fn computer(&self, site: &'static str, name: &'static str) -> anyhow::Result<Computer> {
        let place = self.folder.path().join(format!("{site}-{name}"));
        let link = Link::to(self.hub.address("sync")?)?;
        let config = format!(
            "[web]\nlisten = \"127.0.0.1:0\"\n[sync]\nhub = \"{}\"\npoll_seconds = 1\n\
             min_backoff_ms = 200\nmax_backoff_seconds = 1\n",
            link.address()
        );
        let computer =
            Computer { site, name, program: Program::new("agent", place, &config)?, link };
        computer.enrol(&self.hub)?;
        Ok(computer)
    }

    /// Returns the first computer of a site.
    pub(crate) fn of(&self, site: &str) -> anyhow::Result<&Computer> {
        self.computers
            .iter()
            .find(|computer| computer.site == site)
            .context("there is no such site")
    }

    /// Waits until the hub holds what the colonies wrote.
    pub(crate) fn until_all_held(&self) -> anyhow::Result<()> {
        let mut waiting = BTreeSet::new();
        for computer in &self.computers {
            waiting.extend(ids(&computer.program.json(&["list"])?)?);
        }
        until("every record is held by the hub", || {
            Ok(ids(&self.hub.json(&["record", "list"])?)?.is_superset(&waiting))
        })
    }
}

impl Computer {
    fn enrol(&self, hub: &Program) -> anyhow::Result<()> {
        let invitation = hub.json(&["invite", self.site])?;
        let code = invitation.get("code").and_then(Value::as_str).context("a code")?;
        self.program.call(&["enrol", code])
    }

    /// Saves a year of sample records, and says how many entries wait.
    pub(crate) fn write_samples(&self) -> anyhow::Result<()> {
        let samples = COLONIES.iter().find(|(site, _)| *site == self.site);
        let (_, samples) = samples.context("every colony has samples")?;
        for (form, lines) in samples {
            self.program.feed(&["add", form, "-"], lines)?;
        }
        let status = self.program.json(&["status"])?;
        let waiting = ["urgent", "routine"].into_iter().filter_map(|kind| {
            status.pointer(&format!("/waiting/{kind}/entries")).and_then(Value::as_u64)
        });
        let waiting: u64 = waiting.sum();
        eprintln!("   {}: {waiting} entries saved here and waiting", self.site);
        Ok(())
    }

    /// Saves one record and returns its id.
    pub(crate) fn add(&self, form: &str, record: &Value) -> anyhow::Result<String> {
        let printed = self.program.feed(&["--json", "add", form, "-"], &record.to_string())?;
        let saved: Value = serde_json::from_slice(&printed)?;
        let id = saved.get("id").and_then(Value::as_str);
        Ok(id.context("what was saved has an id")?.to_owned())
    }
}

/// Returns the ids of listed records.
pub(crate) fn ids(records: &Value) -> anyhow::Result<BTreeSet<String>> {
    let records = records.as_array().context("a list of records")?;
    let id = |record: &Value| record.get("id").and_then(Value::as_str).map(str::to_owned);
    Ok(records.iter().filter_map(id).collect())
}

/// Waits until something holds, and says how long that took.
pub(crate) fn until(
    what: &str,
    mut holds: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    while !holds()? {
        ensure!(began.elapsed() < ARRIVAL_TIMEOUT, "waited in vain: {what}");
        thread::sleep(LOOK);
    }
    eprintln!("   {what} ({:.1} s)", began.elapsed().as_secs_f64());
    Ok(())
}
