//! Records made at the centre: courses, which go to every site, and whatever else the centre records.
//!
//! Lines are read and judged as on a device, and written in one transaction. A record for everyone
//! goes into the hub's lane for everyone, any other into the lane of the hub's own site.

mod people;

use std::collections::BTreeMap;

use journal::Lane;
use record::{
    Catalogue, Change, Facts, FieldError, Form, Language, NewRecord, Path, PersonId, Reach, Reader,
    RecordId, RecordKey, State, Value, Write, message,
};
use serde_json::{Map, Value as Json};

use super::own_lane;
use crate::db::{self, Conn};
use crate::fold;
use crate::read::with_others;
use crate::read::{ViewError, show};
use crate::tables;
use crate::truth::fault::damaged;
use crate::truth::{Fault, Truth};
use crate::{clock, keys};

/// What the hub's references bear where those of a device bear its letter. No device comes to it:
/// letters are counted, and these are the eighteen-thousandth and one beyond.
const LETTERS: &str = "HUB";

/// The same for records of the hub's own site, which are counted apart.
const LETTERS_OF_SITE: &str = "HUBS";

/// A line of input.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// Its text, or why it has none.
    pub text: Result<String, String>,
}

/// What to do with good lines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Then {
    /// Make records of them.
    Save,
    /// Say that they are good.
    Check,
}

/// What became of a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Added {
    /// It is a record.
    Saved {
        /// Its id.
        id: RecordId,
        /// What people call it.
        reference: String,
        /// Nothing was written: the same line was imported before.
        unchanged: bool,
    },
    /// It is refused.
    Refused(Vec<FieldError>),
}

/// A record that only lacks its reference.
struct Draught {
    id: RecordId,
    import: Option<[u8; 8]>,
    year: String,
    change: Change,
}

/// By what lines are read.
struct Reading<'a> {
    truth: &'a Truth,
    catalogue: &'a Catalogue,
    form: &'a Form,
    facts: Facts,
}

/// Adds a record for each good line, and says what became of each.
///
/// # Errors
///
/// Returns [`ViewError`] if there is no such form or the database can't be used; then none is saved.
pub async fn add(
    truth: &Truth,
    form: &str,
    lines: &[Line],
    (then, language): (Then, Language),
) -> Result<Vec<(u64, Added)>, ViewError> {
    fold::catch_up_lane(truth, &Lane::Everyone).await?;
    let lane = lane_of(truth, form).await?;
    let mut tx = own_lane::begin_in(truth, &lane).await?;
    let catalogue = tables::catalogue(&mut tx).await?;
    let form = form_of(&catalogue, form)?;
    let facts = facts(&mut tx, truth, language).await?;
    let reading = Reading { truth, catalogue: &catalogue, form, facts };
    let (mut next, epoch) = truth.lanes.next(&mut tx, &lane).await?;
    let mut here: BTreeMap<RecordId, (Option<[u8; 8]>, String)> = BTreeMap::new();
    let (mut added, mut payloads) = (Vec::new(), Vec::new());
    for line in lines {
        let became = match reading.line(&mut tx, line).await? {
            Err(errors) => Added::Refused(errors),
            Ok(draught) => match known(&mut tx, &here, &draught, language).await? {
                Some(known) => known,
                None => {
                    let reference = reference(truth, &lane, (epoch, next), &draught.year);
                    let (id, import) = (draught.id, draught.import);
                    payloads.push((Change::KIND, payload(draught, &reference)?));
                    here.insert(id, (import, reference.clone()));
                    next += 1;
                    Added::Saved { id, reference, unchanged: false }
                }
            },
        };
        added.push((line.number, became));
    }
    if then == Then::Check {
        return Ok(added);
    }
    if !payloads.is_empty() {
        truth.lanes.append(&mut tx, &lane, payloads).await?;
    }
    tx.commit().await.map_err(Fault::from)?;
    own_lane::fold_written(truth, &lane).await;
    Ok(added)
}

/// Returns the lane that records of a form are made in here.
async fn lane_of(truth: &Truth, form: &str) -> Result<Lane, ViewError> {
    let catalogue = tables::catalogue(&mut *truth.db.read().await?).await?;
    Ok(match form_of(&catalogue, form)?.reach {
        Reach::Everyone => Lane::Everyone,
        Reach::Site => Lane::Site(truth.lanes.site().clone()),
    })
}

fn form_of<'a>(catalogue: &'a Catalogue, form: &str) -> Result<&'a Form, ViewError> {
    catalogue.form(form).ok_or_else(|| {
        let known: Vec<&str> = catalogue.forms().map(|form| form.id.as_str()).collect();
        ViewError::refused("form", &format!("there is no such form: {}", known.join(", ")))
    })
}

