//! What the hub itself wrote and lost, and a device brings back: it proves that the hub was set back,
//! and says which devices were let in meanwhile.

use std::collections::BTreeMap;

use journal::{Binding, BindingState, DeviceKey, Entry, Kind, Lane, LogName, SiteCode};

use super::epoch::{self, Proof};
use super::vouched::{self, Vouched};
use super::{Fault, Truth, devices, logs};
use crate::clock::Moment;
use crate::db::Conn;
use devices::{Device, DeviceState};

/// What a lane of a site says of a device.
struct Said {
    last: Vouched,
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
        let binding = &said.last.binding;
        let is_due = match &known {
            None => true,
            Some(device) => match device.state {
                DeviceState::Waiting => true,
                DeviceState::Active => {
                    device.site.as_ref() == Some(site) && !is_as_bound(device, binding)
                }
                DeviceState::Revoked { .. } => false,
            },
        };
        if is_due && !said.is_revoked {
            devices::register(conn, binding, now).await?;
            tracing::warn!(device = %key.short(), site = %binding.site,
                "what this hub had forgotten of a device holds again by the hub's own word");
        }
    }
    Ok(())
}

/// Whether a device stands here as a binding says.
fn is_as_bound(device: &Device, binding: &Binding) -> bool {
    let here = (device.site.as_ref(), &device.name, &device.letter, device.publishes);
    here == (Some(&binding.site), &binding.name, &binding.letter, binding.publishes)
}

/// Reads what the hub's lane of a site says of each device, in all epochs and on all branches.
async fn said(
    truth: &Truth,
    conn: &mut Conn,
    site: &SiteCode,
) -> Result<BTreeMap<DeviceKey, Said>, Fault> {
    let hub = truth.key();
    let mut all: BTreeMap<DeviceKey, Said> = BTreeMap::new();
    for log in logs::starts(conn, &hub).await? {
        if log.name.lane != Lane::Site(site.clone()) {
            continue;
        }
        for vouched in vouched::in_branch(conn, &hub, &log).await? {
            let is_revoked = vouched.revoked().is_some();
            let key = vouched.binding.device;
            let said = match all.remove(&key) {
                Some(before) => before.and(vouched, is_revoked),
                None => Said { last: vouched, is_revoked },
            };
            all.insert(key, said);
        }
    }
    Ok(all)
}

impl Said {
    /// The one of the higher rank, which stays revoked if either revokes.
    fn and(self, other: Vouched, is_revoked: bool) -> Self {
        let is_revoked = self.is_revoked || is_revoked;
        let last = if other.rank < self.last.rank { self.last } else { other };
        Self { last, is_revoked }
    }
}

fn binding(entry: &Entry) -> Option<Binding> {
    let payload = entry.bytes().filter(|_| entry.header.kind == Kind::BINDING)?;
    Binding::from_payload(payload).ok()
}
