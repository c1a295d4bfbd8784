//! The hub's own logs: what it says to one site, or to everyone.
//!
//! Any process with the hub's key may append: the write transaction serialises them.

use std::sync::Arc;

use journal::{
    DeviceKey, DeviceSecret, Dot, Draft, Entry, EpochStart, Kind, Lane, LogName, PreviousEpoch,
    Run, Seed, SiteCode, Writer,
};
use protocol::Keep;

use super::fault::Fault;
use super::logs::{self, Tree};
use super::{epoch, frames};
use crate::clock::Moment;
use crate::db::{Conn, Mark, Marked};
use crate::{clock, keys};

/// The epoch before the present one; of the first, none.
#[derive(Debug, Default)]
struct Before {
    count: u32,
    previous: Option<PreviousEpoch>,
}

/// The hub's own logs.
#[derive(Clone, Debug)]
pub struct Lanes {
    secret: Arc<DeviceSecret>,
    site: SiteCode,
    run: Run,
}

impl Lanes {
    pub(super) const fn new(secret: Arc<DeviceSecret>, site: SiteCode, run: Run) -> Self {
        Self { secret, site, run }
    }

    /// Returns the hub's public key.
    #[must_use]
    pub fn key(&self) -> DeviceKey {
        self.secret.public()
    }

    /// Returns the hub's secret key, for the sync port.
    #[must_use]
    pub fn secret(&self) -> &DeviceSecret {
        &self.secret
    }

    /// Returns the site the hub stands at.
    #[must_use]
    pub const fn site(&self) -> &SiteCode {
        &self.site
    }

    /// Returns the name of the hub's log in a lane, in its present epoch.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be read.
    pub async fn log(&self, conn: &mut Conn, lane: &Lane) -> Result<LogName, Fault> {
        let epoch = epoch::present(conn).await?;
        Ok(LogName { device: self.key(), epoch, lane: lane.clone() })
    }

    /// Reads the hub's log in a lane, in its present epoch. Nobody else writes to it, or opens the
    /// next epoch, until the transaction ends.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be written.
    pub async fn hold(&self, conn: &mut Conn, lane: &Lane) -> Result<Tree, Fault> {
        let epoch = epoch::hold(conn).await?;
        Tree::hold(conn, &LogName { device: self.key(), epoch, lane: lane.clone() }).await
    }

    /// Returns the position of the next entry that is appended to the hub's log in `lane`, and the
    /// number of the hub's epoch. `conn` must be the write transaction that appends it.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be written.
    pub async fn next(&self, conn: &mut Conn, lane: &Lane) -> Result<(u64, u32), Fault> {
        let tree = self.hold(conn, lane).await?;
        // A log that is begun gets a first entry of its own.
        let next = if tree.end().seq == 0 { 2 } else { tree.end().seq + 1 };
        let count = match tree.tip().and_then(|log| log.start.as_ref()) {
            Some(start) => start.count,
            None => self.count(conn).await?,
        };
        Ok((next, count))
    }

    /// Appends payloads to the hub's log in `lane` and returns their dots. The lane's first entry,
    /// which names the hub's site, is written by itself. `conn` must be a write transaction.
    ///
    /// Of several branches, which a hub has after it was set back, the longest one goes on.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be written.
    pub async fn append(
        &self,
        conn: &mut Conn,
        lane: &Lane,
        payloads: Vec<(Kind, Vec<u8>)>,
    ) -> Result<Vec<Dot>, Fault> {
        let tree = self.hold(conn, lane).await?;
        let end = tree.end();
        let written = Moment::read(self.run);
        let stamp = clock::stamp_of(&written);
        let is_new = end.seq == 0;
        let before = if is_new { self.before(conn, tree.name()).await? } else { Before::default() };
        let start = EpochStart {
            site: self.site.clone(),
            predecessors: Vec::new(),
            opened_at_ms: stamp.claimed_ms,
            count: before.count + 1,
            previous: before.previous,
            abandoned: None,
        };
        let start = if is_new { Some((Kind::EPOCH_START, start.to_payload()?)) } else { None };
        let draft = |(kind, payload)| Draft { kind, payload, stamp, receipt: 0 };
        let drafts: Vec<Draft> = start.into_iter().chain(payloads).map(draft).collect();
        let mut seeds = Vec::new();
        for _ in 0..Writer::seeds_needed(drafts.len()) {
            seeds.push(Seed(keys::random().map_err(Fault::random)?));
        }
        let mut prev = end.id;
        let mut dots = Vec::new();
        let frames = Writer::resume(tree.name().clone(), end).append(drafts, &seeds, &self.secret);
        for frame in frames {
            let entries = frame.rebuild(prev)?;
            let keep = Keep { frame, entries, prev };
            frames::keep(conn, &keep, written).await?;
            prev = keep.entries.last().map_or(prev, |entry| entry.id);
            dots.extend(keep.entries.iter().map(Entry::dot));
        }
        if let Some(last) = dots.last() {
            let (log, epoch) = (tree.name().id(), tree.name().epoch);
            let (owner, number, proof, epoch) = (log.0, last.seq, prev.0, epoch.0);
            conn.mark(Mark { of: Marked::Entry, owner, number, proof, epoch });
        }
        dots.drain(..usize::from(is_new).min(dots.len()));
        Ok(dots)
    }

    /// Returns which of the hub's epochs the present one is, from 1.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be read.
    pub async fn count(&self, conn: &mut Conn) -> Result<u32, Fault> {
        let log = self.log(conn, &Lane::Everyone).await?;
        Ok(self.before(conn, &log).await?.count + 1)
    }

    /// Returns the epoch before that of `log`, and where the branches of its lane ended in it.
    async fn before(&self, conn: &mut Conn, log: &LogName) -> Result<Before, Fault> {
        let LogName { epoch, lane, .. } = log;
        let mut before = Before::default();
        for log in logs::starts(conn, &self.key()).await? {
            let count = log.start.as_ref().map_or(1, |start| start.count);
            if log.name.epoch == *epoch || count < before.count {
                continue;
            }
            let is_later = before.count < count;
            let mut heads = match before.previous.take() {
                Some(previous) if !is_later => previous.heads,
                Some(_) | None => Vec::new(),
            };
            if log.name.lane == *lane {
                heads.push((lane.clone(), log.head.seq, log.head.id));
            }
            let previous = Some(PreviousEpoch { epoch: log.name.epoch, heads });
            before = Before { count, previous };
        }
        if let Some(previous) = &mut before.previous {
            previous.heads.sort_by_key(|(_lane, seq, id)| (*seq, *id));
        }
        Ok(before)
    }
}
