//! Lists of records: narrowed by filters, newest first, read page by page.

use std::collections::BTreeMap;

use record::{Custody, ListRow, RecordKey, ReviewState, UnknownState};

use super::ViewError;
use super::parts::Words;
use crate::db::{self, Builder, Conn, Row, from_db};
use crate::tables::{self, search};
use crate::truth::Fault;

/// What a list is narrowed to; all of it must hold.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The form's id.
    pub form: Option<String>,
    /// The site's code.
    pub site: Option<String>,
    /// The region of the site.
    pub region: Option<String>,
    /// The first day or instant of the record's own date.
    pub from: Option<String>,
    /// The last one.
    pub to: Option<String>,
    /// The state of the review.
    pub state: Option<String>,
    /// Where it has got to.
    pub custody: Option<String>,
    /// Whether any field is in conflict.
    pub conflict: Option<bool>,
    /// Whether it was signed later than its severity allows.
    pub late: Option<bool>,
    /// How many hours that is, by severity from 1 to 4; without them nothing is called late.
    pub late_hours: Option<[u32; 4]>,
    /// Words that all occur in it.
    pub text: Option<String>,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// The records, with what their pages are called by.
    pub rows: Vec<(RecordKey, ListRow)>,
    /// Which of them are void.
    pub voided: Vec<bool>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

/// How many records fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Counted {
    /// So many.
    pub(crate) count: u64,
    /// And more, which nobody counted.
    pub(crate) is_more: bool,
}

/// How much waits for somebody.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// Records by the state of their review.
    pub(crate) states: BTreeMap<String, u64>,
    /// Records with a conflict.
    pub(crate) conflicts: u64,
}

/// Records with the words searched for that are counted.
const COUNTED_MAX: i64 = 1_000;

/// The place of a record in the order of lists.
#[derive(Clone, Debug)]
struct Position {
    occurred_ms: i64,
    key: RecordKey,
}

const MILLIS_OF_HOUR: i64 = 60 * 60 * 1000;

const COLUMNS: &str = "SELECT site, id, ref, form, title, occurred_at, occurred_ms, conflict, \
                       urgent, voided, review_state, decided, severity, signed_ms, arrived_ms \
                       FROM record";

/// Returns every record that fits.
///
/// # Errors
///
/// Returns [`ViewError`] if a filter is malformed or the database can't be read.
pub async fn list(conn: &mut Conn, query: &Query) -> Result<Vec<ListRow>, ViewError> {
    let mut sql = Builder::new(COLUMNS);
    narrow(&mut sql, query)?;
    Words::read(conn, query.text.as_deref()).await?.narrow(&mut sql);
    sql.push(" ORDER BY occurred_ms DESC, site DESC, id DESC");
    let rows = sql.build().fetch_all(conn).await?;
    rows.iter().map(|row| Ok(read(row, query.late_hours)?.row)).collect()
}

