//! What nobody signed but a review hangs on: who looked at a record, and when a site had what the
//! centre said.
//!
//! Both are kept from the first time on. Whoever opened a record can't be said not to have; a
//! decision that was delivered stays so.

use journal::{BranchHead, Dot, EntryId, Lane, SiteCode};
use protocol::Hello;
use record::{PersonId, RecordKey};

use super::Truth;
use super::fault::Fault;
use super::logs::Log;
use super::logs::tree::{Stretch, Tree};
use crate::db::{self, Conn, to_db};

/// How long things may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Terms {
    /// Days a site has to correct a returned record, from when it had the decision.
    pub due_days: u32,
    /// Hours from an event to its first signing, by severity from 1 to 4.
    pub late_hours: [u32; 4],
}

impl Default for Terms {
    /// The shipped terms.
    fn default() -> Self {
        Self { due_days: 14, late_hours: [7 * 24, 72, 24, 24] }
    }
}

/// Somebody who looks at a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Viewer {
    /// Who it is.
    pub person: PersonId,
    /// Whether that person may decide.
    pub decides: Decides,
}

/// Whether somebody may decide on records.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decides {
    /// A reviewer or an administrator does.
    Yes,
    /// Whoever only reads does not.
    No,
}

/// Notes that somebody looked at a record, unless that is known. Takes connections of its own: who
/// holds one already may wait for ever for a second.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn opened(truth: &Truth, key: &RecordKey, viewer: Viewer) -> Result<(), Fault> {
    let select = "SELECT first_ms FROM opened WHERE site = $1 AND id = $2 AND person = $3";
    let known: Option<i64> = db::query_scalar(select)
        .bind(key.site.as_str())
        .bind(key.id.0.as_slice())
        .bind(viewer.person.0.as_slice())
        .fetch_optional(&mut *truth.db.read().await?)
        .await?;
    if known.is_some() {
        return Ok(());
    }
    let insert = "INSERT INTO opened (site, id, person, decides, first_ms) \
                  VALUES ($1, $2, $3, $4, $5) ON CONFLICT (site, id, person) DO NOTHING";
    let mut tx = truth.db.begin().await?;
    db::query(insert)
        .bind(key.site.as_str())
        .bind(key.id.0.as_slice())
        .bind(viewer.person.0.as_slice())
        .bind(viewer.decides == Decides::Yes)
        .bind(truth.clock.now_ms())
        .execute(&mut tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Returns whether anybody who may decide has looked at a record.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn was_opened(conn: &mut Conn, key: &RecordKey) -> Result<bool, Fault> {
    let select = "SELECT COUNT(*) FROM opened WHERE site = $1 AND id = $2 AND decides = TRUE";
    let query = db::query_scalar(select).bind(key.site.as_str()).bind(key.id.0.as_slice());
    let count: i64 = query.fetch_one(conn).await?;
    Ok(0 < count)
}

/// Notes how far a device of `site` shows that it holds the hub's lanes. `conn` must be a write
/// transaction.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn note_delivery(
    truth: &Truth,
    conn: &mut Conn,
    hello: &Hello,
    sites: &[SiteCode],
    now_ms: i64,
) -> Result<(), Fault> {
    let hub = truth.key();
    let is_own = |head: &&BranchHead| {
        let lane = if let Lane::Site(code) = &head.log.lane { Some(code) } else { None };
        head.log.device == hub && 0 < head.seq && lane.is_some_and(|code| sites.contains(code))
    };
    for head in hello.heads.iter().filter(is_own) {
        let tree = Tree::read(conn, &head.log).await?;
        // What a device says it holds counts where it is what was sent.
        let Some(log) = held_at(conn, &tree, head).await? else { continue };
        let known = "SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) FROM delivery WHERE log = $1";
        let known: i64 = db::query_scalar(known).bind(log.number).fetch_one(&mut *conn).await?;
        if to_db(head.seq) <= known {
            continue;
        }
        let insert = "INSERT INTO delivery (log, seq, device, at_ms) VALUES ($1, $2, $3, $4) \
                      ON CONFLICT (log, seq) DO NOTHING";
        db::query(insert)
            .bind(log.number)
            .bind(to_db(head.seq))
            .bind(hello.device.0.as_slice())
            .bind(now_ms)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Returns the branch that holds the entry a device names, if any does.
async fn held_at<'t>(
    conn: &mut Conn,
    tree: &'t Tree,
    head: &BranchHead,
) -> Result<Option<&'t Log>, Fault> {
    let ends = |log: &&Log| log.head.seq == head.seq && log.head.id.short() == head.id;
    if let Some(log) = tree.branches().iter().find(ends) {
        return Ok(Some(log));
    }
    Ok(tree.named(conn, head.seq, head.id).await?.pop().map(|(_id, log)| log))
}

/// Returns when a device of its site first showed that it holds this entry of the hub's: itself, or
/// one behind it on any branch.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn delivered_ms(conn: &mut Conn, dot: &Dot) -> Result<Option<i64>, Fault> {
    let Some(tree) = Tree::by_id(conn, dot.log).await? else { return Ok(None) };
    let named = tree.named(conn, dot.seq, dot.id).await?;
    let mut first = None;
    for log in tree.branches() {
        let chain = Stretch::ends(&tree.chain(log));
        let through =
            |(_id, holds): &(EntryId, &Log)| tree.common(&chain, (holds, dot.seq)) == dot.seq;
        if !named.iter().any(through) {
            continue;
        }
        let select = "SELECT MIN(at_ms) FROM delivery WHERE log = $1 AND seq >= $2";
        let query = db::query_scalar(select).bind(log.number).bind(to_db(dot.seq));
        let at_ms: Option<i64> = query.fetch_one(&mut *conn).await?;
        first = [first, at_ms].into_iter().flatten().min();
    }
    Ok(first)
}
