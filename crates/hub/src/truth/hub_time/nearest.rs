//! The nearest of a series of stored times that a sound clock told.

use record::clock::HubTime;

use crate::clock::Moment;
use crate::db::{self, Arg, Conn};
use crate::truth::Fault;

/// Rows that are looked at at once while one that a sound clock told is sought.
const SEARCHED_AT_ONCE: i64 = 256;

/// A series of times in the order of their places: of one log, or of one device.
pub(in crate::truth) struct Series {
    /// Selects place, time and clock, of `$1`, from `$2` on, `$3` at the most.
    pub(in crate::truth) select: &'static str,
    /// Whose they are.
    pub(in crate::truth) of: Arg,
    /// The place at which to begin.
    pub(in crate::truth) from: i64,
    /// From one place to the next: 1, or -1 where they go down.
    pub(in crate::truth) step: i64,
}

impl Series {
    /// Returns the first time in it that a sound clock told.
    pub(in crate::truth) async fn first_sound(
        self,
        conn: &mut Conn,
        time: &HubTime,
    ) -> Result<Option<i64>, Fault> {
        let (mut from, mut limit) = (self.from, 1); // Mostly the first one is sound.
        loop {
            let query = db::query_as(self.select).bind(self.of.clone()).bind(from).bind(limit);
            let rows: Vec<(i64, i64, Option<Vec<u8>>)> = query.fetch_all(&mut *conn).await?;
            let Some((last, ..)) = rows.last() else { return Ok(None) };
            from = last.saturating_add(self.step);
            let mut told =
                rows.iter().map(|(_, at, clock)| Moment::of_columns(*at, clock.as_deref()));
            if let Some(sound) = told.find(|moment| time.is_sound(moment.reading.as_ref())) {
                return Ok(Some(sound.ms));
            }
            limit = SEARCHED_AT_ONCE;
        }
    }
}
