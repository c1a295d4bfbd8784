//! One connection at the hub: a body comes in, the machine works, an answer goes out.

use journal::{BranchHead, EntryId, LogName};
use protocol::{Hub, HubInput, HubOutput, Message, Standing, split_first};

use crate::office::Office;

/// One connection at the hub.
#[derive(Debug)]
pub(crate) struct Visit {
    machine: Hub,
    body: Vec<u8>,
    read: usize,
    /// Whether the body came to its end, and the machine was told so.
    is_whole: bool,
    has_ended: bool,
    asked: Vec<BranchHead>,
    /// How many commits succeed before the disk fails.
    commits_left: usize,
    is_unknown: bool,
    said: Vec<u8>,
}

impl Visit {
    pub(crate) fn new(body: Vec<u8>) -> Self {
        Self {
            machine: Hub::new(),
            body,
            read: 0,
            is_whole: true,
            has_ended: false,
            asked: Vec::new(),
            commits_left: usize::MAX,
            is_unknown: false,
            said: Vec::new(),
        }
    }

    /// The connection breaks at this byte.
    pub(crate) fn cut_at(mut self, byte: usize) -> Self {
        self.body.truncate(byte);
        self.is_whole = false;
        self
    }

    pub(crate) const fn with_commits(mut self, commits: usize) -> Self {
        self.commits_left = commits;
        self
    }

    pub(crate) const fn of_an_unknown_device(mut self) -> Self {
        self.is_unknown = true;
        self
    }

    /// Does one thing; returns whether there was anything left to do.
    pub(crate) fn step(&mut self, office: &mut Office) -> Result<bool, String> {
        if let Some(output) = self.machine.poll() {
            if let Some(input) = self.perform(output, office)? {
                self.machine.handle(input);
            }
            return Ok(true);
        }
        let rest = self.body.get(self.read..).unwrap_or_default();
        if let Some((message, length)) = split_first(rest).map_err(|error| error.to_string())? {
            self.read += length;
            self.machine.handle(HubInput::Received(message));
            return Ok(true);
        }
        if self.is_whole && !self.has_ended {
            self.has_ended = true;
            self.machine.handle(HubInput::Ended);
            return Ok(true);
        }
        Ok(false)
    }

    /// Does everything that is left and returns the answer.
    pub(crate) fn finish(mut self, office: &mut Office) -> Result<Vec<u8>, String> {
        while self.step(office)? {}
        self.answer()
    }

    /// Returns the answer of a visit that is over.
    pub(crate) fn answer(self) -> Result<Vec<u8>, String> {
        if self.has_ended && !self.machine.is_done() {
            return Err("the hub's machine waits for something that never comes".to_owned());
        }
        Ok(self.said)
    }

    fn perform(
        &mut self,
        output: HubOutput,
        office: &mut Office,
    ) -> Result<Option<HubInput>, String> {
        let logs = &office.disk.now().logs;
        let input = match output {
            HubOutput::Look(hello) => {
                self.asked.clone_from(&hello.heads);
                let standing = office.standing(&hello);
                HubInput::Standing(if self.is_unknown { Standing::Unknown } else { standing })
            }
            HubOutput::Ids(asked) => {
                let ids = |(log, seq): &(LogName, u64)| match logs.get(log) {
                    Some(shelf) => shelf.ids_at(*seq),
                    None if *seq == 0 => vec![EntryId(log.id().0)],
                    None => Vec::new(),
                };
                HubInput::Ids(asked.iter().map(ids).collect())
            }
            HubOutput::Load { log, head, has, bytes } => {
                let frames = logs.get(&log).map(|shelf| shelf.load(head, 1, &has, bytes));
                HubInput::Loaded(frames.unwrap_or_default())
            }
            HubOutput::Quarantine(_) => return Err("nobody is revoked in this world".to_owned()),
            HubOutput::Keep(keep) => HubInput::Kept(self.commit(|| office.keep(*keep))),
            HubOutput::Receipt { device, above } => {
                let asked = std::mem::take(&mut self.asked);
                let receipt = self.commit(|| office.receipt(device, above, &asked));
                HubInput::Receipted(receipt.map(Box::new))
            }
            HubOutput::SetBack(receipt) => {
                HubInput::Answered(self.commit(|| office.answer_for_receipt(&receipt)))
            }
            HubOutput::Send(message) => {
                Message::write_to(&message, &mut self.said).map_err(|error| error.to_string())?;
                return Ok(None);
            }
        };
        Ok(Some(input))
    }

    fn commit<T>(&mut self, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
        let left = self.commits_left.checked_sub(1);
        self.commits_left = left.ok_or("the disk is full")?;
        work()
    }
}
