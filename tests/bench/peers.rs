//! A hub and its colonies: the real programs of one version, each on data of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::http::Connection;

/// How often the hub is asked how far it is: looking costs it what is measured.
const LOOK: Duration = Duration::from_millis(20);

/// How long the hub may take to list what it holds.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// Parts of a second in which the system counts a process's time.
const TICKS: f64 = 100.0;

/// Programs that share a folder. Whatever is called `hub…` is a hub, all others are agents.
pub(crate) struct Peers {
    folder: TempDir,
    programs: PathBuf,
    /// The hub's database server, if it is not a file.
    database: Option<String>,
    /// Where the hub's figures are.
    metrics: String,
}

/// A program that runs until this is dropped.
pub(crate) struct Running(Child);

impl Peers {
    /// Prepares a folder for these programs; nothing is founded yet.
    pub(crate) fn new(programs: &Path, database: Option<String>) -> Self {
        let metrics = format!("127.0.0.1:{}", free_port());
        let (folder, programs) = (tempfile::tempdir().unwrap(), programs.to_owned());
        Self { folder, programs, database, metrics }
    }

    /// Makes the hub and its sites.
    pub(crate) fn found(&self, sites: &[&str]) {
        let mut init = vec!["init"];
        init.extend(self.database.iter().flat_map(|database| ["--database", database.as_str()]));
        self.tell("hub", &init);
        for site in sites {
            self.tell("hub", &["site", "add", site, "--name-en", "Colony"]);
        }
    }

    /// Makes another process of the hub, on a machine of its own.
    pub(crate) fn found_beside(&self, name: &str) {
        fs::create_dir(self.path(name)).unwrap();
        fs::copy(self.path("hub").join("hub.key"), self.path(name).join("hub.key")).unwrap();
    }

    /// Lets an agent in. The hub must run.
    pub(crate) fn enrol(&self, name: &str, site: &str) {
        let code = self.json("hub", &["invite", site]);
        self.tell(name, &["enrol", code.get("code").and_then(Value::as_str).unwrap()]);
    }

    /// Returns a token of the hub's API.
    pub(crate) fn token(&self, role: &str) -> String {
        let token = self.json("hub", &["token", "add", role, "--role", role]);
        token.get("token").and_then(Value::as_str).unwrap().to_owned()
    }

    /// Returns a command that has not been started.
    pub(crate) fn command(&self, name: &str) -> Command {
        let program = if is_hub(name) { "ashuu-hub" } else { "ashuu-agent" };
        let mut command = Command::new(self.programs.join(program));
        command.arg("--config").arg(self.config(name));
        command.arg("--data").arg(self.path(name)).stderr(Stdio::null());
        command
    }

    /// Runs a command that must succeed, and returns how long it took.
    pub(crate) fn tell(&self, name: &str, arguments: &[&str]) -> Duration {
        let took = self.tell_at_all(name, arguments);
        took.unwrap_or_else(|| panic!("{name} does not do {arguments:?}"))
    }

    /// Runs a command, and returns how long it took unless it failed.
    pub(crate) fn tell_at_all(&self, name: &str, arguments: &[&str]) -> Option<Duration> {
        let began = Instant::now();
        let status = self.command(name).args(arguments).stdout(Stdio::null()).status().unwrap();
        status.success().then(|| began.elapsed())
    }

