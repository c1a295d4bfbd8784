//! What a command says: machine output as JSON on stdout, words for people otherwise.

use std::io::{self, Write as _};

use serde::Serialize;

use super::failure::Failure;
use super::global::Global;

/// Says a value as JSON if asked so, else the words.
pub(crate) fn say(
    global: &Global,
    value: &impl Serialize,
    words: impl FnOnce() -> String,
) -> Result<(), Failure> {
    if !global.json {
        return line(&words());
    }
    line(&serde_json::to_string(value).map_err(io::Error::other)?)
}

/// Writes a line to stdout. A reader that went away is no failure.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes words for people to stderr.
pub(crate) fn remark(text: &str) {
    let mut stderr = io::stderr().lock();
    // Nobody is left to be told when stderr is gone.
    drop(writeln!(stderr, "{text}"));
}

/// Says why a command failed.
pub(crate) fn complain(global: &Global, failure: &Failure) {
    let is_said = matches!(failure, Failure::Found) && global.json;
    if !is_said {
        remark(&format!("ashuu-hub: {failure}"));
    }
}
