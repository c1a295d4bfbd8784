//! The views: rows that the projector made of entries, in sled, never the only copy of anything.
//!
//! Each row carries a checksum, and one row a digest over all others, written in the same batch:
//! so a row that sled lost or altered without a word is found at the next opening. A row per log
//! says up to which entry it was projected.

pub(crate) mod opening;
mod row;
mod working;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use journal::{EntryId, LogId, LogName, codec};
use serde::{Deserialize, Serialize};

pub(crate) use self::row::{Digest, Key, Table, bounds, prefix_bounds, value};
use self::row::{Kind, Opened};
pub(crate) use self::working::{Pending, Working};
use crate::fault::Fault;
use crate::limits::ROW_BYTES_MAX;

/// The views of a store.
#[derive(Debug)]
pub(crate) struct Views {
    /// `None` where sled could not be opened even from nothing.
    db: Option<sled::Db>,
    digest: Mutex<Digest>,
    /// Keeps a reader from seeing half of a batch.
    gate: RwLock<()>,
    status: Mutex<Status>,
}

/// How far the views can be trusted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    Ready,
    Rebuilding,
    Broken(String),
}

/// Up to where a log was projected.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) name: LogName,
    /// The number of the last entry held.
    pub(crate) seq: u64,
    /// Its id, which through the chain stands for all before it.
    pub(crate) id: EntryId,
    /// How many entries were projected; fewer than `seq` where some are lost.
    pub(crate) count: u64,
}

impl Views {
    pub(crate) fn new(db: Option<sled::Db>, digest: Digest, status: Status) -> Self {
        Self { db, digest: Mutex::new(digest), gate: RwLock::new(()), status: Mutex::new(status) }
    }

