//! Lines of JSON become records: read and judged ahead, numbered and written in one decision.
//!
//! Reading asks nothing of the storage thread, so the next lines are read while those before them
//! are being made durable. Whether an `@id` is new, and which number is next, is decided there.

mod author;

use std::collections::BTreeMap;

use journal::Draft;
use record::{
    Change, Facts, Form, FormVersion, NewRecord, Path, PersonId, RecordId, RecordKey, Value, Write,
};
use serde_json::{Map, Value as Json};
use store::Lookup;

use self::author::Authors;
use super::find::Here;
use super::{Desk, draft, fresh_id, time};
use crate::clock;
use crate::limits::LINE_BYTES_MAX;
use crate::problem::Problem;
use crate::projector::Records;
use crate::request::{Batch, FieldReason, Line, LineResult, LineText, Outcome, Saved, Then};

/// Lines that were read, and what is to become of them.
#[derive(Debug)]
pub(crate) struct Ready {
    then: Then,
    lines: Vec<(u64, Result<Draught, Vec<FieldReason>>)>,
}

/// A record that only lacks its reference.
#[derive(Debug)]
struct Draught {
    id: RecordId,
    import: Option<[u8; 8]>,
    year: String,
    change: Change,
}

impl Desk {
    /// Reads and judges lines; nothing is written.
    ///
    /// # Errors
    ///
    /// Returns a [`Problem`] if there is no such form, or the views can't be read.
    pub(crate) fn read(&self, batch: &Batch) -> Result<Ready, Problem> {
        let form = self.form(&batch.form)?;
        let authors = Authors::of(self)?;
        let facts = self.facts()?;
        let read = |line: &Line| (line.number, self.read_line(form, &authors, facts, &line.text));
        Ok(Ready { then: batch.then, lines: batch.lines.iter().map(read).collect() })
    }

    /// Writes what was read; when this returns it is durable.
    ///
    /// # Errors
    ///
    /// Returns a [`Problem`] if nothing could be written.
    pub(crate) fn write(&self, ready: Ready) -> Result<Vec<Outcome>, Problem> {
        if ready.then == Then::Check {
            let valid = |_draught| LineResult::Valid { valid: true };
            let refused = |errors| LineResult::Refused { errors };
            let lines = ready.lines.into_iter();
            return Ok(lines
                .map(|(line, read)| Outcome { line, result: read.map_or_else(refused, valid) })
                .collect());
        }
        let numbering = Numbering {
            site: self.identity.enrolment.site.clone(),
            letter: self.identity.enrolment.letter.clone(),
            log: self.log.id(),
            receipt: self.ledger.receipt_number(),
            stamp: clock::stamp(),
        };
        self.append(move |view| numbering.decide(ready.lines, view))
    }

    fn read_line(
        &self,
        form: &Form,
        authors: &Authors,
        facts: Facts,
        text: &LineText,
    ) -> Result<Draught, Vec<FieldReason>> {
        let object = object(text).map_err(|reason| vec![FieldReason::new("", reason)])?;
        let fresh = fresh_id().map_err(|error| vec![FieldReason::new("", error.to_string())])?;
        let resolve = Here(&self.reader);
        let reader = record::Reader { catalogue: &self.catalogue, form, resolve: &resolve, facts };
        let read = reader.read_new(&object, fresh);
        // All mistakes of a line are named at once, the author's too.
        let author = match object.get("@author").and_then(Json::as_str) {
            Some(name) => authors.named(name),
            None => Ok(self.identity.enrolment.administrator),
        };
        match (read, author) {
            (Ok(new), Ok(author)) => Ok(self.draught(form, new, author, fresh)),
            (Ok(_), Err(error)) => Err(vec![error]),
            (Err(errors), author) => {
                let errors = errors.into_iter().map(FieldReason::from);
                Err(errors.chain(author.err()).collect())
            }
        }
    }

    fn draught(&self, form: &Form, new: NewRecord, author: PersonId, fresh: RecordId) -> Draught {
        let id = new.id.unwrap_or(fresh);
        let date = new.own_date.or_else(time::today).map(|date| date.to_string());
        let year = date.as_deref().and_then(|date| date.split('-').next()).unwrap_or("0000");
        let write = |(path, value)| Write { path, value, replaces: Vec::new() };
        let mut writes: Vec<Write> = new.values.into_iter().map(write).collect();
        if let Some(hash) = new.import {
            writes.push(write((Path::field(Path::IMPORT), Value::Bytes(hash.to_vec()))));
        }
        let change = Change {
            record: RecordKey { site: self.identity.enrolment.site.clone(), id },
            form: FormVersion { id: form.id.clone(), version: form.version },
            lists: new.lists,
            author,
            reason: None,
            urgent: new.urgent,
            seen: Vec::new(),
            writes,
        };
        Draught { id, import: new.import, year: year.to_owned(), change }
    }
}

