//! Answers in words: made where the forms are, so that a terminal need not have them.

use std::collections::BTreeMap;

use pages::Lang;
use record::{ListRow, RecordId, RecordKey, RecordView};
use serde_json::Value as Json;

use super::{Desk, find};
use crate::problem::Problem;
use crate::projector::Records;
use crate::request::{Request, Response, Told};
use crate::words::{self, Around};

impl Desk {
    /// Answers in words, where there are any for what is asked.
    pub(super) fn in_words(&self, request: Request, lang: Lang) -> Result<Response, Problem> {
        let (lines, beside) = match request {
            Request::List(filter) => {
                let mut rows = self.list(&filter)?;
                for (key, row) in &mut rows {
                    row.title = self.title(key, lang, &row.title)?;
                }
                let rows: Vec<ListRow> = rows.into_iter().map(|(_key, row)| row).collect();
                let count = words::words(lang).n("records-count", count(rows.len()));
                (words::list(lang, &*self.catalogue()?, &rows), Some(count))
            }
            Request::Show { id } => {
                let key = find::record(&self.reader, &id)?;
                let mut view = self.show(&id, lang)?;
                view.title = self.title(&key, lang, &view.title)?;
                (self.with(lang, &view, |around| words::record(around, &view))?, None)
            }
            Request::History { id } => {
                let (key, items) = self.history(&id)?;
                let mut view = self.view(&key, lang)?;
                view.title = self.title(&key, lang, &view.title)?;
                (self.with(lang, &view, |around| words::history(around, &view, &items))?, None)
            }
            Request::Forms => (self.forms_in_words(lang)?, None),
            Request::Form { id, version } => (self.form_in_words(lang, (&id, version))?, None),
            Request::Tasks => return self.tasks_in_words(lang),
            other @ (Request::Add(_)
            | Request::Amend(_)
            | Request::Void { .. }
            | Request::Resubmit { .. }
            | Request::Recall { .. }
            | Request::Comment { .. }
            | Request::InWords { .. }
            | Request::Export(_)
            | Request::Status
            | Request::Verify
            | Request::Sync
            | Request::Keep(_)) => return self.execute_in(other, lang),
        };
        Ok(Response::Words(Told { lines, beside }))
    }

    fn tasks_in_words(&self, lang: Lang) -> Result<Response, Problem> {
        let w = words::words(lang);
        let mut tasks = self.tasks(lang)?;
        let mut lines = Vec::new();
        for task in &mut tasks {
            task.title = self.title(&task.key, lang, &task.title)?;
            let view = self.view(&task.key, lang)?;
            lines.extend(self.with(lang, &view, |around| words::task(around, &view, task))?);
            lines.push(String::new());
        }
        if tasks.is_empty() {
            lines.push(w.t("tasks-none"));
        }
        let beside = (!tasks.is_empty()).then(|| w.n("tasks-count", count(tasks.len())));
        Ok(Response::Words(Told { lines, beside }))
    }

    /// Returns a record's title in the reader's language: one that is made of codes has one in each.
    fn title(&self, key: &RecordKey, lang: Lang, in_english: &str) -> Result<String, Problem> {
        let state = match lang {
            Lang::En => None,
            Lang::Ru | Lang::Ky => Records(&self.reader).state(key)?,
        };
        let Some(state) = state else { return Ok(in_english.to_owned()) };
        Ok(record::title(&state, &*self.catalogue()?, lang.into()))
    }

    /// Says something of a record, with what is known around it.
    fn with(
        &self,
        lang: Lang,
        view: &RecordView,
        say: impl FnOnce(&Around<'_>) -> Vec<String>,
    ) -> Result<Vec<String>, Problem> {
        let mut names = BTreeMap::new();
        for value in view.values.values() {
            self.name(value, &mut names)?;
        }
        let card = match view.site.parse() {
            Ok(code) => Records(&self.reader).site(&code)?,
            Err(_no_code) => None,
        };
        let name = card.as_ref().and_then(|card| lang.pick(&card.names));
        let site = name.map_or_else(|| view.site.clone(), |name| format!("{name} ({})", view.site));
        let (catalogue, today) = (self.catalogue()?, self.present().date());
        Ok(say(&Around { lang, catalogue: &catalogue, names: &names, site: &site, today }))
    }

    /// Finds what people call the records that a value names.
    fn name(&self, value: &Json, names: &mut BTreeMap<String, String>) -> Result<(), Problem> {
        match value {
            Json::String(text) => {
                let Ok(id) = text.parse::<RecordId>() else { return Ok(()) };
                for key in Records(&self.reader).with_id(id)? {
                    let summary = self.summary(&key)?;
                    let name = if summary.title.is_empty() {
                        summary.reference.unwrap_or_default()
                    } else {
                        summary.title
                    };
                    names.insert(text.clone(), name);
                }
            }
            Json::Array(values) => {
                for value in values {
                    self.name(value, names)?;
                }
            }
            Json::Object(fields) => {
                for value in fields.values() {
                    self.name(value, names)?;
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
        Ok(())
    }
}

/// Returns how many things there are, as words take it.
fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}
