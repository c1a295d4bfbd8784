//! The page of one record: what it says, where people disagree, what is remarked, who wrote what.
//!
//! Labels come from the form and its lists, in the reader's language. What no form explains is
//! shown as it was written.

mod conflicts;
mod history;
mod labels;
pub(crate) mod review;
mod values;
mod wording;

use std::collections::BTreeMap;

use askama::Template;
use record::{Catalogue, Custody, HistoryItem, RecordView, Severity, Words};

use crate::NotRendered;
use crate::dictionary::Dictionary;
use crate::frame::{Frame, Place};
use crate::sites::entry_rule;
use conflicts::{Dispute, Third};
use history::Step;
use labels::Labels;
use review::{Badge, Review};
use values::{Body, Section};
pub use wording::{Part, PlainLine, Wording};

/// A record, and what is known around it.
#[derive(Clone, Copy, Debug)]
pub struct RecordPage<'a> {
    /// The record.
    pub view: &'a RecordView,
    /// Its changes, the first one first.
    pub history: &'a [HistoryItem],
    /// The forms and lists it was written by.
    pub catalogue: &'a Catalogue,
    /// The name of its site.
    pub site: &'a Words,
    /// What people call the records it names, by id.
    pub names: &'a BTreeMap<String, String>,
    /// What the hub itself goes by in evidence: the start of its key.
    pub hub: &'a str,
    /// The address of the next record that waits for a decision.
    pub next: Option<&'a str>,
}

/// A finding, as it stands beside the record.
struct Remark {
    label: String,
    what: String,
    /// What exactly, where `what` is a rule in words: as the hub keeps it, in English.
    exactly: Option<String>,
    badge: Badge,
    due: Option<String>,
}

#[derive(Template)]
#[template(path = "record.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: &'static Dictionary,
    place: Place,
    view: &'a RecordView,
    next: Option<&'a str>,
    heading: String,
    form: String,
    version: String,
    site: &'a str,
    key: String,
    seen: String,
    custody: String,
    sections: Vec<Section>,
    review: Review,
    disputes: Vec<Dispute>,
    remarks: Vec<Remark>,
    steps: Vec<Step>,
}

/// Shows a record.
///
/// # Errors
///
/// Returns [`NotRendered`] if the template fails.
pub fn record_page(frame: &Frame, page: &RecordPage<'_>) -> Result<String, NotRendered> {
    let view = page.view;
    let labels = Labels::new(frame.words(), page);
    let w = frame.words();
    let page = Page {
        frame,
        w,
        place: Place::Records,
        view,
        next: page.next,
        heading: view.reference.clone().unwrap_or_else(|| view.id.clone()),
        form: labels.form(),
        version: view.form_version.to_string(),
        site: frame.lang.pick(page.site).unwrap_or(&view.site),
        key: format!("{}:{}", view.site, view.id),
        seen: view.seen.join(" "),
        custody: custody(w, view.custody),
        sections: values::sections(&labels, view),
        review: review::review(&labels),
        disputes: conflicts::disputes(&labels, view),
        remarks: remarks(&labels, view),
        steps: history::steps(&labels, page.history),
    };
    page.render().map_err(NotRendered)
}

fn custody(w: &Dictionary, custody: Custody) -> String {
    w.t(match custody {
        Custody::Saved => "custody-saved",
        Custody::Sent => "custody-sent",
        Custody::Held => "custody-held",
        Custody::Reviewed => "custody-reviewed",
    })
}

/// Returns the findings: broken rules first, then what is left to do, then warnings.
fn remarks(labels: &Labels<'_>, view: &RecordView) -> Vec<Remark> {
    let remark = |finding: &record::Finding| {
        let rule = entry_rule(labels.w, &finding.rule);
        Remark {
            label: finding.field.as_deref().map(|field| labels.finding(field)).unwrap_or_default(),
            exactly: rule.is_some().then(|| finding.what.clone()),
            what: rule.unwrap_or_else(|| finding.what.clone()),
            badge: gravity(labels.w, finding.severity),
            due: finding.due.as_deref().map(|due| labels.w.time(due)),
        }
    };
    let mut findings: Vec<&record::Finding> = view.findings.iter().collect();
    findings.sort_by_key(|finding| match finding.severity {
        Severity::Refusal => 0_u8,
        Severity::Task => 1,
        Severity::Warning => 2,
    });
    findings.into_iter().map(remark).collect()
}

fn gravity(w: &Dictionary, severity: Severity) -> Badge {
    let (key, class, sign) = match severity {
        Severity::Refusal => ("finding-refusal", "bad", "✕"),
        Severity::Task => ("finding-task", "quiet", "☐"),
        Severity::Warning => ("finding-warning", "warn", "!"),
    };
    Badge { words: w.t(key), class, sign }
}

#[cfg(test)]
mod tests;
