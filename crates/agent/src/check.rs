//! What a look at one thing found: all is well, or what to do.

use serde::{Deserialize, Serialize};

/// What a look at one thing found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub check: String,
    /// How it is.
    pub state: State,
    /// What was found.
    pub what: String,
    /// What to do; empty where nothing is.
    #[serde(rename = "do")]
    pub remedy: String,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// Somebody should look at it.
    Warn,
    /// It does not work, or soon will not.
    Fail,
}

impl Check {
    /// All is well.
    pub(crate) fn ok(check: &str, what: impl Into<String>) -> Self {
        Self { check: check.to_owned(), state: State::Ok, what: what.into(), remedy: String::new() }
    }

    /// Somebody should look at it.
    pub(crate) fn warn(check: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (check, what, remedy) = (check.to_owned(), what.into(), remedy.into());
        Self { check, state: State::Warn, what, remedy }
    }

    /// It does not work.
    pub(crate) fn fail(check: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (check, what, remedy) = (check.to_owned(), what.into(), remedy.into());
        Self { check, state: State::Fail, what, remedy }
    }
}
