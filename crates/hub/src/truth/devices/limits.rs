//! What a device may begin before an administrator must look at it: epochs and branches.
//!
//! A disk that is set back, or a machine that was copied, begins them without end; each costs every
//! other device of the site something.

use std::collections::BTreeMap;

use journal::DeviceKey;
use protocol::Bounds;
use protocol::limits::{BRANCHES_MAX, BRANCHES_PER_LOG_MAX, EPOCHS_PER_DAY_MAX};

use crate::db::{self, Conn};
use crate::limits::DEVICE_EPOCHS_MAX;
use crate::truth::Fault;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What every device may begin, unless its own limits say otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Epochs in all.
    pub epochs: u32,
    /// Epochs in 24 hours.
    pub epochs_per_day: u32,
    /// Branches of all its logs beyond the first of each.
    pub branches: u32,
    /// Branches of one log.
    pub branches_per_log: u32,
}

/// What an administrator lets one device begin; what is not said is as for all.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Raised {
    /// Epochs in all.
    pub epochs: Option<u32>,
    /// Epochs in 24 hours.
    pub epochs_per_day: Option<u32>,
    /// Branches of all its logs beyond the first of each; all of them may be of one log.
    pub branches: Option<u32>,
}

/// What a device has begun.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Begun {
    /// Epochs in all.
    pub epochs: u32,
    /// Epochs in the last 24 hours.
    pub epochs_today: u32,
    /// Branches of all its logs beyond the first of each.
    pub branches: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let number = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
        Self {
            epochs: DEVICE_EPOCHS_MAX,
            epochs_per_day: number(EPOCHS_PER_DAY_MAX),
            branches: number(BRANCHES_MAX),
            branches_per_log: number(BRANCHES_PER_LOG_MAX),
        }
    }
}

impl Limits {
    /// Returns what holds for a device for which this was raised.
    #[must_use]
    pub fn with(self, raised: Raised) -> Self {
        Self {
            epochs: raised.epochs.unwrap_or(self.epochs),
            epochs_per_day: raised.epochs_per_day.unwrap_or(self.epochs_per_day),
            branches: raised.branches.unwrap_or(self.branches),
            branches_per_log: match raised.branches {
                Some(branches) => branches.saturating_add(1),
                None => self.branches_per_log,
            },
        }
    }

    /// Returns what a device that has begun this may begin now.
    #[must_use]
    pub fn left(self, begun: Begun) -> Bounds {
        let today = self.epochs_per_day.saturating_sub(begun.epochs_today);
        let in_all = self.epochs.saturating_sub(begun.epochs);
        let number = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
        Bounds {
            branches_per_log: number(self.branches_per_log),
            branches: number(self.branches),
            new_epochs: number(today.min(in_all)),
        }
    }
}

/// Returns what an administrator lets a device begin.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn of(conn: &mut Conn, device: &DeviceKey) -> Result<Raised, Fault> {
    let select = "SELECT epochs_max, epochs_per_day_max, branches_max FROM device WHERE key = $1";
    type Columns = (Option<i64>, Option<i64>, Option<i64>);
    let row: Option<Columns> = db::query_as(select).bind(device.0).fetch_optional(conn).await?;
    let number = |limit: i64| u32::try_from(limit).unwrap_or(u32::MAX);
    let (epochs, per_day, branches) = row.unwrap_or_default();
    Ok(Raised {
        epochs: epochs.map(number),
        epochs_per_day: per_day.map(number),
        branches: branches.map(number),
    })
}

/// Sets what an administrator lets a device begin; what is not said stays.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn set(conn: &mut Conn, device: &DeviceKey, raised: Raised) -> Result<(), Fault> {
    let update = "UPDATE device SET epochs_max = COALESCE($2, epochs_max), \
                  epochs_per_day_max = COALESCE($3, epochs_per_day_max), \
                  branches_max = COALESCE($4, branches_max) WHERE key = $1";
    db::query(update)
        .bind(device.0)
        .bind(raised.epochs.map(i64::from))
        .bind(raised.epochs_per_day.map(i64::from))
        .bind(raised.branches.map(i64::from))
        .execute(conn)
        .await?;
    Ok(())
}

/// Returns what a device has begun.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn begun(conn: &mut Conn, device: &DeviceKey, now_ms: i64) -> Result<Begun, Fault> {
    let select = "SELECT log_id, epoch, begun_ms FROM log WHERE device = $1";
    let rows: Vec<(Vec<u8>, Vec<u8>, i64)> =
        db::query_as(select).bind(device.0).fetch_all(conn).await?;
    let mut epochs: BTreeMap<&[u8], i64> = BTreeMap::new();
    let mut logs = std::collections::BTreeSet::new();
    for (log, epoch, at_ms) in &rows {
        let first_ms = epochs.entry(epoch).or_insert(*at_ms);
        *first_ms = (*first_ms).min(*at_ms);
        logs.insert(log);
    }
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let today = |at_ms: &&i64| now_ms.saturating_sub(DAY_MS) < **at_ms;
    Ok(Begun {
        epochs: number(epochs.len()),
        epochs_today: number(epochs.values().filter(today).count()),
        branches: number(rows.len() - logs.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_what_the_day_and_the_whole_allow() {
        let limits = Limits { epochs: 10, epochs_per_day: 3, branches: 5, branches_per_log: 2 };
        let left = |epochs, epochs_today| {
            limits.left(Begun { epochs, epochs_today, branches: 0 }).new_epochs
        };
        assert_eq!([left(0, 0), left(2, 2), left(9, 0), left(9, 3), left(12, 0)], [3, 1, 1, 0, 0]);
    }

    #[test]
    fn who_raises_the_branches_of_a_device_raises_those_of_each_log() {
        let raised = Raised { branches: Some(100), ..Raised::default() };
        let limits = Limits::default().with(raised);
        assert_eq!((limits.branches, limits.branches_per_log), (100, 101));
        assert_eq!(limits.epochs, DEVICE_EPOCHS_MAX);
        assert_eq!(Limits::default().with(Raised::default()), Limits::default());
    }
}