/// Returns at most `limit` records that fit, from `cursor` on, and where to go on.
///
/// # Errors
///
/// Returns [`ViewError`] if a filter or the cursor is malformed or the database can't be read.
pub async fn page(
    conn: &mut Conn,
    query: &Query,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page, ViewError> {
    let mut sql = Builder::new(COLUMNS);
    narrow(&mut sql, query)?;
    Words::read(conn, query.text.as_deref()).await?.narrow(&mut sql);
    if let Some(cursor) = cursor {
        let Position { occurred_ms, key } = Position::parse(cursor)
            .ok_or_else(|| ViewError::refused("cursor", "give back `next` as it was printed"))?;
        sql.push(" AND (occurred_ms, site, id) < (").push_bind(occurred_ms);
        sql.push(", ").push_bind(key.site.as_str().to_owned());
        sql.push(", ").push_bind(key.id.0.to_vec()).push(")");
    }
    sql.push(" ORDER BY occurred_ms DESC, site DESC, id DESC LIMIT ");
    sql.push_bind(i64::from(limit).saturating_add(1));
    let rows = sql.build().fetch_all(conn).await?;
    let mut lines: Vec<Line> =
        rows.iter().map(|row| read(row, query.late_hours)).collect::<Result<_, _>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_more = limit < lines.len();
    lines.truncate(limit);
    let next = lines.last().filter(|_| is_more).map(|line| line.position.written());
    let voided = lines.iter().map(|line| line.voided).collect();
    let rows = lines.into_iter().map(|line| (line.position.key, line.row)).collect();
    Ok(Page { rows, voided, next })
}

/// Returns how many records fit. Of those with common words as many are counted as a person would
/// look through: to count all would be to read all.
///
/// # Errors
///
/// Returns [`ViewError`] if a filter is malformed or the database can't be read.
pub(crate) async fn count(conn: &mut Conn, query: &Query) -> Result<Counted, ViewError> {
    let mut sql = Builder::new("SELECT COUNT(*) FROM (SELECT site FROM record");
    narrow(&mut sql, query)?;
    Words::read(conn, query.text.as_deref()).await?.narrow(&mut sql);
    if query.text.is_some() {
        sql.push(" LIMIT ").push_bind(COUNTED_MAX + 1);
    }
    sql.push(") AS counted");
    let count: i64 = sql.build_scalar().fetch_one(conn).await?;
    let is_more = query.text.is_some() && COUNTED_MAX < count;
    Ok(Counted { count: from_db(if is_more { COUNTED_MAX } else { count }), is_more })
}

/// Returns how many records stand in each state of the review, and how many have a conflict.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be read.
pub(crate) async fn waiting(conn: &mut Conn) -> Result<Waiting, ViewError> {
    let select = "SELECT review_state, COUNT(*) FROM record GROUP BY review_state";
    let states: Vec<(String, i64)> = db::query_as(select).fetch_all(&mut *conn).await?;
    let states = states.into_iter().map(|(state, records)| (state, from_db(records)));
    let select = "SELECT COUNT(*) FROM record WHERE conflict";
    let conflicts: i64 = db::query_scalar(select).fetch_one(conn).await?;
    Ok(Waiting { states: states.collect(), conflicts: from_db(conflicts) })
}

fn narrow(sql: &mut Builder, query: &Query) -> Result<(), ViewError> {
    let Query { form, site, region, from, to, state, custody, conflict, .. } = query;
    sql.push(" WHERE TRUE");
    if let Some(form) = form {
        sql.push(" AND form = ").push_bind(form.clone());
    }
    if let Some(site) = site {
        sql.push(" AND site = ").push_bind(site.clone());
    }
    if let Some(region) = region {
        sql.push(" AND site IN (SELECT code FROM site WHERE region = ").push_bind(region.clone());
        sql.push(")");
    }
    if let Some(from) = from {
        let bound = search::instant_ms(from).ok_or_else(|| no_day("from"))?;
        sql.push(" AND occurred_ms >= ").push_bind(bound);
    }
    if let Some(to) = to {
        let bound = search::end_ms(to).ok_or_else(|| no_day("to"))?;
        // A record without a date of its own has 0.
        sql.push(" AND occurred_ms <> 0 AND occurred_ms <= ").push_bind(bound);
    }
    if let Some(conflict) = conflict {
        sql.push(" AND conflict = ").push_bind(*conflict);
    }
    if let Some(state) = state {
        let state: ReviewState = state
            .parse()
            .map_err(|unknown: UnknownState| ViewError::refused("state", &unknown.to_string()))?;
        sql.push(" AND review_state = ").push_bind(state.word());
    }
    match custody.as_deref() {
        None => {}
        Some("held") => {
            sql.push(" AND decided = FALSE");
        }
        Some("reviewed") => {
            sql.push(" AND decided = TRUE");
        }
        // What is only saved or sent is not here.
        Some("saved" | "sent") => {
            sql.push(" AND FALSE");
        }
        Some(_) => return Err(ViewError::refused("custody", "is saved, sent, held or reviewed")),
    }
    if let Some(late) = query.late {
        narrow_late(sql, late, query.late_hours.unwrap_or_default());
    }
    Ok(())
}

/// Late is what was first signed, by corrected time, later after its own date than its severity
/// allows; what has no severity or no date is never late.
fn narrow_late(sql: &mut Builder, late: bool, hours: [u32; 4]) {
    sql.push(if late { " AND (FALSE" } else { " AND NOT (FALSE" });
    for (severity, hours) in (1_i64..).zip(hours) {
        sql.push(" OR (severity = ").push_bind(severity);
        sql.push(" AND occurred_ms <> 0 AND signed_ms <> 0 AND signed_ms - occurred_ms > ");
        sql.push_bind(i64::from(hours) * MILLIS_OF_HOUR).push(")");
    }
    sql.push(")");
}

fn no_day(field: &str) -> ViewError {
    ViewError::refused(field, "give a day such as 2026-11-20 or a time with its offset")
}

struct Line {
    position: Position,
    row: ListRow,
    voided: bool,
}

fn read(row: &Row, late_hours: Option<[u32; 4]>) -> Result<Line, Fault> {
    let key = tables::key(row.try_get("site")?, row.try_get("id")?)?;
    let voided: Option<String> = row.try_get("voided")?;
    let (severity, occurred_ms) = (row.try_get("severity")?, row.try_get("occurred_ms")?);
    let (signed_ms, arrived_ms) = (row.try_get("signed_ms")?, row.try_get("arrived_ms")?);
    let line = ListRow {
        id: key.id.to_string(),
        reference: row.try_get("ref")?,
        form: row.try_get("form")?,
        site: key.site.to_string(),
        custody: if row.try_get("decided")? { Custody::Reviewed } else { Custody::Held },
        urgent: row.try_get("urgent")?,
        conflict: row.try_get("conflict")?,
        review_state: row.try_get("review_state")?,
        occurred_at: row.try_get("occurred_at")?,
        title: row.try_get("title")?,
        late: late_hours.map(|hours| is_after(hours, severity, occurred_ms, signed_ms)),
        arrived_late: late_hours.map(|hours| is_after(hours, severity, occurred_ms, arrived_ms)),
    };
    let position = Position { occurred_ms, key };
    Ok(Line { position, row: line, voided: voided.is_some() })
}

/// Returns whether something was done later after an event than its severity allows; 0 is unknown.
fn is_after(hours: [u32; 4], severity: i64, event_ms: i64, done_ms: i64) -> bool {
    let place = usize::try_from(severity).ok().and_then(|severity| severity.checked_sub(1));
    let Some(hours) = place.and_then(|place| hours.get(place)) else { return false };
    let limit_ms = i64::from(*hours) * MILLIS_OF_HOUR;
    event_ms != 0 && done_ms != 0 && limit_ms < done_ms.saturating_sub(event_ms)
}

impl Position {
    fn written(&self) -> String {
        format!("{}:{}", self.occurred_ms, self.key)
    }

    fn parse(text: &str) -> Option<Self> {
        let (ms, key) = text.split_once(':')?;
        Some(Self { occurred_ms: ms.parse().ok()?, key: key.parse().ok()? })
    }
}
