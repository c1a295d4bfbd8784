//! The desk: everything a person or program may ask of the records on this machine.
//!
//! It reads rows of the projection and writes changes to the device's own log. Each decision that
//! depends on what stands there is taken on the storage thread, so nothing can come between what
//! was seen and what was written; what is said to be saved is durable. It does not know who asks,
//! nor how an answer is printed, nor the way to the hub.

mod arrivals;
mod backup;
mod change;
mod doctor;
mod export;
mod find;
mod forms;
mod here;
mod import;
mod lane;
mod list;
mod lives;
mod opening;
mod review;
mod show;
mod status;
mod tasks;
mod time;
mod told;
mod verify;

use std::path::Path;
use std::sync::Arc;

use journal::{DeviceKey, Draft, LogName, Stamp};
use pages::Lang;
use protocol::{Amount, Waiting};
use record::{Action, Catalogue, Change, Facts, Form, RecordId, Validity};
use serde::Serialize;
use serde_json::Value as Json;
use store::{Fault, Lookup, Reader, Store, StoreState};

use crate::catalogues::Catalogues;
use crate::identity::{self, Identity, IdentityError};
use crate::problem::{Cause, Problem};
use crate::projector::Records;
use crate::request::{Request, Response};
use crate::sync::{Ledger, LinkState};

use arrivals::Arrivals;
pub(crate) use import::Ready;
use lives::Lives;
pub(crate) use opening::catalogues;
pub use opening::{open_store, pin};
use review::Saying;
pub(crate) use tasks::{Lost, Task, TaskKind};
pub(crate) use time::at;

/// Everything a person or program may ask of the records on this machine.
#[derive(Debug)]
pub struct Desk {
    store: Store,
    reader: Reader,
    lives: Lives,
    ledger: Ledger,
    catalogues: Arc<Catalogues>,
    arrivals: Arrivals,
    link: LinkState,
}

impl Desk {
    /// Opens the data directory, which this process holds from then on.
    ///
    /// # Errors
    ///
    /// Returns a [`Problem`] if it can't be opened or the device is not enrolled.
    pub fn open(data: &Path) -> Result<Self, Problem> {
        let catalogues = catalogues()?;
        let store = opening::enrolled_store(data, &catalogues)?;
        let not_enrolled = || opening::not_enrolled(data);
        let identity = Identity::load(&store)?.ok_or_else(not_enrolled)?;
        let (ledger, link) = (Ledger::open(&store)?, LinkState::default());
        let identity = opening::continued(identity, &store, &ledger)?;
        // An enrolment whose log was not opened before the power went is finished here.
        identity.open_log(&store)?;
        let (reader, lives) = (store.reader(), Lives::new(identity));
        let arrivals = Arrivals::open(&store)?;
        let desk = Self { store, reader, lives, ledger, catalogues, arrivals, link };
        // What the hub said before a crash holds from now on.
        desk.follow_binding()?;
        // What came just before a crash came then at the latest.
        desk.note_arrivals();
        Ok(desk)
    }

