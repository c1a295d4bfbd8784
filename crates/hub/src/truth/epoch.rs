//! The hub's epoch: which one is present, and opening the next one after the hub was set back.
//!
//! It is read in each transaction that writes by it, so that all processes that share a database
//! go on in the epoch that one of them opened.

use std::collections::BTreeSet;
use std::time::Duration;

use journal::{DeviceKey, Epoch, Lane, LogName, Receipt};
use tokio::sync::watch;

use super::devices::refusals;
use super::fault::{self, Fault};
use super::lanes::Lanes;
use super::turns::retry;
use super::{EPOCH, Truth, logs};
use crate::db::{self, Conn, Mark, Marked};
use crate::limits::SET_BACK_SHOWN_DAYS;
use crate::{clock, keys};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// How long until it is tried again to open the next epoch.
const PAUSE: Duration = Duration::from_secs(1);

/// An epoch that was opened because the hub had been set back.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The epoch.
    pub epoch: Epoch,
    /// Which of the hub's epochs it is, from 1.
    pub count: u32,
    /// In how many lanes.
    pub lanes: usize,
}

/// How a hub knows that it was set back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Proof {
    /// An administrator restored a backup.
    Restored,
    /// What this process or one before it had committed is gone from the database.
    Committed {
        /// What it is.
        what: String,
        /// The epoch in which it was committed.
        epoch: Epoch,
    },
    /// A device brought a receipt that this hub signed and does not hold.
    Receipt {
        /// Who brought it.
        device: DeviceKey,
        /// The receipt's number.
        number: u64,
        /// The epoch in which it was given.
        epoch: Epoch,
    },
    /// A device brought an entry that this hub signed and did not hold.
    Entry {
        /// Who brought it.
        device: DeviceKey,
        /// The hub's log.
        log: LogName,
        /// The entry's number.
        seq: u64,
    },
}

/// An event of which people are told: the hub was set back and opened its next epoch.
#[derive(Clone, Debug)]
pub struct SetBack {
    /// When that was noticed, in milliseconds since 1970.
    pub at_ms: i64,
    /// The epoch that was opened.
    pub epoch: Epoch,
    /// Which of the hub's epochs it is, from 1.
    pub count: u32,
    /// How it was noticed, for people.
    pub words: String,
}

impl Proof {
    /// The epoch of which something was lost, where it is known which.
    const fn epoch(&self) -> Option<Epoch> {
        match self {
            Self::Restored => None,
            Self::Committed { epoch, .. } | Self::Receipt { epoch, .. } => Some(*epoch),
            Self::Entry { log, .. } => Some(log.epoch),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Restored => "it was restored from a backup".to_owned(),
            Self::Committed { what, .. } => {
                format!("{what}, which this hub had committed, is gone from its database")
            }
            Self::Receipt { device, number, .. } => {
                let device = device.short();
                format!("device {device} has receipt {number}, which this hub signed and lost")
            }
            Self::Entry { device, log, seq } => {
                let (device, lane) = (device.short(), &log.lane);
                format!(
                    "device {device} brought entry {seq} of the hub's log {lane}, which this hub \
                     signed and lost"
                )
            }
        }
    }
}

/// Returns the present epoch.
///
/// # Errors
///
/// Returns [`Fault::NotInitialised`] if no hub was founded here.
pub async fn present(conn: &mut Conn) -> Result<Epoch, Fault> {
    read(conn, "").await
}

/// Returns the present epoch, which stays that until the transaction ends.
pub(super) async fn hold(conn: &mut Conn) -> Result<Epoch, Fault> {
    let shared = conn.shared();
    read(conn, shared).await
}

async fn read(conn: &mut Conn, lock: &'static str) -> Result<Epoch, Fault> {
    let select = ["SELECT value FROM meta WHERE key = $1", lock];
    let value: Option<Vec<u8>> = db::query_scalar(select).bind(EPOCH).fetch_optional(conn).await?;
    Ok(Epoch(fault::array("the hub's epoch", value.ok_or(Fault::NotInitialised)?)?))
}