    /// Runs a command and returns what it printed.
    pub(crate) fn json(&self, name: &str, arguments: &[&str]) -> Value {
        let output = self.command(name).arg("--json").args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Names the hub that an agent goes to.
    pub(crate) fn route(&self, name: &str, hub: &str) {
        let address = self.address(hub, "sync");
        fs::write(self.toml(name), agent_config(&format!("hub = \"{address}\"\n"))).unwrap();
    }

    /// Where everything of a program lies.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where a running program's pages are.
    pub(crate) fn web(&self, name: &str) -> String {
        self.address(name, "web")
    }

    fn address(&self, name: &str, what: &str) -> String {
        let run = fs::read(self.path(name).join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        run.get(what).and_then(Value::as_str).unwrap().to_owned()
    }

    fn toml(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.toml"))
    }

    fn config(&self, name: &str) -> PathBuf {
        let path = self.toml(name);
        if !path.exists() {
            fs::write(&path, self.default_config(name)).unwrap();
        }
        path
    }

    fn default_config(&self, name: &str) -> String {
        if !is_hub(name) {
            return agent_config("");
        }
        let database = self.database.iter().map(|it| format!("database = \"{it}\"\n"));
        // The hub's address must survive its restart: an agent's code names it.
        format!(
            "{}[web]\nlisten = \"127.0.0.1:0\"\n[sync]\nlisten = \"127.0.0.1:{}\"\n\
             [metrics]\nlisten = \"{}\"\n",
            database.collect::<String>(),
            free_port(),
            if name == "hub" { &self.metrics } else { "" },
        )
    }

    /// How many records the hub lists. Asked over its API: a command would fold as well.
    pub(crate) fn listed(&self, token: &str) -> usize {
        let answer = Connection::open(&self.web("hub"), token).ask("GET /api/v1/sites", "");
        let sites: Value = serde_json::from_slice(&answer.body).unwrap();
        let records = |site: &Value| site.get("records").and_then(Value::as_u64).unwrap();
        let records = sites.as_array().unwrap().iter().map(records).sum::<u64>();
        usize::try_from(records).unwrap()
    }

    /// Waits until the hub lists so many records.
    pub(crate) fn wait_until_listed(&self, token: &str, count: usize) {
        let began = Instant::now();
        while self.listed(token) < count {
            assert!(began.elapsed() < PATIENCE, "the hub never lists them all");
            thread::sleep(LOOK);
        }
    }

    /// Waits until every record's words are indexed, as they are on a hub that is not being filled.
    pub(crate) fn wait_until_searchable(&self) {
        self.wait_for_figure("ashuu_records_not_searchable 0");
    }

    /// Waits until everything held is folded.
    pub(crate) fn wait_until_folded(&self) {
        self.wait_for_figure("ashuu_entries_not_folded 0");
    }

    fn wait_for_figure(&self, wanted: &str) {
        let began = Instant::now();
        loop {
            let answer = Connection::open(&self.metrics, "").ask("GET /metrics", "");
            let figures = String::from_utf8(answer.body).unwrap();
            if figures.lines().any(|line| line == wanted) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "never {wanted}");
            thread::sleep(LOOK);
        }
    }

    /// Starts a program and returns once it says where it listens.
    pub(crate) fn run(&self, name: &str) -> Running {
        let run = self.path(name).join("run.json");
        if run.exists() {
            fs::remove_file(&run).unwrap();
        }
        let mut child = self.command(name).arg("run").stdout(Stdio::null()).spawn().unwrap();
        while !listens(&run) {
            assert!(child.try_wait().unwrap().is_none(), "{name} stopped");
            thread::yield_now();
        }
        Running(child)
    }
}

impl Running {
    /// Seconds of processor time so far.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        // Behind the name, which may hold anything: own time, and the system's for it.
        let (_name, fields) = stat.rsplit_once(')').unwrap();
        let ticks = fields.split_whitespace().skip(11).take(2);
        ticks.map(|text| text.parse::<f64>().unwrap()).sum::<f64>() / TICKS
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// An agent that syncs when it is told to, and at no other time.
fn agent_config(sync: &str) -> String {
    format!("[web]\nlisten = \"127.0.0.1:0\"\n[sync]\nmin_backoff_ms = 600000\n{sync}")
}

fn is_hub(name: &str) -> bool {
    name.starts_with("hub")
}

fn listens(run: &Path) -> bool {
    fs::read(run).is_ok_and(|bytes| serde_json::from_slice::<Value>(&bytes).is_ok())
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
