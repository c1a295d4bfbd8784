//! A look at what the hub does: its database, its fold, its clock, its port, its sites.

use std::time::Duration;

use terminal::Check;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::addresses::Addresses;
use crate::clock;
use crate::config::Config;
use crate::db::{self, Trouble, from_db};
use crate::limits::{CLOCK_CHECK_DEVICES_MIN, CLOCK_SKEW_WARN_MS, FOLD_LAG_WARN_ENTRIES};
use crate::truth::devices::{self, DeviceState};
use crate::truth::{Truth, shards, verify};

/// The start of 2024: no machine that runs this was ever set to an earlier time on purpose.
const PLAUSIBLE_MS: i64 = 1_704_067_200_000;

/// How long a port on this machine may take to answer.
const PORT_TIMEOUT: Duration = Duration::from_secs(5);

/// What was found, or why it could not be looked at.
type Looked = Result<Check, String>;

/// Has the engine look at its files.
pub(super) async fn database(truth: &Truth) -> Check {
    let layout = async {
        let mut conn = truth.db.read().await?;
        db::layout_of(&mut conn).await
    };
    match (layout.await, truth.db.engine_faults().await) {
        (Ok(layout), Ok(faults)) if faults.is_empty() => {
            Check::ok("database", format!("layout {layout}, and the engine finds its files sound"))
        }
        (Ok(_), Ok(faults)) => {
            Check::fail("database", faults.join("; "), Trouble::Damaged.remedy())
        }
        (Err(error), _) | (_, Err(error)) => {
            Check::fail("database", error.to_string(), "look at the database and its disk")
        }
    }
}

/// Looks at how far the views are behind.
pub(super) async fn fold_lag(truth: &Truth) -> Looked {
    let select = shards::UNFOLDED;
    let mut conn = truth.db.read().await.map_err(words)?;
    let behind: i64 = db::query_scalar(select).fetch_one(&mut conn).await.map_err(words)?;
    let what = format!("{behind} entries are not folded yet");
    Ok(if FOLD_LAG_WARN_ENTRIES < from_db(behind) {
        let remedy = "see that `ashuu-hub run` is up: it folds while it runs";
        Check::warn("fold", what, remedy)
    } else {
        Check::ok("fold", what)
    })
}

/// Looks at this machine's clock, beside what it signed before and what most sites say.
pub(super) async fn clock(truth: &Truth) -> Looked {
    let mut conn = truth.db.read().await.map_err(words)?;
    let signed = "SELECT COALESCE(MAX(at_ms), 0) FROM receipt";
    let signed: i64 = db::query_scalar(signed).fetch_one(&mut conn).await.map_err(words)?;
    let skews = "SELECT clock_skew_ms FROM device \
                 WHERE state = 'active' AND clock_skew_ms IS NOT NULL";
    let skews: Vec<i64> = db::query_scalar(skews).fetch_all(&mut conn).await.map_err(words)?;
    Ok(judged_clock(clock::wall_ms(), signed, skews))
}

fn judged_clock(now_ms: i64, signed_ms: i64, mut skews: Vec<i64>) -> Check {
    let remedy = "set the clock of this machine, best by a time server; receipts never fall back";
    if now_ms < PLAUSIBLE_MS {
        return Check::fail("clock", "it stands before 2024", remedy);
    }
    let back = signed_ms.saturating_sub(now_ms);
    if CLOCK_SKEW_WARN_MS < back {
        let what = format!("{} seconds behind the last receipt it gave", back / 1_000);
        return Check::fail("clock", what, remedy);
    }
    skews.sort_unstable();
    let median = skews.get(skews.len() / 2).copied();
    match median.filter(|_| CLOCK_CHECK_DEVICES_MIN <= skews.len()) {
        Some(skew) if CLOCK_SKEW_WARN_MS < skew.saturating_abs() => {
            let way = if 0 < skew { "behind" } else { "ahead of" };
            let seconds = skew.saturating_abs() / 1_000;
            let what = format!("{seconds} seconds {way} the clocks of most sites");
            Check::warn("clock", what, "compare it with the time on the radio, then set it")
        }
        Some(_) => Check::ok("clock", "it agrees with the clocks of most sites"),
        None => Check::ok("clock", "too few sites to compare it with"),
    }
}