    /// Returns the store, for whoever exchanges with the hub.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Returns who this machine is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        self.lives.identity()
    }

    /// Returns the log for records of this machine's site.
    fn log(&self) -> &LogName {
        self.lives.log()
    }

    /// Returns what the hub has proved to hold.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns the state of the link, for whoever keeps it.
    #[must_use]
    pub const fn link(&self) -> &LinkState {
        &self.link
    }

    /// Does what is asked, an exchange with the hub apart; blocks while it does.
    ///
    /// # Errors
    ///
    /// Returns a [`Problem`] if it can't be done.
    pub fn execute(&self, request: Request) -> Result<Response, Problem> {
        self.execute_in(request, Lang::En)
    }

    /// Does what is asked, and says what there is to say in that language.
    ///
    /// # Errors
    ///
    /// Returns a [`Problem`] if it can't be done.
    pub fn execute_in(&self, request: Request, lang: Lang) -> Result<Response, Problem> {
        if !matches!(request, Request::Status | Request::Keep(_)) {
            self.wait_for_views()?;
        }
        // What was asked inside of another request is as still as that; what writes nothing and
        // takes long would keep a new life, and everybody behind it, waiting.
        let is_free = matches!(
            request,
            Request::InWords { .. } | Request::Keep(_) | Request::Status | Request::Verify
        );
        let _still = (!is_free).then(|| self.lives.still());
        match request {
            Request::Add(batch) => Ok(Response::Added(self.write(self.read(&batch, lang)?)?)),
            Request::Amend(amend) => Ok(Response::Saved(self.amend(&amend, lang)?)),
            Request::Void { id, reason } => Ok(Response::Saved(self.void(&id, &reason, lang)?)),
            Request::Resubmit { id, comment } => {
                let saying = Saying::new(Action::Resubmit, comment);
                Ok(Response::Saved(self.say(&id, saying, lang)?))
            }
            Request::Recall { id, comment } => {
                let saying = Saying::new(Action::AskRecall, Some(comment));
                Ok(Response::Saved(self.say(&id, saying, lang)?))
            }
            Request::Comment { id, text } => {
                let saying = Saying::new(Action::Comment, Some(text));
                Ok(Response::Saved(self.say(&id, saying, lang)?))
            }
            Request::List(filter) => {
                let rows = self.list(&filter)?;
                Ok(Response::Listed(
                    rows.iter().map(|(_key, row)| json(row)).collect::<Result<_, _>>()?,
                ))
            }
            Request::Show { id } => Ok(Response::Shown(json(&self.show(&id, lang)?)?)),
            Request::History { id } => Ok(Response::History(all(&self.history(&id)?.1)?)),
            Request::Export(page) => Ok(Response::Exported(self.export(&page)?)),
            Request::Forms => Ok(Response::Listed(self.forms()?)),
            Request::Form { id, version } => {
                Ok(Response::Shown(json(&self.form_view(&id, version)?)?))
            }
            Request::Tasks => Ok(Response::Tasks(all(&self.tasks(lang)?)?)),
            Request::InWords { of } => self.in_words(*of, lang),
            Request::Status => Ok(Response::Status(self.status()?)),
            Request::Verify => Ok(Response::Verified(self.verify()?)),
            Request::Keep(asked) => Ok(Response::Kept(self.upkeep(asked)?)),
            Request::Sync => {
                let words = "an exchange is asked of whoever keeps the link";
                Err(Problem::new(Cause::Internal, words))
            }
        }
    }

    /// While the views are made anew, whoever asks about records waits.
    fn wait_for_views(&self) -> Result<(), Fault> {
        match self.store.state() {
            StoreState::Rebuilding => self.store.settled(),
            StoreState::Ok | StoreState::Degraded(_) => Ok(()),
        }
    }

    /// Notes what came from the hub and was not noted when it came.
    fn note_arrivals(&self) {
        let skew_ms = self.ledger.clock_skew_ms().unwrap_or(0);
        crate::sync::Desk::arrived(self, crate::clock::now_ms().saturating_sub(skew_ms));
    }

    /// Returns the forms and lists as they are now; whoever asks keeps them for one request.
    fn catalogue(&self) -> Result<Arc<Catalogue>, Fault> {
        self.catalogues.at(&self.reader)
    }

    fn form(&self, id: &str) -> Result<Arc<Form>, Problem> {
        let catalogue = self.catalogue()?;
        catalogue.newest(id).ok_or_else(|| {
            let known: Vec<&str> = catalogue.forms().map(|form| form.id.as_str()).collect();
            let words = format!("there is no form {id} here: the forms are {}", known.join(", "));
            Problem::new(Cause::NotFound, words)
        })
    }

    /// What is known beside a record: the time only where the hub's has been compared.
    fn facts(&self, lang: Lang) -> Result<Facts, Problem> {
        let now = self.ledger.clock_skew_ms().map(time::now_less);
        let card = Records(&self.reader).site(&self.identity().enrolment.site)?;
        let validity = card.and_then(|card| {
            let end = |end: Option<String>| end.unwrap_or_default();
            Validity::parse(&end(card.valid_from), &end(card.valid_to)).ok()
        });
        Ok(Facts { now, site_valid: validity, language: lang.into(), recorded: None })
    }

    /// Decides on the storage thread and writes; when this returns it is durable.
    fn append<T: Send + 'static>(
        &self,
        decide: impl FnOnce(&dyn Lookup) -> Result<(Vec<Draft>, T), Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.append_to(self.log(), decide)
    }
}

impl crate::sync::Desk for Desk {
    fn waiting(&self) -> Waiting {
        let amount = |(entries, bytes)| Amount { entries, bytes };
        let (urgent, routine) = self.waiting_by_urgency().unwrap_or_else(|problem| {
            tracing::warn!(%problem, "what waits can't be counted");
            Default::default()
        });
        Waiting { urgent: amount(urgent), routine: amount(routine), attachments: Amount::default() }
    }

    fn is_bound(&self, device: &DeviceKey) -> bool {
        let records = Records(&self.reader);
        let bound = self.wait_for_views().and_then(|()| records.is_bound(device));
        bound.unwrap_or_else(|fault| {
            tracing::warn!(%fault, "whether a device is vouched for can't be read");
            false
        })
    }

    fn follow_binding(&self) -> Option<Identity> {
        Self::follow_binding(self).unwrap_or_else(|fault| {
            tracing::warn!(%fault, "what the hub says of this machine can't be followed yet");
            None
        })
    }

    fn heal(&self) -> Option<Identity> {
        let healed = Self::heal(self);
        healed
            .inspect_err(|error| tracing::error!(%error, "the next epoch can't be opened yet"))
            .ok()
    }

    fn arrived(&self, at_ms: i64) {
        if let Err(fault) = self.arrivals.note(&self.store, &self.crossed(at_ms)) {
            tracing::warn!(%fault, "when entries crossed the link can't be noted");
        }
    }
}

/// Returns what is printed, one of many each.
fn all<T: Serialize>(values: &[T]) -> Result<Vec<Json>, Problem> {
    values.iter().map(json).collect()
}

/// Returns what is printed.
fn json<T: Serialize>(value: &T) -> Result<Json, Problem> {
    serde_json::to_value(value)
        .map_err(|error| Problem::new(Cause::Internal, format!("can't be printed: {error}")))
}

/// Returns the entry that holds a change.
fn draft(change: &Change, stamp: Stamp, receipt: u64) -> Result<Draft, Problem> {
    let payload = change.to_payload().map_err(|error| {
        Problem::new(Cause::TooLarge, format!("the record can't be written: {error}"))
    })?;
    Ok(Draft { kind: Change::KIND, payload, stamp, receipt })
}

/// Draws the id of a new record.
fn fresh_id() -> Result<RecordId, IdentityError> {
    let random = identity::random::<10>()?;
    let ms = u64::try_from(crate::clock::now_ms()).unwrap_or(0);
    Ok(RecordId(uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid().into_bytes()))
}

#[cfg(test)]
pub(crate) mod tests;
