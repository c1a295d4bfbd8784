//! What records ask of each other: names, fields, who else has a number, what happened in a period.
//!
//! Judging is pure and can't wait for a database. So it is done with what is known, what it asked
//! for is looked up, and it is done again until nothing is left to ask.

use std::collections::BTreeSet;

use journal::SiteCode;
use record::{
    Answer, Catalogue, Inquiry, Path, Question, RecordId, Sought, State, Unique, Value, is_of_sort,
};

use super::ViewError;
use crate::db::{self, Conn};
use crate::truth::fault::{array, damaged};

/// How often judging is begun anew: whose record it is, what that record says, and once to see that
/// nothing more is asked.
const ROUNDS_MAX: usize = 4;

/// Records of a period that are looked into: a day of the largest site.
const LOOKED_INTO_MAX: i64 = 1000;

/// Judges a record of `site` by what other records say.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be read.
pub(crate) async fn with_others<T>(
    conn: &mut Conn,
    (site, catalogue): (&SiteCode, &Catalogue),
    mut judge: impl FnMut(&Inquiry) -> T,
) -> Result<T, ViewError> {
    let mut inquiry = Inquiry::default();
    let mut judged = judge(&inquiry);
    for _ in 0..ROUNDS_MAX {
        let open = inquiry.take_open();
        if open.is_empty() {
            break;
        }
        for question in open {
            let answer = answer(conn, (site, catalogue), &question).await?;
            inquiry.answer(question, answer);
        }
        judged = judge(&inquiry);
    }
    Ok(judged)
}

async fn answer(
    conn: &mut Conn,
    (site, catalogue): (&SiteCode, &Catalogue),
    question: &Question,
) -> Result<Answer, ViewError> {
    Ok(match question {
        Question::Record { form, text } => {
            Answer::Record(named(conn, (site, catalogue), form, text).await?)
        }
        Question::Name { form, id } => {
            Answer::Name(called(conn, (site, catalogue), form, *id).await?)
        }
        Question::Value { form, id, field } => {
            let found = found(conn, site, form, *id).await?;
            Answer::Value(found.and_then(|(state, _reference)| standing(&state, field)))
        }
        Question::Holders { form, field, text } => {
            Answer::Holders(holders(conn, (site, catalogue), form, (field, text)).await?)
        }
        Question::Within { form, field, from, to } => {
            let sought = Sought { form, field: field.as_deref() };
            let period = (from.utc_ms, to.utc_ms);
            Answer::Within(any_within(conn, (site, catalogue), &sought, period).await?)
        }
    })
}

/// Two records may bear a name; which one is meant is not ours to say.
async fn named(
    conn: &mut Conn,
    (site, catalogue): (&SiteCode, &Catalogue),
    form: &str,
    text: &str,
) -> Result<Option<RecordId>, ViewError> {
    let select = "SELECT DISTINCT f.id FROM reference AS f JOIN record AS r \
                  ON r.site = f.site AND r.id = f.id WHERE f.ref = $1 AND r.form = $2";
    let rows: Vec<(Vec<u8>,)> = db::query_as(select).bind(text).bind(form).fetch_all(conn).await?;
    let mut found: BTreeSet<RecordId> = BTreeSet::new();
    for (id,) in rows {
        found.insert(RecordId(array("a record's id", id)?));
    }
    let key = catalogue.form(form).and_then(|form| form.key());
    if let Some(key) = key.filter(|_key| found.is_empty()) {
        let bearers = holders(conn, (site, catalogue), form, (&key.id, text)).await?;
        found.extend(bearers.into_iter().map(|(id, _reference)| id));
    }
    Ok(found.pop_first().filter(|_one| found.is_empty()))
}

async fn called(
    conn: &mut Conn,
    (site, catalogue): (&SiteCode, &Catalogue),
    form: &str,
    id: RecordId,
) -> Result<Option<String>, ViewError> {
    let Some((state, reference)) = found(conn, site, form, id).await? else { return Ok(None) };
    let key = catalogue.form(form).and_then(|form| form.key());
    let name = key.and_then(|key| standing(&state, &key.id));
    Ok(match name {
        Some(Value::Text(name)) => Some(name),
        _ => Some(reference.unwrap_or_else(|| id.to_string())),
    })
}

/// Returns the record of a form with that id; of those of several sites the own one.
async fn found(
    conn: &mut Conn,
    site: &SiteCode,
    form: &str,
    id: RecordId,
) -> Result<Option<(State, Option<String>)>, ViewError> {
    let select = "SELECT state, ref FROM record WHERE id = $1 AND form = $2 \
                  ORDER BY CASE WHEN site = $3 THEN 0 ELSE 1 END, site LIMIT 1";
    let row: Option<(Vec<u8>, Option<String>)> = db::query_as(select)
        .bind(id.0.as_slice())
        .bind(form)
        .bind(site.as_str())
        .fetch_optional(conn)
        .await?;
    let Some((bytes, reference)) = row else { return Ok(None) };
    let state = State::from_bytes(&bytes).map_err(|_not_a_state| damaged("a record's fold"))?;
    Ok(Some((state, reference)))
}

/// Returns the one value that stands in a field; of several that differ none.
fn standing(state: &State, field: &str) -> Option<Value> {
    let path = Path::field(field);
    let mut values: BTreeSet<&Value> = state.get(&path).live.values().collect();
    let one = values.pop_first().filter(|value| **value != Value::Cleared);
    one.filter(|_one| values.is_empty()).cloned()
}

async fn holders(
    conn: &mut Conn,
    (site, catalogue): (&SiteCode, &Catalogue),
    form: &str,
    (field, text): (&str, &str),
) -> Result<Vec<(RecordId, String)>, ViewError> {
    let select = "SELECT n.site, n.id, r.ref FROM named AS n LEFT JOIN record AS r \
                  ON r.site = n.site AND r.id = n.id \
                  WHERE n.form = $1 AND n.field = $2 AND n.text = $3 ORDER BY n.site, n.id";
    let rows: Vec<(String, Vec<u8>, Option<String>)> =
        db::query_as(select).bind(form).bind(field).bind(text).fetch_all(conn).await?;
    let unique = catalogue.form(form).and_then(|form| form.field(field)?.unique);
    let here = |at: &str| unique != Some(Unique::Site) || at == site.as_str();
    let mut holders = Vec::new();
    for (at, id, reference) in rows.into_iter().filter(|(at, ..)| here(at)) {
        let id = RecordId(array("a record's id", id)?);
        holders.push((id, reference.unwrap_or_else(|| format!("{at}:{id}"))));
    }
    Ok(holders)
}

async fn any_within(
    conn: &mut Conn,
    (site, catalogue): (&SiteCode, &Catalogue),
    sought: &Sought<'_>,
    (from, to): (i64, i64),
) -> Result<bool, ViewError> {
    let select = "SELECT state FROM record WHERE site = $1 AND form = $2 AND occurred_ms >= $3 \
                  AND occurred_ms < $4 AND voided IS NULL LIMIT $5";
    let rows: Vec<(Vec<u8>,)> = db::query_as(select)
        .bind(site.as_str())
        .bind(sought.form)
        .bind(from)
        .bind(to)
        .bind(LOOKED_INTO_MAX)
        .fetch_all(conn)
        .await?;
    for (bytes,) in rows {
        let state = State::from_bytes(&bytes).map_err(|_not_a_state| damaged("a record's fold"))?;
        if is_of_sort(&state, catalogue, sought) {
            return Ok(true);
        }
    }
    Ok(false)
}