impl Reading<'_> {
    async fn line(
        &self,
        conn: &mut Conn,
        line: &Line,
    ) -> Result<Result<Draught, Vec<FieldError>>, ViewError> {
        let language = self.facts.language;
        let refuse = |field: &str, reason: String| {
            Ok(Err(vec![FieldError { field: field.to_owned(), reason }]))
        };
        let text = match &line.text {
            Ok(text) => text,
            Err(reason) => return refuse("", reason.clone()),
        };
        let object = match object(text, language) {
            Ok(object) => object,
            Err(reason) => return refuse("", reason),
        };
        let author = match object.get("@author").and_then(Json::as_str) {
            Some(name) => people::named(conn, self.truth.lanes.site(), name, language).await?,
            None => Ok(self.truth.administrator(conn).await?),
        };
        let fresh = fresh_id()?;
        let site = self.truth.lanes.site();
        let read = with_others(conn, (site, self.catalogue), |others| {
            let Self { catalogue, form, facts, .. } = *self;
            Reader { catalogue, form, resolve: others, facts }.read_new(&object, fresh)
        });
        Ok(match (read.await?, author) {
            (Ok(new), Ok(author)) => Ok(self.draught(new, author, fresh)),
            (Ok(_new), Err(error)) => Err(vec![error]),
            (Err(errors), author) => Err(errors.into_iter().chain(author.err()).collect()),
        })
    }

    fn draught(&self, new: NewRecord, author: PersonId, fresh: RecordId) -> Draught {
        let id = new.id.unwrap_or(fresh);
        let day = new.own_date.map(|day| day.to_string()).unwrap_or_default();
        let year = day.split('-').next().filter(|year| !year.is_empty()).unwrap_or("0000");
        let (import, year) = (new.import, year.to_owned());
        let record = RecordKey { site: self.truth.lanes.site().clone(), id };
        Draught { id, import, year, change: new.into_change(record, self.form, author) }
    }
}

async fn facts(conn: &mut Conn, truth: &Truth, language: Language) -> Result<Facts, ViewError> {
    let site = truth.lanes.site().clone();
    let facts = show::facts(conn, &RecordKey { site, id: RecordId([0; 16]) }).await?;
    Ok(Facts { recorded: facts.now.and_then(|now| now.date()), language, ..facts })
}

/// What becomes of a line whose id is known here; nothing, if it is new.
async fn known(
    conn: &mut Conn,
    here: &BTreeMap<RecordId, (Option<[u8; 8]>, String)>,
    draught: &Draught,
    language: Language,
) -> Result<Option<Added>, ViewError> {
    let Some(import) = draught.import else { return Ok(None) };
    let (same, reference) = match here.get(&draught.id) {
        Some((hash, reference)) => (*hash == Some(import), reference.clone()),
        None => {
            let Some((state, reference)) = standing(conn, &draught.change.record).await? else {
                return Ok(None);
            };
            let mut hashes = state.get(&Path::field(Path::IMPORT)).live.values();
            let same = hashes.any(|hash| *hash == Value::Bytes(import.to_vec()));
            (same, reference)
        }
    };
    Ok(Some(if same {
        Added::Saved { id: draught.id, reference, unchanged: true }
    } else {
        let reason = message::id_taken(language, reference);
        Added::Refused(vec![FieldError { field: "@id".to_owned(), reason }])
    }))
}

async fn standing(conn: &mut Conn, key: &RecordKey) -> Result<Option<(State, String)>, ViewError> {
    let select = "SELECT state, ref FROM record WHERE site = $1 AND id = $2";
    let row: Option<(Vec<u8>, Option<String>)> = db::query_as(select)
        .bind(key.site.as_str())
        .bind(key.id.0.as_slice())
        .fetch_optional(conn)
        .await?;
    let Some((bytes, reference)) = row else { return Ok(None) };
    let state = State::from_bytes(&bytes).map_err(|_not_a_state| damaged("a record's fold"))?;
    Ok(Some((state, reference.unwrap_or_default())))
}

/// References are counted by the log: the entry's own place is the number.
fn reference(truth: &Truth, lane: &Lane, (epoch, next): (u32, u64), year: &str) -> String {
    let letters = if *lane == Lane::Everyone { LETTERS } else { LETTERS_OF_SITE };
    let epoch = if epoch < 2 { String::new() } else { epoch.to_string() };
    format!("{}/{year}/{letters}{epoch}-{next:05}", truth.lanes.site())
}

fn payload(draught: Draught, reference: &str) -> Result<Vec<u8>, ViewError> {
    let mut change = draught.change;
    let (path, value) = (Path::field(Path::REF), Value::Text(reference.to_owned()));
    change.writes.push(Write { path, value, replaces: Vec::new() });
    Ok(change.to_payload().map_err(Fault::from)?)
}

fn object(text: &str, language: Language) -> Result<Map<String, Json>, String> {
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_other) => Err(message::line_no_object(language)),
        Err(error) => {
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            Err(message::line_not_json(language, what, error.column()))
        }
    }
}

fn fresh_id() -> Result<RecordId, Fault> {
    let random: [u8; 10] = keys::random().map_err(Fault::random)?;
    let ms = u64::try_from(clock::wall_ms()).unwrap_or(0);
    Ok(RecordId(uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid().into_bytes()))
}

#[cfg(test)]
mod tests;
