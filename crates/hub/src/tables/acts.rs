//! Acts of reviews as their rows have them, and what those of one record come to.
//!
//! This module does not know who may decide.

use std::collections::BTreeSet;

use journal::{DeviceKey, Dot, LogId, ShortId};
use record::{Act, RecordKey, Review, ReviewEntry, Side, State, review};

use crate::db::{self, Conn, from_db};
use crate::truth::Fault;
use crate::truth::fault::{array, damaged};

/// The acts of one record, and which of its live changes are the site's own.
#[derive(Debug)]
pub(crate) struct Acts {
    acts: Vec<Act>,
    of_site: Vec<Dot>,
}

/// The logs of the hub itself.
pub(crate) struct HubsLogs(BTreeSet<LogId>);

impl Acts {
    /// Reads the acts of a record that stands as `state`.
    pub(crate) async fn read(
        conn: &mut Conn,
        hub: &DeviceKey,
        state: &State,
    ) -> Result<Self, Fault> {
        let hubs = HubsLogs::read(conn, hub).await?;
        Self::beside(conn, &hubs, state).await
    }

    /// Reads the acts of a record that stands as `state`, beside the hub's logs.
    pub(crate) async fn beside(
        conn: &mut Conn,
        hubs: &HubsLogs,
        state: &State,
    ) -> Result<Self, Fault> {
        let of_site = state.content_dots().into_iter().filter(|dot| !hubs.0.contains(&dot.log));
        Ok(Self { acts: acts(conn, &state.key).await?, of_site: of_site.collect() })
    }

    /// Returns what they come to.
    pub(crate) fn review(&self) -> Review<'_> {
        review(&self.acts, self.of_site.iter().copied())
    }

    /// Returns their dots.
    pub(crate) fn dots(&self) -> impl Iterator<Item = Dot> + '_ {
        self.acts.iter().map(|act| act.dot)
    }
}

impl HubsLogs {
    /// Reads which logs are the hub's.
    pub(crate) async fn read(conn: &mut Conn, hub: &DeviceKey) -> Result<Self, Fault> {
        let select = "SELECT log_id FROM log WHERE device = $1";
        let ids: Vec<Vec<u8>> =
            db::query_scalar(select).bind(hub.0.as_slice()).fetch_all(conn).await?;
        let id = |id| Ok(LogId(array("a log's id", id)?));
        Ok(Self(ids.into_iter().map(id).collect::<Result<_, Fault>>()?))
    }
}

type Columns = (Vec<u8>, i64, Vec<u8>, i64, i64, Vec<u8>);

async fn acts(conn: &mut Conn, key: &RecordKey) -> Result<Vec<Act>, Fault> {
    let select = "SELECT l.log_id, a.seq, a.short, a.claimed_ms, a.centre_epoch, a.payload \
                  FROM act AS a JOIN log AS l ON l.id = a.log WHERE a.site = $1 AND a.id = $2";
    let query = db::query_as(select).bind(key.site.as_str()).bind(key.id.0.as_slice());
    let rows: Vec<Columns> = query.fetch_all(conn).await?;
    rows.into_iter().map(act).collect()
}

fn act((log, seq, short, claimed_ms, epoch, payload): Columns) -> Result<Act, Fault> {
    let log = LogId(array("a log's id", log)?);
    let id = ShortId(array("an entry's id", short)?);
    let side = match u32::try_from(epoch).unwrap_or(u32::MAX) {
        0 => Side::Site,
        epoch => Side::Centre { epoch },
    };
    let entry = ReviewEntry::from_payload(&payload)
        .map_err(|_unreadable| damaged("an act: run `ashuu-hub rebuild`; it"))?;
    Ok(Act { dot: Dot { log, seq: from_db(seq), id }, side, claimed_ms, entry })
}
