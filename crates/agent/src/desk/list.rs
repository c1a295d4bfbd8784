//! Lists of records, and where each has got to.

use std::collections::BTreeMap;

use journal::{Dot, LogId};
use record::{Custody, Date, ListRow, RecordKey, ReviewState, UnknownState};
use store::{Store, Stretch};

use super::{Desk, time};
use crate::problem::{Cause, Problem};
use crate::projector::{Records, Summary};
use crate::request::{FieldReason, Filter};
use crate::sync::Reach;

/// How far the hub is proved to hold each of the device's logs, and how far they were sent without
/// an answer.
#[derive(Debug)]
pub(super) struct HeldUpTo {
    store: Store,
    reach: BTreeMap<LogId, Reach>,
}

impl Desk {
    /// Returns the records that the filter lets through, by their own date.
    pub(super) fn list(&self, filter: &Filter) -> Result<Vec<(RecordKey, ListRow)>, Problem> {
        check(filter)?;
        let held = self.held_up_to();
        let summaries = Records(&self.reader).summaries()?.into_iter();
        let mut rows: Vec<(RecordKey, ListRow)> = summaries
            .map(|(key, summary)| {
                let row = row(&key, summary, &held);
                (key, row)
            })
            .filter(|(_key, row)| passes(row, filter))
            .collect();
        // Two texts may name one instant by different offsets.
        rows.sort_by_cached_key(|(_key, row)| {
            (row.occurred_at.as_deref().and_then(time::instant), row.id.clone())
        });
        Ok(rows)
    }

    /// Returns how far the hub is proved to hold each of the device's logs.
    pub(super) fn held_up_to(&self) -> HeldUpTo {
        let own = self.own_logs().into_iter();
        let reach = own.map(|log| (log.id(), self.ledger.reach(&self.store, &log))).collect();
        HeldUpTo { store: self.store.clone(), reach }
    }
}

impl HeldUpTo {
    /// Returns where a record has got to: what others wrote came through the hub.
    pub(super) fn custody(&self, summary: &Summary) -> Custody {
        let review = &summary.review;
        let decided = if review.decided { Custody::Reviewed } else { Custody::Held };
        let dots = summary.dots.iter().chain(&review.acts);
        dots.map(|dot| self.of_entry(dot)).min().filter(|of| *of < Custody::Held).unwrap_or(decided)
    }

    fn of_entry(&self, dot: &Dot) -> Custody {
        let Some(reach) = self.reach.get(&dot.log) else { return Custody::Held };
        let branch = self.store.stretch_of(&dot.log, dot.seq, dot.id);
        let covers = |stretches: &[Stretch]| Reach::covers(stretches, branch, dot.seq);
        if covers(&reach.listed) {
            Custody::Held
        } else if covers(&reach.held) || covers(&reach.sent) {
            Custody::Sent // An older hub holds a further branch and lists it nowhere.
        } else {
            Custody::Saved
        }
    }
}

pub(super) fn row(key: &RecordKey, summary: Summary, held: &HeldUpTo) -> ListRow {
    ListRow {
        id: key.id.to_string(),
        site: key.site.to_string(),
        custody: held.custody(&summary),
        reference: summary.reference,
        form: summary.form,
        urgent: summary.urgent,
        conflict: summary.conflict,
        review_state: summary.review.state,
        occurred_at: summary.occurred_at,
        title: summary.title,
        late: None,
        arrived_late: None,
    }
}

pub(super) fn passes(row: &ListRow, filter: &Filter) -> bool {
    let day = row.occurred_at.as_deref().and_then(|at| at.get(..10));
    let custody = match row.custody {
        Custody::Saved => "saved",
        Custody::Sent => "sent",
        Custody::Held => "held",
        Custody::Reviewed => "reviewed",
    };
    let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|it| it == value);
    let from = filter.from.as_deref();
    let to = filter.to.as_deref();
    is(&filter.form, &row.form)
        && is(&filter.state, &row.review_state)
        && is(&filter.custody, custody)
        && from.is_none_or(|from| day.is_some_and(|day| from <= day))
        && to.is_none_or(|to| day.is_some_and(|day| day <= to))
        && filter.query.as_ref().is_none_or(|query| contains(row, query))
}

fn contains(row: &ListRow, query: &str) -> bool {
    let query = query.to_lowercase();
    let reference = row.reference.as_deref().unwrap_or_default();
    row.title.to_lowercase().contains(&query) || reference.to_lowercase().contains(&query)
}

pub(super) fn check(filter: &Filter) -> Result<(), Problem> {
    let mut errors = Vec::new();
    for (name, day) in [("from", &filter.from), ("to", &filter.to)] {
        if let Some(Err(error)) = day.as_deref().map(str::parse::<Date>) {
            errors.push(FieldReason::new(name, error.to_string()));
        }
    }
    let custodies = ["saved", "sent", "held", "reviewed"];
    if filter.custody.as_deref().is_some_and(|custody| !custodies.contains(&custody)) {
        errors.push(FieldReason::new("custody", format!("is one of {}", custodies.join(", "))));
    }
    if let Some(Err(error)) = filter.state.as_deref().map(str::parse::<ReviewState>) {
        let error: UnknownState = error;
        errors.push(FieldReason::new("state", error.to_string()));
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(Problem { cause: Cause::Usage, ..Problem::refused(errors) })
}
