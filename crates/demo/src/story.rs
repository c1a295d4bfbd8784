//! What is shown: three colonies write without a link, the link comes, two people disagree.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::link::Link;
use crate::process::Program;

/// How long everything may take to arrive once the links are up.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(30);

/// How often arrival is looked for.
const LOOK: Duration = Duration::from_millis(100);

const INSTITUTIONS: &str = include_str!("../../../config/vocabularies/institutions.csv");

/// A form, and the sample records of it.
type Sample = (&'static str, &'static str);

/// The colonies, and a year of sample records of each.
const COLONIES: [(&str, [Sample; 3]); 3] = [
    (
        "INST-016",
        [
            ("incident", include_str!("../../../tests/data/INST-016.incident.jsonl")),
            ("search", include_str!("../../../tests/data/INST-016.search.jsonl")),
            (
                "training_session",
                include_str!("../../../tests/data/INST-016.training_session.jsonl"),
            ),
        ],
    ),
    (
        "INST-021",
        [
            ("incident", include_str!("../../../tests/data/INST-021.incident.jsonl")),
            ("search", include_str!("../../../tests/data/INST-021.search.jsonl")),
            (
                "training_session",
                include_str!("../../../tests/data/INST-021.training_session.jsonl"),
            ),
        ],
    ),
    (
        "INST-027",
        [
            ("incident", include_str!("../../../tests/data/INST-027.incident.jsonl")),
            ("search", include_str!("../../../tests/data/INST-027.search.jsonl")),
            (
                "training_session",
                include_str!("../../../tests/data/INST-027.training_session.jsonl"),
            ),
        ],
    ),
];

/// A computer of a colony, and its link.
struct Computer {
    site: &'static str,
    name: String,
    program: Program,
    link: Link,
}

/// A hub and the computers of three colonies; the third has two.
struct World {
    hub: Program,
    computers: Vec<Computer>,
    /// Gone with everything in it when the demonstration ends.
    _folder: TempDir,
}

/// Shows it and runs until Ctrl-C.
pub(crate) fn show() -> anyhow::Result<()> {
    let world = World::tell()?;
    let web = world.hub.address("web")?;
    println!();
    println!("The central office:  http://{web}/   (this machine only; no login yet)");
    for Computer { site, name, program, .. } in &world.computers {
        let data = program.data();
        println!("{site} {name}: records on its own disk in {}", data.display());
    }
    println!();
    println!("Look at /sites for what each colony has sent, at /records for the merged records,");
    println!("and filter by conflict for the one on which two people disagree.");
    println!("Ctrl-C ends it; nothing stays behind.");
    std::io::stdout().flush()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(tokio::signal::ctrl_c())?)
}

