//! Appending to a log of this device: decide, write, sign, on the storage thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use journal::limits::PAYLOAD_BYTES_MAX;
use journal::{DeviceSecret, Dot, Draft, LogName, Seed, Writer};

use crate::batch::{Batch, Logs};
use crate::fault::{AppendError, Fault};
use crate::project::Lookup;
use crate::staged::Unsigned;

/// Lets `decide` see how things stand and stages what it wants written.
pub(crate) fn append<T, E>(
    batch: &mut Batch<'_>,
    secret: &Arc<DeviceSecret>,
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
    secret: &Arc<DeviceSecret>,
    name: &LogName,
    drafts: Vec<Draft>,
) -> Result<Vec<Dot>, Fault> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let log = name.id();
    let head = batch.head(&log);
    let mut writer = match batch.writers.remove(&log) {
        Some(writer) if writer.head() == head => writer,
        Some(_) | None => Writer::resume(name.clone(), head),
    };
    let lacking = writer.seeds_lacking(drafts.len());
    let seeds: Vec<Seed> = (0..lacking).map(|_| batch.entropy.seed()).collect::<Result<_, _>>()?;
    let mut prev = head.id;
    let mut written = Vec::new();
    for (frame, head) in writer.chain(drafts, &seeds) {
        let entries = frame.rebuild(prev);
        let entries = entries.map_err(|fault| unwritable(name, &fault.to_string()))?;
        written.push((Unsigned { frame, prev, head, secret: Arc::clone(secret) }, entries));
        prev = head.id;
    }
    batch.writers.insert(log, writer);
    let mut dots = Vec::new();
    for (frame, entries) in written {
        dots.extend(entries.iter().map(journal::Entry::dot));
        batch.stage_own(frame, &entries);
    }
    Ok(dots)
}

fn unwritable(name: &LogName, why: &str) -> Fault {
    Fault::Damaged(format!("the next frame of log {}: {why}", name.id()))
}
