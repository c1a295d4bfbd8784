//! `doctor`: a line for each thing that was looked at, and what to do about it.
//!
//! It looks from outside, beside a hub that may be running: at the data directory, the database,
//! the clocks, the sync port, the sites. What it can't get at is a finding, never an error.

mod clock;
mod copies;
mod files;
mod forms;
mod receiving;
mod set_back;
mod work;

use terminal::{Check, State, Waiting};

use super::global::Global;
use super::out;
use crate::failure::Failure;
use crate::truth::Truth;

/// Looks at everything; fails with exit code 1 if anything does.
pub(super) async fn perform(global: &Global) -> Result<(), Failure> {
    let config = global.config()?;
    let waiting = Waiting::begin();
    let mut checks = files::all(&config);
    match crate::open::open(&config).await {
        Ok(truth) => {
            checks.push(Check::ok("key", protocol::fingerprint(&truth.key())));
            checks.extend(of_truth(&truth).await);
        }
        Err(failure) => checks.push(unopened(&failure)),
    }
    checks.push(copies::copies(&config));
    checks.push(work::sync_port(&config).await);
    checks.push(work::public_address(&config));
    drop(waiting);
    out::say(global, &checks, || checks.iter().map(Check::words).collect::<Vec<_>>().join("\n"))?;
    if terminal::worst(&checks) == State::Fail {
        return Err(Failure::Refused("something fails: see above".to_owned()));
    }
    Ok(())
}

async fn of_truth(truth: &Truth) -> Vec<Check> {
    let mut checks = vec![work::database(truth).await];
    checks.extend(receiving::all(truth).await);
    let mut found = vec![
        work::fold_lag(truth).await,
        clock::clock(truth).await,
        work::sites(truth).await,
        work::strangers(truth).await,
        work::forks(truth).await,
        set_back::set_back(truth).await,
        forms::forms(truth).await,
    ];
    for check in found.drain(..) {
        checks.push(check.unwrap_or_else(|words| {
            Check::fail("database", words, "look at the database and its disk")
        }));
    }
    checks
}

/// The hub is not there, or can't be opened.
fn unopened(failure: &Failure) -> Check {
    let remedy = match failure {
        Failure::NotInitialised | Failure::NoHub(_) => "run `ashuu-hub init`, or give --data",
        Failure::Usage(_) => "correct the configuration",
        Failure::Refused(_) | Failure::Found | Failure::Unavailable(_) => {
            "do what it says; if the database is damaged, `ashuu-hub rebuild --from-truth --to FILE` \
             saves what can be read; if it is lost, `ashuu-hub restore` makes a hub of a backup"
        }
    };
    Check::fail("database", failure.to_string(), remedy)
}
