//! What waits for a person here: what the centre returned, first notices, conflicts, and what the
//! forms call a task.
//!
//! A task is found, never kept: it is gone once its reason is. What is overdue comes first, and what
//! only a form asks for last.

mod certificates;
mod lost;

use std::collections::BTreeSet;

use pages::Lang;
use record::{
    Catalogue, Date, DateTime, Facts, FieldRemark, Finding, RecordKey, RecordView, ReviewState,
    Severity,
};
use serde::Serialize;
use serde_json::Value as Json;

use super::here::Here;
use super::{Desk, time};
use crate::clock;
use crate::problem::Problem;
use crate::projector::{Records, Summary};

/// The finding on a first notice that lacks answers.
const TO_COMPLETE: &str = "to_complete";

/// Something that waits for a person here.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Task {
    /// The record.
    #[serde(skip)]
    pub(crate) key: RecordKey,
    /// What sort of task it is.
    pub(crate) kind: TaskKind,
    /// The record's id.
    pub(crate) id: String,
    /// What people call the record.
    #[serde(rename = "ref")]
    pub(crate) reference: Option<String>,
    /// The record's form.
    pub(crate) form: String,
    /// The record's site.
    pub(crate) site: String,
    /// The record's title.
    pub(crate) title: String,
    /// Until when: a day or an instant.
    pub(crate) due: Option<String>,
    /// Whether that is over.
    pub(crate) overdue: bool,
    /// Who asks for it.
    pub(crate) by: Option<String>,
    /// Since when.
    pub(crate) at: Option<String>,
    /// What is to be done, in words of a person or a rule.
    pub(crate) what: Option<String>,
    /// What is to be done with single fields.
    pub(crate) fields: Vec<FieldRemark>,
    /// A value that was not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lost: Option<Lost>,
}

/// What sort of task it is; in this order where nothing is due.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskKind {
    /// The centre returned the record.
    Returned,
    /// A first notice is to be completed.
    ToComplete,
    /// The centre gave the record back, as was asked.
    Recalled,
    /// Values stand against each other.
    Conflict,
    /// A conflict was settled and the value of this device was not kept.
    LostValue,
    /// A mandatory certificate expired or soon will.
    Certificate,
    /// The form asks for something more.
    ToDo,
}

/// A value that was not kept.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Lost {
    /// The field's path.
    pub(crate) field: String,
    /// The value of this device.
    pub(crate) yours: Json,
    /// The value that was kept.
    pub(crate) kept: Json,
    /// The decision's entry.
    pub(crate) dot: String,
}

impl Desk {
    /// Returns what waits, and notes that what was returned has been read.
    pub(super) fn tasks(&self, lang: Lang) -> Result<Vec<Task>, Problem> {
        self.note_arrivals();
        let records = Records(&self.reader);
        let now = self.present();
        let mut tasks = Vec::new();
        let mut read = Vec::new();
        for key in records.to_answer()? {
            read.push(key.clone());
            tasks.push(answer(&key, self.view(&key, lang)?, now));
        }
        let (own, catalogue, facts) = (self.own_log_ids(), self.catalogue()?, self.facts(lang)?);
        let summaries = records.summaries()?;
        tasks.extend(self.certificates(&summaries, (lang, now))?);
        for (key, summary) in summaries {
            if summary.conflict {
                tasks.push(Task::about(&key, &summary, TaskKind::Conflict));
            }
            if lost::can_have(&summary, &own) {
                tasks.extend(self.lost(&key, &summary)?.into_iter().map(|(_dot, task)| task));
            }
            if may_lack(&catalogue, &summary) {
                self.todo(&mut tasks, (&key, &summary), (&catalogue, facts, now))?;
            }
        }
        tasks.sort_by(|one, two| one.order().cmp(&two.order()));
        read.iter().for_each(|key| self.has_read(key));
        Ok(tasks)
    }