/// Opens the next epoch: its name in place of the old one, the first entry of every lane that the
/// hub ever wrote, and what people are told. `conn` must be a write transaction.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn open_next(conn: &mut Conn, lanes: &Lanes, proof: &Proof) -> Result<Opened, Fault> {
    let lost = present(conn).await?;
    let lost = proof.epoch().unwrap_or(lost);
    let epoch = Epoch(keys::random().map_err(Fault::random)?);
    // Waits for whoever writes in the old epoch; whoever comes later finds the new one.
    db::query("UPDATE meta SET value = $2 WHERE key = $1")
        .bind(EPOCH)
        .bind(epoch.0)
        .execute(&mut *conn)
        .await?;
    let held = logs::of_device(conn, &lanes.key()).await?;
    let written: BTreeSet<Lane> = held.into_iter().map(|held| held.log.lane).collect();
    for lane in &written {
        lanes.append(conn, lane, Vec::new()).await?;
    }
    let count = lanes.count(conn).await?;
    let insert = "INSERT INTO set_back (epoch, count, lost, at_ms, words) \
                  VALUES ($1, $2, $3, $4, $5)";
    db::query(insert)
        .bind(epoch.0)
        .bind(i64::from(count))
        .bind(lost.0)
        .bind(clock::wall_ms())
        .bind(proof.words())
        .execute(conn)
        .await?;
    let words = proof.words();
    tracing::error!(%epoch, count, "the hub was set back: {words}; its next epoch was opened");
    Ok(Opened { epoch, count, lanes: written.len() })
}

/// Looks whether everything that this process and those before it committed last is there. If it is
/// not, the hub was set back: opens the next epoch, unless another process has.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn answer_for_loss(truth: &Truth) -> Result<Option<Opened>, Fault> {
    let mut tx = truth.db.begin_after_set_back().await?;
    let present = hold_alone(&mut tx).await?;
    let lost = truth.db.marks().missing(&mut tx).await?;
    let opened = match lost.first() {
        Some(newest) if !is_answered(&mut tx, truth, present, &lost).await? => {
            let proof = Proof::Committed { what: name(newest), epoch: Epoch(newest.epoch) };
            Some(open_next(&mut tx, &truth.lanes, &proof).await?)
        }
        Some(_) | None => None,
    };
    tx.commit().await?;
    truth.db.marks().forget(&lost);
    Ok(opened)
}

/// Looks on a connection that has just been made, at the start of a process.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn look(truth: &Truth) -> Result<(), Fault> {
    let mut conn = truth.db.read().await?;
    let lost = truth.db.marks().missing_of_the_newest(&mut conn).await?;
    drop(conn);
    if lost.is_empty() {
        return Ok(());
    }
    truth.db.marks().say_lost();
    // Who only reads can go on: nothing is written before the next epoch is open.
    if let Err(fault) = retry(|| answer_for_loss(truth)).await {
        tracing::error!(%fault, "the database was set back, and no epoch can be opened yet");
    }
    Ok(())
}

