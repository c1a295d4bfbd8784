//! Receipts: numbered, chained and signed for each device, stored before they are said.

use std::collections::BTreeSet;
use std::sync::Arc;

use journal::{BranchHead, DeviceKey, DeviceSecret, Receipt, Run, ShortId, Signature};
use protocol::Held;
use record::clock::HubTime;

use super::fault::Fault;
use super::hub_time::Series;
use super::logs::{self, Tree};
use super::{devices, epoch};
use crate::clock::Moment;
use crate::db::{self, Conn, Mark, Marked, from_db, to_db};
use crate::limits::RECEIPT_NAMED_MAX;

/// Makes receipts in one run of one hub.
#[derive(Clone, Debug)]
pub struct Receipts {
    secret: Arc<DeviceSecret>,
    run: Run,
}

impl Receipts {
    pub(super) const fn new(secret: Arc<DeviceSecret>, run: Run) -> Self {
        Self { secret, run }
    }

    /// Makes a receipt of everything held under a device's key and stores it.
    ///
    /// Its number is above the hub's last one and above the one the device names, so that no
    /// number is given twice after the hub was set back. Each place at which the device stands, as
    /// `named` says, is named where it is held, on whatever branch and also where more is held than
    /// the device has, as after its disk was set back. `conn` must be a write transaction.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be written.
    pub async fn issue(
        &self,
        conn: &mut Conn,
        device: &DeviceKey,
        (above, named): (u64, &[BranchHead]),
        now: Moment,
    ) -> Result<Receipt, Fault> {
        // Written before it is read: the next number is given once, whoever asks for one.
        devices::hold(conn, device).await?;
        let last = latest(conn, device).await?;
        let number =
            last.as_ref().map_or(0, |receipt| receipt.number).max(above.min(RECEIPT_NAMED_MAX)) + 1;
        let at_ms = now.ms;
        let mut heads = Vec::new();
        for held in logs::of_device(conn, device).await? {
            let mut skipped = Some(skipped(conn, &held, named).await?);
            heads.extend(held.heads.iter().map(|head| BranchHead {
                skipped: skipped.take().unwrap_or_default(),
                ..BranchHead::of(&held.log, *head)
            }));
        }
        let receipt = Receipt {
            hub: self.secret.public(),
            hub_epoch: epoch::present(conn).await?,
            run: self.run,
            number,
            device: *device,
            previous: last.as_ref().map(Receipt::id),
            at_ms,
            heads,
            advances: Vec::new(),
            lost: Vec::new(),
            signature: Signature::NONE,
        };
        let receipt = receipt.sign(&self.secret)?;
        let bytes = receipt.to_bytes()?;
        db::query(
            "INSERT INTO receipt (device, number, at_ms, bytes, clock) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(device.0.as_slice())
        .bind(to_db(number))
        .bind(at_ms)
        .bind(&bytes)
        .bind(now.clock())
        .execute(&mut *conn)
        .await?;
        conn.mark(Mark {
            of: Marked::Receipt,
            owner: device.0,
            number,
            proof: start_of_signature(&bytes),
            epoch: receipt.hub_epoch.0,
        });
        db::query("UPDATE device SET last_contact_ms = $2 WHERE key = $1")
            .bind(device.0.as_slice())
            .bind(at_ms)
            .execute(conn)
            .await?;
        Ok(receipt)
    }
}

/// The signature ends the bytes of a receipt; its first half is of this receipt alone.
fn start_of_signature(bytes: &[u8]) -> [u8; 32] {
    let from = bytes.len().saturating_sub(64);
    bytes.get(from..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default()
}

/// Returns the last receipt given to a device.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn latest(conn: &mut Conn, device: &DeviceKey) -> Result<Option<Receipt>, Fault> {
    let select = "SELECT bytes FROM receipt WHERE device = $1 ORDER BY number DESC LIMIT 1";
    let bytes: Option<Vec<u8>> =
        db::query_scalar(select).bind(device.0.as_slice()).fetch_optional(conn).await?;
    Ok(bytes.map(|bytes| Receipt::from_bytes(&bytes)).transpose()?)
}

/// Returns the receipt with this number, if a device was given one.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn numbered(
    conn: &mut Conn,
    device: &DeviceKey,
    number: u64,
) -> Result<Option<Receipt>, Fault> {
    let select = "SELECT bytes FROM receipt WHERE device = $1 AND number = $2";
    let query = db::query_scalar(select).bind(device.0.as_slice()).bind(to_db(number));
    let bytes: Option<Vec<u8>> = query.fetch_optional(conn).await?;
    Ok(bytes.map(|bytes| Receipt::from_bytes(&bytes)).transpose()?)
}

