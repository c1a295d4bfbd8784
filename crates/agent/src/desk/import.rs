//! Lines of JSON become records: read and judged ahead, numbered and written in one decision.
//!
//! Reading asks nothing of the storage thread, so the next lines are read while those before them
//! are being made durable. Whether an `@id` is new, and which number is next, is decided there.

mod author;
mod line;

use std::collections::BTreeMap;

use journal::{Draft, LogName};
use pages::Lang;
use record::{
    Catalogue, Change, Facts, Form, Language, NewRecord, Path, PersonId, RecordId, RecordKey,
    Value, Write, message,
};
use serde_json::Value as Json;
use store::Lookup;

use self::author::Authors;
use super::here::Here;
use super::{Desk, draft, fresh_id, time};
use crate::clock;
use crate::problem::Problem;
use crate::projector::Records;
use crate::request::{Batch, FieldReason, Line, LineResult, LineText, Outcome, Saved, Then};

/// Lines that were read, and what is to become of them.
#[derive(Debug)]
pub(crate) struct Ready {
    then: Then,
    log: LogName,
    language: Language,
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
    /// Returns a [`Problem`] if there is no such form or column, or the views can't be read.
    pub(crate) fn read(&self, batch: &Batch, lang: Lang) -> Result<Ready, Problem> {
        self.wait_for_views()?;
        let (catalogue, form) = (self.catalogue()?, self.form(&batch.form)?);
        if let Some(Err(errors)) = batch.headers.as_ref().map(|headers| headers.check(&form)) {
            return Err(Problem::refused(errors.into_iter().map(FieldReason::from).collect()));
        }
        let log = self.log_for(&form, &self.identity().enrolment.site, lang)?;
        let by = (catalogue.as_ref(), form.as_ref());
        let authors = Authors::of(self)?;
        let facts = Facts { recorded: time::today(), ..self.facts(lang)? };
        let read = |line: &Line| (line.number, self.read_line(by, &authors, facts, &line.text));
        let language = facts.language;
        Ok(Ready { then: batch.then, log, language, lines: batch.lines.iter().map(read).collect() })
    }

    /// Writes what was read; when this returns it is durable. What is only to be checked is decided
    /// alike, and not written.
    ///
    /// # Errors
    ///
    /// Returns a [`Problem`] if nothing could be written.
    pub(crate) fn write(&self, ready: Ready) -> Result<Vec<Outcome>, Problem> {
        self.wait_for_views()?;
        let numbering = Numbering {
            site: self.identity().enrolment.site.clone(),
            letter: self.identity().enrolment.letter.clone(),
            logs: [self.log().id(), self.identity().everyone_log().id()],
            receipt: self.ledger.receipt_number(),
            stamp: clock::stamp(),
            language: ready.language,
        };
        match ready.then {
            Then::Save => {
                let Ready { log, lines, .. } = ready;
                self.append_to(&log, move |view| numbering.decide(lines, view))
            }
            Then::Check => {
                let (_drafts, outcomes) = numbering.decide(ready.lines, &self.reader)?;
                Ok(outcomes.into_iter().map(Outcome::only_checked).collect())
            }
        }
    }

    fn read_line(
        &self,
        (catalogue, form): (&Catalogue, &Form),
        authors: &Authors,
        facts: Facts,
        text: &LineText,
    ) -> Result<Draught, Vec<FieldReason>> {
        let object = line::object(text, form, facts.language).map_err(|reason| vec![reason])?;
        let fresh = fresh_id().map_err(|error| vec![FieldReason::new("", error.to_string())])?;
        let resolve = Here(&self.reader, catalogue);
        let reader = record::Reader { catalogue, form, resolve: &resolve, facts };
        let read = reader.read_new(&object, fresh);
        // All mistakes of a line are named at once, the author's too.
        let author = match object.get("@author").and_then(Json::as_str) {
            Some(name) => authors.named(name, facts.language),
            None => Ok(self.identity().enrolment.administrator),
        };
        match (read, author) {
            (Ok(new), Ok(author)) => Ok(self.draught(form, new, author, fresh)),
            (Ok(_), Err(error)) => Err(vec![error]),
            (Err(errors), author) => {
                let errors = errors.into_iter().map(|error| line::placed(text, error.into()));
                Err(errors.chain(author.err()).collect())
            }
        }
    }

    fn draught(&self, form: &Form, new: NewRecord, author: PersonId, fresh: RecordId) -> Draught {
        let id = new.id.unwrap_or(fresh);
        let date = new.own_date.or_else(time::today).map(|date| date.to_string());
        let year = date.as_deref().and_then(|date| date.split('-').next()).unwrap_or("0000");
        let (import, year) = (new.import, year.to_owned());
        let record = RecordKey { site: self.identity().enrolment.site.clone(), id };
        Draught { id, import, year, change: new.into_change(record, form, author) }
    }
}

/// What makes references, and what the entries carry beside the changes.
#[derive(Debug)]
struct Numbering {
    site: journal::SiteCode,
    letter: String,
    /// The logs whose references are counted together: the site's, and the one for everyone.
    logs: [journal::LogId; 2],
    receipt: u64,
    stamp: journal::Stamp,
    language: Language,
}

impl Numbering {
    fn decide(
        self,
        lines: Vec<(u64, Result<Draught, Vec<FieldReason>>)>,
        view: &dyn Lookup,
    ) -> Result<(Vec<Draft>, Vec<Outcome>), Problem> {
        let records = Records(view);
        let [site, everyone] = self.logs;
        let given = records.highest_number_given(site)?;
        let mut given = given.max(records.highest_number_given(everyone)?);
        let letter = self.letter_of_epoch(&records)?;
        let mut here: BTreeMap<RecordId, (Option<[u8; 8]>, String)> = BTreeMap::new();
        let (mut drafts, mut outcomes) = (Vec::new(), Vec::new());
        for (line, read) in lines {
            let result = match read {
                Err(errors) => LineResult::Refused { errors },
                Ok(draught) => match known(&records, &here, &draught, self.language)? {
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
        let [site, _everyone] = self.logs;
        let start = records.log(site)?.map(|(_name, start)| start.count);
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
    language: Language,
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
        refused("@id", message::id_taken(language, reference))
    }))
}

fn saved(id: RecordId, reference: String, unchanged: bool) -> LineResult {
    LineResult::Saved(Saved { id: id.to_string(), reference, unchanged })
}

fn refused(field: &str, reason: String) -> LineResult {
    LineResult::Refused { errors: vec![FieldReason::new(field, reason)] }
}
