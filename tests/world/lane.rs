//! The writer of a log: makes entries, signs them, and puts them on a shelf.

use journal::{
    BootId, DeviceSecret, Draft, Epoch, EpochStart, Kind, LogName, PreviousEpoch, Seed, SiteCode,
    Stamp, Writer,
};

use crate::chance::Chance;
use crate::pen::Written;
use crate::shelf::Shelf;

/// Who writes, and what the clock of the machine says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Author<'a> {
    pub(crate) secret: &'a DeviceSecret,
    pub(crate) site: &'a SiteCode,
    /// Which of its epochs it is, from 1.
    pub(crate) count: u32,
    pub(crate) clock_ms: i64,
}

/// Writes entries to the end of a log, after the one that begins it.
pub(crate) fn write(
    shelf: &mut Shelf,
    author: Author<'_>,
    written: Vec<Written>,
    chance: &mut Chance,
) -> Result<(), String> {
    let mut end = shelf.end();
    let stamp =
        Stamp { claimed_ms: author.clock_ms, boot: BootId([1; 8]), boot_ms: chance.draw() % 1_000 };
    let start = if end.seq == 0 { Some(start(&shelf.log, author)?) } else { None };
    let drafts = start.into_iter().chain(written);
    let drafts = drafts.map(|(kind, payload)| Draft { kind, payload, stamp, receipt: 0 });
    let seeds = [Seed(chance.bytes()), Seed(chance.bytes())];
    let mut writer = Writer::resume(shelf.log.clone(), end);
    for frame in writer.append(drafts.collect(), &seeds, author.secret) {
        let entries = frame.rebuild(end.id).map_err(|fault| fault.to_string())?;
        shelf.keep(frame, entries, end.id)?;
        end = shelf.end();
    }
    Ok(())
}

fn start(log: &LogName, author: Author<'_>) -> Result<Written, String> {
    let previous =
        (1 < author.count).then(|| PreviousEpoch { epoch: Epoch([0; 8]), heads: Vec::new() });
    let start = EpochStart {
        site: author.site.clone(),
        predecessors: Vec::new(),
        opened_at_ms: author.clock_ms,
        count: author.count,
        previous,
        abandoned: None,
    };
    debug_assert!(log.device == author.secret.public(), "a device writes its own logs");
    Ok((Kind::EPOCH_START, start.to_payload().map_err(|error| error.to_string())?))
}
