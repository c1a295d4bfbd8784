//! Devices: who was let in, who was shut out, who waits, and what they last said of themselves.

use journal::{Binding, BindingState, BranchHead, DeviceKey, SiteCode};
use protocol::{Hello, Standing, Waiting};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::fault::{self, Fault, damaged};
use super::{Truth, logs, sites};
use crate::db::Conn;
use crate::limits::{SOFTWARE_CHARS_MAX, WAITING_DEVICES_MAX};

/// A device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its key.
    pub key: DeviceKey,
    /// What people call it; empty while it waits.
    pub name: String,
    /// The letter in its records' references; empty while it waits.
    pub letter: String,
    /// Its site; none while it waits.
    pub site: Option<SiteCode>,
    /// Whether its site may publish to everyone.
    pub publishes: bool,
    /// Whether it is let in.
    pub state: DeviceState,
    /// When it was let in, or first seen.
    pub enrolled_ms: i64,
    /// What it last said of itself.
    pub contact: Option<Contact>,
}

/// Whether a device is let in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeviceState {
    /// It is.
    Active,
    /// Its key was revoked.
    Revoked {
        /// Why.
        reason: String,
    },
    /// Its key is not known; an administrator must decide.
    Waiting,
}

/// What a device last said of itself.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The hub's time of it.
    pub at_ms: i64,
    /// What it still had to send.
    pub waiting: Waiting,
    /// Its software.
    pub software: String,
    /// How far its clock was ahead of the hub's.
    pub clock_skew_ms: i64,
}

const COLUMNS: &str = "SELECT key, name, letter, site, publishes, state, reason, enrolled_ms, \
                       last_contact_ms, waiting_json, software, clock_skew_ms FROM device";

impl DeviceState {
    /// Returns the word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked { .. } => "revoked",
            Self::Waiting => "waiting",
        }
    }
}

/// Returns the device with this key.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn find(conn: &mut Conn, key: &DeviceKey) -> Result<Option<Device>, Fault> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE key = $1"));
    let row = sqlx::query(sql).bind(key.0.as_slice()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Returns all devices, by site and letter; those that wait come first.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn list(conn: &mut Conn) -> Result<Vec<Device>, Fault> {
    let order = "ORDER BY site, LENGTH(letter), letter, key";
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} {order}"));
    sqlx::query(sql).fetch_all(conn).await?.iter().map(read).collect()
}

/// Returns what the exchange needs to know of the device that speaks, and notes what it says.
///
/// A key that is not known is listed as waiting. `conn` must be a write transaction.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn meet(
    truth: &Truth,
    conn: &mut Conn,
    hello: &Hello,
    now_ms: i64,
) -> Result<Standing, Fault> {
    let found = find(conn, &hello.device).await?;
    let Some(device) = found else {
        return wait(conn, hello, now_ms).await.map(|()| Standing::Unknown);
    };
    note_contact(conn, hello, now_ms).await?;
    match (device.state, device.site) {
        (DeviceState::Revoked { reason }, _) => Ok(Standing::Revoked { reason }),
        (DeviceState::Waiting, _) | (DeviceState::Active, None) => Ok(Standing::Unknown),
        (DeviceState::Active, Some(site)) => {
            let predecessors = sites::predecessors(conn, &site).await?;
            let own = logs::of_device(conn, &device.key).await?;
            let lanes = logs::lanes_of(&site, &predecessors);
            let follow = logs::followed(conn, &device.key, &truth.key(), &lanes).await?;
            let publishes = device.publishes;
            Ok(Standing::Active { site, predecessors, publishes, own, follow })
        }
    }
}

/// Lists an unknown key as waiting.
async fn wait(conn: &mut Conn, hello: &Hello, now_ms: i64) -> Result<(), Fault> {
    let count = "SELECT COUNT(*) FROM device WHERE state = 'waiting'";
    let waiting: i64 = sqlx::query_scalar(count).fetch_one(&mut *conn).await?;
    if WAITING_DEVICES_MAX <= waiting {
        tracing::warn!(waiting, "another unknown device is not listed: too many wait already");
        return Ok(());
    }
    let insert = "INSERT INTO device (key, name, letter, site, publishes, state, enrolled_ms) \
                  VALUES ($1, '', '', '', $2, 'waiting', $3)";
    sqlx::query(insert)
        .bind(hello.device.0.as_slice())
        .bind(false)
        .bind(now_ms)
        .execute(&mut *conn)
        .await?;
    note_contact(conn, hello, now_ms).await
}

