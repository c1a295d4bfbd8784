//! The chains of one log: each branch from where it parted, and what the index of forks says of them.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Entry, EntryId, Frame, Head, LogName, ShortId};

use super::{FaultFound, OF_FORGERIES, OF_PAYLOADS, Verdict, found};
use crate::db::Conn;
use crate::truth::frames::{Stored, each_stored};
use crate::truth::logs::Log;
use crate::truth::{Fault, forks};

/// Checks every branch of one log.
pub(super) async fn check(
    conn: &mut Conn,
    branches: &[Log],
    verdict: &mut Verdict,
) -> Result<(), Fault> {
    let Some(name) = branches.first().map(|log| &log.name) else { return Ok(()) };
    let mut firsts: Vec<u64> = branches.iter().map(|log| log.first).collect();
    firsts.sort_unstable();
    let roots = branches.iter().filter_map(|log| Some((log.parent?, root(log)))).map(place);
    let mut seen = Seen {
        forks_at: firsts.get(1).copied(),
        roots: roots.collect(),
        found: BTreeSet::new(),
        forked: BTreeSet::new(),
    };
    for log in branches {
        check_branch(conn, log, &mut seen, verdict).await?;
    }
    for log in branches {
        let is_rooted = match log.parent {
            Some(parent) => seen.found.contains(&place((parent, root(log)))),
            None => root(log) == Head::empty(name.id()),
        };
        if !is_rooted {
            let what = "a branch continues no entry held here".to_owned();
            verdict.faults.push(found(name, log.first, what));
        }
    }
    if seen.forks_at.is_some() {
        verdict.faults.extend(seen.forgeries(name));
        if forks::indexed(conn, name.id()).await? != seen.forked {
            let (what, remedy) =
                ("the index of its branches is not what they hold", "run `ashuu-hub rebuild`");
            let seq = seen.forks_at.unwrap_or_default();
            verdict.faults.push(FaultFound { remedy, ..found(name, seq, what.to_owned()) });
        }
    }
    Ok(())
}

/// The entry that a branch continues.
fn root(log: &Log) -> Head {
    Head { seq: log.first.saturating_sub(1), id: log.prev }
}

const fn place((log, at): (i64, Head)) -> (i64, u64, EntryId) {
    (log, at.seq, at.id)
}

/// What was seen while the branches of a log were read.
struct Seen {
    /// The number from which on there is more than one branch.
    forks_at: Option<u64>,
    /// The entries that branches continue, and those of them that were found.
    roots: BTreeSet<(i64, u64, EntryId)>,
    found: BTreeSet<(i64, u64, EntryId)>,
    /// The entries at numbers that several branches have.
    forked: BTreeSet<(u64, EntryId, i64)>,
}

impl Seen {
    fn take(&mut self, log: i64, entries: &[Entry]) {
        for entry in entries {
            let (seq, id) = (entry.header.seq, entry.id);
            if self.roots.contains(&(log, seq, id)) {
                self.found.insert((log, seq, id));
            }
            if self.forks_at.is_some_and(|first| first <= seq) {
                self.forked.insert((seq, id, log));
            }
        }
    }

    /// Returns the places at which two entries have one name.
    fn forgeries(&self, name: &LogName) -> Vec<FaultFound> {
        let mut names: BTreeMap<(u64, ShortId), u64> = BTreeMap::new();
        for (seq, id, _log) in &self.forked {
            *names.entry((*seq, id.short())).or_default() += 1;
        }
        let twice = names.into_iter().filter(|(_, count)| 1 < *count);
        let forgery = |((seq, short), count): ((u64, ShortId), u64)| {
            let what = format!("{count} entries have the name {short}: one of them is forged");
            FaultFound { remedy: OF_FORGERIES, ..found(name, seq, what) }
        };
        twice.map(forgery).collect()
    }
}

async fn check_branch(
    conn: &mut Conn,
    log: &Log,
    seen: &mut Seen,
    verdict: &mut Verdict,
) -> Result<(), Fault> {
    let (checked, without) = (0, 0);
    let mut chain = Chain { log, head: root(log), checked, without, faults: Vec::new(), seen };
    each_stored(conn, log.number, |stored| chain.check(&stored)).await?;
    if chain.head != log.head && chain.faults.is_empty() {
        let what = format!("the log ends at {}, its head says {}", chain.head.seq, log.head.seq);
        chain.faults.push(found(&log.name, chain.head.seq, what));
    }
    verdict.checked += chain.checked;
    verdict.without_payload += chain.without;
    verdict.faults.append(&mut chain.faults);
    Ok(())
}

/// Frames checked one after the other.
struct Chain<'a> {
    log: &'a Log,
    head: Head,
    checked: u64,
    without: u64,
    faults: Vec<FaultFound>,
    seen: &'a mut Seen,
}

impl Chain<'_> {
    fn check(&mut self, stored: &Stored) {
        match self.judge(stored) {
            Ok(entries) => {
                self.checked += entries.len() as u64;
                self.seen.take(self.log.number, &entries);
                self.note_bare(&entries);
            }
            Err(what) => self.faults.push(found(&self.log.name, stored.first, what)),
        }
        // What follows is judged by what its row claims, so that one fault is named once.
        if let Ok((_, id)) = stored.ids() {
            self.head = Head { seq: stored.last, id };
        }
    }

    /// Names entries without a payload: that an author lost it, or that it was to be erased, is signed
    /// by nobody today, so it may as well have been taken away.
    fn note_bare(&mut self, entries: &[Entry]) {
        for entry in entries.iter().filter(|entry| entry.bytes().is_none()) {
            self.without += 1;
            let what = "is held without its payload, and nothing signed says why".to_owned();
            let fault = found(&self.log.name, entry.header.seq, what);
            self.faults.push(FaultFound { remedy: OF_PAYLOADS, ..fault });
        }
    }

    fn judge(&self, stored: &Stored) -> Result<Vec<Entry>, String> {
        let (prev, last_id) = stored.ids().map_err(|fault| fault.to_string())?;
        if stored.first != self.head.seq + 1 || prev != self.head.id {
            return Err(format!("does not continue entry {}", self.head.seq));
        }
        let frame = Frame::from_bytes(&stored.bytes).map_err(|fault| fault.to_string())?;
        if frame.log != self.log.name || frame.first != stored.first {
            return Err("the frame is of another place".to_owned());
        }
        let entries = frame.verify(prev).map_err(|fault| fault.to_string())?;
        let last = entries.last().map(|entry| (entry.header.seq, entry.id));
        if last != Some((stored.last, last_id)) {
            return Err("the frame ends at another entry than noted".to_owned());
        }
        let first = entries.first().filter(|entry| entry.header.seq == self.log.first);
        if first.is_some_and(|entry| entry.id != self.log.first_id) {
            return Err("the branch has another name than its first entry".to_owned());
        }
        Ok(entries)
    }
}
