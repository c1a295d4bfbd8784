//! This program run again as a hub or an agent, on data of its own.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

/// How long a program may take to say where it listens.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(20);

/// Tells this program, run again, to live so many days ago.
const DAYS_AGO: &str = "ASHUU_DEMO_DAYS_AGO";

/// A hub or an agent.
#[derive(Debug)]
pub(crate) struct Program {
    role: &'static str,
    folder: PathBuf,
    days_ago: u64,
    running: Option<Child>,
}

/// Returns how long ago this process is to live.
pub(crate) fn ago() -> Duration {
    let days = std::env::var(DAYS_AGO).ok().and_then(|days| days.parse().ok());
    Duration::from_secs(days.unwrap_or(0_u64).saturating_mul(24 * 60 * 60))
}

impl Program {
    /// Prepares a program with `config`; nothing runs yet.
    pub(crate) fn new(role: &'static str, folder: PathBuf, config: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("config.toml"), config)?;
        Ok(Self { role, folder, days_ago: 0, running: None })
    }

    /// Runs one command and returns what it printed as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let printed = self.printed(&[&["--json"], arguments].concat(), None)?;
        serde_json::from_slice(&printed)
            .with_context(|| format!("{} {} printed no JSON", self.role, arguments.join(" ")))
    }

    /// Runs one command.
    pub(crate) fn call(&self, arguments: &[&str]) -> anyhow::Result<()> {
        self.printed(arguments, None).map(|_printed| ())
    }

    /// Runs one command that reads `input`, and returns what it printed.
    pub(crate) fn feed(&self, arguments: &[&str], input: &str) -> anyhow::Result<Vec<u8>> {
        self.printed(arguments, Some(input))
    }

    /// Runs one command and returns the text that it printed.
    pub(crate) fn text(&self, arguments: &[&str]) -> anyhow::Result<String> {
        Ok(String::from_utf8(self.printed(arguments, None)?)?)
    }

    /// Lets the program live so many days ago from its next start.
    pub(crate) const fn live_before(&mut self, days: u64) {
        self.days_ago = days;
    }

    /// Starts `run` in the background and waits until it says where it listens.
    pub(crate) fn start(&mut self) -> anyhow::Result<()> {
        let run = self.folder.join("data/run.json");
        if run.exists() {
            fs::remove_file(&run)?;
        }
        let log = fs::File::create(self.folder.join("log"))?;
        let mut child = self.command()?.arg("run").stdout(Stdio::null()).stderr(log).spawn()?;
        let began = Instant::now();
        while addresses(&run).is_none() {
            if let Some(status) = child.try_wait()? {
                bail!("{} stopped ({status}): {}", self.role, self.last_words());
            }
            ensure!(began.elapsed() < START_TIMEOUT, "{} does not start", self.role);
            thread::sleep(LOOK);
        }
        self.running = Some(child);
        Ok(())
    }

    /// Kills it: whatever it acknowledged is on disk, which is the point of all this.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.running.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }

    /// Returns where the running program listens, `web` or `sync`.
    pub(crate) fn address(&self, of: &str) -> anyhow::Result<SocketAddr> {
        let addresses = addresses(&self.folder.join("data/run.json")).context("not running")?;
        let address = addresses.get(of).and_then(Value::as_str).context("no such listener")?;
        Ok(address.parse()?)
    }

    /// Returns the folder with the program's data.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self) -> anyhow::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(self.role).arg("--config").arg(self.folder.join("config.toml"));
        command.arg("--data").arg(self.data());
        command.env(DAYS_AGO, self.days_ago.to_string());
        Ok(command)
    }

    fn printed(&self, arguments: &[&str], input: Option<&str>) -> anyhow::Result<Vec<u8>> {
        let mut command = self.command()?;
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let stdin = child.stdin.take();
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            stdin.write_all(input.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let words = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{} {} failed: {}",
            self.role,
            arguments.join(" "),
            words.trim()
        );
        Ok(output.stdout)
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        log.lines().last().unwrap_or("it said nothing").to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}

fn addresses(run: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(run).ok()?).ok()
}
