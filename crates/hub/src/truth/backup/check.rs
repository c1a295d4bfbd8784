//! Trying a copy: whether it is whole, what it holds, and whether that is what was once received.

use std::collections::BTreeMap;
use std::path::Path;

use journal::{EntryId, Head};
use seal::{ItemsFault, SealFault};

use super::item::Cell;
use super::read::Backup;
use super::sound::{self, FrameRow};
use super::tables::Table;
use super::{BackupFault, item};
use crate::db::from_db;

/// What a copy holds.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What it begins with, if that can be read.
    pub head: Option<item::Head>,
    /// How many rows of each table were read.
    pub tables: BTreeMap<&'static str, u64>,
    /// What is wrong, a line each.
    pub damage: Vec<String>,
}

/// Reads a copy from end to end.
///
/// # Errors
///
/// Returns [`BackupFault`] if it can't be opened: it is no copy, or the passphrase is another one.
pub fn check(
    file: &Path,
    passphrase: &str,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Checked, BackupFault> {
    let mut backup = match Backup::open(file, passphrase, progress) {
        Ok(backup) => backup,
        Err(fault) if is_damage(&fault) => {
            let damage = vec![fault.to_string()];
            return Ok(Checked { head: None, tables: BTreeMap::new(), damage });
        }
        Err(fault) => return Err(fault),
    };
    let head = backup.head.clone();
    let hub = head.hub;
    let mut checked = Checked { head: Some(head), tables: BTreeMap::new(), damage: Vec::new() };
    let mut logs = Logs::default();
    let read = backup.key().and_then(|_secret| {
        backup.each(|table, row| {
            *checked.tables.entry(table.name).or_default() += 1;
            checked.damage.extend(sound::fault(&hub, table, row));
            logs.take(table, row);
        })
    });
    checked.damage.extend(logs.holes());
    match read {
        Ok(()) => Ok(checked),
        Err(fault) if is_damage(&fault) || matches!(fault, BackupFault::Refused { .. }) => {
            checked.damage.push(fault.to_string());
            Ok(checked)
        }
        Err(fault) => Err(fault),
    }
}

/// Returns whether a file is not what was sealed, under whatever passphrase.
const fn is_damage(fault: &BackupFault) -> bool {
    use ItemsFault::{Seal, TooLarge, Unfinished};

    matches!(
        fault,
        BackupFault::File { fault: Seal(SealFault::Altered { .. }) | Unfinished | TooLarge(_), .. }
    )
}

/// The chains of all logs: where each begins and ends, and its frames between.
#[derive(Default)]
struct Logs {
    ends: BTreeMap<i64, (Head, u64)>,
    frames: BTreeMap<i64, BTreeMap<i64, (i64, EntryId, EntryId)>>,
}

impl Logs {
    fn take(&mut self, table: &Table, row: &[Cell]) {
        if table.name == "frame"
            && let Ok(frame) = FrameRow::read(row)
        {
            let of_log = self.frames.entry(frame.log).or_default();
            of_log.insert(frame.first, (frame.last, frame.prev_id, frame.last_id));
        }
        let place = |name: &str| table.columns.iter().position(|column| column.0 == name);
        let number = |name| match place(name).and_then(|place| row.get(place)) {
            Some(Cell::Int(number)) => Some(*number),
            Some(_) | None => None,
        };
        let bytes = |name| match place(name).and_then(|place| row.get(place)) {
            Some(Cell::Bytes(bytes)) => bytes.as_slice().try_into().ok().map(EntryId),
            Some(_) | None => None,
        };
        if table.name == "log"
            && let (Some(id), Some(first), Some(head)) =
                (number("id"), number("first"), number("head_seq"))
            && let Some(prev) = bytes("prev_id")
        {
            let root = Head { seq: from_db(first).saturating_sub(1), id: prev };
            self.ends.insert(id, (root, from_db(head)));
        }
    }

    /// Names where entries are missing.
    fn holes(self) -> Vec<String> {
        let mut found = Vec::new();
        for (log, (root, end)) in self.ends {
            let mut head = root;
            for (first, (last, prev, last_id)) in self.frames.get(&log).into_iter().flatten() {
                if from_db(*first) != head.seq + 1 || *prev != head.id {
                    found.push(format!("log {log}: no entry follows {}", head.seq));
                }
                head = Head { seq: from_db(*last), id: *last_id };
            }
            if head.seq < end {
                found.push(format!("log {log}: it ends at {}, and should at {end}", head.seq));
            }
        }
        found
    }
}
