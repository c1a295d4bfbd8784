//! The command line: parses, finds who carries the command out, prints, and picks the exit code.
//!
//! A command opens the data directory itself, or asks the running agent that holds it; what is
//! printed is the same.

mod add;
mod args;
mod backup;
mod doctor;
mod enrol;
mod export;
mod logs;
mod screen;
mod session;
mod words;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use serde_json::{Map, Value as Json};
use terminal::Waiting;
use tokio::runtime::Runtime;

use self::args::{Cli, Command, FormCommand, TaskCommand};
use self::screen::Screen;
use self::session::Session;
use crate::config::Config;
use crate::limits::LINE_BYTES_MAX;
use crate::problem::{Cause, Problem};
use crate::request::{Amend, Request, Response};

/// Does what the arguments say, the program's name first, and returns the exit code.
pub fn main_with<I, T>(args: I) -> ExitCode
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    // A second installation in one process finds the first, which is the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let screen = Screen::new(&cli.global);
    logs::begin(&cli.command);
    match dispatch(cli, &screen) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            screen.problem(&problem);
            ExitCode::from(problem.cause.exit_code())
        }
    }
}

/// Prints a line for a script that waits for it.
pub(crate) fn print_line(line: &str) {
    screen::print_line(line);
}

fn dispatch(cli: Cli, screen: &Screen) -> Result<u8, Problem> {
    let config = Config::load(cli.global.config.as_deref(), cli.global.data.as_deref())?;
    let runtime = runtime()?;
    let request = match cli.command {
        Command::Enrol { code, administrator } => {
            return enrol::enrol(&runtime, &config, (&code, &administrator), screen);
        }
        Command::Run => return crate::run::run(&runtime, &config, screen.is_json()).map(|()| 0),
        Command::Add { form, file, format, check } => {
            let session = Session::begin(&runtime, &config, screen.lang())?;
            let task = add::Task { form, file, format, check };
            return add::add(&session, &task, screen);
        }
        Command::Export(task) => {
            let session = Session::begin(&runtime, &config, screen.lang())?;
            return export::export(&session, &task, screen).map(|()| 0);
        }
        Command::Amend { id, file, comment, seen } => {
            let values = object(file.as_deref())?;
            Request::Amend(Amend { id, seen: seen.as_deref().map(tokens), values, comment })
        }
        Command::Void { id, reason } => Request::Void { id, reason },
        Command::Resubmit { id, comment } => Request::Resubmit { id, comment },
        Command::Recall { id, comment } => Request::Recall { id, comment },
        Command::Comment { id, text } => Request::Comment { id, text },
        Command::Task(TaskCommand::List) => Request::Tasks,
        Command::Form(FormCommand::List) => Request::Forms,
        Command::Form(FormCommand::Show { id, version }) => Request::Form { id, version },
        Command::List(filters) => Request::List(filters.into()),
        Command::Show { id } => Request::Show { id },
        Command::History { id } => Request::History { id },
        Command::Sync => Request::Sync,
        Command::Backup(sealed) => return backup::backup(&runtime, &config, &sealed, screen),
        Command::Restore(sealed) => return backup::restore(&config, &sealed, screen),
        Command::Rebuild => return backup::rebuild(&runtime, &config, screen),
        Command::Doctor => return doctor::doctor(&runtime, &config, screen),
        Command::Status => Request::Status,
        Command::Verify => Request::Verify,
    };
    let session = Session::begin(&runtime, &config, screen.lang())?;
    let waiting = Waiting::begin();
    let saved_as = words::saved_as(&request);
    let done = session.execute(screen.as_asked(request));
    drop(waiting);
    let response = done?;
    screen.response(&response, saved_as);
    Ok(exit_code(&response))
}

fn exit_code(response: &Response) -> u8 {
    let says = |json: &Json, key: &str| json.get(key).and_then(Json::as_bool) == Some(true);
    match response {
        Response::Verified(json) if !says(json, "ok") => Cause::Unsound.exit_code(),
        Response::Synced(json) if !says(json, "settled") => Cause::Hub.exit_code(),
        Response::Added(_)
        | Response::Saved(_)
        | Response::Listed(_)
        | Response::Exported(_)
        | Response::Shown(_)
        | Response::History(_)
        | Response::Tasks(_)
        | Response::Words(_)
        | Response::Status(_)
        | Response::Verified(_)
        | Response::Kept(_)
        | Response::Synced(_) => 0,
    }
}

fn runtime() -> Result<Runtime, Problem> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Problem::new(Cause::Unavailable, format!("cannot begin: {error}")))
}

/// Reads one JSON object from a file or stdin.
fn object(file: Option<&Path>) -> Result<Map<String, Json>, Problem> {
    let limit = LINE_BYTES_MAX as u64;
    let mut text = String::new();
    let read = match file.filter(|file| *file != Path::new("-")) {
        Some(file) => fs::File::open(file)
            .and_then(|opened| opened.take(limit + 1).read_to_string(&mut text))
            .map_err(|error| unreadable(file, &error)),
        None => io::stdin()
            .take(limit + 1)
            .read_to_string(&mut text)
            .map_err(|error| unreadable(Path::new("stdin"), &error)),
    };
    if limit < read? as u64 {
        let words = format!("the object is longer than {LINE_BYTES_MAX} bytes");
        return Err(Problem::new(Cause::TooLarge, words));
    }
    match serde_json::from_str(&text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_other) => Err(Problem::new(Cause::Refused, "give one JSON object of changed fields")),
        Err(error) => Err(Problem::new(Cause::Refused, format!("not JSON: {error}"))),
    }
}

fn unreadable(file: &Path, error: &io::Error) -> Problem {
    let cause = if error.kind() == io::ErrorKind::NotFound {
        Cause::Usage
    } else if error.kind() == io::ErrorKind::InvalidData {
        Cause::Refused
    } else {
        Cause::Unavailable
    };
    Problem::new(cause, format!("cannot read {}: {error}", file.display()))
}

/// Reads what `show` printed under `seen`: the JSON array, or its words with commas.
fn tokens(seen: &str) -> Vec<String> {
    let parsed: Result<Vec<String>, _> = serde_json::from_str(seen);
    parsed.unwrap_or_else(|_no_array| {
        let words = seen.split(|c: char| c == ',' || c.is_whitespace());
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    })
}