    /// Returns how far the views can be trusted.
    pub(crate) fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says that the views are complete.
    pub(crate) fn complete(&self) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        if *status == Status::Rebuilding {
            *status = Status::Ready;
        }
    }

    /// Says that the views can't be used until the next opening.
    pub(crate) fn fail(&self, fault: &Fault) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*status, Status::Broken(_)) {
            tracing::error!(%fault, "the views are unusable until the next start");
            *status = Status::Broken(fault.to_string());
        }
    }

    /// Returns an error unless the views are complete.
    pub(crate) fn ready(&self) -> Result<(), Fault> {
        match self.status() {
            Status::Ready => Ok(()),
            Status::Rebuilding => Err(Fault::Rebuilding),
            Status::Broken(why) => Err(Fault::Views(why)),
        }
    }

    /// Returns an error if the views are broken; they may be incomplete.
    pub(crate) fn usable(&self) -> Result<(), Fault> {
        match self.status() {
            Status::Ready | Status::Rebuilding => Ok(()),
            Status::Broken(why) => Err(Fault::Views(why)),
        }
    }

    /// Returns a row's value.
    pub(crate) fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.guard(|db| {
            let _whole = self.whole();
            let key = Key::row(table, key);
            let Some(raw) = db.get(&key.0).map_err(Fault::sled)? else { return Ok(None) };
            value(db, &key, &raw).map(Some)
        })
    }

    /// Runs `work` on sled; a panic or an error in it makes the views unusable.
    pub(crate) fn guard<T>(
        &self,
        work: impl FnOnce(&sled::Db) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let Some(db) = &self.db else { return self.usable().and(Err(Fault::Rebuilding)) };
        let done = catch_unwind(AssertUnwindSafe(|| work(db)))
            .unwrap_or_else(|_panic| Err(Fault::Panicked("sled")));
        if let Err(fault) = &done {
            self.fail(fault);
        }
        done
    }

    /// Keeps batches from being applied while the guard lives.
    pub(crate) fn whole(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies what a group projected, in one batch.
    pub(crate) fn apply(
        &self,
        pending: &Pending,
        progress: &BTreeMap<LogId, Progress>,
    ) -> Result<(), Fault> {
        self.change(|change| {
            for ((table, key), value) in pending.rows() {
                change.row(*table, key, value.as_deref())?;
            }
            for (log, progress) in progress {
                let value = codec::encode(progress, ROW_BYTES_MAX)
                    .map_err(|error| Fault::Views(error.to_string()))?;
                change.put(&Key::progress(log), Kind::Whole, &value)?;
            }
            Ok(())
        })
    }

    /// Applies what was projected of a file that stands beside the journal.
    pub(crate) fn apply_beside(&self, pending: &Pending, progress: &Progress) -> Result<(), Fault> {
        self.change(|change| {
            for ((table, key), value) in pending.rows() {
                change.row(*table, key, value.as_deref())?;
            }
            let value = codec::encode(progress, ROW_BYTES_MAX)
                .map_err(|error| Fault::Views(error.to_string()))?;
            let key = Key::beside(&progress.id);
            change.put(&key, Kind::Whole, &value).map(|_before| ())
        })
    }

    /// Returns whether the file beside the journal that ends with this entry was projected.
    pub(crate) fn has_projected(&self, last: &EntryId) -> Result<bool, Fault> {
        self.guard(|db| {
            let _whole = self.whole();
            db.contains_key(&Key::beside(last).0).map_err(Fault::sled)
        })
    }

    /// Writes the projector's version into views that are empty.
    pub(crate) fn begin(&self, version: u32) -> Result<(), Fault> {
        let version = version.to_be_bytes();
        self.change(|change| change.put(&Key::version(), Kind::Whole, &version).map(|_before| ()))
    }

    /// Empties the views, which are incomplete from then on.
    pub(crate) fn empty(&self, version: u32) -> Result<(), Fault> {
        self.usable()?;
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = Status::Rebuilding;
        self.guard(|db| {
            let mut digest = self.digest.lock().unwrap_or_else(PoisonError::into_inner);
            let _alone = self.gate.write().unwrap_or_else(PoisonError::into_inner);
            db.clear().map_err(Fault::sled)?;
            *digest = Digest::default();
            Ok(())
        })?;
        self.begin(version)
    }

    fn change(&self, fill: impl FnOnce(&mut Change<'_>) -> Result<(), Fault>) -> Result<(), Fault> {
        self.guard(|db| {
            let mut digest = self.digest.lock().unwrap_or_else(PoisonError::into_inner);
            let mut change = Change { db, batch: sled::Batch::default(), digest: *digest };
            fill(&mut change)?;
            let Change { mut batch, digest: after, .. } = change;
            let key = Key::digest();
            let raw = row::seal(&key, Kind::Whole, &after.to_bytes());
            batch.insert(key.0, raw);
            let _alone = self.gate.write().unwrap_or_else(PoisonError::into_inner);
            db.apply_batch(batch).map_err(Fault::sled)?;
            *digest = after;
            Ok(())
        })
    }

    /// Returns the digest of all rows as it should be.
    pub(crate) fn digest(&self) -> Digest {
        *self.digest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands what sled holds to the operating system.
    pub(crate) fn flush(&self) {
        let flushed = self.guard(|db| db.flush().map_err(Fault::sled));
        if let Err(fault) = flushed {
            tracing::warn!(%fault, "the views were not flushed; they will be caught up");
        }
    }
}

/// Reads a row that says up to where something was projected.
fn progress(data: &[u8]) -> Result<Progress, Fault> {
    codec::decode(data, ROW_BYTES_MAX)
        .map_err(|error| Fault::Damaged(format!("the views: {error}")))
}

/// A batch in the making, and the digest after it.
struct Change<'a> {
    db: &'a sled::Db,
    batch: sled::Batch,
    digest: Digest,
}

impl Change<'_> {
    fn row(&mut self, table: Table, key: &[u8], value: Option<&[u8]>) -> Result<(), Fault> {
        let key = Key::row(table, key);
        let parts: Vec<&[u8]> = match value {
            Some(value) if ROW_BYTES_MAX < value.len() => value.chunks(ROW_BYTES_MAX).collect(),
            Some(_) | None => Vec::new(),
        };
        let count = row::part_count(parts.len())?;
        let before = match value {
            None => self.remove(&key)?,
            Some(value) if parts.is_empty() => self.put(&key, Kind::Whole, value)?,
            Some(_) => self.put(&key, Kind::Parts, &count.to_be_bytes())?,
        };
        for (number, part) in (0..count).zip(&parts) {
            self.put(&key.part(number), Kind::Whole, part)?;
        }
        for number in count..before {
            self.remove(&key.part(number))?;
        }
        Ok(())
    }

    /// Returns how many parts the row had before.
    fn put(&mut self, key: &Key, kind: Kind, data: &[u8]) -> Result<u16, Fault> {
        let before = self.forget(key)?;
        let raw = row::seal(key, kind, data);
        self.digest.add(&raw);
        self.batch.insert(key.0.as_slice(), raw);
        Ok(before)
    }

    fn remove(&mut self, key: &Key) -> Result<u16, Fault> {
        self.batch.remove(key.0.as_slice());
        self.forget(key)
    }

    fn forget(&mut self, key: &Key) -> Result<u16, Fault> {
        let Some(raw) = self.db.get(&key.0).map_err(Fault::sled)? else { return Ok(0) };
        self.digest.subtract(&raw);
        match row::open(key, &raw)? {
            Opened { kind: Kind::Parts, data } => row::part_count_of(key, data),
            Opened { kind: Kind::Whole, .. } => Ok(0),
        }
    }
}

impl Fault {
    pub(crate) fn sled(error: sled::Error) -> Self {
        Self::Views(error.to_string())
    }
}
