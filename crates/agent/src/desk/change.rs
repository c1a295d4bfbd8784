//! Changing a record that stands: amending its fields, declaring it void.

use std::collections::BTreeSet;

use journal::{Dot, Draft};
use pages::Lang;
use record::{
    Amendment, Change, FormVersion, Path, RecordKey, RowId, State, Value, Write, message,
};
use store::Lookup;

use super::find;
use super::here::Here;
use super::{Desk, draft, review};
use crate::clock;
use crate::identity;
use crate::problem::{Cause, Problem};
use crate::projector::Records;
use crate::request::{Amend, FieldReason, Saved};

/// Characters of a reason or comment: as for a narrative.
const REASON_CHARS_MAX: usize = 20_000;

impl Desk {
    /// Changes fields of a record; when this returns it is durable.
    pub(super) fn amend(&self, amend: &Amend, lang: Lang) -> Result<Saved, Problem> {
        let comment = amend.comment.as_deref().map(|text| reason(text, lang)).transpose()?;
        let seen = amend.seen.as_deref().map(dots).transpose()?;
        let key = find::record(&self.reader, &amend.id)?;
        let form = self.form(&self.summary(&key)?.form)?.clone();
        let log = self.log_for(&form, &key.site, lang)?;
        let rows = new_rows(&amend.values)?;
        let (facts, catalogue) = (self.facts(lang)?, self.catalogue()?);
        let (values, author) = (amend.values.clone(), self.identity().enrolment.administrator);
        let (stamp, receipt) = (clock::stamp(), self.ledger.receipt_number());
        let hub = self.identity().enrolment.hub;
        self.append_to(&log, move |view| {
            let state = state(view, &key)?;
            let standing = review::review_state(view, &hub, &key, &state)?;
            record::may_change(standing, comment.as_deref())
                .map_err(|refusal| review::refused(lang, &refusal))?;
            let seen = seen.unwrap_or_else(|| state.live_dots());
            let resolve = Here(view, &catalogue);
            let reader =
                record::Reader { catalogue: &catalogue, form: &form, resolve: &resolve, facts };
            let mut rows = rows.into_iter();
            // As many ids were drawn as the object has rows.
            let mut next = || rows.next().unwrap_or(RowId([0; 8]));
            let amendment = reader.read_amendment(&state, &seen, &values, &mut next);
            let amendment = amendment.map_err(|errors| {
                Problem::refused(errors.into_iter().map(FieldReason::from).collect())
            })?;
            let form = FormVersion { id: form.id.clone(), version: form.version };
            let change = Proposal { key: &key, form, author, reason: comment };
            let drafts = change.drafts(amendment, |change| draft(change, stamp, receipt))?;
            let saved = saved(view, &key, drafts.is_empty())?;
            Ok((drafts, saved))
        })
    }

    /// Declares a record void; when this returns it is durable.
    pub(super) fn void(&self, id: &str, why: &str, lang: Lang) -> Result<Saved, Problem> {
        let why = reason(why, lang)?;
        if why.is_empty() {
            let words = message::reason_missing(lang.into());
            return Err(Problem::refused(vec![FieldReason::new("reason", words)]));
        }
        let key = find::record(&self.reader, id)?;
        let log = self.log_for(&*self.form(&self.summary(&key)?.form)?, &key.site, lang)?;
        let author = self.identity().enrolment.administrator;
        let (stamp, receipt) = (clock::stamp(), self.ledger.receipt_number());
        self.append_to(&log, move |view| {
            let state = state(view, &key)?;
            let Some(form) = state.form().cloned() else { return Err(nothing(&key)) };
            let path = Path::field(Path::VOID);
            let stands =
                state.get(&path).live.values().any(|value| *value == Value::Text(why.clone()));
            if stands {
                return Ok((Vec::new(), saved(view, &key, true)?));
            }
            let seen = state.live_dots();
            let live = &state.get(&path).live;
            let replaces = (0_u32..).zip(&seen).filter(|(_, dot)| live.contains_key(dot));
            let replaces = replaces.map(|(index, _)| index).collect();
            let write = Write { path: path.clone(), value: Value::Text(why), replaces };
            let urgent = Records(view).summary(&key)?.is_some_and(|summary| summary.urgent);
            let amendment = Amendment { seen, writes: vec![write], urgent, ..Amendment::default() };
            let change = Proposal { key: &key, form, author, reason: None };
            let drafts = change.drafts(amendment, |change| draft(change, stamp, receipt))?;
            Ok((drafts, saved(view, &key, false)?))
        })
    }

    /// Returns what a list shows of a record that was found.
    pub(super) fn summary(&self, key: &RecordKey) -> Result<crate::projector::Summary, Problem> {
        Records(&self.reader).summary(key)?.ok_or_else(|| nothing(key))
    }
}

/// A change in the making.
struct Proposal<'a> {
    key: &'a RecordKey,
    form: FormVersion,
    author: record::PersonId,
    reason: Option<String>,
}

impl Proposal<'_> {
    /// Returns the entry to write; none, where nothing differs.
    fn drafts(
        self,
        amendment: Amendment,
        draft: impl FnOnce(&Change) -> Result<Draft, Problem>,
    ) -> Result<Vec<Draft>, Problem> {
        let Amendment { seen, writes, urgent, lists, .. } = amendment;
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        let Self { key, form, author, reason } = self;
        let record = key.clone();
        Ok(vec![draft(&Change { record, form, lists, author, reason, urgent, seen, writes })?])
    }
}

pub(super) fn state(view: &dyn Lookup, key: &RecordKey) -> Result<State, Problem> {
    Records(view).state(key)?.ok_or_else(|| nothing(key))
}

pub(super) fn saved(view: &dyn Lookup, key: &RecordKey, unchanged: bool) -> Result<Saved, Problem> {
    let reference = Records(view).summary(key)?.and_then(|summary| summary.reference);
    let reference = reference.unwrap_or_default();
    Ok(Saved { id: key.id.to_string(), reference, unchanged })
}

fn nothing(key: &RecordKey) -> Problem {
    Problem::new(Cause::NotFound, format!("there is no record {key} here"))
}

/// Reads what the author saw. Tokens of entries that never arrived here are taken as they are.
fn dots(seen: &[String]) -> Result<Vec<Dot>, Problem> {
    let dots: Result<BTreeSet<Dot>, _> = seen.iter().map(|token| token.trim().parse()).collect();
    match dots {
        Ok(dots) => Ok(dots.into_iter().collect()),
        Err(error) => {
            let error: journal::MalformedDot = error;
            Err(Problem::refused(vec![FieldReason::new("seen", error.to_string())]))
        }
    }
}

fn reason(text: &str, lang: Lang) -> Result<String, Problem> {
    let text = text.trim();
    if REASON_CHARS_MAX < text.chars().count() {
        let words = message::reason_too_long(lang.into(), REASON_CHARS_MAX);
        return Err(Problem::refused(vec![FieldReason::new("reason", words)]));
    }
    Ok(text.to_owned())
}

/// Draws an id for every row the object could add.
fn new_rows(values: &serde_json::Map<String, serde_json::Value>) -> Result<Vec<RowId>, Problem> {
    let rows = values.values().filter_map(serde_json::Value::as_array).map(Vec::len).sum();
    let draw = |_| Ok(RowId(identity::random::<8>()?));
    (0..rows).map(draw).collect()
}
