//! A colony's computer: its directory, its configuration, its process.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value as Json;
use tempfile::TempDir;

use super::{
    Answer, Background, Bent, Hub, Ran, Version, assert_sound, command, copy, directory,
    eventually, get, post_json, run,
};

/// An enrolled device and the process that serves it, if one runs.
#[derive(Debug)]
pub(crate) struct Colony {
    process: Option<Background>,
    web: String,
    version: Version,
    /// By what its clock is off, if it is.
    bent: Option<Bent>,
    dir: TempDir,
}

impl Colony {
    /// Makes a device of `site` that the hub knows; nothing runs yet.
    pub(crate) fn enrol(hub: &Hub, site: &str) -> Self {
        Self::enrol_by(hub, site, &hub.sync_address())
    }

    /// Makes a machine that nobody let in.
    pub(crate) fn unenrolled(address: &str) -> Self {
        Self::of_version(Version::Today, address)
    }

    /// Makes a machine that runs these programs and that nobody let in.
    pub(crate) fn of_version(version: Version, address: &str) -> Self {
        let colony =
            Self { process: None, web: String::new(), version, bent: None, dir: directory() };
        colony.route(address);
        colony
    }

    /// Takes the programs of another version. It must be stopped.
    pub(crate) fn changes_to(&mut self, version: Version) {
        assert!(self.process.is_none(), "a running program is not changed");
        self.version = version;
    }

    /// Makes a device of `site` that goes another way to the hub.
    pub(crate) fn enrol_by(hub: &Hub, site: &str, address: &str) -> Self {
        let colony = Self::unenrolled(address);
        colony.enrols(hub, site, "A. Officer");
        colony
    }

    /// Makes a device of `site` whose administrator is this person.
    pub(crate) fn enrol_for(hub: &Hub, site: &str, officer: &str) -> Self {
        let colony = Self::unenrolled(&hub.sync_address());
        colony.enrols(hub, site, officer);
        colony
    }

    /// Enrols as a device of `site` whose administrator is this person.
    pub(crate) fn enrols(&self, hub: &Hub, site: &str, officer: &str) {
        let code = hub.invite(site);
        self.command(&["enrol", &code, "--administrator", officer]).done();
    }

    /// Makes a second machine with the same disk. This one must be stopped.
    pub(crate) fn cloned(&self) -> Self {
        assert!(self.process.is_none(), "a running disk is copied badly");
        let (version, dir) = (self.version, directory());
        let double = Self { process: None, web: String::new(), version, bent: None, dir };
        copy(self.dir.path(), double.dir.path());
        double
    }

    /// Names the way to the hub; a running process must be started anew to take it.
    pub(crate) fn route(&self, address: &str) {
        let text = format!(
            "[web]\nlisten = \"127.0.0.1:0\"\n[sync]\nhub = \"{address}\"\npoll_seconds = 300\n\
             min_backoff_ms = 100\nmax_backoff_seconds = 2\n"
        );
        fs::write(self.dir.path().join("agent.toml"), text).unwrap();
    }

    /// Waits after failures as long as is shipped.
    pub(crate) fn waits_as_shipped(&self) {
        let path = self.dir.path().join("agent.toml");
        let text = fs::read_to_string(&path).unwrap();
        let shipped = text.lines().filter(|line| !line.contains("backoff"));
        fs::write(path, shipped.collect::<Vec<_>>().join("\n")).unwrap();
    }

    /// Starts the process that serves and syncs by itself.
    pub(crate) fn run(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        let mut process = Background::start(&mut self.prepare(&["run"]), self.dir.path());
        let address = process.ready(&self.data(), "/healthz");
        address["web"].as_str().unwrap().clone_into(&mut self.web);
        self.process = Some(process);
    }

