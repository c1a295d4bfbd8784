//! What one group commit will make durable, and the journal and the views as they will be then.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use journal::{Entry, EntryId, Frame, Head, LogId, LogName, Writer};

use crate::fault::Fault;
use crate::forged::Numbers;
use crate::item::frame_body;
use crate::project::Projector;
use crate::rebuild::Asker;
use crate::shared::Shared;
use crate::staged::{Body, Staged, Unsigned};
use crate::starts::Starts;
use crate::store::Entropy;
use crate::views::{Pending, Working};

/// A group in the making.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) projector: &'a dyn Projector,
    pub(crate) entropy: &'a dyn Entropy,
    pub(crate) writers: &'a mut BTreeMap<LogId, Writer>,
    pub(crate) starts: &'a mut Starts,
    pub(crate) pending: Pending,
    pub(crate) staged: Vec<Staged>,
    /// How many bytes are staged.
    pub(crate) bytes: usize,
    /// What was kept beside the journal and is to be projected.
    pub(crate) beside: Vec<Numbers>,
    /// Who wants the views made anew once the group is done.
    pub(crate) askers: Vec<Asker>,
}

/// A frame that is sound, and the bytes of it.
pub(crate) struct Sound {
    pub(crate) frame: Frame,
    /// The id of the entry before its first.
    pub(crate) prev: EntryId,
    pub(crate) entries: Vec<Entry>,
    pub(crate) bytes: Vec<u8>,
}

/// Where the logs stand, with the earlier writes of the same group.
#[derive(Clone, Copy, Debug)]
pub struct Logs<'a> {
    shared: &'a Shared,
    staged: &'a [Staged],
}

impl Logs<'_> {
    /// Returns where a log stands.
    #[must_use]
    pub fn head(&self, log: &LogName) -> Head {
        self.head_of(&log.id())
    }

    fn head_of(&self, log: &LogId) -> Head {
        let held = self.shared.index().head(log);
        let staged = self.staged.iter().filter(|staged| staged.log == *log);
        staged
            .filter_map(Staged::head)
            .fold(held, |head, staged| if head.seq < staged.seq { staged } else { head })
    }
}

impl Batch<'_> {
    /// Returns the logs and the views, for a decision.
    pub(crate) fn look(&mut self) -> (Working<'_>, Logs<'_>) {
        let logs = Logs { shared: self.shared, staged: &self.staged };
        (Working::new(&self.shared.views, &mut self.pending), logs)
    }

    /// Returns where a log stands.
    pub(crate) fn head(&self, log: &LogId) -> Head {
        Logs { shared: self.shared, staged: &self.staged }.head_of(log)
    }

    /// Returns the id of an entry; of number 0, the log's id.
    pub(crate) fn id_at(&self, log: &LogId, seq: u64) -> Result<Option<EntryId>, Fault> {
        let mut staged = self.staged.iter().filter(|staged| staged.log == *log);
        match staged.find_map(|staged| staged.id(seq)) {
            Some(id) => Ok(Some(id)),
            None => self.shared.id_at(log, seq),
        }
    }

    /// Returns the id that an entry of the journal's line names as that of the entry before it.
    pub(crate) fn prev_of(&self, log: &LogId, seq: u64) -> Result<Option<EntryId>, Fault> {
        let mut staged = self.staged.iter().filter(|staged| staged.log == *log);
        match staged.find_map(|staged| staged.prev_of(seq)) {
            Some(prev) => Ok(Some(prev)),
            None => self.shared.prev_of(log, seq),
        }
    }

    /// Returns the runs of `first..=last` that are neither held nor staged.
    pub(crate) fn missing(&self, log: &LogId, first: u64, last: u64) -> Vec<(u64, u64)> {
        let held = self.shared.index();
        let mut runs = match held.log(log) {
            Some(held) => held.missing(first, last),
            None => vec![(first, last)],
        };
        for staged in self.staged.iter().filter(|staged| staged.log == *log) {
            for taken in &staged.runs {
                runs = runs.into_iter().flat_map(|run| without(run, *taken)).collect();
            }
        }
        runs
    }

    /// Takes a frame into the group and projects those of its entries that are in `runs`.
    pub(crate) fn stage(&mut self, sound: Sound, runs: Vec<(u64, u64)>) {
        let Sound { frame, prev, entries, bytes } = sound;
        let Some(head) = entries.last().map(|entry| entry.id) else { return };
        let new = |entry: &&Entry| {
            runs.iter().any(|(first, last)| (*first..=*last).contains(&entry.header.seq))
        };
        self.project(&frame.log, entries.iter().filter(new));
        let body = frame_body(prev, head, &bytes);
        self.bytes += body.len();
        let ids = entries.iter().map(|entry| entry.id).collect();
        let (log, first, body) = (frame.log.id(), frame.first, Body::Ready(body));
        self.staged.push(Staged { name: frame.log, log, first, prev, ids, runs, body });
    }

    /// Takes a frame of this device into the group and projects its entries.
    ///
    /// It joins the frame before it where that is of the same log, but never passes over another:
    /// what is projected anew must be projected in the same order.
    pub(crate) fn stage_own(&mut self, next: Unsigned, entries: &[Entry]) {
        self.project(&next.frame.log, entries.iter());
        self.bytes += next.frame.size();
        let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id).collect();
        let apart = match self.staged.last_mut() {
            Some(last) => last.join(next, &ids),
            None => Some(next),
        };
        self.staged.extend(apart.map(|next| Staged::open(next, ids)));
    }

    /// A projection that fails costs the views, which can be made again, and never the entry.
    fn project<'e>(&mut self, log: &LogName, entries: impl Iterator<Item = &'e Entry>) {
        if self.shared.views.usable().is_err() {
            return;
        }
        let (views, projector) = (&self.shared.views, self.projector);
        let mut view = Working::new(views, &mut self.pending);
        for entry in entries {
            let start = self.starts.of(self.shared, entry);
            let seen = (self.shared, projector);
            let projected = start.and_then(|start| project(seen, (log, start), entry, &mut view));
            if let Err(fault) = projected {
                views.fail(&fault);
                return;
            }
        }
    }
}

/// Projects an entry unless another one has its name; a panic is a fault of the projector.
pub(crate) fn project(
    (shared, projector): (&Shared, &dyn Projector),
    (log, start): (&LogName, Option<&Entry>),
    entry: &Entry,
    view: &mut Working<'_>,
) -> Result<(), Fault> {
    if shared.is_forged(&entry.dot()) {
        return Ok(());
    }
    catch_unwind(AssertUnwindSafe(|| projector.project(log, start, entry, view)))
        .unwrap_or(Err(Fault::Panicked("the projector")))
}

fn without((first, last): (u64, u64), taken: (u64, u64)) -> impl Iterator<Item = (u64, u64)> {
    let (taken_first, taken_last) = taken;
    let before = (first, last.min(taken_first.saturating_sub(1)));
    let after = (first.max(taken_last + 1), last);
    let apart = last < taken_first || taken_last < first;
    let runs = if apart { [Some((first, last)), None] } else { [Some(before), Some(after)] };
    runs.into_iter().flatten().filter(|(first, last)| first <= last)
}
