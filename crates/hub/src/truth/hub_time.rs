//! The hub's own time: pieces that begin and words that the clock is right, in its own lane.
//!
//! A process that serves devices begins a piece when it starts, when its wall clock jumps, and when
//! another process shows a later time than its own. What the lane says is kept once more in the
//! order in which it was said, with the last time that each piece showed.

mod nearest;

use std::collections::BTreeMap;

use journal::{BootId, Lane};
use record::PersonId;
use record::clock::{Accept, ClockSaid, HubTime, Piece, PieceName, Reading};
use record::limits::PIECE_TOLERANCE_MS;

pub(super) use nearest::Series;

use super::Truth;
use super::fault::{Fault, damaged};
use super::turns::{self, Turn};
use crate::db::{self, Conn};

/// A piece as it stands in the database.
struct Shown {
    number: i64,
    piece: Piece,
    last_ms: i64,
}

/// Judges all that was said of the hub's time.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn judged(conn: &mut Conn) -> Result<HubTime, Fault> {
    let said = rows(conn).await?.into_iter().map(|(_number, said, _last_ms)| said);
    Ok(HubTime::of(said))
}

/// Returns the pieces that are in doubt.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn doubts(truth: &Truth) -> Result<Vec<PieceName>, Fault> {
    let mut conn = truth.db.read().await?;
    let time = judged(&mut conn).await?;
    Ok(time.in_doubt().map(|(judged, _doubt)| judged.name).collect())
}

/// Returns the last time that each piece showed.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn last_shown(conn: &mut Conn) -> Result<BTreeMap<PieceName, i64>, Fault> {
    let shown = shown(conn).await?.into_iter().map(|it| (it.piece.name(), it.last_ms));
    Ok(shown.collect())
}

/// Begins the first piece of a process that serves devices.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn begin(truth: &Truth) -> Result<(), Fault> {
    turns::retry(|| begin_piece(truth, None)).await
}

/// Looks at the clock before it bounds anything: after a jump another piece begins. Where this
/// process serves no device there is no piece.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn look(truth: &Truth) -> Result<(), Fault> {
    let Some(began) = truth.clock.piece() else { return Ok(()) };
    if is_one_piece(&began, &truth.clock.reading()) {
        return Ok(());
    }
    turns::retry(|| begin_piece(truth, Some(began))).await
}

/// Notes which time the present piece shows, and begins another one if it is behind what was shown
/// elsewhere since.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn note(truth: &Truth) -> Result<(), Fault> {
    look(truth).await?;
    let Some(began) = truth.clock.piece() else { return Ok(()) };
    let is_behind = turns::retry(|| async {
        let mut tx = truth.db.begin().await?;
        let now = truth.clock.reading();
        let shown = shown(&mut tx).await?;
        // Of a jump since the look above the next look says more.
        if is_one_piece(&began, &now) {
            advance(&mut tx, &shown, &began, now.wall_ms).await?;
        }
        tx.commit().await?;
        let known: Vec<PieceName> = shown
            .iter()
            .filter(|it| it.piece.at.run == began.run)
            .flat_map(|it| it.piece.later.iter().copied())
            .collect();
        let later = |it: &&Shown| is_later(it.last_ms, &now) && it.piece.at.run != began.run;
        Ok::<_, Fault>(shown.iter().filter(later).any(|it| !known.contains(&it.piece.name())))
    })
    .await?;
    if is_behind {
        turns::retry(|| begin_piece(truth, None)).await?;
    }
    Ok(())
}

/// Writes that the clock is right now.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn accept(truth: &Truth, conn: &mut Conn, author: PersonId) -> Result<Accept, Fault> {
    let lane = own_lane(truth);
    Turn::HubTime.take(conn).await?;
    let at = truth.clock.reading();
    let shown = shown(conn).await?;
    let refuted = |it: &&Shown| {
        if it.piece.at.is_of_boot(&at) {
            !it.piece.at.agrees(&at)
        } else {
            is_later(it.last_ms, &at)
        }
    };
    let refuted = shown.iter().filter(refuted).map(|it| it.piece.name());
    let older = is_later(older_ms(conn).await?, &at).then_some(PieceName::OLDER);
    let accept = Accept { at, author, doubtful: older.into_iter().chain(refuted).collect() };
    truth.lanes.append(conn, &lane, vec![(Accept::KIND, accept.to_payload()?)]).await?;
    put(conn, &ClockSaid::Accept(accept.clone())).await?;
    Ok(accept)
}

