//! What was refused of devices: an administrator must hear of a log that contradicts an enrolment.

use journal::DeviceKey;
use protocol::{Refused, Why};

use crate::db::{self, Conn, from_db};
use crate::limits::REFUSAL_CHARS_MAX;
use crate::truth::Fault;

/// Something refused of a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The lane of the log.
    pub lane: String,
    /// Why, in a word.
    pub why: String,
    /// Why, for a person.
    pub words: String,
    /// When it was first refused, in milliseconds since 1970.
    pub first_ms: i64,
    /// When it was last refused.
    pub last_ms: i64,
    /// How often.
    pub times: u64,
}

/// Returns the word for a refusal that an administrator must hear of, if it is one.
///
/// A gap heals itself, and what concerns the whole device shows in its state.
const fn word(why: Why) -> Option<&'static str> {
    match why {
        Why::WrongSite => Some("wrong_site"),
        Why::WrongLog => Some("wrong_log"),
        Why::Frame => Some("frame"),
        Why::Prove => Some("prove"),
        Why::Version
        | Why::UnknownDevice
        | Why::Revoked
        | Why::Hello
        | Why::Gap
        | Why::UnknownHead
        | Why::Disk => None,
    }
}

/// Returns whether an administrator must hear of it.
#[must_use]
pub const fn is_notable(refused: &Refused) -> bool {
    word(refused.why).is_some()
}

/// Notes what was refused of a device.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn note(
    conn: &mut Conn,
    device: &DeviceKey,
    refused: &Refused,
    now_ms: i64,
) -> Result<(), Fault> {
    let Some(why) = word(refused.why) else { return Ok(()) };
    // Of a lane that it may not write, a device could make up as many as it likes.
    let log = refused.log.as_ref().filter(|_| refused.why == Why::WrongSite);
    let lane = log.map_or_else(String::new, |log| log.lane.to_string());
    let words: String = refused.words.chars().take(REFUSAL_CHARS_MAX).collect();
    let upsert = "INSERT INTO refusal (device, lane, why, words, first_ms, last_ms, times) \
                  VALUES ($1, $2, $3, $4, $5, $5, 1) ON CONFLICT (device, lane, why) DO UPDATE \
                  SET words = $4, last_ms = $5, times = refusal.times + 1";
    db::query(upsert)
        .bind(device.0)
        .bind(lane)
        .bind(why)
        .bind(words)
        .bind(now_ms)
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets that a device was asked for a receipt: it showed it.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn proved(conn: &mut Conn, device: &DeviceKey) -> Result<(), Fault> {
    let delete = "DELETE FROM refusal WHERE device = $1 AND why = $2";
    let why = word(Why::Prove).unwrap_or_default();
    db::query(delete).bind(device.0).bind(why).execute(conn).await?;
    Ok(())
}

/// Returns what was refused of every device, with its key, the latest first.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn all(conn: &mut Conn) -> Result<Vec<(Vec<u8>, Refusal)>, Fault> {
    let select = "SELECT device, lane, why, words, first_ms, last_ms, times FROM refusal \
                  ORDER BY last_ms DESC, device, lane, why";
    type Columns = (Vec<u8>, String, String, String, i64, i64, i64);
    let rows: Vec<Columns> = db::query_as(select).fetch_all(conn).await?;
    let read = |(device, lane, why, words, first_ms, last_ms, times): Columns| {
        (device, Refusal { lane, why, words, first_ms, last_ms, times: from_db(times) })
    };
    Ok(rows.into_iter().map(read).collect())
}
