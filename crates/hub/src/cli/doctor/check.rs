//! What a look at one thing found: all is well, or what to do.

use serde::Serialize;

/// What a look at one thing found.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(super) struct Check {
    /// What was looked at.
    check: &'static str,
    /// How it is.
    pub(super) state: State,
    /// What was found.
    pub(super) what: String,
    /// What to do; empty where nothing is.
    #[serde(rename = "do")]
    remedy: String,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// Somebody should look at it.
    Warn,
    /// It does not work, or soon will not.
    Fail,
}

impl Check {
    /// All is well.
    pub(super) fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, state: State::Ok, what: what.into(), remedy: String::new() }
    }

    /// Somebody should look at it.
    pub(super) fn warn(
        check: &'static str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { check, state: State::Warn, what: what.into(), remedy: remedy.into() }
    }

    /// It does not work.
    pub(super) fn fail(
        check: &'static str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { check, state: State::Fail, what: what.into(), remedy: remedy.into() }
    }

    /// Returns a line, and a second one where something is to be done.
    pub(super) fn words(&self) -> String {
        let state = match self.state {
            State::Ok => "ok  ",
            State::Warn => "warn",
            State::Fail => "FAIL",
        };
        let line = format!("{state} {:<14} {}", self.check, self.what);
        if self.remedy.is_empty() {
            return line;
        }
        format!("{line}\n{:19} → {}", "", self.remedy)
    }
}