/// Returns the hub's time of the last receipt with this number or a lower one that a sound clock told.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn sound_time_of(
    conn: &mut Conn,
    time: &HubTime,
    device: &DeviceKey,
    number: u64,
) -> Result<Option<i64>, Fault> {
    let select = "SELECT number, at_ms, clock FROM receipt WHERE device = $1 AND number <= $2 \
                  ORDER BY number DESC LIMIT $3";
    let of = device.0.as_slice().into();
    Series { select, of, from: to_db(number), step: -1 }.first_sound(conn, time).await
}

/// Returns all receipts of a device as they are stored: number and bytes.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn stored(conn: &mut Conn, device: &DeviceKey) -> Result<Vec<(u64, Vec<u8>)>, Fault> {
    let select = "SELECT number, bytes FROM receipt WHERE device = $1 ORDER BY number";
    let rows: Vec<(i64, Vec<u8>)> =
        db::query_as(select).bind(device.0.as_slice()).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(number, bytes)| (from_db(number), bytes)).collect())
}

/// Returns the first receipt of a device whose row has another time than its signed bytes.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read. Bytes that are no receipt are passed over.
pub async fn unlike(conn: &mut Conn, device: &DeviceKey) -> Result<Option<(u64, i64)>, Fault> {
    let select = "SELECT number, at_ms, bytes FROM receipt WHERE device = $1 ORDER BY number";
    let rows: Vec<(i64, i64, Vec<u8>)> =
        db::query_as(select).bind(device.0.as_slice()).fetch_all(conn).await?;
    let unlike = rows.into_iter().find(|(_number, at_ms, bytes)| {
        Receipt::from_bytes(bytes).is_ok_and(|receipt| receipt.at_ms != *at_ms)
    });
    Ok(unlike.map(|(number, at_ms, _bytes)| (from_db(number), at_ms)))
}

/// Returns the last receipt of each device that is not known here.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn of_nobody(conn: &mut Conn) -> Result<Vec<(DeviceKey, u64)>, Fault> {
    let select = "SELECT device, MAX(number) FROM receipt \
                  WHERE device NOT IN (SELECT key FROM device) GROUP BY device ORDER BY device";
    let rows: Vec<(Vec<u8>, i64)> = db::query_as(select).fetch_all(conn).await?;
    let read = |(device, number)| {
        Ok((DeviceKey(super::fault::array("a device's key", device)?), from_db(number)))
    };
    rows.into_iter().map(read).collect()
}

/// Returns the places of a log that a device named and that are held here, other than heads.
async fn skipped(
    conn: &mut Conn,
    held: &Held,
    named: &[BranchHead],
) -> Result<Vec<(u64, ShortId)>, Fault> {
    let furthest = held.heads.iter().map(|head| head.seq).max().unwrap_or(0);
    let heads: BTreeSet<(u64, ShortId)> =
        held.heads.iter().map(|head| (head.seq, head.id.short())).collect();
    let own = named.iter().filter(|head| head.log == held.log);
    let places =
        own.flat_map(|head| std::iter::once((head.seq, head.id)).chain(head.skipped.clone()));
    let asked =
        |place: &(u64, ShortId)| (1..=furthest).contains(&place.0) && !heads.contains(place);
    let places: BTreeSet<(u64, ShortId)> = places.filter(asked).collect();
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let tree = Tree::read(conn, &held.log).await?;
    let mut skipped = Vec::new();
    for (seq, short) in places {
        if !tree.named(conn, seq, short).await?.is_empty() {
            skipped.push((seq, short));
        }
    }
    Ok(skipped)
}
