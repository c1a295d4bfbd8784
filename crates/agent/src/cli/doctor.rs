//! `doctor`: a line for each thing that was looked at, and what to do about it.
//!
//! What stands in the data directory is looked at here; the rest is asked of whoever holds it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tokio::runtime::Runtime;

use super::patience::Waiting;
use super::screen::Screen;
use super::session::Session;
use crate::check::{Check, State};
use crate::config::Config;
use crate::problem::{Cause, Problem};
use crate::request::{Request, Response, Upkeep};

/// Files that only their owner may read.
const SECRETS: [&str; 4] = ["local/device.key", "local/enrolment", "hub.key", "api.token"];

/// What sled's repair leaves behind.
const ASIDE: [&str; 3] = ["quarantine-", "bad-snapshot", "unfinished-snapshot"];

/// Looks at everything; the exit code is 1 if anything fails.
pub(super) fn doctor(runtime: &Runtime, config: &Config, screen: &Screen) -> Result<u8, Problem> {
    let data = &config.data;
    let mut checks = vec![permissions(data), format(data), left_over(data)];
    let entered = runtime.enter();
    let waiting = Waiting::begin();
    checks.extend(match asked(runtime, config, screen) {
        Ok(found) => found,
        Err(problem) => vec![unopened(&problem)],
    });
    drop(waiting);
    drop(entered);
    if screen.is_json() {
        screen.json(&checks);
    } else {
        checks.iter().for_each(|check| print(screen, check));
    }
    let worst = checks.iter().map(|check| check.state).max().unwrap_or(State::Ok);
    Ok(u8::from(worst == State::Fail))
}

fn print(screen: &Screen, check: &Check) {
    let state = match check.state {
        State::Ok => "ok  ",
        State::Warn => "warn",
        State::Fail => "FAIL",
    };
    screen.out(&format!("{state} {:<12} {}", check.check, check.what));
    if !check.remedy.is_empty() {
        screen.out(&format!("{:17} → {}", "", check.remedy));
    }
}

fn asked(runtime: &Runtime, config: &Config, screen: &Screen) -> Result<Vec<Check>, Problem> {
    let session = Session::begin(runtime, config, screen.lang())?;
    let hub = config.sync.hub.clone();
    let Response::Kept(found) = session.execute(Request::Keep(Upkeep::Doctor { hub }))? else {
        return Err(Problem::new(Cause::Internal, "not as this agent speaks"));
    };
    serde_json::from_value(found).map_err(|error| {
        Problem::new(Cause::Internal, format!("not as this agent speaks: {error}"))
    })
}

/// Whoever holds the data could not be asked, or nobody can hold it.
fn unopened(problem: &Problem) -> Check {
    let remedy = match problem.cause {
        Cause::NotEnrolled => "ask the centre for a code and run `ashuu-agent enrol CODE`",
        Cause::Locked => "stop the process that holds the directory, then look again",
        Cause::Usage
        | Cause::Refused
        | Cause::NotFound
        | Cause::Ambiguous
        | Cause::Unauthorized
        | Cause::Misdirected
        | Cause::TooLarge
        | Cause::Hub
        | Cause::Unsound
        | Cause::Unavailable
        | Cause::Internal => "do what it says, or restore this machine from a backup",
    };
    Check::fail("store", problem.detail.clone(), remedy)
}

fn permissions(data: &Path) -> Check {
    let open = |path: &Path| match fs::metadata(path) {
        Ok(found) => found.permissions().mode() & 0o077 != 0,
        Err(_missing) => false,
    };
    if open(data) {
        let what = format!("others may look into {}", data.display());
        return Check::fail("permissions", what, format!("chmod 700 {}", data.display()));
    }
    let secrets = SECRETS.iter().map(|name| data.join(name));
    let readable: Vec<String> =
        secrets.filter(|path| open(path)).map(|path| path.display().to_string()).collect();
    if readable.is_empty() {
        return Check::ok("permissions", "only this user reads the data and the keys");
    }
    let files = readable.join(" ");
    Check::fail("permissions", format!("others may read {files}"), format!("chmod 600 {files}"))
}

fn format(data: &Path) -> Check {
    let path = data.join("format");
    let known = store::FORMAT;
    match fs::read_to_string(&path).map(|text| text.trim().parse::<u32>()) {
        Ok(Ok(found)) if found <= known => Check::ok("format", format!("{found}")),
        Ok(Ok(found)) => Check::fail(
            "format",
            format!("the data have format {found}, and this program knows {known}"),
            "install the newer program",
        ),
        Ok(Err(error)) => Check::fail(
            "format",
            format!("{} is no number: {error}", path.display()),
            format!("write \"{known}\" into it if no newer program was ever used here"),
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Check::warn("format", "nothing was written here yet", "enrol this machine")
        }
        Err(error) => {
            Check::fail("format", format!("{}: {error}", path.display()), "look at the disk")
        }
    }
}

/// Views that could not be used are kept for a look, and take space.
fn left_over(data: &Path) -> Check {
    let mut found = Vec::new();
    for entry in fs::read_dir(data).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if ASIDE.iter().any(|prefix| name.starts_with(prefix)) {
            found.push(name);
        }
    }
    found.sort();
    if found.is_empty() {
        return Check::ok("views", "they never had to be set aside");
    }
    let what = format!("set aside as unusable and made anew: {}", found.join(", "));
    let remedy = "nothing is lost; look at the disk if it happens often, and remove them";
    Check::warn("views", what, remedy)
}
