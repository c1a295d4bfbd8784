//! Who folds a shard: a lease on its row, taken before anything is read, so that nothing is judged
//! twice. What was folded counts only if the shard is still at the version it was taken at: then
//! nobody else folded it, whatever became of the lease.

use std::time::Duration;

use crate::clock;
use crate::db::{self, Conn};
use crate::keys;
use crate::truth::shards::EVERYONE;
use crate::truth::{Fault, Truth};

/// How long a lease lasts that nobody gives back: a batch takes a tenth of a second.
const LEASE_MS: i64 = 10_000;

/// Shards looked at for one that nobody else takes first.
const LOOK_AHEAD: i64 = 16;

/// How long it is waited between two looks at a shard that somebody else folds.
pub(super) const WAIT: Duration = Duration::from_millis(20);

/// Who holds a lease.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Holder([u8; 16]);

/// A shard that is ours to fold for a while.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) shard: String,
    version: i64,
    asked: i64,
    holder: Holder,
}

/// What follows a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Then {
    /// The next batch of the same shard; the lease is kept.
    GoOn,
    /// The shard goes to the end of the queue.
    Wait,
    /// Nothing is left, unless something came meanwhile.
    Rest,
}

impl Holder {
    /// Returns one like no other.
    pub(super) fn new() -> Result<Self, Fault> {
        Ok(Self(keys::random().map_err(Fault::random)?))
    }
}

impl Lease {
    /// Takes a shard; `None` if somebody else has it.
    pub(super) async fn take(
        truth: &Truth,
        shard: &str,
        holder: Holder,
    ) -> Result<Option<Self>, Fault> {
        let mut tx = truth.db.begin().await?;
        let make = "INSERT INTO fold_shard (shard, version, asked, leased_until_ms) \
                    VALUES ($1, 0, 0, 0) ON CONFLICT (shard) DO NOTHING";
        db::query(make).bind(shard).execute(&mut tx).await?;
        let now_ms = clock::wall_ms();
        // One that lasts longer than any was given by a clock that is ahead, or was until it was set.
        let take = "UPDATE fold_shard SET leased_until_ms = $2, leased_by = $3 WHERE shard = $1 \
                    AND (leased_until_ms < $4 OR $2 < leased_until_ms) RETURNING version, asked";
        let taken: Option<(i64, i64)> = db::query_as(take)
            .bind(shard)
            .bind(now_ms.saturating_add(LEASE_MS))
            .bind(holder.0)
            .bind(now_ms)
            .fetch_optional(&mut tx)
            .await?;
        tx.commit().await?;
        let lease = |(version, asked)| Self { shard: shard.to_owned(), version, asked, holder };
        Ok(taken.map(lease))
    }

    /// Takes the shard that has waited longest.
    pub(super) async fn next(truth: &Truth, holder: Holder) -> Result<Option<Self>, Fault> {
        for shard in waiting(&mut *truth.db.read().await?).await? {
            if let Some(lease) = Self::take(truth, &shard, holder).await? {
                return Ok(Some(lease));
            }
        }
        Ok(None)
    }

    /// Returns the lease as it is after a batch was folded.
    pub(super) fn after(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    /// Counts a fold of the shard; returns whether nobody else folded it.
    pub(super) async fn settle(&self, conn: &mut Conn, then: Then) -> Result<bool, Fault> {
        let now_ms = clock::wall_ms();
        let until_ms = if then == Then::GoOn { now_ms.saturating_add(LEASE_MS) } else { 0 };
        let update = match then {
            Then::Rest => {
                "UPDATE fold_shard SET version = version + 1, leased_until_ms = $3, waits_since_ms = \
                 CASE WHEN asked = $5 THEN NULL ELSE $4 END WHERE shard = $1 AND version = $2"
            }
            Then::GoOn | Then::Wait => {
                "UPDATE fold_shard SET version = version + 1, leased_until_ms = $3, \
                 waits_since_ms = $4 WHERE shard = $1 AND version = $2"
            }
        };
        let mut query = db::query(update)
            .bind(self.shard.as_str())
            .bind(self.version)
            .bind(until_ms)
            .bind(now_ms);
        if then == Then::Rest {
            query = query.bind(self.asked);
        }
        let done = query.execute(conn).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Returns whether the shard is as it was when it was taken.
    pub(super) async fn stands(&self, conn: &mut Conn) -> Result<bool, Fault> {
        Ok(version(conn, &self.shard).await? == self.version)
    }

    /// Gives the shard back.
    pub(super) async fn release(&self, truth: &Truth) -> Result<(), Fault> {
        let release =
            "UPDATE fold_shard SET leased_until_ms = 0 WHERE shard = $1 AND leased_by = $2";
        let mut tx = truth.db.begin().await?;
        db::query(release).bind(self.shard.as_str()).bind(self.holder.0).execute(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}

/// Takes a shard from whoever has it.
pub(super) async fn free(truth: &Truth, shard: &str) -> Result<(), Fault> {
    let free = "UPDATE fold_shard SET leased_until_ms = 0 WHERE shard = $1";
    let mut tx = truth.db.begin().await?;
    db::query(free).bind(shard).execute(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Takes every shard from whoever has it.
pub(super) async fn free_all(conn: &mut Conn) -> Result<(), Fault> {
    db::query("UPDATE fold_shard SET leased_until_ms = 0").execute(conn).await?;
    Ok(())
}

/// Returns the shards that wait and that nobody has, the longest waiting first. What seems to have
/// waited since a later time was marked by a clock that was ahead; it would come last for ever.
pub(super) async fn waiting(conn: &mut Conn) -> Result<Vec<String>, Fault> {
    let now_ms = clock::wall_ms();
    let select = "SELECT shard FROM fold_shard WHERE waits_since_ms IS NOT NULL \
                  AND (leased_until_ms < $1 OR $2 < leased_until_ms) \
                  ORDER BY CASE WHEN $1 < waits_since_ms THEN 0 ELSE waits_since_ms END, shard \
                  LIMIT $3";
    let query = db::query_scalar(select)
        .bind(now_ms)
        .bind(now_ms.saturating_add(LEASE_MS))
        .bind(LOOK_AHEAD);
    Ok(query.fetch_all(conn).await?)
}

/// Returns whether any shard has something to be folded, also one that somebody folds just now.
pub(super) async fn is_anything_waiting(conn: &mut Conn) -> Result<bool, Fault> {
    let select = "SELECT shard FROM fold_shard WHERE waits_since_ms IS NOT NULL LIMIT 1";
    let shard: Option<String> = db::query_scalar(select).fetch_optional(conn).await?;
    Ok(shard.is_some())
}

/// Returns which fold of what goes to everyone all else is folded by.
pub(super) async fn base(conn: &mut Conn) -> Result<i64, Fault> {
    version(conn, EVERYONE).await
}

/// Counts a fold of what goes to everyone.
pub(super) async fn move_base(conn: &mut Conn) -> Result<(), Fault> {
    let update = "UPDATE fold_shard SET version = version + 1 WHERE shard = $1";
    db::query(update).bind(EVERYONE).execute(conn).await?;
    Ok(())
}

/// Returns how often a shard was folded.
pub(super) async fn version(conn: &mut Conn, shard: &str) -> Result<i64, Fault> {
    let select = "SELECT version FROM fold_shard WHERE shard = $1";
    let version: Option<i64> = db::query_scalar(select).bind(shard).fetch_optional(conn).await?;
    Ok(version.unwrap_or(0))
}
