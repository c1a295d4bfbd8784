//! Lists of records: narrowed by filters, newest first, read page by page.

use record::{Custody, ListRow, RecordKey, ReviewView};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _};

use super::ViewError;
use crate::db::{Conn, Engine, from_db};
use crate::fold::{self, search};
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

/// The place of a record in the order of lists.
#[derive(Clone, Debug)]
struct Position {
    occurred_ms: i64,
    key: RecordKey,
}

const COLUMNS: &str = "SELECT site, id, ref, form, title, occurred_at, occurred_ms, conflict, \
                       urgent, voided FROM record";

/// Returns every record that fits.
///
/// # Errors
///
/// Returns [`ViewError`] if a filter is malformed or the database can't be read.
pub async fn list(conn: &mut Conn, query: &Query) -> Result<Vec<ListRow>, ViewError> {
    let mut sql = QueryBuilder::<Engine>::new(COLUMNS);
    narrow(&mut sql, query)?;
    sql.push(" ORDER BY occurred_ms DESC, site DESC, id DESC");
    let rows = sql.build().fetch_all(conn).await?;
    rows.iter().map(|row| Ok(read(row)?.row)).collect()
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
    let mut sql = QueryBuilder::<Engine>::new(COLUMNS);
    narrow(&mut sql, query)?;
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
    let mut lines: Vec<Line> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_more = limit < lines.len();
    lines.truncate(limit);
    let next = lines.last().filter(|_| is_more).map(|line| line.position.written());
    let voided = lines.iter().map(|line| line.voided).collect();
    let rows = lines.into_iter().map(|line| (line.position.key, line.row)).collect();
    Ok(Page { rows, voided, next })
}

/// Returns how many records fit.
///
/// # Errors
///
/// Returns [`ViewError`] if a filter is malformed or the database can't be read.
pub(crate) async fn count(conn: &mut Conn, query: &Query) -> Result<u64, ViewError> {
    let mut sql = QueryBuilder::<Engine>::new("SELECT COUNT(*) FROM record");
    narrow(&mut sql, query)?;
    let count: i64 = sql.build_query_scalar().fetch_one(conn).await?;
    Ok(from_db(count))
}

fn narrow(sql: &mut QueryBuilder<Engine>, query: &Query) -> Result<(), ViewError> {
    let Query { form, site, region, from, to, state, custody, conflict, text } = query;
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
    for word in text.iter().flat_map(|text| text.split_whitespace()) {
        sql.push(" AND search LIKE ").push_bind(pattern(word)).push(" ESCAPE '\\'");
    }
    // Nobody reviews yet: every record is submitted, and held by the hub.
    let others = |asked: &Option<String>, only: &str| asked.as_ref().is_some_and(|a| a != only);
    if others(state, "submitted") || others(custody, "held") {
        sql.push(" AND FALSE");
    }
    Ok(())
}

fn no_day(field: &str) -> ViewError {
    ViewError::refused(field, "give a day such as 2026-11-20 or a time with its offset")
}

/// Returns the pattern that finds a word anywhere.
fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for letter in search::folded(word).chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

struct Line {
    position: Position,
    row: ListRow,
    voided: bool,
}

fn read(row: &SqliteRow) -> Result<Line, Fault> {
    let key = fold::key(row.try_get("site")?, row.try_get("id")?)?;
    let voided: Option<String> = row.try_get("voided")?;
    let line = ListRow {
        id: key.id.to_string(),
        reference: row.try_get("ref")?,
        form: row.try_get("form")?,
        site: key.site.to_string(),
        custody: Custody::Held,
        urgent: row.try_get("urgent")?,
        conflict: row.try_get("conflict")?,
        review_state: ReviewView::submitted().state,
        occurred_at: row.try_get("occurred_at")?,
        title: row.try_get("title")?,
    };
    let position = Position { occurred_ms: row.try_get("occurred_ms")?, key };
    Ok(Line { position, row: line, voided: voided.is_some() })
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
