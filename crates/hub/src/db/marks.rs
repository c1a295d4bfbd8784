//! What was committed last, remembered outside the database: one that has lost it was set back.
//!
//! A server can lose what it called durable (a standby promoted without its last transactions), and
//! so can a file (a copy put back, a damaged end of its log). Whoever looks only inside can't see it.
//! Marks are looked for on each new connection and at the start. They may lag behind what was
//! committed, and never lead.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::{PgConnection, SqliteConnection};
use tokio::sync::watch;

use super::{Conn, Error, query_scalar, to_db};
use crate::limits::{MARKS, MARKS_ASKED};

/// Bytes of a mark in the file: whose, its turn, the mark, a checksum.
const SLOT: usize = 113;

/// Something that was committed: a receipt, or the end of one of the hub's own logs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mark {
    /// What it is.
    pub of: Marked,
    /// The device, or the log.
    pub owner: [u8; 32],
    /// The receipt's number, or that of the log's last entry.
    pub number: u64,
    /// Bytes of the receipt's signature, or the entry's id.
    pub proof: [u8; 32],
    /// The hub's epoch in which it was committed.
    pub epoch: [u8; 8],
}

/// What a mark is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Marked {
    /// A receipt.
    Receipt,
    /// An entry that ends a frame of the hub's own.
    Entry,
}

impl Marked {
    /// The statement that finds it: by owner, number and proof.
    const fn question(self) -> &'static str {
        match self {
            Self::Receipt => {
                "SELECT COUNT(*) FROM receipt WHERE device = $1 AND number = $2 \
                 AND substr(bytes, length(bytes) - 63, 32) = $3"
            }
            Self::Entry => {
                "SELECT COUNT(*) FROM frame WHERE last = $2 AND last_id = $3 \
                 AND log IN (SELECT id FROM log WHERE log_id = $1)"
            }
        }
    }
}

/// The database has lost what was committed: nothing is written until the hub's next epoch is open.
#[derive(Debug, thiserror::Error)]
#[error("the database was set back: the hub opens its next epoch first, try again")]
pub(super) struct WasSetBack;

/// The last things committed.
#[derive(Debug)]
pub struct Marks {
    inner: Mutex<Inner>,
    gone: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The newest last.
    ring: VecDeque<Mark>,
    /// How many there ever were.
    turn: u64,
    file: Option<(File, [u8; 8])>,
}

impl Default for Marks {
    fn default() -> Self {
        Self { inner: Mutex::default(), gone: watch::Sender::new(false) }
    }
}

impl Marks {
    /// Remembers marks in a file too, and takes those that stand there already. `whose` tells the
    /// marks of another hub in the same place.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read or made.
    pub fn keep_in(&self, path: &Path, whose: [u8; 8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = file.open(path)?;
        let mut bytes = vec![0; SLOT * MARKS];
        let mut filled = 0;
        while filled < bytes.len() {
            match file.read_at(bytes.get_mut(filled..).unwrap_or_default(), filled as u64)? {
                0 => break,
                read => filled += read,
            }
        }
        let mut found: Vec<(u64, Mark)> =
            bytes.chunks_exact(SLOT).filter_map(|slot| read_slot(slot, whose)).collect();
        found.sort_by_key(|(turn, _)| *turn);
        let mut inner = self.inner();
        inner.turn = found.last().map_or(0, |(turn, _)| *turn + 1);
        inner.ring = found.into_iter().map(|(_, mark)| mark).collect();
        inner.file = Some((file, whose));
        Ok(())
    }

    /// Remembers what was just committed.
    pub(super) fn committed(&self, marks: Vec<Mark>) {
        let mut inner = self.inner();
        for mark in marks {
            inner.push(mark);
        }
    }

    /// Returns whether the database was found to have lost something.
    pub(super) fn is_gone(&self) -> bool {
        *self.gone.borrow()
    }

    /// Returns what tells whether something was lost.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.gone.subscribe()
    }

