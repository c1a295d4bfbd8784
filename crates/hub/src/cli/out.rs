//! What a command says: machine output as JSON on stdout, words for people otherwise.

use std::io;

use serde::Serialize;

use super::global::Global;
use crate::failure::Failure;
use crate::print::{line, remark};

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

/// Says why a command failed.
pub(crate) fn complain(global: &Global, failure: &Failure) {
    let is_said = matches!(failure, Failure::Found) && global.json;
    if !is_said {
        remark(&format!("ashuu-hub: {failure}"));
    }
}
