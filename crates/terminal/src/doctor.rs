//! What a look at one thing found: all is well, or what to do.

mod files;

use serde::{Deserialize, Serialize};

pub use self::files::{Space, permissions};

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
    pub fn ok(check: &str, what: impl Into<String>) -> Self {
        Self { check: check.to_owned(), state: State::Ok, what: what.into(), remedy: String::new() }
    }

    /// Somebody should look at it.
    pub fn warn(check: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (check, what, remedy) = (check.to_owned(), what.into(), remedy.into());
        Self { check, state: State::Warn, what, remedy }
    }

    /// It does not work.
    pub fn fail(check: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (check, what, remedy) = (check.to_owned(), what.into(), remedy.into());
        Self { check, state: State::Fail, what, remedy }
    }

    /// Returns a line, and a second one where something is to be done.
    #[must_use]
    pub fn words(&self) -> String {
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

/// Returns the worst that was found.
#[must_use]
pub fn worst(checks: &[Check]) -> State {
    checks.iter().map(|check| check.state).max().unwrap_or(State::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_among_all_that_is_well_is_the_worst_and_says_what_to_do() {
        let fail = Check::fail("link", "no answer", "look at the cable");
        let checks = [Check::ok("disk", "9 MiB free"), fail.clone(), Check::warn("a", "b", "c")];
        assert_eq!(worst(&checks), State::Fail);
        assert_eq!(worst(&checks[..1]), State::Ok);
        assert!(fail.words().starts_with("FAIL link "), "{}", fail.words());
        assert!(fail.words().ends_with("\n                    → look at the cable"));
    }

    #[test]
    fn a_finding_is_the_same_after_it_came_over_the_local_api() {
        let found = Check::warn("clock", "behind", "set it");
        let json = serde_json::to_string(&found).unwrap();
        assert_eq!(json, r#"{"check":"clock","state":"warn","what":"behind","do":"set it"}"#);
        assert_eq!(serde_json::from_str::<Check>(&json).unwrap(), found);
    }
}