    /// Returns the newest marks of each kind: what is lost first.
    fn newest(&self) -> Vec<Mark> {
        let inner = self.inner();
        let of = |kind| inner.ring.iter().rev().filter(move |mark| mark.of == kind);
        let receipts = of(Marked::Receipt).take(MARKS_ASKED);
        receipts.chain(of(Marked::Entry).take(MARKS_ASKED)).copied().collect()
    }

    /// Looks for the newest marks on a new connection to a file.
    ///
    /// # Errors
    ///
    /// Returns an error if the database can't be read.
    pub(super) async fn look_in_file(&self, conn: &mut SqliteConnection) -> Result<(), Error> {
        for mark in self.newest() {
            let query = sqlx::query_scalar(mark.of.question());
            let query = query.bind(mark.owner.to_vec()).bind(to_db(mark.number));
            self.heard(query.bind(mark.proof.to_vec()).fetch_one(&mut *conn).await?);
        }
        Ok(())
    }

    /// Looks for the newest marks on a new connection to a server.
    ///
    /// # Errors
    ///
    /// Returns an error if the database can't be read.
    pub(super) async fn look_on_server(&self, conn: &mut PgConnection) -> Result<(), Error> {
        for mark in self.newest() {
            let query = sqlx::query_scalar(mark.of.question());
            let query = query.bind(mark.owner.to_vec()).bind(to_db(mark.number));
            self.heard(query.bind(mark.proof.to_vec()).fetch_one(&mut *conn).await?);
        }
        Ok(())
    }

    fn heard(&self, found: i64) {
        if found == 0 {
            self.say_lost();
        }
    }

    /// Says that the database has lost something: nothing is written until that is answered for.
    pub fn say_lost(&self) {
        self.gone.send_if_modified(|gone| !std::mem::replace(gone, true));
    }

    /// Returns the marks that are not in the database, the newest first.
    ///
    /// # Errors
    ///
    /// Returns an error if the database can't be read.
    pub async fn missing(&self, conn: &mut Conn) -> Result<Vec<Mark>, Error> {
        let all: Vec<Mark> = self.inner().ring.iter().rev().copied().collect();
        missing(conn, all).await
    }

    /// Returns those of the newest marks that are not in the database.
    ///
    /// # Errors
    ///
    /// Returns an error if the database can't be read.
    pub async fn missing_of_the_newest(&self, conn: &mut Conn) -> Result<Vec<Mark>, Error> {
        missing(conn, self.newest()).await
    }

