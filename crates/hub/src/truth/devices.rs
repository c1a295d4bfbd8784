//! Devices: who was let in, who was shut out, who waits, and what they last said of themselves.

mod authors;
mod bindings;
mod contact;
pub mod limits;
pub mod posts;
pub mod refusals;
mod revocation;

use std::collections::BTreeMap;

use journal::{BranchHead, DeviceKey, Lane, SiteCode};
use protocol::{Bounds, Hello, Member, Post, Standing, Waiting};

pub(in crate::truth) use bindings::register;
pub use bindings::{bind, binding, move_to, tell_of_sites};
pub use posts::next_letter;
pub use revocation::{revoke, revoke_forged};

use super::fault::{self, Fault, damaged};
use super::{Truth, epoch, logs, quarantine, receipts, reviews, sites};
use crate::clock::{self, Moment};
use crate::db::{self, Conn, Row};
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

/// The first version of the protocol whose devices show a receipt that is asked for.
const SHOWS_RECEIPTS: u16 = 3;

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
    let sql = [COLUMNS, "WHERE key = $1"];
    let row = db::query(sql).bind(key.0.as_slice()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Returns all devices, by site and letter; those that wait come first.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn list(conn: &mut Conn) -> Result<Vec<Device>, Fault> {
    let order = "ORDER BY site, LENGTH(letter), letter, key";
    let sql = [COLUMNS, order];
    let rows = db::query(sql).fetch_all(&mut *conn).await?;
    let mut devices: Vec<Device> = rows.iter().map(read).collect::<Result<_, _>>()?;
    contact::put_right(conn, &mut devices, clock::wall_ms()).await?;
    Ok(devices)
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
    // Written before it is read: from here on no other process changes what is known of it.
    note_contact(conn, hello, now_ms).await?;
    let Some(device) = find(conn, &hello.device).await? else {
        return wait(conn, hello, now_ms).await.map(|()| Standing::Unknown);
    };
    let Some(site) = device.site.filter(|_| device.state != DeviceState::Waiting) else {
        return Ok(Standing::Unknown);
    };
    let mut member = Member {
        posts: posts_of(conn, &device.key, site).await?,
        publishes: device.publishes,
        own: logs::of_device(conn, &device.key).await?,
        follow: Vec::new(),
        authors: BTreeMap::new(),
        bounds: bounds(truth, conn, &device.key, now_ms).await?,
        proof_due: is_proof_due(truth, conn, hello).await?,
    };
    if let DeviceState::Revoked { reason } = device.state {
        quarantine::add_tips(conn, &device.key, &mut member.own).await?;
        return Ok(Standing::Revoked { reason, member: Box::new(member) });
    }
    if let Some(Post { site, predecessors }) = member.posts.first() {
        let heard: Vec<SiteCode> = std::iter::once(site).chain(predecessors).cloned().collect();
        reviews::note_delivery(truth, conn, hello, &heard, now_ms).await?;
        member.authors = authors::of(truth, conn, &heard).await?;
        member.authors.remove(&device.key);
    }
    member.follow = logs::followed(conn, &device.key, &truth.key(), &lanes(&member, hello)).await?;
    Ok(Standing::Active(Box::new(member)))
}

/// Whether a device names a receipt that is not held here and that no set-back explains which the
/// hub has answered for already. Devices of an older version can't show one.
async fn is_proof_due(truth: &Truth, conn: &mut Conn, hello: &Hello) -> Result<bool, Fault> {
    let Some(named) = hello.last_receipt.filter(|_| hello.versions.contains(&SHOWS_RECEIPTS))
    else {
        return Ok(false);
    };
    let held = receipts::numbered(conn, &hello.device, named.number).await?;
    if held.is_some_and(|receipt| receipt.name() == named) {
        return Ok(false);
    }
    epoch::is_unanswered(conn, &truth.key(), named.hub_epoch).await
}

/// What a device may begin now.
async fn bounds(
    truth: &Truth,
    conn: &mut Conn,
    key: &DeviceKey,
    now_ms: i64,
) -> Result<Bounds, Fault> {
    let limits = truth.bounds.with(limits::of(conn, key).await?);
    Ok(limits.left(limits::begun(conn, key, now_ms).await?))
}

/// Where a device belongs now, and where it was told before that it does.
async fn posts_of(conn: &mut Conn, key: &DeviceKey, site: SiteCode) -> Result<Vec<Post>, Fault> {
    let predecessors = sites::predecessors(conn, &site).await?;
    let mut posts = vec![Post { site, predecessors }];
    for posting in posts::of(conn, key).await? {
        if !posts.contains(&posting.post) {
            posts.push(posting.post);
        }
    }
    Ok(posts)
}

/// The lanes that a device follows: those of its site and, until it has moved there, what the hub
/// says in those where it was.
fn lanes(member: &Member, hello: &Hello) -> logs::Lanes {
    let Some((present, before)) = member.posts.split_first() else {
        return logs::Lanes::default();
    };
    let all = logs::lanes_of(&present.site, &present.predecessors);
    let hubs = if member.has_yet_to_move(hello.epoch) {
        let mut hubs: Vec<Lane> = before.iter().map(|post| Lane::Site(post.site.clone())).collect();
        hubs.sort();
        hubs.dedup();
        hubs.retain(|lane| !all.contains(lane));
        hubs
    } else {
        Vec::new()
    };
    logs::Lanes { all, hubs }
}

/// Lists an unknown key as waiting.
async fn wait(conn: &mut Conn, hello: &Hello, now_ms: i64) -> Result<(), Fault> {
    let count = "SELECT COUNT(*) FROM device WHERE state = 'waiting'";
    let waiting: i64 = db::query_scalar(count).fetch_one(&mut *conn).await?;
    if WAITING_DEVICES_MAX <= waiting {
        tracing::warn!(waiting, "another unknown device is not listed: too many wait already");
        return Ok(());
    }
    let insert = "INSERT INTO device (key, name, letter, site, publishes, state, enrolled_ms) \
                  VALUES ($1, '', '', '', $2, 'waiting', $3) ON CONFLICT (key) DO NOTHING";
    db::query(insert)
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
        let place = (head.seq, head.id);
        held.iter()
            .filter(|held| held.log == head.log)
            .any(|held| (held.seq, held.id) == place || held.skipped.contains(&place))
    };
    if own.peek().is_none() || !own.all(is_held) {
        return Ok(());
    }
    // Attachments are no entries of a log: what was declared of them stands.
    let attachments = declared.waiting.attachments;
    let waiting = Waiting { attachments, ..Waiting::default() };
    let update = "UPDATE device SET waiting_json = $2 WHERE key = $1";
    db::query(update)
        .bind(declared.device.0.as_slice())
        .bind(serde_json::to_string(&waiting).unwrap_or_default())
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes a key that waits off the list.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn forget(conn: &mut Conn, key: &DeviceKey) -> Result<(), Fault> {
    let delete = "DELETE FROM device WHERE key = $1 AND state = 'waiting'";
    db::query(delete).bind(key.0).execute(conn).await?;
    Ok(())
}

/// Keeps others from changing what is known of a device until the transaction ends: written before
/// it is read.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn hold(conn: &mut Conn, key: &DeviceKey) -> Result<(), Fault> {
    let update = "UPDATE device SET state = state WHERE key = $1";
    db::query(update).bind(key.0.as_slice()).execute(conn).await?;
    Ok(())
}

async fn note_contact(conn: &mut Conn, hello: &Hello, now_ms: i64) -> Result<(), Fault> {
    let waiting = serde_json::to_string(&hello.waiting).unwrap_or_default();
    let software: String = hello.software.chars().take(SOFTWARE_CHARS_MAX).collect();
    let update = "UPDATE device SET last_contact_ms = $2, waiting_json = $3, software = $4, \
                  clock_skew_ms = $5, told_epoch = $6 WHERE key = $1";
    db::query(update)
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

/// Returns when a device was let in; none of the hub itself, and while it waits.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn enrolment(conn: &mut Conn, device: &DeviceKey) -> Result<Option<Moment>, Fault> {
    let select = "SELECT enrolled_ms, enrolled_clock FROM device \
                  WHERE key = $1 AND state <> 'waiting'";
    let row: Option<(i64, Option<Vec<u8>>)> =
        db::query_as(select).bind(device.0.as_slice()).fetch_optional(conn).await?;
    Ok(row.map(|(ms, clock)| Moment::of_columns(ms, clock.as_deref())))
}

fn read(row: &Row) -> Result<Device, Fault> {
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
        contact: row.try_get::<Option<i64>>("last_contact_ms")?.map(contact),
    })
}
