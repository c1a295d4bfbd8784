//! A hub: its directory, its configuration, its process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use journal::DeviceKey;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::{
    Answer, Background, Bent, Ran, Version, assert_sound, command, copy, directory, get, run,
};
use crate::server;

/// A hub and the process that serves it, if one runs.
#[derive(Debug)]
pub(crate) struct Hub {
    process: Option<Background>,
    web: String,
    sync: String,
    database: String,
    version: Version,
    /// What its configuration says beside the addresses.
    more: String,
    /// By what its clock is off, if it is.
    bent: Option<Bent>,
    dir: TempDir,
}

/// A database as it stood.
#[derive(Debug)]
pub(crate) enum Copied {
    OnServer(String),
    Files(TempDir),
}

impl Hub {
    /// Makes a hub with these sites, on the engine that the tests are run on, and starts it.
    pub(crate) fn start(sites: &[&str]) -> Self {
        let database = server::is_chosen().then(server::fresh);
        Self::start_on(&database.unwrap_or_default(), sites)
    }

    /// Makes a hub with these sites on a database and starts it.
    pub(crate) fn start_on(database: &str, sites: &[&str]) -> Self {
        let mut hub = Self::nowhere(database);
        hub.begins(sites);
        hub
    }

    /// Makes a hub that runs an older version's programs, with these sites, and starts it.
    pub(crate) fn start_older(database: &str, sites: &[&str]) -> Self {
        let mut hub = Self { version: Version::Older, ..Self::nowhere(database) };
        hub.begins(sites);
        hub
    }

    /// Makes the hub with these sites and starts it.
    pub(crate) fn begins(&mut self, sites: &[&str]) {
        self.command(&["init"]).done();
        for site in sites {
            self.command(&["site", "add", site, "--name-en", &format!("Colony {site}")]).done();
        }
        self.run();
    }

    /// Takes the programs that are tested. It must be stopped.
    pub(crate) fn is_updated(&mut self) {
        assert!(self.process.is_none(), "a running program is not changed");
        self.version = Version::Today;
    }

    /// Starts a second process of this hub, on a machine of its own.
    pub(crate) fn beside(&self) -> Self {
        let mut second = Self::nowhere(&self.database);
        fs::create_dir(second.data()).unwrap();
        fs::copy(self.data().join("hub.key"), second.data().join("hub.key")).unwrap();
        second.run();
        second
    }

    /// Makes a configuration for a hub; nothing is initialised.
    pub(crate) fn nowhere(database: &str) -> Self {
        let (web, sync) = ("127.0.0.1:0".to_owned(), "127.0.0.1:0".to_owned());
        let (database, version) = (database.to_owned(), Version::Today);
        let (more, bent) = (String::new(), None);
        let hub =
            Self { process: None, web, sync, database, version, more, bent, dir: directory() };
        hub.configure();
        hub
    }

    /// Makes a configuration for another hub, on the engine that the tests are run on.
    pub(crate) fn elsewhere() -> Self {
        Self::nowhere(&server::is_chosen().then(server::fresh).unwrap_or_default())
    }

    /// Copies its data as it stands, as a snapshot of the machine would; nothing tells the copy.
    /// This one must be stopped, and the copy takes its addresses.
    pub(crate) fn copied(&self) -> Self {
        assert!(self.process.is_none(), "a running disk is copied badly");
        let database = Some(&self.database).filter(|database| !database.is_empty());
        let mut copied = Self::nowhere(&database.map(|it| server::copied(it)).unwrap_or_default());
        copied.takes_the_place_of(self);
        copy(&self.data(), &copied.data());
        copied
    }

    /// Copies its database as it stands, without its data directory. It must be stopped.
    pub(crate) fn database_copied(&self) -> Copied {
        assert!(self.process.is_none(), "a running database is copied badly");
        if !self.database.is_empty() {
            return Copied::OnServer(server::copied(&self.database));
        }
        let kept = directory();
        for name in Self::database_files(&self.data()) {
            fs::copy(self.data().join(&name), kept.path().join(&name)).unwrap();
        }
        Copied::Files(kept)
    }

    /// Puts a copy in the place of its database; its data directory stays. It must be stopped.
    pub(crate) fn database_put_back(&mut self, copied: Copied) {
        match copied {
            Copied::OnServer(database) => {
                self.database = database;
                self.configure();
            }
            Copied::Files(kept) => {
                for name in Self::database_files(&self.data()) {
                    fs::remove_file(self.data().join(name)).unwrap();
                }
                for name in Self::database_files(kept.path()) {
                    fs::copy(kept.path().join(&name), self.data().join(&name)).unwrap();
                }
            }
        }
    }

