//! The desk: everything a person or program may ask of the records on this machine.
//!
//! It reads rows of the projection and writes changes to the device's own log. Each decision that
//! depends on what stands there is taken on the storage thread, so nothing can come between what
//! was seen and what was written; what is said to be saved is durable. It does not know who asks,
//! nor how an answer is printed, nor the way to the hub.

mod change;
mod find;
mod import;
mod list;
mod opening;
mod show;
mod status;
mod time;
mod verify;

use std::path::Path;
use std::sync::Arc;

use journal::{DeviceKey, Draft, LogName, Stamp};
use protocol::{Amount, Waiting};
use record::{Catalogue, Change, Facts, Form, RecordId, Validity};
use store::{Fault, Lookup, Reader, Store, StoreState};

use crate::identity::{self, Identity, IdentityError};
use crate::problem::{Cause, Problem};
use crate::projector::Records;
use crate::request::{Request, Response};
use crate::sync::{Ledger, LinkState};

pub(crate) use import::Ready;
pub(crate) use opening::catalogue;
pub use opening::{open_store, pin};

/// Everything a person or program may ask of the records on this machine.
#[derive(Debug)]
pub struct Desk {
    store: Store,
    reader: Reader,
    identity: Identity,
    log: LogName,
    ledger: Ledger,
    catalogue: Arc<Catalogue>,
    link: LinkState,
}

impl Desk {
    /// Opens the data directory, which this process holds from then on.
    ///
    /// # Errors
    ///
    /// Returns a [`Problem`] if it can't be opened or the device is not enrolled.
    pub fn open(data: &Path) -> Result<Self, Problem> {
        let catalogue = catalogue()?;
        let store = opening::enrolled_store(data, &catalogue)?;
        let not_enrolled = || opening::not_enrolled(data);
        let identity = Identity::load(&store)?.ok_or_else(not_enrolled)?;
        // An enrolment whose log was not opened before the power went is finished here.
        identity.open_log(&store)?;
        let (reader, log) = (store.reader(), identity.site_log());
        let (ledger, link) = (Ledger::open(&store)?, LinkState::default());
        Ok(Self { store, reader, identity, log, ledger, catalogue, link })
    }

    /// Returns the store, for whoever exchanges with the hub.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Returns who this machine is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
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
        if !matches!(request, Request::Status) {
            self.wait_for_views()?;
        }
        match request {
            Request::Add(batch) => Ok(Response::Added(self.write(self.read(&batch)?)?)),
            Request::Amend(amend) => Ok(Response::Saved(self.amend(&amend)?)),
            Request::Void { id, reason } => Ok(Response::Saved(self.void(&id, &reason)?)),
            Request::List(filter) => Ok(Response::Listed(self.list(&filter)?)),
            Request::Show { id } => Ok(Response::Shown(self.show(&id)?)),
            Request::History { id } => Ok(Response::History(self.history(&id)?)),
            Request::Status => Ok(Response::Status(self.status()?)),
            Request::Verify => Ok(Response::Verified(self.verify()?)),
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

    fn form(&self, id: &str) -> Result<&Form, Problem> {
        self.catalogue.form(id).ok_or_else(|| {
            let known: Vec<&str> = self.catalogue.forms().map(|form| form.id.as_str()).collect();
            let words = format!("there is no form {id} here: the forms are {}", known.join(", "));
            Problem::new(Cause::NotFound, words)
        })
    }

    /// What is known beside a record: the time only where the hub's has been compared.
    fn facts(&self) -> Result<Facts, Problem> {
        let now = self.ledger.clock_skew_ms().map(time::now_less);
        let card = Records(&self.reader).site(&self.identity.enrolment.site)?;
        let validity = card.and_then(|card| {
            let end = |end: Option<String>| end.unwrap_or_default();
            Validity::parse(&end(card.valid_from), &end(card.valid_to)).ok()
        });
        Ok(Facts { now, site_valid: validity })
    }

    /// Decides on the storage thread and writes; when this returns it is durable.
    fn append<T: Send + 'static>(
        &self,
        decide: impl FnOnce(&dyn Lookup) -> Result<(Vec<Draft>, T), Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let decide = move |view: &dyn Lookup, _: &store::Logs<'_>| decide(view);
        let (_dots, value) = self.store.append(&self.identity.secret, &self.log, decide)?;
        Ok(value)
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
