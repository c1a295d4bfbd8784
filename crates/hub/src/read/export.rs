//! Records given away, page by page, from the database: flat, as `add` takes them.
//!
//! Only a page is held at a time. What people call other records is looked up once.

use std::sync::Arc;

use record::table::{Export, Layout};
use record::{Answer, Catalogue, Form, Inquiry, Question, RecordId, Resolve as _, State};
use serde_json::{Map, Value as Json};

use super::list::{Page, Query, page};
use super::{ViewError, show};
use crate::db::{self, Conn};
use crate::limits::EXPORT_RECORDS;
use crate::tables;
use crate::truth::fault::damaged;

/// An export that goes on where its last page ended.
#[derive(Debug)]
pub struct Exporter {
    query: Query,
    form: Arc<Form>,
    catalogue: Arc<Catalogue>,
    /// What people call the records that were referred to so far.
    names: Inquiry,
    /// Where the next page begins; none after the last.
    next: Option<Option<String>>,
}

impl Exporter {
    /// Begins to export the records of a form that the query lets through.
    ///
    /// # Errors
    ///
    /// Returns [`ViewError`] if there is no such form or the database can't be read.
    pub async fn begin(conn: &mut Conn, form: &str, query: Query) -> Result<Self, ViewError> {
        let catalogue = tables::catalogue(conn).await?;
        let found = catalogue.newest(form).ok_or_else(|| {
            let known: Vec<&str> = catalogue.forms().map(|form| form.id.as_str()).collect();
            let words = format!("there is no form {form}: the forms are {}", known.join(", "));
            ViewError::refused("form", &words)
        })?;
        let query = Query { form: Some(form.to_owned()), ..query };
        Ok(Self { query, form: found, catalogue, names: Inquiry::default(), next: Some(None) })
    }

    /// Returns the columns of the form's files.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Layout::of(&self.form)
    }

    /// Returns the next records, the newest first; nothing after the last.
    ///
    /// # Errors
    ///
    /// Returns [`ViewError`] if a filter is malformed or the database can't be read.
    pub async fn page(
        &mut self,
        conn: &mut Conn,
    ) -> Result<Option<Vec<Map<String, Json>>>, ViewError> {
        let Some(cursor) = self.next.take() else { return Ok(None) };
        let Page { rows, next, .. } =
            page(conn, &self.query, cursor.as_deref(), EXPORT_RECORDS).await?;
        self.next = next.map(Some);
        let mut records = Vec::with_capacity(rows.len());
        for (key, _row) in rows {
            let (state, _entries) = show::load(conn, &key).await?;
            records.push(self.flat(conn, &state).await?);
        }
        Ok(Some(records))
    }

    async fn flat(
        &mut self,
        conn: &mut Conn,
        state: &State,
    ) -> Result<Map<String, Json>, ViewError> {
        let shown = record::summary(state, &self.catalogue);
        loop {
            let name = |form: &str, id: RecordId| {
                self.catalogue.form(form)?.key()?;
                self.names.name(form, id)
            };
            let flat = Export { form: &self.form, name: &name }.flat(&state.key, &shown);
            let open = self.names.take_open();
            if open.is_empty() {
                return Ok(flat);
            }
            for question in open {
                let name = self.look_up(conn, &question).await?;
                self.names.answer(question, Answer::Name(name));
            }
        }
    }

    /// Returns what a record calls itself by the key of its form.
    async fn look_up(
        &mut self,
        conn: &mut Conn,
        question: &Question,
    ) -> Result<Option<String>, ViewError> {
        let Question::Name { form, id } = question else { return Ok(None) };
        let Some(key) = self.catalogue.form(form).and_then(Form::key) else { return Ok(None) };
        let select = "SELECT state FROM record WHERE id = $1 AND form = $2 ORDER BY site LIMIT 1";
        let state: Option<Vec<u8>> = db::query_scalar(select)
            .bind(id.0.as_slice())
            .bind(form.as_str())
            .fetch_optional(conn)
            .await?;
        let Some(bytes) = state else { return Ok(None) };
        let state = State::from_bytes(&bytes).map_err(|_not_a_state| damaged("a record's fold"))?;
        let shown = record::summary(&state, &self.catalogue);
        Ok(shown.values.get(&key.id).and_then(Json::as_str).map(str::to_owned))
    }
}
