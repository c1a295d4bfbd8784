//! A look at what only the holder of the data knows: the store, the clock, the hub, what waits.

use std::time::Duration;

use protocol::Waiting;
use store::StoreState;
use terminal::{Check, Space};
use tokio::runtime::Handle;

use super::{Desk, time};
use crate::clock;
use crate::limits::{
    CLOCK_SKEW_WARN_MS, DISK_FREE_FAIL_BYTES, DISK_FREE_WARN_BYTES, LINK_CHECK_SECONDS,
    SILENCE_WARN_MS,
};
use crate::sync::{Link, LinkError};

/// The start of 2024: no machine that runs this was ever set to an earlier time on purpose.
const PLAUSIBLE_MS: i64 = 1_704_067_200_000;

/// What space a machine of a colony needs.
const SPACE: Space = Space {
    warn_bytes: DISK_FREE_WARN_BYTES,
    fail_bytes: DISK_FREE_FAIL_BYTES,
    remedy: "remove files that are not this program's, or give it a larger disk",
};

impl Desk {
    /// Looks at everything the holder of the data can look at.
    pub(super) fn doctor(&self, hub: Option<&str>) -> Vec<Check> {
        let silence = self.ledger.last_contact_ms();
        vec![
            self.disk(),
            clock(clock::now_ms(), self.ledger.clock_skew_ms()),
            self.link_to(hub),
            self.store_check(),
            self.epoch_check(),
            self.forks_check(),
            self.removed_check(),
            self.forms_check(),
            waiting(&crate::sync::Desk::waiting(self), silence, clock::now_ms()),
        ]
    }

    fn disk(&self) -> Check {
        match self.store.disk_free_bytes() {
            Ok(free) => SPACE.judge(free),
            Err(fault) => {
                Check::fail("disk", fault.to_string(), "look at the disk and its connection")
            }
        }
    }

    fn store_check(&self) -> Check {
        let remedy = "run `ashuu-agent verify`: it names what is wrong";
        match self.store.state() {
            StoreState::Ok => Check::ok("store", "the journal and the views are in order"),
            StoreState::Rebuilding => {
                let what = "the views are being made anew from the journal";
                Check::warn("store", what, "wait; nothing is lost by that")
            }
            StoreState::Degraded(words) => Check::fail("store", words, remedy),
        }
    }

    /// A log that is never continued would refuse every record.
    fn epoch_check(&self) -> Check {
        let count = self.identity().epoch_count(&self.store).unwrap_or(1);
        match self.identity().lost_memory(&self.store, &self.ledger) {
            Ok(None) => Check::ok("epoch", format!("epoch {count} of this device")),
            Ok(Some(words)) => {
                let remedy = "start the agent again: it then goes on in its next epoch";
                Check::warn("epoch", words, remedy)
            }
            Err(fault) => Check::fail("epoch", fault.to_string(), "run `ashuu-agent verify`"),
        }
    }

    /// A fork loses nothing, but a copy of a disk may still be in use somewhere.
    fn forks_check(&self) -> Check {
        let forked = self.forked();
        if forked.is_empty() {
            return Check::ok("forks", "no log has forked");
        }
        let own = forked.keys().filter(|log| log.device == self.identity().device()).count();
        let logs = forked.len();
        let what = format!(
            "{logs} logs have several branches, {own} of them this machine's: a disk was set back \
             or copied; all that was written on any of them is kept and listed"
        );
        let remedy = "see that no copy of a machine runs beside it, and enrol one of them anew; \
                      `ashuu-agent status` names the logs";
        Check::warn("forks", what, remedy)
    }

    /// What the hub acknowledged and then lacked, although it was not set back, somebody removed.
    fn removed_check(&self) -> Check {
        let removed = self.removed().len();
        if removed == 0 {
            return Check::ok("hub", "it never lacked what it had acknowledged");
        }
        let what = format!(
            "{removed} times the hub lacked entries of this machine that it had acknowledged, \
             though it was not set back; they were sent again"
        );
        let remedy = "`ashuu-agent status` names them: tell an auditor, not only the hub's \
                      administrator";
        Check::warn("hub", what, remedy)
    }