/// What makes references, and what the entries carry beside the changes.
#[derive(Debug)]
struct Numbering {
    site: journal::SiteCode,
    letter: String,
    log: journal::LogId,
    receipt: u64,
    stamp: journal::Stamp,
}

impl Numbering {
    fn decide(
        self,
        lines: Vec<(u64, Result<Draught, Vec<FieldReason>>)>,
        view: &dyn Lookup,
    ) -> Result<(Vec<Draft>, Vec<Outcome>), Problem> {
        let records = Records(view);
        let mut given = records.highest_number_given(self.log)?;
        let letter = self.letter_of_epoch(&records)?;
        let mut here: BTreeMap<RecordId, (Option<[u8; 8]>, String)> = BTreeMap::new();
        let (mut drafts, mut outcomes) = (Vec::new(), Vec::new());
        for (line, read) in lines {
            let result = match read {
                Err(errors) => LineResult::Refused { errors },
                Ok(draught) => match known(&records, &here, &draught)? {
                    Some(result) => result,
                    None => {
                        let Self { site, .. } = &self;
                        let number = given + 1;
                        let reference = format!("{site}/{}/{letter}-{number:05}", draught.year);
                        let (id, import) = (draught.id, draught.import);
                        match self.record(draught, &reference) {
                            Ok(draft) => {
                                given = number;
                                here.insert(id, (import, reference.clone()));
                                drafts.push(draft);
                                saved(id, reference, false)
                            }
                            Err(reason) => refused("", reason),
                        }
                    }
                },
            };
            outcomes.push(Outcome { line, result });
        }
        Ok((drafts, outcomes))
    }

    /// The device's letter; a later epoch adds its number, since counting begins anew.
    fn letter_of_epoch(
        &self,
        records: &Records<'_, impl Lookup + ?Sized>,
    ) -> Result<String, Problem> {
        let start = records.log(self.log)?.map(|(_name, start)| start.count);
        Ok(match start {
            Some(count) if 1 < count => format!("{}{count}", self.letter),
            Some(_) | None => self.letter.clone(),
        })
    }

    fn record(&self, draught: Draught, reference: &str) -> Result<Draft, String> {
        let mut change = draught.change;
        let value = Value::Text(reference.to_owned());
        let path = Path::field(Path::REF);
        change.writes.push(Write { path, value, replaces: Vec::new() });
        draft(&change, self.stamp, self.receipt).map_err(|problem| problem.detail)
    }
}

/// What becomes of a line whose `@id` is known here; nothing, if it is new.
fn known(
    records: &Records<'_, impl Lookup + ?Sized>,
    here: &BTreeMap<RecordId, (Option<[u8; 8]>, String)>,
    draught: &Draught,
) -> Result<Option<LineResult>, Problem> {
    let Some(import) = draught.import else { return Ok(None) };
    let (same, reference) = if let Some((hash, reference)) = here.get(&draught.id) {
        (*hash == Some(import), reference.clone())
    } else if let Some(summary) = records.summary(&draught.change.record)? {
        let same = summary.imports.iter().any(|hash| hash.as_slice() == import);
        (same, summary.reference.unwrap_or_default())
    } else {
        return Ok(None);
    };
    Ok(Some(if same {
        saved(draught.id, reference, true)
    } else {
        refused(
            "@id",
            format!(
                "the record {reference} has this id and came from another line: `amend` it, or give the line an id of its own"
            ),
        )
    }))
}

fn saved(id: RecordId, reference: String, unchanged: bool) -> LineResult {
    LineResult::Saved(Saved { id: id.to_string(), reference, unchanged })
}

fn refused(field: &str, reason: String) -> LineResult {
    LineResult::Refused { errors: vec![FieldReason::new(field, reason)] }
}

fn object(text: &LineText) -> Result<Map<String, Json>, String> {
    let text = match text {
        LineText::Text(text) => text,
        LineText::NotUtf8 => {
            return Err("the line is not UTF-8 text: save the file as UTF-8".to_owned());
        }
        LineText::TooLong => return Err(format!("the line is longer than {LINE_BYTES_MAX} bytes")),
    };
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_other) => Err("a line is one JSON object, such as {\"kind\":\"FIRE\"}".to_owned()),
        Err(error) => Err(malformed(&error)),
    }
}

/// Says where a line stops being JSON, without the position in a file it is not.
fn malformed(error: &serde_json::Error) -> String {
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or_default();
    format!("not JSON: {what} at character {}", error.column())
}
