//! The way through a log's branches from its beginning to one of its entries.

use journal::{EntryId, Head, LogName, ShortId};

use crate::branches::Branches;
use crate::fault::Fault;
use crate::shared::Shared;
use crate::store::Store;

/// A part of the way: entries up to `last` of one stretch of a log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stretch {
    /// Which stretch it is: the one whose own entries begin with this, or that of the journal.
    pub branch: Option<EntryId>,
    /// The last entry of it that leads on.
    pub last: u64,
}

/// The way from the beginning of a log to an entry.
pub type Way = Vec<Stretch>;

impl Store {
    /// Returns where every branch of each log ends, by number and id.
    #[must_use]
    pub fn branch_heads(&self) -> Vec<(LogName, Vec<Head>)> {
        let shared = self.shared();
        let (index, branches) = (shared.index(), shared.branches());
        let ends = index.logs().map(|(id, log)| {
            let own = Some(index.head(id)).filter(|head| 0 < head.seq);
            let beside = branches.of(id).iter().filter_map(crate::branches::Branch::head);
            let mut heads: Vec<Head> = own.into_iter().chain(beside).collect();
            heads.sort_by_key(|head| (head.seq, head.id));
            (log.name.clone(), heads)
        });
        ends.collect()
    }

    /// Returns the ids of all durable entries at a place; at 0, the log's id.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn ids_at(&self, log: &LogName, seq: u64) -> Result<Vec<EntryId>, Fault> {
        let shared = self.shared();
        let mut ids = shared.branches().ids_at(&log.id(), seq);
        ids.extend(shared.id_at(&log.id(), seq)?);
        Ok(ids.into_iter().collect())
    }

    /// Returns the way to an entry; none if it does not stand here.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn way(&self, log: &LogName, to: Head) -> Result<Option<Way>, Fault> {
        way(self.shared(), log, to)
    }

    /// Returns the stretch on which an entry stands, if it is one of a log that is held.
    #[must_use]
    pub fn stretch_of(&self, log: &journal::LogId, seq: u64, id: ShortId) -> Option<EntryId> {
        let branches = self.shared().branches();
        let stands =
            |branch: &&crate::branches::Branch| branch.id(seq).is_some_and(|own| own.short() == id);
        branches.of(log).iter().find(stands).and_then(crate::branches::Branch::id_of_first)
    }

    /// Returns the last entry that lies on the way to `head` and to one of those named; 0 if none.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn common(
        &self,
        log: &LogName,
        head: &Way,
        named: &[(u64, ShortId)],
    ) -> Result<u64, Fault> {
        let mut furthest = 0;
        for (seq, short) in named {
            let here = self.ids_at(log, *seq)?;
            let Some(id) = here.into_iter().find(|id| id.short() == *short) else { continue };
            if let Some(way) = self.way(log, Head { seq: *seq, id })? {
                furthest = furthest.max(common(head, &way));
            }
        }
        Ok(furthest)
    }
}

/// Returns the last entry that two ways have in common.
#[must_use]
pub fn common(one: &Way, two: &Way) -> u64 {
    let mut furthest = 0;
    for (one, two) in one.iter().zip(two) {
        if one.branch != two.branch {
            break;
        }
        furthest = one.last.min(two.last);
        if one.last != two.last {
            break;
        }
    }
    furthest
}

fn way(shared: &Shared, log: &LogName, to: Head) -> Result<Option<Way>, Fault> {
    let name = log.id();
    let (mut way, Head { seq, id }) = { beside(&shared.branches(), &name, to) };
    if 0 < seq {
        if shared.id_at(&name, seq)? != Some(id) {
            return Ok(None);
        }
        way.push(Stretch { branch: None, last: seq });
    }
    way.reverse();
    Ok(Some(way))
}

/// Goes back from an entry as long as that stands beside the journal; the last stretch first, and
/// the entry before it.
fn beside(branches: &Branches, log: &journal::LogId, mut to: Head) -> (Way, Head) {
    let mut way = Vec::new();
    while let Some(branch) = branches.find(log, to.seq, to.id) {
        way.push(Stretch { branch: branch.id_of_first(), last: to.seq });
        to = Head { seq: branch.first - 1, id: branch.prev };
    }
    (way, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_part_where_one_leaves_a_stretch_that_the_other_follows() {
        let on =
            |branch: Option<u8>, last| Stretch { branch: branch.map(|b| EntryId([b; 32])), last };
        let (line, side) = (vec![on(None, 30)], vec![on(None, 25), on(Some(1), 40)]);
        let twig = vec![on(None, 25), on(Some(1), 33), on(Some(2), 50)];
        assert_eq!(common(&line, &line), 30);
        assert_eq!(common(&line, &side), 25);
        assert_eq!(common(&twig, &side), 33);
        assert_eq!(common(&twig, &line), 25);
        assert_eq!(common(&vec![on(Some(1), 4)], &line), 0);
    }
}