/// Looks for sites that were not heard for long.
pub(super) async fn sites(truth: &Truth) -> Looked {
    let mut conn = truth.db.read().await.map_err(words)?;
    let sites = crate::read::sites(&mut conn).await.map_err(words)?;
    let silent: Vec<&str> =
        sites.iter().filter(|site| site.silent).map(|site| site.code.as_str()).collect();
    if silent.is_empty() {
        return Ok(Check::ok("sites", format!("{} sites, none of them silent", sites.len())));
    }
    let what = format!("not heard for long: {}", silent.join(", "));
    Ok(Check::warn("sites", what, "ask there by phone; `ashuu-hub status` says what they hold"))
}

/// Looks for logs that have forked: nothing is lost by that, but a copy may still be in use.
pub(super) async fn forks(truth: &Truth) -> Looked {
    let mut conn = truth.db.read().await.map_err(words)?;
    let forks = verify::forks(&mut conn).await.map_err(words)?;
    if forks.is_empty() {
        return Ok(Check::ok("forks", "no log has forked"));
    }
    let what = format!(
        "{} logs have several branches: a disk was set back or copied; all that was written on any \
         of them is held and listed",
        forks.len()
    );
    let remedy = "see `ashuu-hub status` for the devices, and that no copy of one is in use";
    Ok(Check::warn("forks", what, remedy))
}

/// Looks for keys that wait to be let in.
pub(super) async fn strangers(truth: &Truth) -> Looked {
    let mut conn = truth.db.read().await.map_err(words)?;
    let devices = devices::list(&mut conn).await.map_err(words)?;
    let count = devices.iter().filter(|one| one.state == DeviceState::Waiting).count();
    if count == 0 {
        return Ok(Check::ok("devices", "no unknown key has asked to be let in"));
    }
    let what = format!("{count} unknown keys asked to be let in");
    Ok(Check::warn(
        "devices",
        what,
        "see `ashuu-hub device list`; invite those that are yours, or approve one that this hub \
                  forgot: `ashuu-hub device approve KEY --site CODE`",
    ))
}

/// Connects to the sync port as a device would.
pub(super) async fn sync_port(config: &Config) -> Check {
    let Some(running) = Addresses::read(&config.data) else {
        let remedy = "run `ashuu-hub run`: without it no device can exchange";
        return Check::warn("sync port", "no hub runs here", remedy);
    };
    match timeout(PORT_TIMEOUT, TcpStream::connect(&running.sync)).await {
        Ok(Ok(_)) => Check::ok("sync port", format!("it answers at {}", running.sync)),
        Ok(Err(error)) => {
            let what = format!("no answer at {}: {error}", running.sync);
            Check::fail("sync port", what, "start `ashuu-hub run` again and read what it says")
        }
        Err(_late) => {
            let what = format!("no answer at {} in {PORT_TIMEOUT:?}", running.sync);
            Check::fail("sync port", what, "start `ashuu-hub run` again and read what it says")
        }
    }
}

/// Looks at what invitations tell devices to connect to.
pub(super) fn public_address(config: &Config) -> Check {
    if !config.public_address.is_empty() {
        return Check::ok("public address", config.public_address.clone());
    }
    let what = format!("not set: codes name {}", config.sync_listen);
    let remedy = "set `public_address` to what colonies can reach, as host:port, then invite them";
    Check::warn("public address", what, remedy)
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use terminal::State;

    use super::*;

    const NOW: i64 = PLAUSIBLE_MS + 1_000_000_000;

    #[test]
    fn a_clock_of_1970_or_behind_what_it_signed_fails() {
        assert_eq!(judged_clock(0, 0, Vec::new()).state, State::Fail);
        assert_eq!(judged_clock(NOW, NOW + CLOCK_SKEW_WARN_MS, Vec::new()).state, State::Ok);
        assert_eq!(judged_clock(NOW, NOW + CLOCK_SKEW_WARN_MS + 1, Vec::new()).state, State::Fail);
    }

    #[test]
    fn a_clock_that_most_sites_contradict_is_a_warning_and_one_site_is_not_enough() {
        let off = CLOCK_SKEW_WARN_MS + 1;
        assert_eq!(judged_clock(NOW, 0, vec![off]).state, State::Ok);
        assert_eq!(judged_clock(NOW, 0, vec![0, off, off]).state, State::Warn);
        assert_eq!(judged_clock(NOW, 0, vec![-off, -off, -off]).state, State::Warn);
        assert_eq!(judged_clock(NOW, 0, vec![0, 0, off]).state, State::Ok);
    }
}
