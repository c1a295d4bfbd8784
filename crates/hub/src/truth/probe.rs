//! Tries what receiving does, and undoes it: whether a record that came now would be kept.
//!
//! A page that can be read says nothing about that. The tries are rows of no device, in a
//! transaction that never ends well.

use super::backup::tables;
use crate::db::{self, Db, Error, Trouble, Tx};
use crate::keys;
use crate::limits::PROBE_WAIT;

/// What is done to a table of views.
const ALL: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE"];

/// What is done to tables of the truth whose rows also change; none is ever removed.
const KEPT: &[&str] = &["SELECT", "INSERT", "UPDATE"];

/// What is done to tables whose rows stay as they are.
const ADDED: &[&str] = &["SELECT", "INSERT"];

/// Says what stands in the way of receiving, and what may one day lose what was received; never
/// takes longer than [`PROBE_WAIT`].
pub async fn probe(db: &Db) -> Vec<Trouble> {
    match tokio::time::timeout(PROBE_WAIT, tried(db)).await {
        Ok(found) => found,
        Err(_late) => vec![db.silence()],
    }
}

async fn tried(db: &Db) -> Vec<Trouble> {
    let mut tx = match db.begin().await {
        Ok(tx) => tx,
        Err(error) => return vec![db.why_none(&error).await],
    };
    let mut table = "meta";
    let mut found = Vec::new();
    // The transaction ends with `tx`, undone.
    if let Err(error) = all(db, &mut tx, &mut table, &mut found).await {
        found.push(Trouble::of(&error, table));
    }
    found
}

async fn all(
    db: &Db,
    tx: &mut Tx,
    table: &mut &'static str,
    found: &mut Vec<Trouble>,
) -> Result<(), Error> {
    db.wait_little(tx).await?;
    found.extend(db.condition(tx).await?);
    if found.iter().any(Trouble::takes_no_writes) {
        return Ok(());
    }
    let missing = db.missing_rights(tx, &needed()).await?;
    if !missing.is_empty() {
        found.extend(missing);
        return Ok(());
    }
    receive(tx, table).await?;
    if !db.has_room(tx).await? {
        found.push(Trouble::Full);
    }
    Ok(())
}

/// Returns what is done to each table.
fn needed() -> Vec<db::Needed> {
    let of_truth = |name: &'static str| match name {
        "frame" | "receipt" | "quarantine_frame" => (name, ADDED),
        _changed => (name, KEPT),
    };
    let truth = tables::TABLES.iter().map(|table| of_truth(table.name));
    let views = tables::OTHERS.iter().filter(|name| **name != "layout").map(|name| (*name, ALL));
    truth.chain(views).collect()
}

/// Writes what one exchange of a new device would: a device, its log, a frame, a receipt.
async fn receive(tx: &mut Tx, table: &mut &'static str) -> Result<(), Error> {
    let random: [u8; 32] =
        keys::random().map_err(|fault| Error::Io(std::io::Error::other(fault)))?;
    // Below all numbers that are given, and another one for each of several processes.
    let number = match random {
        [a, b, c, d, ..] => -1 - i64::from(u32::from_be_bytes([a, b, c, d])),
    };
    *table = "device";
    let device = "INSERT INTO device (key, name, letter, site, publishes, state, enrolled_ms) \
                  VALUES ($1, '', '', '', FALSE, 'waiting', 0)";
    db::query(device).bind(random).execute(tx).await?;
    let contact = "UPDATE device SET last_contact_ms = 0 WHERE key = $1";
    db::query(contact).bind(random).execute(tx).await?;
    *table = "log";
    let log = "INSERT INTO log (id, log_id, device, epoch, lane, first_id, prev_id, head_seq, head_id) \
               VALUES ($1, $2, $2, $2, '', $2, $2, 1, $2)";
    db::query(log).bind(number).bind(random).execute(tx).await?;
    *table = "frame";
    let frame = "INSERT INTO frame (log, first, last, last_id, prev_id, bytes, arrived_ms) \
                 VALUES ($1, 1, 1, $2, $2, $2, 0)";
    db::query(frame).bind(number).bind(random).execute(tx).await?;
    *table = "receipt";
    let receipt = "INSERT INTO receipt (device, number, at_ms, bytes) VALUES ($1, 1, 0, $1)";
    db::query(receipt).bind(random).execute(tx).await?;
    Ok(())
}
