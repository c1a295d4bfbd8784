//! Instants as the views write them, and between which of them an entry was written.

use journal::Entry;
use record::DateTime;
use record::clock::{HubTime, trusted};

use crate::clock;
use crate::db::Conn;
use crate::tables::search::OFFSET_MINUTES;
use crate::truth::logs::Log;
use crate::truth::{Fault, devices, frames, hub_time, receipts};

/// What bounds entries: receipts and arrivals that a sound clock told.
pub(crate) struct Bounds(HubTime);

impl Bounds {
    /// Reads what of the hub's time is sound.
    pub(crate) async fn read(conn: &mut Conn) -> Result<Self, Fault> {
        hub_time::judged(conn).await.map(Self)
    }

    /// Returns between which instants an entry was written, as far as sound clocks told that.
    pub(crate) async fn of(
        &self,
        conn: &mut Conn,
        log: &Log,
        entry: &Entry,
    ) -> Result<Option<[i64; 2]>, Fault> {
        let (Self(time), device, seq) = (self, &log.name.device, entry.header.seq);
        let until = frames::sound_arrival(conn, time, log, seq).await?;
        let named = receipts::sound_time_of(conn, time, device, entry.header.receipt).await?;
        let since = match (named, devices::enrolment(conn, device).await?) {
            (Some(named), _) => Some(named),
            (None, Some(moment)) => time.is_sound(moment.reading.as_ref()).then_some(moment.ms),
            // The hub's own entries arrive when they are written.
            (None, None) => frames::sound_arrival_before(conn, time, log, seq).await?,
        };
        Ok(trusted(since, until))
    }
}

/// Returns an instant as people here write it.
pub(crate) const fn at(utc_ms: i64) -> DateTime {
    DateTime { utc_ms, offset_minutes: OFFSET_MINUTES }
}

/// Returns the present instant by this machine's clock.
pub(crate) fn now() -> DateTime {
    at(clock::wall_ms())
}

/// Returns an instant as text.
pub(crate) fn written(utc_ms: i64) -> String {
    at(utc_ms).to_string()
}
