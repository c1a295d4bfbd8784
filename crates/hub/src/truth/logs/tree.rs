//! The branches of one log as a tree: which holds what, and where two of them parted.

use std::collections::BTreeMap;

use journal::{EntryId, Head, LogId, LogName, ShortId};

use super::Log;
use crate::db::Conn;
use crate::truth::{Fault, forks, frames};

/// The branches of one log. Each entry stands in exactly one of them.
#[derive(Clone, Debug)]
pub struct Tree {
    name: LogName,
    /// By their first entries: behind the second one's, numbers are held more than once.
    rows: Vec<Log>,
    /// Where each stands in that order.
    places: BTreeMap<i64, usize>,
}

/// A stretch of a chain: the entries of one branch up to a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch<'t> {
    pub(crate) log: &'t Log,
    pub(crate) to: u64,
}

impl Stretch<'_> {
    /// Returns up to where a chain has which branch.
    pub(crate) fn ends(chain: &[Self]) -> BTreeMap<i64, u64> {
        chain.iter().map(|part| (part.log.number, part.to)).collect()
    }
}

impl Tree {
    /// Reads the branches of a log.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be read.
    pub async fn read(conn: &mut Conn, name: &LogName) -> Result<Self, Fault> {
        Ok(Self::with(name.clone(), super::branches(conn, name).await?))
    }

    /// Reads the branches of a log to which nobody else writes until the transaction ends.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be written.
    pub async fn hold(conn: &mut Conn, name: &LogName) -> Result<Self, Fault> {
        super::hold(conn, name.id()).await?;
        Self::read(conn, name).await
    }

    /// Reads the branches of the log with this id; `None` if nothing of it is held.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be read.
    pub async fn by_id(conn: &mut Conn, id: LogId) -> Result<Option<Self>, Fault> {
        Ok(Self::of(super::by_id(conn, id).await?))
    }

    /// Makes the tree of all branches of one log; `None` of none.
    pub(super) fn of(mut rows: Vec<Log>) -> Option<Self> {
        rows.sort_by_key(|log| (log.first, log.first_id));
        Some(Self::with(rows.first()?.name.clone(), rows))
    }

    fn with(name: LogName, rows: Vec<Log>) -> Self {
        let places = rows.iter().enumerate().map(|(place, log)| (log.number, place)).collect();
        Self { name, rows, places }
    }

    /// Returns the log's name.
    #[must_use]
    pub const fn name(&self) -> &LogName {
        &self.name
    }

    /// Returns the branches, by their first entries.
    #[must_use]
    pub fn branches(&self) -> &[Log] {
        &self.rows
    }

    /// Returns the branch with the largest head, by number and id: where the hub's own lanes go on.
    #[must_use]
    pub fn tip(&self) -> Option<&Log> {
        self.rows.iter().max_by_key(|log| (log.head.seq, log.head.id))
    }

    /// Returns where a log stands that is to be continued; one that is not begun stands at 0.
    #[must_use]
    pub fn end(&self) -> Head {
        self.tip().map_or_else(|| Head::empty(self.name.id()), |log| log.head)
    }

    /// Returns the number from which on more than one branch may hold an entry.
    #[must_use]
    pub fn forks_at(&self) -> Option<u64> {
        self.rows.get(1).map(|second| second.first)
    }

    /// Returns the number from which on there is more than one, when a branch begins at `first` too.
    pub(crate) fn forks_at_with(&self, first: u64) -> Option<u64> {
        if self.rows.is_empty() {
            return None;
        }
        Some(self.forks_at().map_or(first, |known| known.min(first)))
    }

    /// Returns the one branch that holds what stands before the first fork.
    pub(crate) fn trunk(&self) -> Option<&Log> {
        self.rows.first()
    }

    /// Returns the branch with this number.
    #[must_use]
    pub fn branch(&self, number: i64) -> Option<&Log> {
        self.rows.get(*self.places.get(&number)?)
    }

    /// Returns the highest number held on any branch.
    #[must_use]
    pub fn furthest(&self) -> u64 {
        self.rows.iter().map(|log| log.head.seq).max().unwrap_or(0)
    }

    /// Returns the id of every entry held at a number, on any branch; at 0, the id of the log.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
    pub async fn ids_at(&self, conn: &mut Conn, seq: u64) -> Result<Vec<EntryId>, Fault> {
        if seq == 0 {
            return Ok(vec![EntryId(self.name.id().0)]);
        }
        if self.is_forked_at(seq) {
            return forks::ids_at(conn, self.name.id(), seq).await;
        }
        let Some(trunk) = self.trunk() else { return Ok(Vec::new()) };
        Ok(frames::id_at(conn, trunk, seq).await?.into_iter().collect())
    }

    /// Returns the branch that holds this entry.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
    pub async fn holding(&self, conn: &mut Conn, at: Head) -> Result<Option<&Log>, Fault> {
        let ends = |log: &&Log| log.head == at || (log.first, log.first_id) == (at.seq, at.id);
        if let Some(log) = self.rows.iter().find(ends) {
            return Ok(Some(log));
        }
        let found = self.named(conn, at.seq, at.id.short()).await?;
        Ok(found.into_iter().find(|(id, _)| *id == at.id).map(|(_, log)| log))
    }

    /// Returns the entries with this name, each with the branch that holds it: one at the most,
    /// unless somebody forged another.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be read or a frame in it is damaged.
    pub async fn named(
        &self,
        conn: &mut Conn,
        seq: u64,
        short: ShortId,
    ) -> Result<Vec<(EntryId, &Log)>, Fault> {
        if self.is_forked_at(seq) {
            let found = forks::named(conn, self.name.id(), seq, short).await?;
            let with_log = |(id, number)| Some((id, self.branch(number)?));
            return Ok(found.into_iter().filter_map(with_log).collect());
        }
        let Some(trunk) = self.trunk() else { return Ok(Vec::new()) };
        let id = frames::id_at(conn, trunk, seq).await?.filter(|id| id.short() == short);
        Ok(id.map(|id| (id, trunk)).into_iter().collect())
    }

    /// Returns the chain that leads to the end of a branch, its beginning first.
    pub(crate) fn chain<'t>(&'t self, log: &'t Log) -> Vec<Stretch<'t>> {
        let mut chain = vec![Stretch { log, to: log.head.seq }];
        let mut child = log;
        // A parent is begun before its child, so even a damaged database has no circle here.
        while let Some(parent) = child.parent.and_then(|number| self.branch(number))
            && parent.number < child.number
        {
            chain.push(Stretch { log: parent, to: child.first.saturating_sub(1) });
            child = parent;
        }
        chain.reverse();
        chain
    }

    /// Returns the highest number up to which a chain is the one that leads to the entry `seq` of
    /// a branch. `chain` says up to where it has which branch.
    pub(crate) fn common(&self, chain: &BTreeMap<i64, u64>, (log, seq): (&Log, u64)) -> u64 {
        let (mut log, mut seq) = (log, seq);
        loop {
            if let Some(to) = chain.get(&log.number) {
                return seq.min(*to);
            }
            let parent = log.parent.and_then(|number| self.branch(number));
            let Some(parent) = parent.filter(|parent| parent.number < log.number) else { return 0 };
            seq = log.first.saturating_sub(1);
            log = parent;
        }
    }

    fn is_forked_at(&self, seq: u64) -> bool {
        self.forks_at().is_some_and(|first| first <= seq)
    }
}