    /// Ends the process as a power switch would.
    pub(crate) fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }

    /// Runs a command that prints JSON.
    pub(crate) fn command(&self, arguments: &[&str]) -> Ran {
        self.typing(arguments, "")
    }

    /// Runs a command that prints JSON and reads `input`.
    pub(crate) fn typing(&self, arguments: &[&str], input: &str) -> Ran {
        run(&mut self.prepare(arguments), input)
    }

    /// Returns a command that has not been started.
    pub(crate) fn prepare(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.version.program("ashuu-agent"));
        command.arg("--config").arg(self.dir.path().join("agent.toml"));
        command.arg("--data").arg(self.data()).arg("--json").args(arguments);
        if let Some(bent) = &self.bent {
            bent.bend(&mut command);
        }
        command
    }

    /// Bends the clock of its machine, for every command from now on.
    pub(crate) fn bends(&mut self, bent: &Bent) {
        self.bent = Some(bent.clone());
    }

    /// Returns a command that speaks to a person.
    pub(crate) fn in_words(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = command(&self.version.program("ashuu-agent"));
        command.arg("--config").arg(self.dir.path().join("agent.toml"));
        command.arg("--data").arg(self.data()).args(arguments);
        run(&mut command, input)
    }

    /// Saves records of `form`, one a line; returns what was answered for each.
    pub(crate) fn add(&self, form: &str, lines: &str) -> Vec<Json> {
        self.typing(&["add", form], lines).done().lines()
    }

    /// Saves one record and returns its id.
    pub(crate) fn add_one(&self, form: &str, line: &Json) -> String {
        self.add(form, &line.to_string())[0]["id"].as_str().unwrap().to_owned()
    }

    /// Changes fields of a record.
    pub(crate) fn amend(&self, id: &str, values: &Json) {
        self.typing(&["amend", id], &values.to_string()).done();
    }

    /// Exchanges with the hub until both have everything.
    pub(crate) fn sync(&self) -> Json {
        self.command(&["sync"]).done().json()
    }

    /// Returns all records.
    pub(crate) fn list(&self) -> Vec<Json> {
        self.command(&["list"]).done().array()
    }

    /// Returns one record.
    pub(crate) fn show(&self, id: &str) -> Json {
        self.command(&["show", id]).done().json()
    }

    /// Returns how things stand.
    pub(crate) fn status(&self) -> Json {
        self.command(&["status"]).done().json()
    }

    /// Returns what is remarked on entries that are part of no record.
    pub(crate) fn findings(&self) -> Vec<Json> {
        self.status()["findings"].as_array().unwrap().clone()
    }

    /// Returns how many entries wait to be sent.
    pub(crate) fn waiting(&self) -> u64 {
        let waiting = self.status()["waiting"].clone();
        ["urgent", "routine"].iter().map(|kind| waiting[kind]["entries"].as_u64().unwrap()).sum()
    }

    /// Waits until nothing waits.
    pub(crate) fn settles(&self) {
        eventually("nothing to wait", || (self.waiting() == 0).then_some(()));
    }

    /// Asks the local API.
    pub(crate) fn ask(&self, path: &str) -> Answer {
        get(&self.web, path, &self.token()).unwrap_or_else(|| panic!("no answer to {path}"))
    }

    /// Saves one record through the local API.
    pub(crate) fn post(&self, form: &str, record: &Json) -> Answer {
        let path = format!("/api/v1/records/{form}");
        let answer = post_json(&self.web, &path, &self.token(), record);
        answer.unwrap_or_else(|| panic!("no answer to {path}"))
    }

    /// Returns the number of the running process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().pid()
    }

    /// Returns everything the running process said so far.
    pub(crate) fn said(&self) -> String {
        self.process.as_ref().unwrap().said()
    }

    fn token(&self) -> String {
        let token = fs::read_to_string(self.data().join("api.token")).unwrap();
        token.trim().to_owned()
    }

    /// Fails if the device finds anything wrong with what it holds.
    pub(crate) fn assert_sound(&self) {
        assert_sound(self.command(&["verify"]), &self.dir);
    }

    /// Returns the data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }
}