/// Notes that nothing waits at the device any more, if `held` covers all that it `declared`.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn note_held(
    conn: &mut Conn,
    declared: &Hello,
    held: &[BranchHead],
) -> Result<(), Fault> {
    let written = |head: &&BranchHead| 0 < head.seq && head.log.device == declared.device;
    let mut own = declared.heads.iter().filter(written).peekable();
    let is_held = |head: &BranchHead| {
        held.iter().any(|held| held.log == head.log && held.seq == head.seq && held.id == head.id)
    };
    if own.peek().is_none() || !own.all(is_held) {
        return Ok(());
    }
    // Attachments are no entries of a log: what was declared of them stands.
    let attachments = declared.waiting.attachments;
    let waiting = Waiting { attachments, ..Waiting::default() };
    let update = "UPDATE device SET waiting_json = $2 WHERE key = $1";
    sqlx::query(update)
        .bind(declared.device.0.as_slice())
        .bind(serde_json::to_string(&waiting).unwrap_or_default())
        .execute(conn)
        .await?;
    Ok(())
}

async fn note_contact(conn: &mut Conn, hello: &Hello, now_ms: i64) -> Result<(), Fault> {
    let waiting = serde_json::to_string(&hello.waiting).unwrap_or_default();
    let software: String = hello.software.chars().take(SOFTWARE_CHARS_MAX).collect();
    let update = "UPDATE device SET last_contact_ms = $2, waiting_json = $3, software = $4, \
                  clock_skew_ms = $5, told_epoch = $6 WHERE key = $1";
    sqlx::query(update)
        .bind(hello.device.0.as_slice())
        .bind(now_ms)
        .bind(waiting)
        .bind(software)
        .bind(hello.clock.claimed_ms.saturating_sub(now_ms))
        .bind(hello.epoch.0.as_slice())
        .execute(conn)
        .await?;
    Ok(())
}

/// Lets a device in, as its binding says: a row here, an entry in the hub's lane of its site.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn bind(
    truth: &Truth,
    conn: &mut Conn,
    binding: &Binding,
    now_ms: i64,
) -> Result<(), Fault> {
    let (state, reason) = match &binding.state {
        BindingState::Active => ("active", None),
        BindingState::Revoked { reason } => ("revoked", Some(reason.as_str())),
    };
    let upsert = "INSERT INTO device \
                  (key, name, letter, site, publishes, state, reason, enrolled_ms) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (key) DO UPDATE SET \
                  name = $2, letter = $3, site = $4, publishes = $5, state = $6, reason = $7, \
                  enrolled_ms = CASE WHEN device.state = 'waiting' THEN $8 \
                  ELSE device.enrolled_ms END";
    sqlx::query(upsert)
        .bind(binding.device.0.as_slice())
        .bind(&binding.name)
        .bind(&binding.letter)
        .bind(binding.site.as_str())
        .bind(binding.publishes)
        .bind(state)
        .bind(reason)
        .bind(now_ms)
        .execute(&mut *conn)
        .await?;
    let lane = journal::Lane::Site(binding.site.clone());
    let payload = (journal::Kind::BINDING, binding.to_payload()?);
    truth.lanes.append(conn, &lane, vec![payload]).await?;
    Ok(())
}

/// Returns the letter for the next device of a site: A, B … Z, AA, AB …
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn next_letter(conn: &mut Conn, site: &SiteCode) -> Result<String, Fault> {
    let count = "SELECT COUNT(*) FROM device WHERE site = $1 AND letter <> ''";
    let taken: i64 = sqlx::query_scalar(count).bind(site.as_str()).fetch_one(conn).await?;
    Ok(letter(taken))
}

fn letter(mut index: i64) -> String {
    let mut letters = String::new();
    loop {
        let digit = u8::try_from(index.rem_euclid(26)).unwrap_or(0);
        letters.insert(0, char::from(b'A' + digit));
        index = index / 26 - 1;
        if index < 0 {
            return letters;
        }
    }
}

fn read(row: &SqliteRow) -> Result<Device, Fault> {
    let state: String = row.try_get("state")?;
    let reason: Option<String> = row.try_get("reason")?;
    let state = match state.as_str() {
        "active" => DeviceState::Active,
        "revoked" => DeviceState::Revoked { reason: reason.unwrap_or_default() },
        "waiting" => DeviceState::Waiting,
        _ => return Err(damaged("a device's state")),
    };
    let site: String = row.try_get("site")?;
    let site = if site.is_empty() { None } else { Some(fault::site(site)?) };
    let waiting: Option<String> = row.try_get("waiting_json")?;
    let waiting = waiting.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let software: Option<String> = row.try_get("software")?;
    let skew: Option<i64> = row.try_get("clock_skew_ms")?;
    let contact = |at_ms| Contact {
        at_ms,
        waiting,
        software: software.unwrap_or_default(),
        clock_skew_ms: skew.unwrap_or(0),
    };
    Ok(Device {
        key: DeviceKey(fault::array("a device's key", row.try_get("key")?)?),
        name: row.try_get("name")?,
        letter: row.try_get("letter")?,
        site,
        publishes: row.try_get("publishes")?,
        state,
        enrolled_ms: row.try_get("enrolled_ms")?,
        contact: row.try_get::<Option<i64>, _>("last_contact_ms")?.map(contact),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_the_alphabet() {
        let letters = [0, 1, 25, 26, 27, 51, 52, 701, 702].map(letter);
        assert_eq!(letters, ["A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }
}
