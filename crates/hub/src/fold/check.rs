//! The views against the logs: every record folded anew in memory and compared by hash.

use std::collections::BTreeMap;

use journal::DeviceKey;
use record::{RecordKey, State};

use super::{hashes, reviews, weigh};
use crate::db::{self, Conn, from_db};
use crate::truth::fault::damaged;
use crate::truth::frames::Arrived;
use crate::truth::{Fault, forks, frames, logs};

/// Entries read at once.
const STEP: usize = 500;

/// A record whose view is not what its entries come to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordFault {
    /// The record.
    pub key: RecordKey,
    /// What is wrong, and what to do.
    pub what: String,
}

/// Folds each branch up to its cursor and compares.
pub(super) async fn check(conn: &mut Conn, hub: &DeviceKey) -> Result<Vec<RecordFault>, Fault> {
    let mut anew: BTreeMap<RecordKey, Vec<u8>> = BTreeMap::new();
    let mut said = Vec::new();
    for log in logs::all(conn).await? {
        let folded = folded_to(conn, log.number).await?;
        let forged = forks::forged(conn, &log.name).await?;
        let mut from = log.first;
        while from <= folded {
            let entries = frames::entries_from(conn, &log, from, STEP).await?;
            let Some(last) = entries.last() else { break };
            let next = last.entry.header.seq + 1;
            let counts = |arrived: &&Arrived| {
                arrived.entry.header.seq <= folded && !forged.contains(&arrived.entry.dot())
            };
            for arrived in entries.iter().filter(counts) {
                said.extend(weigh::counting_act(&log, &arrived.entry, hub));
                if let Some(change) = weigh::counting_change(&log, &arrived.entry, hub) {
                    let bytes = anew.entry(change.record.clone()).or_default();
                    let mut state = read(&change.record, bytes)?;
                    state.apply(arrived.entry.dot(), &change);
                    *bytes = state.to_bytes();
                }
            }
            from = next;
        }
    }
    let shown = hashes(conn).await?.into_iter().collect();
    let mut faults = compare(&anew, &shown);
    faults.extend(reviews::check(conn, hub, said).await?);
    Ok(faults)
}

/// Returns how far a log is folded.
pub(super) async fn folded_to(conn: &mut Conn, log: i64) -> Result<u64, Fault> {
    let select = "SELECT seq FROM fold_cursor WHERE log = $1";
    let seq: Option<i64> = db::query_scalar(select).bind(log).fetch_optional(conn).await?;
    Ok(seq.map_or(0, from_db))
}

/// Reads a state of this check; most records have one entry, so few are read at all.
fn read(key: &RecordKey, bytes: &[u8]) -> Result<State, Fault> {
    if bytes.is_empty() {
        return Ok(State::new(key.clone()));
    }
    State::from_bytes(bytes).map_err(|_not_a_state| damaged("a record's fold"))
}

fn compare(
    anew: &BTreeMap<RecordKey, Vec<u8>>,
    shown: &BTreeMap<RecordKey, [u8; 32]>,
) -> Vec<RecordFault> {
    let fault = |key: &RecordKey, what: &str| RecordFault {
        key: key.clone(),
        what: format!("record {key} {what}: run `ashuu-hub rebuild`"),
    };
    let mut faults = Vec::new();
    for (key, bytes) in anew {
        let hash = read(key, bytes).map(|state| state.hash()).ok();
        match shown.get(key) {
            None => faults.push(fault(key, "is missing in the views")),
            Some(shown) if Some(*shown) != hash => {
                faults.push(fault(key, "differs from its entries"));
            }
            Some(_) => {}
        }
    }
    let extra = shown.keys().filter(|key| !anew.contains_key(key));
    faults.extend(extra.map(|key| fault(key, "has no entries")));
    faults
}
