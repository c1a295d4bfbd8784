//! A look at what the hub does: its database, its fold, its port, its sites.

use std::time::Duration;

use terminal::Check;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::addresses::Addresses;
use crate::config::Config;
use crate::db::{self, Trouble, from_db};
use crate::limits::FOLD_LAG_WARN_ENTRIES;
use crate::truth::devices::{self, DeviceState};
use crate::truth::{Truth, shards, verify};

/// How long a port on this machine may take to answer.
const PORT_TIMEOUT: Duration = Duration::from_secs(5);

/// What was found, or why it could not be looked at.
pub(super) type Looked = Result<Check, String>;

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

pub(super) fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
