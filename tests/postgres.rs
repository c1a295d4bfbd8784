//! For tests: a `PostgreSQL` server of one's own, from Debian's package, and databases on it.
//!
//! One server a process that tests, in a directory of its own, reached by a socket there; it is
//! stopped when that process is gone, however it ended. What `initdb` makes is kept under `target`
//! and copied. The server refuses to run for root, so root starts it for the user `postgres`.
//! A server that can't be had fails the test: what was not tested is not known to work.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// What chooses the database of tests that need any: `postgres`, or nothing for a file.
const CHOICE: &str = "ASHUU_TEST_DATABASE";

/// How long a server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a server that starts is asked whether it answers.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The server outlives a statement, not the test: it ends when the test's end of the pipe does.
const UNTIL_THE_TEST_IS_GONE: &str =
    r#""$@" </dev/null >"$0/log" 2>&1 & read -r _; kill -QUIT $!; wait $!; rm -rf "$0""#;

/// What a test does not need a server to do: survive a power cut, clean up after a month.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=16MB",
    "max_connections=100",
];

/// A server in a directory of its own.
#[derive(Debug)]
pub(crate) struct Server {
    directory: PathBuf,
    running: Mutex<Option<Child>>,
    databases: AtomicU32,
}

/// Returns whether tests are to use a server.
pub(crate) fn is_chosen() -> bool {
    match std::env::var(CHOICE).as_deref() {
        Err(_) | Ok("" | "sqlite") => false,
        Ok("postgres") => true,
        Ok(other) => panic!("{CHOICE}={other}: postgres or sqlite"),
    }
}

/// The server of this process, once anything needs it.
static SERVER: OnceLock<Server> = OnceLock::new();

/// Returns the address of an empty database on the server of this process.
pub(crate) fn fresh() -> String {
    SERVER.get_or_init(Server::start).database()
}

/// Returns everything a database holds, as statements that make it again.
pub(crate) fn dumped(address: &str) -> Vec<u8> {
    let mut command = as_postgres(binary("pg_dump"));
    let said = command.args(["--no-owner", "--inserts", "-d", address]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    said.stdout
}

/// Makes what was dumped again in an empty database of the server of this process.
pub(crate) fn loaded(dump: &[u8]) -> String {
    let address = fresh();
    let mut command = as_postgres(binary("psql"));
    command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &address]);
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(dump).unwrap();
    assert!(running.wait().unwrap().success(), "the dump can't be loaded");
    address
}

/// Returns the address of a database on the server of this process that holds what another one
/// there does. Nobody may be connected to that.
pub(crate) fn copied(address: &str) -> String {
    let (_, name) = address.split_once('?').unwrap().0.rsplit_once('/').unwrap();
    SERVER.get_or_init(Server::start).database_from(name)
}

impl Server {
    /// Starts a server.
    pub(crate) fn start() -> Self {
        let directory = directory();
        copy(&template(), &directory.join("data"));
        let server = Self { directory, running: Mutex::new(None), databases: AtomicU32::new(0) };
        server.restart();
        server
    }

    /// Starts a server that follows this one as Debian's would, asynchronously.
    pub(crate) fn follower(&self) -> Self {
        let directory = directory();
        let mut copy = as_postgres(binary("pg_basebackup"));
        copy.args([
            "--checkpoint=fast",
            "--no-sync",
            "--write-recovery-conf",
            "-U",
            "postgres",
            "-h",
        ]);
        copy.arg(&self.directory).arg("-D").arg(directory.join("data"));
        let said = copy.output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let server = Self { directory, running: Mutex::new(None), databases: AtomicU32::new(0) };
        server.restart();
        server
    }

    /// Makes a server that follows another one take writes of its own.
    pub(crate) fn promote(&self) {
        self.tell("SELECT pg_promote()");
    }

    /// Returns an address that names this server and another one.
    pub(crate) fn or(&self, other: &Self) -> String {
        let (one, two) = (self.directory.display(), other.directory.display());
        format!("postgres://postgres@localhost/postgres?host={one},{two}")
    }

    /// Makes an empty database and returns its address.
    pub(crate) fn database(&self) -> String {
        match self.databases.fetch_add(1, Ordering::Relaxed) {
            0 => self.address("postgres", "postgres"), // The one that is there.
            _ => self.database_from("template1"),
        }
    }