/// Proves that the hub holds every record, and says so in one line.
pub(crate) fn check() -> anyhow::Result<()> {
    let began = Instant::now();
    let world = World::tell()?;
    let held = ids(&world.hub.json(&["record", "list"])?)?;
    let mut written = BTreeSet::new();
    for computer in &world.computers {
        let records = ids(&computer.program.json(&["list"])?)?;
        let missing = records.difference(&held).count();
        ensure!(missing == 0, "the hub lacks {missing} records of {}", computer.site);
        written.extend(records);
    }
    ensure!(held == written, "the hub holds records that no colony wrote");
    world.hub.call(&["verify"])?;
    println!(
        "ok: {} records of 3 colonies held and merged by the hub, 1 conflict found, in {:.1} s",
        held.len(),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

impl World {
    fn tell() -> anyhow::Result<Self> {
        let mut world = Self::begin()?;
        eprintln!("1. Three colonies write a year of records. No link anywhere.");
        for computer in world.computers.iter().filter(|computer| computer.name == "A") {
            world.write(computer)?;
        }
        eprintln!("2. The links come up. The agents notice by themselves.");
        for computer in &mut world.computers {
            computer.program.start()?;
            computer.link.up();
        }
        world.until_all_held()?;
        eprintln!("3. Two officers of INST-027 change one field without seeing each other.");
        world.disagree()?;
        Ok(world)
    }

    fn begin() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("ashuu-demo-").tempdir()?;
        let listen = "[web]\nlisten = \"127.0.0.1:0\"\n[sync]\nlisten = \"127.0.0.1:0\"\n\
                      [metrics]\nlisten = \"127.0.0.1:0\"\n";
        let mut hub = Program::new("hub", folder.path().join("hub"), listen)?;
        hub.call(&["init"])?;
        let sites = folder.path().join("institutions.csv");
        std::fs::write(&sites, INSTITUTIONS)?;
        hub.call(&["site", "import", sites.to_str().context("a temporary folder in UTF-8")?])?;
        hub.start()?;
        let mut computers = Vec::new();
        for (site, name) in
            [("INST-016", "A"), ("INST-021", "A"), ("INST-027", "A"), ("INST-027", "B")]
        {
            let place = folder.path().join(format!("{site}-{name}"));
            let link = Link::to(hub.address("sync")?)?;
            let config = format!(
                "[web]\nlisten = \"127.0.0.1:0\"\n[sync]\nhub = \"{}\"\npoll_seconds = 2\n\
                 min_backoff_ms = 200\nmax_backoff_seconds = 1\n",
                link.address()
            );
            let program = Program::new("agent", place, &config)?;
            let computer = Computer { site, name: name.to_owned(), program, link };
            computer.enrol(&hub)?;
            computers.push(computer);
        }
        Ok(Self { hub, computers, _folder: folder })
    }

    fn write(&self, computer: &Computer) -> anyhow::Result<()> {
        let samples = COLONIES.iter().find(|(site, _)| *site == computer.site);
        let (_, samples) = samples.context("every colony has samples")?;
        for (form, lines) in samples {
            computer.program.feed(&["add", form, "-"], lines)?;
        }
        let status = computer.program.json(&["status"])?;
        let waiting = status.pointer("/waiting/routine/entries").and_then(Value::as_u64);
        let urgent = status.pointer("/waiting/urgent/entries").and_then(Value::as_u64);
        let waiting = waiting.unwrap_or(0) + urgent.unwrap_or(0);
        eprintln!("   {}: {waiting} entries saved here and waiting", computer.site);
        Ok(())
    }

    fn until_all_held(&self) -> anyhow::Result<()> {
        let mut waiting = BTreeSet::new();
        for computer in &self.computers {
            waiting.extend(ids(&computer.program.json(&["list"])?)?);
        }
        until("every record is held by the hub", || {
            Ok(ids(&self.hub.json(&["record", "list"])?)?.is_superset(&waiting))
        })
    }

    fn disagree(&self) -> anyhow::Result<()> {
        let [.., one, two] = self.computers.as_slice() else {
            anyhow::bail!("the third colony has two computers");
        };
        until("the second computer has the first one's records", || {
            let has = |computer: &Computer| ids(&computer.program.json(&["list"])?);
            anyhow::Ok(has(two)?.is_superset(&has(one)?))
        })?;
        let records = one.program.json(&["list", "--form", "incident"])?;
        let id = ids(&records)?.into_iter().next().context("there are incidents")?;
        for (computer, title) in [(one, "Пакет у наружного ограждения"), (two, "Пакет у гаража")]
        {
            computer.link.down();
            let changed = serde_json::json!({ "title": title }).to_string();
            computer.program.feed(&["amend", &id, "-"], &changed)?;
        }
        one.link.up();
        two.link.up();
        until("the hub sees the conflict", || {
            let conflicts = self.hub.json(&["record", "list", "--conflict"])?;
            Ok(ids(&conflicts)?.contains(&id))
        })
    }
}

impl Computer {
    fn enrol(&self, hub: &Program) -> anyhow::Result<()> {
        let invitation = hub.json(&["invite", self.site])?;
        let code = invitation.get("code").and_then(Value::as_str).context("a code")?;
        self.program.call(&["enrol", code])
    }
}

fn ids(records: &Value) -> anyhow::Result<BTreeSet<String>> {
    let records = records.as_array().context("a list of records")?;
    let id = |record: &Value| record.get("id").and_then(Value::as_str).map(str::to_owned);
    Ok(records.iter().filter_map(id).collect())
}

fn until(what: &str, mut holds: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let began = Instant::now();
    while !holds()? {
        ensure!(began.elapsed() < ARRIVAL_TIMEOUT, "waited in vain: {what}");
        thread::sleep(LOOK);
    }
    eprintln!("   {what} ({:.1} s)", began.elapsed().as_secs_f64());
    Ok(())
}
