//! `doctor`: a line for each thing that was looked at, and what to do about it.
//!
//! What stands in the data directory is looked at here; the rest is asked of whoever holds it.

use std::fs;
use std::io;
use std::path::Path;

use terminal::{Check, State, Waiting};
use tokio::runtime::Runtime;

use super::screen::Screen;
use super::session::Session;
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
    let secrets = SECRETS.iter().map(|name| data.join(name)).collect();
    let mut checks = vec![terminal::permissions(data, secrets), format(data), left_over(data)];
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
        checks.iter().for_each(|check| screen.out(&check.words()));
    }
    Ok(u8::from(terminal::worst(&checks) == State::Fail))
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
    let remedy =
        "nothing is lost: remove them. A new version does this once; else look at the disk";
    Check::warn("views", what, remedy)
}
