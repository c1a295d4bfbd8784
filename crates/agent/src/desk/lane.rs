//! Which log a record is written to: the site's, or the one for everyone where its form says so.
//!
//! What goes to everyone is written by the devices the hub lets publish, and by nobody else here.

use journal::{Draft, Kind, LogName, SiteCode};
use pages::Lang;
use record::{Form, Reach, message};
use store::Lookup;

use super::Desk;
use crate::clock;
use crate::problem::{Cause, Problem};

impl Desk {
    /// Returns the log for a record of a form that was made at `site`.
    pub(super) fn log_for(
        &self,
        form: &Form,
        site: &SiteCode,
        lang: Lang,
    ) -> Result<LogName, Problem> {
        let own = &self.identity().enrolment;
        if *site != own.site && !own.predecessors.contains(site) {
            let words = message::made_elsewhere(lang.into(), site);
            return Err(Problem::new(Cause::Refused, words));
        }
        match form.reach {
            Reach::Site => Ok(self.log().clone()),
            Reach::Everyone if own.publishes => Ok(self.identity().everyone_log()),
            Reach::Everyone => {
                let words = message::not_published_here(lang.into(), &form.id, &own.site);
                Err(Problem::new(Cause::Refused, words))
            }
        }
    }

    /// Decides on the storage thread and writes to that log; when this returns it is durable.
    pub(super) fn append_to<T: Send + 'static>(
        &self,
        log: &LogName,
        decide: impl FnOnce(&dyn Lookup) -> Result<(Vec<Draft>, T), Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (name, mut first) = (log.clone(), None);
        if log != self.log() {
            // A log's first entry says whose it is, and all logs of one epoch say the same.
            let entries = self.store.entries(self.log(), 1, 1)?;
            let payload = entries.first().and_then(|entry| entry.bytes()).map(<[u8]>::to_vec);
            let (kind, stamp) = (Kind::EPOCH_START, clock::stamp());
            first = payload.map(|payload| Draft { kind, payload, stamp, receipt: 0 });
        }
        let decide = move |view: &dyn Lookup, logs: &store::Logs<'_>| {
            let (mut drafts, value) = decide(view)?;
            let is_new = logs.head(&name).seq == 0 && !drafts.is_empty();
            if let Some(start) = first.filter(|_start| is_new) {
                drafts.insert(0, start);
            }
            Ok((drafts, value))
        };
        let (_dots, value) = self.store.append(&self.identity().secret, log, decide)?;
        Ok(value)
    }
}