/// Begins a piece; after `before`, if this process had one whose clock jumped.
async fn begin_piece(truth: &Truth, before: Option<Reading>) -> Result<(), Fault> {
    let lane = own_lane(truth);
    let mut tx = truth.db.begin().await?;
    Turn::HubTime.take(&mut tx).await?;
    let at = truth.clock.reading();
    let mut shown = shown(&mut tx).await?;
    let jump_ms = before.map(|before| at.offset_ms().saturating_sub(before.offset_ms()));
    if let Some((before, jump)) = before.zip(jump_ms) {
        // Up to the jump it went on as it began.
        let last_ms = at.wall_ms.saturating_sub(jump);
        advance(&mut tx, &shown, &before, last_ms).await?;
        for it in shown.iter_mut().filter(|it| it.piece.at == before) {
            it.last_ms = it.last_ms.max(last_ms);
        }
    }
    let later = shown.iter().filter(|it| is_later(it.last_ms, &at)).map(|it| it.piece.name());
    let older = is_later(older_ms(&mut tx).await?, &at).then_some(PieceName::OLDER);
    let piece = Piece { at, jump_ms, later: older.into_iter().chain(later).collect() };
    truth.lanes.append(&mut tx, &lane, vec![(Piece::KIND, piece.to_payload()?)]).await?;
    let (pieces, jump) = (piece.later.len(), piece.jump_ms);
    put(&mut tx, &ClockSaid::Piece(piece)).await?;
    let is_doubtful = judged(&mut tx).await?.pieces().last().is_some_and(|it| it.doubt.is_some());
    tx.commit().await?;
    truth.clock.go_on_from(at);
    if is_doubtful {
        tracing::warn!(
            later_pieces = pieces,
            jump_ms = jump,
            "the hub's time is in doubt: see `ashuu-hub clock show`"
        );
    }
    Ok(())
}

/// Returns the lane in which the hub speaks of itself.
fn own_lane(truth: &Truth) -> Lane {
    Lane::Site(truth.lanes.site().clone())
}

/// Returns whether the clock went on as it began.
fn is_one_piece(began: &Reading, now: &Reading) -> bool {
    // Where the system does not say when it was started there is nothing to hold the clock against.
    began.boot == BootId::default() || now.agrees(began)
}

const fn is_later(shown_ms: i64, now: &Reading) -> bool {
    now.wall_ms.saturating_add(PIECE_TOLERANCE_MS) < shown_ms
}

/// Returns the latest time of what was receipted before pieces were written down.
async fn older_ms(conn: &mut Conn) -> Result<i64, Fault> {
    let select = "SELECT COALESCE(MAX(at_ms), $1) FROM receipt WHERE clock IS NULL";
    Ok(db::query_scalar(select).bind(i64::MIN).fetch_one(conn).await?)
}

async fn advance(
    conn: &mut Conn,
    shown: &[Shown],
    began: &Reading,
    last_ms: i64,
) -> Result<(), Fault> {
    for it in shown.iter().filter(|it| it.piece.at == *began && it.last_ms < last_ms) {
        let update = "UPDATE hub_time SET last_ms = $2 WHERE number = $1";
        db::query(update).bind(it.number).bind(last_ms).execute(&mut *conn).await?;
    }
    Ok(())
}

async fn put(conn: &mut Conn, said: &ClockSaid) -> Result<(), Fault> {
    let (kind, payload, last_ms) = match said {
        ClockSaid::Piece(piece) => (Piece::KIND, piece.to_payload()?, piece.at.wall_ms),
        ClockSaid::Accept(accept) => (Accept::KIND, accept.to_payload()?, accept.at.wall_ms),
    };
    let insert = "INSERT INTO hub_time (number, kind, payload, last_ms) \
                  SELECT COALESCE(MAX(number), 0) + 1, $1, $2, $3 FROM hub_time";
    let query = db::query(insert).bind(i64::from(kind.0)).bind(payload).bind(last_ms);
    query.execute(conn).await?;
    Ok(())
}

async fn shown(conn: &mut Conn) -> Result<Vec<Shown>, Fault> {
    let rows = rows(conn).await?.into_iter();
    let piece = |(number, said, last_ms)| match said {
        ClockSaid::Piece(piece) => Some(Shown { number, piece, last_ms }),
        ClockSaid::Accept(_) => None,
    };
    Ok(rows.filter_map(piece).collect())
}

async fn rows(conn: &mut Conn) -> Result<Vec<(i64, ClockSaid, i64)>, Fault> {
    let select = "SELECT number, kind, payload, last_ms FROM hub_time ORDER BY number";
    let rows: Vec<(i64, i64, Vec<u8>, i64)> = db::query_as(select).fetch_all(conn).await?;
    let read = |(number, kind, payload, last_ms): (i64, i64, Vec<u8>, i64)| {
        let kind = u16::try_from(kind).map(journal::Kind).map_err(|_other| unreadable())?;
        let said = ClockSaid::from_payload(kind, &payload).map_err(|_other| unreadable())?;
        Ok((number, said, last_ms))
    };
    rows.into_iter().map(read).collect()
}

fn unreadable() -> Fault {
    damaged("what is said of the hub's time")
}

#[cfg(test)]
mod tests;
