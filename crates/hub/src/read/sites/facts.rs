//! What is known around devices: forks, entries that are missing, quarantine, refusals, silence.

use std::collections::BTreeMap;

use journal::LogName;
use serde::Serialize;

use crate::db::{self, Conn, from_db};
use crate::limits::SITE_SILENT_DAYS;
use crate::read::time::written;
use crate::truth::Fault;
use crate::truth::devices::{Device, DeviceState, refusals};
use crate::truth::{logs, quarantine};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What is known around devices.
#[derive(Debug)]
pub struct DeviceFacts {
    by_key: BTreeMap<Vec<u8>, DeviceFact>,
    now_ms: i64,
}

/// What is known around one device.
#[derive(Clone, Debug, Default)]
pub struct DeviceFact {
    /// Logs of it that have more than one branch.
    pub forks: u64,
    /// Entries that a later epoch names and that never arrived.
    pub gaps: u64,
    /// Entries that were set aside since its key was revoked.
    pub quarantined: u64,
    /// What was refused of it.
    pub refused: Vec<RefusalView>,
    /// Whole days since it was last heard, or let in; none once it is revoked.
    pub silent_days: Option<u64>,
}

/// Something that was refused of a device.
#[derive(Clone, Debug, Serialize)]
pub struct RefusalView {
    /// Why, in a word.
    pub why: String,
    /// Why, for a person.
    pub words: String,
    /// When it was last refused.
    pub at: String,
    /// How often.
    pub times: u64,
}

impl DeviceFact {
    /// Whether nothing was heard for so long that somebody should ask.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.silent_days.is_some_and(|days| from_db(SITE_SILENT_DAYS) <= days)
    }
}

impl DeviceFacts {
    /// Reads what is known around all devices.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be read.
    pub async fn read(conn: &mut Conn, now_ms: i64) -> Result<Self, Fault> {
        let mut by_key: BTreeMap<Vec<u8>, DeviceFact> = BTreeMap::new();
        let forks = "SELECT f.device, COUNT(*) FROM (SELECT device, log_id FROM log \
                     GROUP BY device, log_id HAVING 1 < COUNT(*)) AS f GROUP BY f.device";
        let forks: Vec<(Vec<u8>, i64)> = db::query_as(forks).fetch_all(conn).await?;
        for (device, count) in forks {
            by_key.entry(device).or_default().forks = from_db(count);
        }
        for (device, count) in gaps(conn).await? {
            let gaps = &mut by_key.entry(device).or_default().gaps;
            *gaps = gaps.saturating_add(count);
        }
        for item in quarantine::list(conn).await? {
            if item.released.is_none() {
                let fact = by_key.entry(item.log.device.0.to_vec()).or_default();
                fact.quarantined += item.last - item.first + 1;
            }
        }
        for (device, refusal) in refusals::all(conn).await? {
            let refusals::Refusal { why, words, last_ms, times, .. } = refusal;
            let refused = RefusalView { why, words, at: written(last_ms), times };
            by_key.entry(device).or_default().refused.push(refused);
        }
        Ok(Self { by_key, now_ms })
    }

    /// Returns what is known around one device.
    #[must_use]
    pub fn of(&self, device: &Device) -> DeviceFact {
        let fact = self.by_key.get(device.key.0.as_slice()).cloned().unwrap_or_default();
        let heard_ms = device.contact.as_ref().map_or(device.enrolled_ms, |last| last.at_ms);
        let days = from_db(self.now_ms.saturating_sub(heard_ms) / DAY_MS);
        let silent_days = (device.state == DeviceState::Active).then_some(days);
        DeviceFact { silent_days, ..fact }
    }
}

/// Entries that a later epoch says its device wrote, beyond what is held of the epoch before.
async fn gaps(conn: &mut Conn) -> Result<Vec<(Vec<u8>, u64)>, Fault> {
    let mut held: BTreeMap<LogName, u64> = BTreeMap::new();
    let mut named: BTreeMap<LogName, u64> = BTreeMap::new();
    for log in logs::all(conn).await? {
        if let Some(previous) = log.start.and_then(|start| start.previous) {
            for (lane, seq, _id) in previous.heads {
                let (device, epoch) = (log.name.device, previous.epoch);
                let before = named.entry(LogName { device, epoch, lane }).or_default();
                *before = seq.max(*before);
            }
        }
        let reaches = held.entry(log.name).or_default();
        *reaches = log.head.seq.max(*reaches);
    }
    let missing = |(log, last): (LogName, u64)| {
        let missing = last.saturating_sub(held.get(&log).copied().unwrap_or(0));
        (log.device.0.to_vec(), missing)
    };
    Ok(named.into_iter().map(missing).filter(|(_, missing)| 0 < *missing).collect())
}