/// Opens the next epoch whenever a new connection does not find what was committed, until the
/// process stops.
pub async fn watch(truth: Truth, mut stopped: watch::Receiver<bool>) {
    let mut gone = truth.db.marks().watch();
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            found = gone.wait_for(|gone| *gone) => if found.is_err() { return },
        }
        if let Err(fault) = retry(|| answer_for_loss(&truth)).await {
            tracing::error!(%fault, "the database was set back, and no epoch can be opened yet");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Whether another process has opened an epoch for this loss: the present one is none in which this
/// process wrote, and those in which it did are known to be over.
async fn is_answered(
    conn: &mut Conn,
    truth: &Truth,
    present: Epoch,
    lost: &[Mark],
) -> Result<bool, Fault> {
    let starts = logs::starts(conn, &truth.key()).await?;
    let is_over = |mark: &Mark| {
        mark.epoch != present.0 && starts.iter().any(|log| log.name.epoch.0 == mark.epoch)
    };
    Ok(lost.iter().all(is_over))
}

fn name(mark: &Mark) -> String {
    match mark.of {
        Marked::Receipt => {
            format!("receipt {} of device {}", mark.number, DeviceKey(mark.owner).short())
        }
        Marked::Entry => format!("entry {} of a log of the hub's own", mark.number),
    }
}

/// Returns the present epoch; nobody else reads it to write by it until the transaction ends.
async fn hold_alone(conn: &mut Conn) -> Result<Epoch, Fault> {
    let update = "UPDATE meta SET value = value WHERE key = $1";
    db::query(update).bind(EPOCH).execute(&mut *conn).await?;
    present(conn).await
}

/// Returns when the hub was set back, the latest first.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn set_backs(conn: &mut Conn) -> Result<Vec<SetBack>, Fault> {
    let select = "SELECT epoch, count, at_ms, words FROM set_back ORDER BY count DESC, epoch";
    let rows: Vec<(Vec<u8>, i64, i64, String)> = db::query_as(select).fetch_all(conn).await?;
    let read = |(epoch, count, at_ms, words): (Vec<u8>, i64, i64, String)| {
        let epoch = Epoch(fault::array("an epoch of the hub", epoch)?);
        Ok(SetBack { at_ms, epoch, count: u32::try_from(count).unwrap_or(u32::MAX), words })
    };
    rows.into_iter().map(read).collect()
}

/// Returns the last time that the hub was found to have been set back, while people are reminded.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn lately(conn: &mut Conn, now_ms: i64) -> Result<Option<SetBack>, Fault> {
    let since = now_ms.saturating_sub(SET_BACK_SHOWN_DAYS * DAY_MS);
    Ok(set_backs(conn).await?.into_iter().find(|one| since <= one.at_ms))
}

/// Whether a receipt of this epoch that is not held here has no later epoch that answers for its
/// loss: it is of the present one, or of one not known here.
pub(super) async fn is_unanswered(
    conn: &mut Conn,
    hub: &DeviceKey,
    epoch: Epoch,
) -> Result<bool, Fault> {
    if epoch == present(conn).await? {
        return Ok(true);
    }
    let select = "SELECT COUNT(*) FROM set_back WHERE lost = $1";
    let answered: i64 = db::query_scalar(select).bind(epoch.0).fetch_one(&mut *conn).await?;
    let starts = logs::starts(conn, hub).await?;
    Ok(answered == 0 && starts.iter().all(|log| log.name.epoch != epoch))
}

/// Opens the next epoch for a receipt that a device has shown, unless that was done meanwhile.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn answer_for_receipt(truth: &Truth, receipt: &Receipt) -> Result<(), Fault> {
    let mut tx = truth.db.begin().await?;
    hold_alone(&mut tx).await?;
    if is_unanswered(&mut tx, &truth.key(), receipt.hub_epoch).await? {
        let Receipt { device, number, hub_epoch: epoch, .. } = *receipt;
        let proof = Proof::Receipt { device, number, epoch };
        open_next(&mut tx, &truth.lanes, &proof).await?;
    }
    refusals::proved(&mut tx, &receipt.device).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether an entry of the hub's own that came from elsewhere proves that the hub was set back and
/// has not opened an epoch since: one of its present epoch, or of one that is not before that.
pub(super) async fn is_news(conn: &mut Conn, lanes: &Lanes, log: &LogName) -> Result<bool, Fault> {
    if log.epoch == present(conn).await? {
        return Ok(true);
    }
    let count = lanes.count(conn).await?;
    let starts = logs::starts(conn, &lanes.key()).await?;
    let of = starts.iter().filter(|start| start.name.epoch == log.epoch);
    Ok(of.filter_map(|log| log.start.as_ref()).any(|start| count <= start.count))
}