    /// Returns what the form still asks for.
    fn todo(
        &self,
        tasks: &mut Vec<Task>,
        (key, summary): (&RecordKey, &Summary),
        (catalogue, facts, now): (&Catalogue, Facts, DateTime),
    ) -> Result<(), Problem> {
        let Some(state) = Records(&self.reader).state(key)? else { return Ok(()) };
        let facts = Facts { recorded: self.recorded(summary)?, ..facts };
        let shown = record::show(&state, catalogue, &facts, &Here(&self.reader, catalogue));
        if shown.voided.is_some() {
            return Ok(());
        }
        let asks = |finding: &&Finding| finding.severity == Severity::Task;
        for finding in shown.findings.iter().filter(asks) {
            let notice = finding.rule == TO_COMPLETE;
            let kind = if notice { TaskKind::ToComplete } else { TaskKind::ToDo };
            let mut task = Task::about(key, summary, kind);
            task.what = Some(finding.what.clone());
            task.fields = finding.field.iter().map(|field| remark(field, finding)).collect();
            if let Some(due) = finding.due.as_deref().and_then(|due| due.parse::<DateTime>().ok()) {
                task.overdue = due < now;
                task.due = Some(due.to_string());
            }
            tasks.push(task);
        }
        Ok(())
    }

    /// Returns the present instant, by the hub's clock where it was compared.
    pub(super) fn present(&self) -> DateTime {
        let ahead_ms = self.ledger.clock_skew_ms().unwrap_or(0);
        time::at(clock::now_ms().saturating_sub(ahead_ms))
    }

    pub(super) fn own_log_ids(&self) -> BTreeSet<journal::LogId> {
        self.own_logs().iter().map(journal::LogName::id).collect()
    }
}

impl Task {
    fn about(key: &RecordKey, summary: &Summary, kind: TaskKind) -> Self {
        Self {
            key: key.clone(),
            kind,
            id: key.id.to_string(),
            reference: summary.reference.clone(),
            form: summary.form.clone(),
            site: key.site.to_string(),
            title: summary.title.clone(),
            due: None,
            overdue: false,
            by: None,
            at: None,
            what: None,
            fields: Vec::new(),
            lost: None,
        }
    }

    /// What a form asks for stands last: imported years bring hundreds of it, and it must not hide
    /// what the centre waits for.
    fn order(&self) -> impl Ord + '_ {
        let of_a_form = self.kind == TaskKind::ToDo;
        let due = (!self.overdue, self.due.is_none(), &self.due);
        (of_a_form, due, self.kind, &self.reference, &self.id)
    }
}

/// Returns the task of answering the centre.
fn answer(key: &RecordKey, view: RecordView, now: DateTime) -> Task {
    let RecordView { review, .. } = view;
    let returned = review.state == ReviewState::Returned.word();
    let due = review.due.as_deref().and_then(|due| due.parse::<Date>().ok());
    Task {
        key: key.clone(),
        kind: if returned { TaskKind::Returned } else { TaskKind::Recalled },
        id: view.id,
        reference: view.reference,
        form: view.form,
        site: view.site,
        title: view.title,
        overdue: due.zip(now.date()).is_some_and(|(due, today)| due < today),
        due: review.due,
        by: review.by,
        at: review.at,
        what: review
            .remarks
            .iter()
            .find(|remark| remark.field.is_none())
            .map(|remark| remark.remark.clone()),
        fields: review.fields,
        lost: None,
    }
}

/// Whether the rules may have something to ask for: of what is settled they ask nothing.
fn may_lack(catalogue: &Catalogue, summary: &Summary) -> bool {
    let settled = [ReviewState::Accepted, ReviewState::Duplicate, ReviewState::NotReportable];
    if settled.iter().any(|state| state.word() == summary.review.state) {
        return false;
    }
    let form = catalogue.form(&summary.form);
    let asks =
        form.is_some_and(|form| form.rules.iter().any(|rule| rule.severity == Severity::Task));
    summary.urgent || asks
}

fn remark(field: &str, finding: &Finding) -> FieldRemark {
    FieldRemark { field: field.to_owned(), remark: finding.what.clone() }
}

#[cfg(test)]
mod tests;
