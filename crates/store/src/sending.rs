//! What is to be sent: frames that lead to the end of a branch, and how much waits on each stretch.

use journal::{EntryId, Frame, Head, LogName, ShortId};

use crate::fault::Fault;
use crate::path::Stretch;
use crate::store::Store;

impl Store {
    /// Returns durable frames that lead to the entry `head`: from entry `from` on, and after the
    /// last one that `head` has in common with any of those named in `has`; about `max_bytes` of
    /// them but at least one.
    ///
    /// A frame ends where its signature is, so the last one before two branches part may go past
    /// that place.
    ///
    /// # Errors
    ///
    /// Returns why the first can't be read.
    pub fn frames_to(
        &self,
        log: &LogName,
        head: Head,
        (from, has): (u64, &[(u64, ShortId)]),
        max_bytes: usize,
    ) -> Result<Vec<Frame>, Fault> {
        let Some(way) = self.way(log, head)? else { return Ok(Vec::new()) };
        let from = from.max(self.common(log, &way, has)? + 1);
        let stretch = way.iter().find(|stretch| from <= stretch.last);
        match stretch {
            None => Ok(Vec::new()),
            Some(Stretch { branch: None, last }) => {
                let mut frames = self.frames(log, from, max_bytes)?;
                let leading = frames.iter().take_while(|frame| frame.first <= *last).count();
                frames.truncate(leading);
                Ok(frames)
            }
            Some(Stretch { branch: Some(branch), last }) => {
                self.frames_beside(log, *branch, (from, *last), max_bytes)
            }
        }
    }

    fn frames_beside(
        &self,
        log: &LogName,
        branch: EntryId,
        (from, last): (u64, u64),
        max_bytes: usize,
    ) -> Result<Vec<Frame>, Fault> {
        let branches = self.shared().branches();
        let mut of_log = branches.of(&log.id()).iter();
        let Some(branch) = of_log.find(|it| it.id_of_first() == Some(branch)) else {
            return Ok(Vec::new());
        };
        let (mut frames, mut bytes) = (Vec::<Frame>::new(), 0);
        for read in branches.frames(branch, from) {
            let frame = match read {
                Ok(frame) => frame,
                Err(_) if !frames.is_empty() => break,
                Err(fault) => return Err(fault),
            };
            let Some(frame) = frame.starting_at(from.max(branch.first)) else { continue };
            bytes += frame.size();
            if last < frame.first || (!frames.is_empty() && max_bytes < bytes) {
                break;
            }
            frames.push(frame);
        }
        Ok(frames)
    }

    /// Returns how many entries, and about how many bytes, each stretch of a log has after those
    /// that are `held`: of a stretch that is not among them all.
    #[must_use]
    pub fn waiting_beyond(&self, log: &LogName, held: &[Stretch]) -> (u64, u64) {
        let after = |branch: Option<EntryId>| {
            let held = held.iter().filter(|stretch| stretch.branch == branch);
            held.map(|stretch| stretch.last).max()
        };
        let (mut entries, mut bytes) = self.waiting(log, after(None).unwrap_or(0));
        for branch in self.shared().branches().of(&log.id()) {
            let after = after(branch.id_of_first()).unwrap_or(0).max(branch.first - 1);
            let (all, waits) =
                (branch.last() + 1 - branch.first, branch.last().saturating_sub(after));
            entries += waits;
            bytes += branch.bytes() * waits / all.max(1);
        }
        (entries, bytes)
    }
}
