//! A device's lives: when the next one is opened, and what its first entry says of the one before.
//!
//! A log whose end is lost is never continued, since a position would be used twice. So a machine
//! that was restored, or that finds that the hub holds more of its log than it does itself, goes on
//! in new logs; what stands in the old ones counts as before.

use std::convert::Infallible;

use journal::codec;
use journal::{Draft, Epoch, EpochStart, Kind, LogName, PreviousEpoch, SiteCode};
use store::{AppendError, Fault, Store};

use super::{EPOCH_FILE, Identity, IdentityError, random};
use crate::sync::Ledger;

/// The epoch before, as the first entry of the next one names it.
#[derive(Clone, Debug)]
pub(super) struct Before {
    /// Which of the device's epochs it was, from 1.
    pub(super) count: u32,
    /// The site the device belonged to, where that is known.
    pub(super) site: Option<SiteCode>,
    /// Its name and where its logs ended.
    pub(super) epoch: PreviousEpoch,
}

impl Identity {
    /// Opens the device's next epoch. When this returns its first entry is durable, and nothing
    /// else was written in it.
    ///
    /// # Errors
    ///
    /// Returns [`IdentityError`] if it can't be written.
    pub fn next_epoch(&self, store: &Store) -> Result<Self, IdentityError> {
        let next = Self { epoch: Self::fresh_epoch(store)?, ..self.clone() };
        next.open_log(store)?;
        Ok(next)
    }

    /// Draws the name of the next epoch and keeps it.
    pub(super) fn fresh_epoch(store: &Store) -> Result<Epoch, IdentityError> {
        let epoch: [u8; 8] = random()?;
        let damaged = |source| IdentityError::Damaged { file: EPOCH_FILE, source };
        let bytes = codec::encode(&epoch, 8).map_err(damaged)?;
        store.local().write(EPOCH_FILE, &bytes)?;
        Ok(Epoch(epoch))
    }

    /// Returns why the present epoch must not be continued, if so: its end is lost here, or an
    /// entry that the hub does not hold is, so that nothing behind it can be brought there.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the journal can't be read.
    pub fn lost_memory(&self, store: &Store, ledger: &Ledger) -> Result<Option<String>, Fault> {
        let ours = |log: &LogName| log.device == self.device() && log.epoch == self.epoch;
        for (log, head) in store.heads().into_iter().filter(|(log, _)| ours(log)) {
            if store.is_closed(&log) {
                let words = format!("{} lost what stood after entry {}", log.lane, head.seq);
                return Ok(Some(words));
            }
            if let Some((first, last)) = ledger.gap(store, &log) {
                let words = format!("{} lost entries {first} to {last} unsent", log.lane);
                return Ok(Some(words));
            }
        }
        let receipt = ledger.last_receipt();
        let heads = receipt.iter().flat_map(|receipt| &receipt.heads);
        for head in heads.filter(|head| ours(&head.log)) {
            let (lane, seq) = (&head.log.lane, head.seq);
            let here = store.ids_at(&head.log, seq)?;
            if here.iter().any(|id| id.short() == head.id) {
                continue;
            }
            let words = match here.first() {
                Some(_other) => {
                    format!("the hub acknowledged another entry {seq} of {lane} than is here")
                }
                None => {
                    let last = store.head(&head.log).seq;
                    format!(
                        "the hub acknowledged {lane} to entry {seq}, and here it ends at {last}"
                    )
                }
            };
            return Ok(Some(words));
        }
        Ok(None)
    }

    /// Returns which of the device's epochs this is.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the journal can't be read.
    pub fn epoch_count(&self, store: &Store) -> Result<u32, Fault> {
        Ok(start(store, &self.site_log())?.map_or(1, |start| start.count))
    }

    /// Returns the epoch before this one, if the journal knows of one.
    pub(super) fn before(&self, store: &Store) -> Result<Option<Before>, Fault> {
        let mut before: Option<Before> = None;
        for (log, head) in store.heads() {
            if log.device != self.device() || log.epoch == self.epoch {
                continue;
            }
            let start = start(store, &log)?;
            let count = start.as_ref().map_or(1, |start| start.count);
            let place = (log.lane, head.seq, head.id);
            match &mut before {
                Some(found) if found.epoch.epoch == log.epoch => {
                    found.epoch.heads.push(place);
                    found.count = found.count.max(count);
                }
                Some(found) if count <= found.count => {}
                Some(_) | None => {
                    let epoch = PreviousEpoch { epoch: log.epoch, heads: vec![place] };
                    before = Some(Before { count, site: start.map(|start| start.site), epoch });
                }
            }
        }
        Ok(before)
    }
}

/// Returns what a log's first entry says; none where that is not held.
fn start(store: &Store, log: &LogName) -> Result<Option<EpochStart>, Fault> {
    let first = store.entries(log, 1, 1)?;
    let payload = first.first().filter(|entry| entry.header.kind == Kind::EPOCH_START);
    Ok(payload.and_then(|entry| EpochStart::from_payload(entry.bytes()?).ok()))
}

/// Appends the first entries of a log, unless it has some.
pub(super) fn begin(
    identity: &Identity,
    store: &Store,
    log: &LogName,
    drafts: Vec<Draft>,
) -> Result<(), IdentityError> {
    let name = log.clone();
    let decide = move |_: &dyn store::Lookup, logs: &store::Logs<'_>| {
        let is_new = logs.head(&name).seq == 0;
        Ok((if is_new { drafts } else { Vec::new() }, ()))
    };
    let appended: Result<_, AppendError<Infallible>> = store.append(&identity.secret, log, decide);
    appended.map(|_done| ()).map_err(|error| IdentityError::Log(error.to_string()))
}

#[cfg(test)]
mod tests;