    /// Makes a database that holds what another one does, and returns its address.
    fn database_from(&self, template: &str) -> String {
        let name = format!("world{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.tell(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        self.address("postgres", &name)
    }

    /// Returns the address of a database here, for a user.
    pub(crate) fn address(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@localhost/{database}?host={}", self.directory.display())
    }

    /// Tells the server something as its administrator.
    pub(crate) fn tell(&self, sql: &str) {
        let said = self.psql(sql).output().unwrap();
        assert!(said.status.success(), "{sql}: {}", String::from_utf8_lossy(&said.stderr));
    }

    /// Tells one of the databases here something as its administrator.
    pub(crate) fn tell_in(&self, database: &str, sql: &str) {
        let said = self.psql(sql).args(["-d", database]).output().unwrap();
        assert!(said.status.success(), "{sql}: {}", String::from_utf8_lossy(&said.stderr));
    }

    /// Asks the server something and returns the answer as text.
    pub(crate) fn asked(&self, sql: &str) -> String {
        let said = self.psql(sql).args(["-t", "-A"]).output().unwrap();
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }

    /// Writes who is let in and how, before everything else the server goes by.
    pub(crate) fn let_in(&self, rule: &str) {
        let file = self.directory.join("data/pg_hba.conf");
        let rules = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{rule}\n{rules}")).unwrap();
        self.tell("SELECT pg_reload_conf()");
    }

    /// Starts the server again.
    pub(crate) fn restart(&self) {
        let mut running = self.running.lock().unwrap();
        let end = Instant::now() + PATIENCE;
        // Right after a crash its old processes may still hold what it needs.
        while running.is_none() {
            assert!(Instant::now() < end, "no server after {PATIENCE:?}: {}", self.log());
            *running = self.try_start(end);
        }
    }

    /// Ends the server's processes as a power switch would.
    pub(crate) fn kill(&self) {
        let note = fs::read_to_string(self.directory.join("data/postmaster.pid")).unwrap();
        let server = note.lines().next().unwrap();
        let killed = Command::new("kill").args(["-KILL", server]).status().unwrap();
        assert!(killed.success(), "the server was not there to be killed");
        let end = Instant::now() + PATIENCE;
        while self.answers() {
            assert!(Instant::now() < end, "the server is still there");
        }
        // Its guard must not remove the directory with it.
        let mut guard = self.running.lock().unwrap().take().unwrap();
        guard.kill().unwrap();
        guard.wait().unwrap();
    }

    /// Returns the guard of a server that answers; `None` if an old one's memory is in the way.
    fn try_start(&self, end: Instant) -> Option<Child> {
        let mut command = as_postgres("/bin/sh");
        command.args(["-c", UNTIL_THE_TEST_IS_GONE]).arg(&self.directory).arg(binary("postgres"));
        command.arg("-D").arg(self.directory.join("data")).arg("-k").arg(&self.directory);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut guard = command.spawn().unwrap();
        let mut in_the_way = false;
        while !in_the_way && Instant::now() < end {
            if self.answers() {
                return Some(guard);
            }
            let log = self.log();
            in_the_way = log.contains("pre-existing shared memory")
                || log.contains("\"postmaster.pid\" already exists");
            std::thread::sleep(LOOK_EVERY);
        }
        guard.kill().unwrap();
        guard.wait().unwrap();
        None
    }

    fn answers(&self) -> bool {
        self.psql("SELECT 1").output().unwrap().status.success()
    }

    fn psql(&self, sql: &str) -> Command {
        let mut command = as_postgres(binary("psql"));
        command.args(["-X", "-q", "-d", "postgres", "-c", sql]).arg("-h").arg(&self.directory);
        command
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }
}

/// Returns what `initdb` made, once for all tests with this version of the server.
fn template() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    let all = target.map_or_else(std::env::temp_dir, Path::to_owned).join("postgres");
    fs::create_dir_all(&all).unwrap();
    let lock = File::create(all.join("lock")).unwrap();
    lock.lock().unwrap();
    let initdb = binary("initdb");
    let version = initdb.ancestors().nth(2).and_then(Path::file_name).unwrap();
    let made = all.join(version);
    if !made.exists() {
        // The user the server runs as may not come to where we are: it works where all may.
        let place = directory();
        let mut initdb = as_postgres(initdb);
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        initdb.args(["--username=postgres", "--wal-segsize=1", "-D"]).arg(place.join("data"));
        let said = initdb.output().unwrap();
        assert!(said.status.success(), "initdb: {}", String::from_utf8_lossy(&said.stderr));
        let making = all.join("making");
        if making.exists() {
            fs::remove_dir_all(&making).unwrap();
        }
        copy(&place.join("data"), &making);
        fs::remove_dir_all(place).unwrap();
        fs::rename(making, &made).unwrap();
    }
    made
}

/// Makes a directory for the user the server runs as, where that user may go.
fn directory() -> PathBuf {
    let directory = tempfile::Builder::new().prefix("ashuu-pg-").tempdir().unwrap().keep();
    if let Some((user, group)) = postgres() {
        chown(&directory, Some(user), Some(group)).unwrap();
    }
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
    directory
}

/// Copies a directory with all that is in it, and whose it is.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success(), "{} can't be copied", from.display());
}

/// Returns a program of the server's package: the newest version that is installed.
fn binary(name: &str) -> PathBuf {
    let all = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let found = all.map(|entry| entry.unwrap().path().join("bin").join(name));
    let newest = found.filter(|file| file.exists()).max();
    newest.unwrap_or_else(|| panic!("no {name}: install Debian's package postgresql"))
}

/// Returns a command that runs as the user the server runs as.
fn as_postgres(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8").current_dir("/");
    command.stdin(Stdio::null());
    if let Some((user, group)) = postgres() {
        command.uid(user).gid(group);
    }
    command
}

/// Returns the user `postgres` and its group if this is root.
fn postgres() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let mut fields = users.lines().map(|line| line.split(':'));
    let found = fields.find_map(|mut line| {
        let numbers = (line.next() == Some("postgres")).then_some(line)?;
        let mut numbers = numbers.skip(1).map(|number| number.parse().ok());
        Some((numbers.next()??, numbers.next()??))
    });
    assert!(found.is_some(), "no user postgres: install Debian's package postgresql");
    found
}
