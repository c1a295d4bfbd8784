//! Appending to a log of this device: decide, write, sign, on the storage thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use journal::limits::PAYLOAD_BYTES_MAX;
use journal::{DeviceSecret, Dot, Draft, EntryId, LogName, Seed, Writer};

use crate::batch::{Batch, Logs, Sound};
use crate::fault::{AppendError, Fault};
use crate::project::Lookup;

/// Lets `decide` see how things stand and stages what it wants written.
pub(crate) fn append<T, E>(
    batch: &mut Batch<'_>,
    secret: &DeviceSecret,
    name: &LogName,
    decide: impl FnOnce(&dyn Lookup, &Logs<'_>) -> Result<(Vec<Draft>, T), E>,
) -> Result<(Vec<Dot>, T), AppendError<E>> {
    if secret.public() != name.device {
        return Err(AppendError::NotOurs(name.clone()));
    }
    let log = name.id();
    if batch.shared.index().log(&log).is_some_and(|log| log.closed) {
        return Err(AppendError::Closed(name.clone()));
    }
    let (view, logs) = batch.look();
    let decided = catch_unwind(AssertUnwindSafe(|| decide(&view, &logs)))
        .map_err(|_panic| AppendError::NotSaved(Fault::Panicked("a decision")))?;
    let (drafts, value) = decided.map_err(AppendError::Refused)?;
    let large = drafts.iter().map(|draft| draft.payload.len()).find(|len| PAYLOAD_BYTES_MAX < *len);
    if let Some(len) = large {
        return Err(AppendError::TooLarge(len));
    }
    let dots = write(batch, secret, name, drafts).map_err(AppendError::NotSaved)?;
    Ok((dots, value))
}

fn write(
    batch: &mut Batch<'_>,
    secret: &DeviceSecret,
    name: &LogName,
    drafts: Vec<Draft>,
) -> Result<Vec<Dot>, Fault> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let log = name.id();
    let needed = Writer::seeds_needed(drafts.len());
    let seeds: Vec<Seed> = (0..needed).map(|_| batch.entropy.seed()).collect::<Result<_, _>>()?;
    let head = batch.head(&log);
    let mut writer = match batch.writers.remove(&log) {
        Some(writer) if writer.head() == head => writer,
        Some(_) | None => Writer::resume(name.clone(), head),
    };
    let mut prev = head.id;
    let mut written = Vec::new();
    for frame in writer.append(drafts, &seeds, secret) {
        let bytes = frame.to_bytes().map_err(|error| unwritable(name, &error.to_string()))?;
        let entries = frame.rebuild(prev);
        let entries = entries.map_err(|fault| unwritable(name, &fault.to_string()))?;
        let last: EntryId = entries.last().map_or(prev, |entry| entry.id);
        written.push(Sound { frame, prev, entries, bytes });
        prev = last;
    }
    batch.writers.insert(log, writer);
    let mut dots = Vec::new();
    for sound in written {
        dots.extend(sound.entries.iter().map(journal::Entry::dot));
        let run = (sound.frame.first, sound.frame.last());
        batch.stage(sound, vec![run]);
    }
    Ok(dots)
}

fn unwritable(name: &LogName, why: &str) -> Fault {
    Fault::Damaged(format!("the next frame of log {}: {why}", name.id()))
}
