//! Hubs and colonies as a person would start them: programs, directories, configuration files.
//!
//! What is promised: nothing outside the test's temporary directory is touched, every process that
//! was started is gone when its handle is, and a wait ends at an event or fails by name.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tempfile::TempDir;

mod bent;
mod colony;
mod hub;
mod insider;

pub(crate) use bent::Bent;
pub(crate) use colony::Colony;
pub(crate) use hub::Hub;
pub(crate) use insider::{Insider, Sender, enter, packed, post};

/// How long anything may take that should take a moment, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often an event that can't be waited for is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How many seeds are played of whatever a seed varies; one if it is not set.
const SEEDS: &str = "ASHUU_TEST_SEEDS";

/// What names the directory of an older version's programs.
const OLDER: &str = "ASHUU_OLD_BIN";

/// Whose programs a machine runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Version {
    /// Those that are tested.
    Today,
    /// Those of an older version, which are in the field.
    Older,
}

/// A command that ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Its exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A process in the background; it dies with its handle.
#[derive(Debug)]
pub(crate) struct Background {
    child: Child,
    log: PathBuf,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Waits until `look` finds something, or fails naming what was waited for.
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, look).unwrap_or_else(|| panic!("waited {PATIENCE:?} for {what}"))
}

/// Waits until `look` finds something, or gives up after `limit`.
pub(crate) fn within<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if end < Instant::now() {
            return None;
        }
        thread::sleep(LOOK_EVERY);
    }
}

impl Version {
    /// Returns a program of this version.
    pub(crate) fn program(self, name: &str) -> PathBuf {
        match self {
            Self::Today => program(name),
            Self::Older => PathBuf::from(std::env::var_os(OLDER).unwrap()).join(name),
        }
    }
}

/// Returns how many seeds are played. The full set plays more of them than each change must pass.
pub(crate) fn seeds() -> u32 {
    std::env::var(SEEDS).map_or(1, |text| text.parse().unwrap())
}

/// Whether there are programs of an older version to test with; says so if there are none.
pub(crate) fn older_programs_are_here() -> bool {
    let are_here = std::env::var_os(OLDER).is_some();
    if !are_here {
        #[expect(clippy::print_stderr, reason = "a test that shows nothing must not look like one")]
        {
            eprintln!(
                "skipped: {OLDER} names no programs of an older version; `tests/run --all` builds them"
            );
        }
    }
    are_here
}

/// Returns a program of the workspace, which lies beside the test's own.
pub(crate) fn program(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let built = own.parent().and_then(Path::parent).unwrap().join(name);
    assert!(built.exists(), "{name} is not built: run `cargo build --workspace --bins` first");
    built
}

/// Returns a command whose surroundings say nothing about the machine it runs on.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LANG", "C.UTF-8").stdin(Stdio::null());
    command
}

/// Runs a command to its end, with `input` as what is typed.
pub(crate) fn run(command: &mut Command, input: &str) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A program that refuses early closes its end; what it did then say is what counts.
    let typing = thread::spawn(move || stdin.write_all(input.as_bytes()).is_ok());
    let output = child.wait_with_output().unwrap();
    typing.join().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Ran {
    /// Fails unless the command did what it was asked.
    pub(crate) fn done(self) -> Self {
        self.ended(0)
    }

    /// Fails unless the command ended with `code`.
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "said {:?}\nand {:?}", self.stdout, self.stderr);
        self
    }

    /// Returns the one value that was printed.
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in {:?}, {:?}", self.stdout, self.stderr))
    }

    /// Returns the array that was printed.
    pub(crate) fn array(&self) -> Vec<Json> {
        self.json().as_array().unwrap_or_else(|| panic!("no array: {}", self.stdout)).clone()
    }

    /// Returns the values that were printed, one a line.
    pub(crate) fn lines(&self) -> Vec<Json> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Background {
    /// Starts `command`; what it says goes to a log in `dir`.
    fn start(command: &mut Command, dir: &Path) -> Self {
        let log = dir.join("said.log");
        let file = File::options().create(true).append(true).open(&log).unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file);
        Self { child: command.spawn().unwrap(), log }
    }

    /// Waits until the process serves, and returns what it wrote about itself.
    fn ready(&mut self, data: &Path, path: &str) -> Json {
        let pid = u64::from(self.pid());
        let address = eventually("run.json", || {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("it ended with {status}: {}", self.said());
            }
            let text = fs::read_to_string(data.join("run.json")).ok()?;
            let found: Json = serde_json::from_str(&text).ok()?;
            (found["pid"].as_u64() == Some(pid)).then_some(found)
        });
        eventually(path, || {
            let answer = get(address["web"].as_str().unwrap(), path, "")?;
            (answer.status == 200).then_some(())
        });
        address
    }

    /// Returns everything the process said so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Returns the process's number.
    fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process as a power switch would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        if thread::panicking() {
            let said = self.said();
            let tail = said.len().saturating_sub(4_000);
            #[expect(clippy::print_stderr, reason = "whoever reads the failure needs it")]
            {
                eprintln!(
                    "{}: {}",
                    self.log.display(),
                    String::from_utf8_lossy(&said.as_bytes()[tail..])
                );
            }
        }
    }
}

/// Asks a page or an API; `None` if nobody answers.
pub(crate) fn get(address: &str, path: &str, token: &str) -> Option<Answer> {
    ask(address, &format!("GET {path}"), token, "")
}

/// Sends JSON to an API; `None` if nobody answers.
pub(crate) fn post_json(address: &str, path: &str, token: &str, body: &Json) -> Option<Answer> {
    ask(address, &format!("POST {path}"), token, &body.to_string())
}

fn ask(address: &str, what: &str, token: &str, body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    let length = body.len();
    let request = format!(
        "{what} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

/// Makes a directory of the test's own.
fn directory() -> TempDir {
    tempfile::Builder::new().prefix("ashuu-test-").tempdir().unwrap()
}

/// Copies what a directory holds into another one, which is made unless it is there.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        let (old, new) = (from.join(&name), to.join(&name));
        if old.is_dir() {
            copy(&old, &new);
        } else {
            fs::copy(&old, &new).unwrap();
        }
    }
}

/// Fails if a check found anything wrong.
fn assert_sound(ran: Ran, whose: &dyn Debug) {
    let found = ran.done().json();
    assert_eq!(found["ok"], true, "{whose:?}: {found}");
    assert_eq!(found["faults"], serde_json::json!([]), "{whose:?}");
}
