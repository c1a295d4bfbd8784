//! Values of this device that a settled conflict did not keep: the person is told, once.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Dot, LogId};
use record::{Action, Change, Path, RecordKey, Told, Value, Write};

use super::{Lost, Task, TaskKind};
use crate::desk::Desk;
use crate::problem::Problem;
use crate::projector::{Records, Summary};

/// Every write to one place, with the change it is of.
type Writes<'a> = BTreeMap<Dot, (&'a Change, &'a Write)>;

/// Whether entries of this device and of others meet in a record.
pub(super) fn can_have(summary: &Summary, own: &BTreeSet<LogId>) -> bool {
    let ours = summary.dots.iter().filter(|dot| own.contains(&dot.log)).count();
    (1..summary.dots.len()).contains(&ours)
}

impl Desk {
    /// Returns what was not kept and nobody here was told of yet, each with what decided it.
    pub(in crate::desk) fn lost(
        &self,
        key: &RecordKey,
        summary: &Summary,
    ) -> Result<Vec<(Dot, Task)>, Problem> {
        let own = self.own_log_ids();
        if !can_have(summary, &own) {
            return Ok(Vec::new());
        }
        let acts = Records(&self.reader).acts(key)?;
        let told: BTreeSet<Dot> = acts
            .iter()
            .filter(|act| act.entry.action == Action::Seen && own.contains(&act.dot.log))
            .filter_map(|act| act.entry.answers)
            .collect();
        let mut changes = BTreeMap::new();
        for dot in &summary.dots {
            if let Some((entry, Told::Changed(change))) = self.told(dot)? {
                changes.insert(*dot, (entry.header.stamp.claimed_ms, change));
            }
        }
        let mut written: BTreeMap<&Path, Writes<'_>> = BTreeMap::new();
        for (dot, (_at, change)) in &changes {
            for write in &change.writes {
                written.entry(&write.path).or_default().insert(*dot, (change, write));
            }
        }
        let mut found = Vec::new();
        for (dot, (_at, change)) in &changes {
            if own.contains(&dot.log) || told.contains(dot) {
                continue;
            }
            for write in &change.writes {
                let here = written.get(&write.path);
                let Some(yours) = here.and_then(|here| lost(here, change, write, &own)) else {
                    continue;
                };
                let mut task = Task::about(key, summary, TaskKind::LostValue);
                let by = self.evidence_of(dot);
                (task.by, task.at) = (Some(by.author), Some(by.claimed_at));
                task.what.clone_from(&change.reason);
                task.lost = Some(Lost {
                    field: write.path.to_string(),
                    yours: yours.to_json(),
                    kept: write.value.to_json(),
                    dot: dot.to_string(),
                });
                found.push((*dot, task));
            }
        }
        Ok(found)
    }
}

/// Returns the own value that stood against others until `write` chose another one.
fn lost<'a>(
    here: &Writes<'a>,
    change: &Change,
    write: &Write,
    own: &BTreeSet<LogId>,
) -> Option<&'a Value> {
    let named: Vec<Dot> = replaced(change, write).filter(|dot| here.contains_key(dot)).collect();
    let older: BTreeSet<Dot> = named
        .iter()
        .filter_map(|dot| here.get(dot))
        .flat_map(|(change, write)| replaced(change, write))
        .collect();
    let stood: Vec<(Dot, &'a Value)> = named
        .iter()
        .filter(|dot| !older.contains(dot))
        .filter_map(|dot| here.get(dot).map(|(_change, write)| (*dot, &write.value)))
        .collect();
    let differ = stood.iter().any(|(_dot, value)| stood.first().is_some_and(|(_, it)| it != value));
    let ours = stood.iter().find(|(dot, value)| own.contains(&dot.log) && **value != write.value);
    ours.filter(|_it| differ).map(|(_dot, value)| *value)
}

fn replaced<'a>(change: &'a Change, write: &'a Write) -> impl Iterator<Item = Dot> + 'a {
    let at = |index: &u32| usize::try_from(*index).ok();
    write.replaces.iter().filter_map(move |index| change.seen.get(at(index)?).copied())
}
