//! Checks everything held: chains, signatures, commitments, heads, receipts; names forks.

mod authority;
mod chains;
mod receipted;

use journal::{DeviceKey, LogName};
use serde::Serialize;

use super::fault::Fault;
use super::logs::{Log, Tree};
use super::{Truth, devices, logs};
use crate::db::Conn;

/// What was found.
#[derive(Debug, Default)]
pub struct Verdict {
    /// How many entries were checked.
    pub checked: u64,
    /// How many of them are held without their payload.
    pub without_payload: u64,
    /// What is wrong.
    pub faults: Vec<FaultFound>,
    /// Logs that were written twice from some entry on.
    pub forks: Vec<ForkFound>,
}

/// A log that has several branches: all of them are held, and count.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ForkFound {
    /// The device's key.
    pub device: String,
    /// Its epoch.
    pub epoch: String,
    /// The lane.
    pub lane: String,
    /// The first number at which two entries stand.
    pub seq: u64,
    /// The branches, by the entries that are their own.
    pub branches: Vec<BranchFound>,
    /// What that is, in words.
    pub what: String,
    /// What to do about it.
    #[serde(rename = "do")]
    pub remedy: &'static str,
}

/// A branch of a forked log.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct BranchFound {
    /// The start of the id of its first entry.
    pub id: String,
    /// The number of that.
    pub first: u64,
    /// The number of its last entry.
    pub last: u64,
    /// How many entries are its own.
    pub entries: u64,
}

/// Something found, and where.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct FaultFound {
    /// The device's key.
    pub device: String,
    /// Its epoch.
    pub epoch: String,
    /// The lane.
    pub lane: String,
    /// The entry's number.
    pub seq: u64,
    /// What is wrong, in words.
    pub what: String,
    /// What to do about it.
    #[serde(rename = "do")]
    pub remedy: &'static str,
}

/// What to do about entries that are altered or gone.
const OF_ENTRIES: &str = "keep the database as it is, and restore the last backup beside it: the \
                          devices bring again what it lacks";

/// What to do about entries whose payload is gone.
const OF_PAYLOADS: &str = "keep the database as it is: nobody can order this today, so the payload \
                           was lost or taken away; the device may still have it";

/// What to do about what the hub acts by and did not sign.
const OF_AUTHORITY: &str = "find out who wrote to the database, and give the order once more \
                            (`ashuu-hub device`): that sets the row right and signs it";

/// What to do about two entries at one position.
const OF_FORKS: &str = "all of them are held and count: ask at the site whether a disk was set back \
                        or a machine copied, and see that no copy runs beside it";

/// What to do about two entries with one name.
const OF_FORGERIES: &str = "neither of them counts: somebody has this device's key and forges with \
                            it: revoke the device (`ashuu-hub device revoke`)";

/// What to do about a receipt that does not fit.
const OF_RECEIPTS: &str = "keep the database as it is: a receipt was altered, or entries are gone";

/// Checks the truth.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read at all.
pub async fn verify(truth: &Truth) -> Result<Verdict, Fault> {
    // What a device brings meanwhile would look like a fault: one log is read after the other.
    let mut conn = truth.db.snapshot().await?;
    let mut verdict = Verdict::default();
    let mut all = logs::all(&mut conn).await?;
    all.sort_by(|one, next| one.name.cmp(&next.name));
    for branches in all.chunk_by(|one, next| one.name == next.name) {
        chains::check(&mut conn, branches, &mut verdict).await?;
    }
    verdict.forks = forks(&mut conn).await?;
    for device in devices::list(&mut conn).await? {
        receipted::check(&mut conn, &truth.key(), &device.key, &mut verdict).await?;
    }
    receipted::of_nobody(&mut conn, &mut verdict).await?;
    // Of a damaged log nobody can say what it says.
    if verdict.faults.is_empty() {
        authority::check(&mut conn, &truth.key(), &mut verdict).await?;
    }
    Ok(verdict)
}

/// Returns every fork held: a fork is no damage, but people must know.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn forks(conn: &mut Conn) -> Result<Vec<ForkFound>, Fault> {
    Ok(logs::forked(conn).await?.iter().map(fork).collect())
}

fn fork(tree: &Tree) -> ForkFound {
    let branches: Vec<BranchFound> = tree.branches().iter().map(branch).collect();
    let from = branches.iter().map(|branch| format!("{} to {}", branch.first, branch.last));
    let what = format!(
        "the device wrote this log more than once: it has {} branches (entries {})",
        branches.len(),
        from.collect::<Vec<_>>().join(", "),
    );
    let LogName { device, epoch, lane } = tree.name();
    ForkFound {
        device: device.to_string(),
        epoch: epoch.to_string(),
        lane: lane.to_string(),
        seq: tree.forks_at().unwrap_or_default(),
        branches,
        what,
        remedy: OF_FORKS,
    }
}

fn branch(log: &Log) -> BranchFound {
    BranchFound {
        id: log.first_id.short().to_string(),
        first: log.first,
        last: log.head.seq,
        entries: (log.head.seq + 1).saturating_sub(log.first),
    }
}

fn of_receipt(device: &DeviceKey, number: u64, what: String) -> FaultFound {
    let what = format!("receipt {number}: {what}");
    FaultFound {
        device: device.to_string(),
        epoch: String::new(),
        lane: String::new(),
        seq: 0,
        what,
        remedy: OF_RECEIPTS,
    }
}

fn found(log: &LogName, seq: u64, what: String) -> FaultFound {
    FaultFound {
        device: log.device.to_string(),
        epoch: log.epoch.to_string(),
        lane: log.lane.to_string(),
        seq,
        what,
        remedy: OF_ENTRIES,
    }
}

#[cfg(test)]
mod tests;
