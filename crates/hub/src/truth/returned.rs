//! What the hub itself wrote and lost, and a device brings back: it proves that the hub was set back,
//! and says which devices were let in meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Binding, BindingState, DeviceKey, Entry, Kind, Lane, LogName, SiteCode};
use record::Rank;

use super::epoch::{self, Proof};
use super::logs::{self, Log};
use super::{Fault, Truth, devices, frames};
use crate::clock::Moment;
use crate::db::Conn;
use devices::DeviceState;

/// Entries read at once.
const STEP: usize = 500;

/// What a lane of a site says of a device.
struct Said {
    rank: Rank,
    binding: Binding,
    is_revoked: bool,
}

/// Answers for entries of the hub's own log that `device` brought.
///
/// Opens the hub's next epoch where they prove that it was set back, and refuses whom it had
/// refused. `conn` must be the transaction that keeps them.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn answer_for(
    truth: &Truth,
    conn: &mut Conn,
    (device, log): (&DeviceKey, &LogName),
    entries: &[Entry],
    now: Moment,
) -> Result<(), Fault> {
    if epoch::is_news(conn, &truth.lanes, log).await? {
        let seq = entries.last().map_or(0, |entry| entry.header.seq);
        let proof = Proof::Entry { device: *device, log: log.clone(), seq };
        epoch::open_next(conn, &truth.lanes, &proof).await?;
    }
    for binding in entries.iter().filter_map(binding) {
        if let BindingState::Revoked { .. } = binding.state {
            devices::register(conn, &binding, now).await?;
        }
    }
    Ok(())
}

/// Lets in whom the hub's lane of a site vouches for and the hub forgot: to be called once all that
/// anybody named of that lane has come back, so that whoever was revoked meanwhile stays out.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn readmit(
    truth: &Truth,
    conn: &mut Conn,
    site: &SiteCode,
    now: Moment,
) -> Result<(), Fault> {
    for (key, said) in said(truth, conn, site).await? {
        let known = devices::find(conn, &key).await?;
        let is_due = match known.as_ref().map(|device| (&device.state, &device.site)) {
            None | Some((DeviceState::Waiting, _)) => !said.is_revoked,
            Some((DeviceState::Active, Some(at))) => {
                !said.is_revoked && at == site && *at != said.binding.site
            }
            Some((DeviceState::Active | DeviceState::Revoked { .. }, _)) => false,
        };
        if is_due {
            devices::register(conn, &said.binding, now).await?;
            tracing::warn!(device = %key.short(), site = %said.binding.site,
                "a device that this hub had forgotten is let in again by the hub's own word");
        }
    }
    Ok(())
}

/// Reads what the hub's lane of a site says of each device, in all epochs and on all branches.
async fn said(
    truth: &Truth,
    conn: &mut Conn,
    site: &SiteCode,
) -> Result<BTreeMap<DeviceKey, Said>, Fault> {
    let hub = truth.key();
    let lane = Lane::Site(site.clone());
    let names: BTreeSet<LogName> = logs::of_device(conn, &hub)
        .await?
        .into_iter()
        .map(|held| held.log)
        .filter(|log| log.lane == lane)
        .collect();
    let mut all: BTreeMap<DeviceKey, Said> = BTreeMap::new();
    for name in names {
        for log in logs::branches(conn, &name).await? {
            for said in said_in(conn, &hub, &log).await? {
                let key = said.binding.device;
                let said = match all.remove(&key) {
                    Some(before) => before.and(said),
                    None => said,
                };
                all.insert(key, said);
            }
        }
    }
    Ok(all)
}

/// Reads what one branch says of devices.
async fn said_in(conn: &mut Conn, hub: &DeviceKey, log: &Log) -> Result<Vec<Said>, Fault> {
    let (mut all, mut from) = (Vec::new(), log.first);
    loop {
        let entries = frames::entries_from(conn, log, from, STEP).await?;
        let Some(last) = entries.last() else { return Ok(all) };
        from = last.entry.header.seq + 1;
        all.extend(entries.iter().filter_map(|arrived| {
            let binding = binding(&arrived.entry)?;
            let rank = Rank::of(&log.name, hub, log.start.as_ref(), &arrived.entry);
            let is_revoked = matches!(binding.state, BindingState::Revoked { .. });
            Some(Said { rank, binding, is_revoked })
        }));
    }
}

impl Said {
    /// The one of the higher rank, which stays revoked if either revokes.
    fn and(self, other: Self) -> Self {
        let is_revoked = self.is_revoked || other.is_revoked;
        let last = if other.rank < self.rank { self } else { other };
        Self { is_revoked, ..last }
    }
}

fn binding(entry: &Entry) -> Option<Binding> {
    let payload = entry.bytes().filter(|_| entry.header.kind == Kind::BINDING)?;
    Binding::from_payload(payload).ok()
}