    /// Any answer proves that the way is open and that the hub's key is the one pinned here.
    fn link_to(&self, hub: Option<&str>) -> Check {
        let address = hub.unwrap_or(&self.identity().enrolment.address);
        let Ok(runtime) = Handle::try_current() else {
            return Check::warn("link", "not looked at", "run `ashuu-agent sync`");
        };
        let asked = runtime.block_on(async {
            let link = Link::new(&self.identity().secret, self.identity().enrolment.hub, address)?;
            let wait = Duration::from_secs(LINK_CHECK_SECONDS);
            let answer = tokio::time::timeout(wait, link.post("/v1/exchange", Vec::new())).await;
            answer.unwrap_or_else(|_late| Err(LinkError::Unreached("it takes too long".to_owned())))
        });
        match asked {
            Ok(_) | Err(LinkError::Status { .. } | LinkError::TooLong) => {
                Check::ok("link", format!("the hub answers at {address}, with the key pinned here"))
            }
            Err(LinkError::Setup(words)) => {
                Check::fail("link", words, "enrol this machine anew, or restore it from a backup")
            }
            Err(LinkError::Unreached(words) | LinkError::NoAnswer(words)) => {
                let remedy = format!(
                    "look at the cable or modem, and ask the centre whether {address} is right; \
                     records are kept here meanwhile"
                );
                Check::warn("link", format!("no answer from the hub: {words}"), remedy)
            }
        }
    }
}

/// Judges the clock: it decides nothing, but people read it.
fn clock(now_ms: i64, skew_ms: Option<i64>) -> Check {
    let remedy = "set the clock of this machine; no record is lost or changed by that";
    if now_ms < PLAUSIBLE_MS {
        return Check::fail("clock", format!("it says {}", time::at(now_ms)), remedy);
    }
    match skew_ms {
        None => Check::ok("clock", "not compared with the hub's yet"),
        Some(skew) if CLOCK_SKEW_WARN_MS < skew.saturating_abs() => {
            let way = if 0 < skew { "ahead of" } else { "behind" };
            let seconds = skew.saturating_abs() / 1_000;
            Check::warn("clock", format!("{seconds} seconds {way} the hub's"), remedy)
        }
        Some(skew) => Check::ok("clock", format!("{skew} ms off the hub's")),
    }
}

/// Judges what waits for the hub, and how long it was not heard of.
fn waiting(waiting: &Waiting, last_contact_ms: Option<i64>, now_ms: i64) -> Check {
    let entries = waiting.urgent.entries + waiting.routine.entries;
    let silent = last_contact_ms.is_none_or(|last| SILENCE_WARN_MS < now_ms.saturating_sub(last));
    let heard = match last_contact_ms {
        Some(last) => format!("the hub was last heard of at {}", time::at(last)),
        None => "the hub was never heard of".to_owned(),
    };
    let what =
        format!("{entries} entries wait, {} of them urgent; {heard}", waiting.urgent.entries);
    if silent && entries != 0 {
        return Check::warn("waiting", what, "run `ashuu-agent sync` and see what it says");
    }
    Check::ok("waiting", what)
}

#[cfg(test)]
mod tests {
    use terminal::State;

    use super::*;

    #[test]
    fn a_clock_of_1970_fails_and_one_far_from_the_hubs_is_a_warning() {
        assert_eq!(clock(1_000, None).state, State::Fail);
        assert_eq!(clock(PLAUSIBLE_MS, Some(-CLOCK_SKEW_WARN_MS)).state, State::Ok);
        assert_eq!(clock(PLAUSIBLE_MS, Some(-CLOCK_SKEW_WARN_MS - 1)).state, State::Warn);
    }

    #[test]
    fn entries_that_wait_are_a_warning_only_where_the_hub_is_silent() {
        let one =
            Waiting { routine: protocol::Amount { entries: 1, bytes: 9 }, ..Waiting::default() };
        assert_eq!(waiting(&one, Some(0), SILENCE_WARN_MS).state, State::Ok);
        assert_eq!(waiting(&one, Some(0), SILENCE_WARN_MS + 1).state, State::Warn);
        assert_eq!(waiting(&one, None, 0).state, State::Warn);
        assert_eq!(waiting(&Waiting::default(), None, 0).state, State::Ok);
    }
}