    /// Remembers these no longer: the hub has answered for their loss.
    pub fn forget(&self, lost: &[Mark]) {
        let mut inner = self.inner();
        let kept: Vec<Mark> =
            inner.ring.iter().filter(|mark| !lost.contains(mark)).copied().collect();
        if !lost.is_empty() {
            if let Some((file, _)) = &inner.file
                && let Err(error) = file.set_len(0)
            {
                tracing::warn!(%error, "what was committed last can't be forgotten");
            }
            inner.ring.clear();
            for mark in kept {
                inner.push(mark);
            }
        }
        self.gone.send_replace(false);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn push(&mut self, mark: Mark) {
        if self.ring.len() == MARKS {
            self.ring.pop_front();
        }
        self.ring.push_back(mark);
        let at = self.turn % MARKS as u64 * SLOT as u64;
        let turn = self.turn;
        self.turn += 1;
        // Not synced: a mark that a power cut takes only lags.
        if let Some((file, whose)) = &self.file
            && let Err(error) = file.write_all_at(&slot(&mark, turn, *whose), at)
        {
            tracing::warn!(%error, "what was committed last can't be noted");
        }
    }
}

async fn missing(conn: &mut Conn, marks: Vec<Mark>) -> Result<Vec<Mark>, Error> {
    let mut missing = Vec::new();
    for mark in marks {
        let found: i64 = query_scalar(mark.of.question())
            .bind(mark.owner)
            .bind(to_db(mark.number))
            .bind(mark.proof)
            .fetch_one(&mut *conn)
            .await?;
        if found == 0 {
            missing.push(mark);
        }
    }
    Ok(missing)
}

fn slot(mark: &Mark, turn: u64, whose: [u8; 8]) -> Vec<u8> {
    let kind = match mark.of {
        Marked::Receipt => 1,
        Marked::Entry => 2,
    };
    let mut bytes = Vec::with_capacity(SLOT);
    bytes.extend(whose);
    bytes.extend(turn.to_le_bytes());
    bytes.push(kind);
    bytes.extend(mark.owner);
    bytes.extend(mark.number.to_le_bytes());
    bytes.extend(mark.proof);
    bytes.extend(mark.epoch);
    bytes.extend(checksum(&bytes));
    bytes
}

/// Returns a mark and its turn; `None` of a slot that was never written, is torn, or is another's.
fn read_slot(slot: &[u8], whose: [u8; 8]) -> Option<(u64, Mark)> {
    let (said, sum) = slot.split_at_checked(SLOT - 16)?;
    if checksum(said) != sum {
        return None;
    }
    let (of, rest) = said.split_first_chunk::<8>()?;
    let (turn, rest) = rest.split_first_chunk::<8>()?;
    let (kind, rest) = rest.split_first()?;
    let (owner, rest) = rest.split_first_chunk::<32>()?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let (proof, epoch) = rest.split_first_chunk::<32>()?;
    let kind = match kind {
        1 => Marked::Receipt,
        2 => Marked::Entry,
        _ => return None,
    };
    let number = u64::from_le_bytes(*number);
    let mark =
        Mark { of: kind, owner: *owner, number, proof: *proof, epoch: epoch.try_into().ok()? };
    (*of == whose).then_some((u64::from_le_bytes(*turn), mark))
}

fn checksum(bytes: &[u8]) -> [u8; 16] {
    let hash = blake3::derive_key("ashuu 2026 mark checksum v1", bytes);
    let mut sum = [0; 16];
    sum.copy_from_slice(hash.split_at(16).0);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(number: u64) -> Mark {
        Mark { of: Marked::Entry, owner: [1; 32], number, proof: [2; 32], epoch: [3; 8] }
    }

    fn numbers(marks: &Marks) -> Vec<u64> {
        marks.inner().ring.iter().map(|mark| mark.number).collect()
    }

    #[test]
    fn the_newest_marks_outlive_the_process_and_a_torn_one_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen");
        let marks = Marks::default();
        marks.keep_in(&path, [7; 8]).unwrap();
        let many = MARKS as u64 + 10;
        marks.committed((0..many).map(mark).collect());
        let again = Marks::default();
        again.keep_in(&path, [7; 8]).unwrap();
        assert_eq!(numbers(&again), (10..many).collect::<Vec<_>>());
        again.committed(vec![mark(many)]);

        let mut bytes = std::fs::read(&path).unwrap();
        bytes[SLOT * 11 + 40] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let torn = Marks::default();
        torn.keep_in(&path, [7; 8]).unwrap();
        assert_eq!(numbers(&torn), (12..=many).collect::<Vec<_>>());

        let of_another = Marks::default();
        of_another.keep_in(&path, [8; 8]).unwrap();
        assert_eq!(numbers(&of_another), Vec::<u64>::new());
    }

    #[test]
    fn what_was_answered_for_is_forgotten_in_the_file_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen");
        let marks = Marks::default();
        marks.keep_in(&path, [7; 8]).unwrap();
        marks.committed((0..5).map(mark).collect());
        marks.say_lost();
        marks.forget(&[mark(3), mark(4)]);
        assert!(!marks.is_gone());
        let again = Marks::default();
        again.keep_in(&path, [7; 8]).unwrap();
        assert_eq!(numbers(&again), [0, 1, 2]);
    }
}