    fn database_files(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("hub.db")).collect()
    }

    /// Takes the addresses of a hub that is gone.
    pub(crate) fn takes_the_place_of(&mut self, gone: &Self) {
        (self.web, self.sync) = (gone.web.clone(), gone.sync.clone());
        self.configure();
    }

    /// Runs a command that prints JSON and reads `input`.
    pub(crate) fn typing(&self, arguments: &[&str], input: &str) -> Ran {
        run(&mut self.prepare(arguments), input)
    }

    /// Tells it of another database; it must be stopped, or not care until it is started again.
    pub(crate) fn is_on(&mut self, database: &str) {
        database.clone_into(&mut self.database);
        self.configure();
    }

    /// Adds a part to its configuration, which counts when it is next started.
    pub(crate) fn configures(&mut self, more: &str) {
        more.clone_into(&mut self.more);
        self.configure();
    }

    /// Starts the process, at the addresses it had before.
    pub(crate) fn run(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        let mut command = self.prepare(&["run"]);
        let mut process = Background::start(&mut command, self.dir.path());
        let address = process.ready(&self.data(), "/readyz");
        address["web"].as_str().unwrap().clone_into(&mut self.web);
        address["sync"].as_str().unwrap().clone_into(&mut self.sync);
        self.configure();
        self.process = Some(process);
    }

    /// Ends the process as a power switch would.
    pub(crate) fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }

    /// Returns the number of the running process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().pid()
    }

    /// Runs a command that prints JSON.
    pub(crate) fn command(&self, arguments: &[&str]) -> Ran {
        run(&mut self.prepare(arguments), "")
    }

    /// Lets a device of `site` in: returns the code to enrol with.
    pub(crate) fn invite(&self, site: &str) -> String {
        let ran = self.command(&["invite", site]).done();
        ran.json()["code"].as_str().unwrap().to_owned()
    }

    /// Returns the hub's key.
    pub(crate) fn key(&self) -> DeviceKey {
        self.command(&["status"]).done().json()["hub"].as_str().unwrap().parse().unwrap()
    }

    /// Returns what is remarked on entries that are part of no record.
    pub(crate) fn findings(&self) -> Vec<Json> {
        self.command(&["status"]).done().json()["findings"].as_array().unwrap().clone()
    }

    /// Returns where devices exchange.
    pub(crate) fn sync_address(&self) -> String {
        self.sync.clone()
    }

    /// Returns all records.
    pub(crate) fn list(&self) -> Vec<Json> {
        self.command(&["record", "list"]).done().array()
    }

    /// Returns one record.
    pub(crate) fn show(&self, id: &str) -> Json {
        self.command(&["record", "show", id]).done().json()
    }

    /// Returns a token of the API.
    pub(crate) fn token(&self) -> String {
        let ran = self.command(&["token", "add", "test", "--role", "analyst"]).done();
        ran.json()["token"].as_str().unwrap().to_owned()
    }

    /// Asks the API.
    pub(crate) fn ask(&self, path: &str, token: &str) -> Answer {
        get(&self.web, path, token).unwrap_or_else(|| panic!("no answer to {path}"))
    }

    /// Returns where pages and API are served.
    pub(crate) fn web_address(&self) -> String {
        self.web.clone()
    }

    /// Returns what is known of the devices.
    pub(crate) fn devices(&self) -> Vec<Json> {
        self.command(&["device", "list"]).done().array()
    }

    /// Fails if the hub finds anything wrong with what it holds.
    pub(crate) fn assert_sound(&self) {
        assert_sound(self.command(&["verify"]), &"the hub");
    }

    /// Waits until the hub lists `count` records.
    pub(crate) fn holds(&self, count: usize) -> Vec<Json> {
        let what = format!("{count} records at the hub");
        super::eventually(&what, || Some(self.list()).filter(|list| list.len() == count))
    }

    /// Returns the data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Returns a command that has not been started.
    pub(crate) fn prepare(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.version.program("ashuu-hub"));
        command.arg("--config").arg(self.dir.path().join("hub.toml"));
        command.arg("--data").arg(self.data()).arg("--json").args(arguments);
        if let Some(bent) = &self.bent {
            bent.bend(&mut command);
        }
        command
    }

    /// Bends the clock of its machine: of the process that runs, and of every command from now on.
    pub(crate) fn bends(&mut self, bent: &Bent) {
        self.bent = Some(bent.clone());
    }

    /// Ends the process and starts it again.
    pub(crate) fn restarts(&mut self) {
        self.kill();
        self.run();
    }

    /// The metrics' port is free, since tests run side by side.
    fn configure(&self) {
        let Self { web, sync, database, more, .. } = self;
        let text = format!(
            "database = \"{database}\"\npublic_address = \"{sync}\"\n[web]\nlisten = \"{web}\"\n[sync]\nlisten = \"{sync}\"\n\
             [metrics]\nlisten = \"\"\n{more}"
        );
        fs::write(self.dir.path().join("hub.toml"), text).unwrap();
    }
}
