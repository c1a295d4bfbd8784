//! One record: what stands in it, what the centre remarked, where people disagree.

use std::collections::BTreeMap;
use std::iter;

use pages::{Dictionary, Lang, Wording};
use record::{Catalogue, ConflictView, RecordView, ReviewState};

use super::history::done;
use super::list::{custody, state};
use super::table::Table;
use super::words;

/// What is known around a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'a> {
    /// The reader's language.
    pub(crate) lang: Lang,
    /// The forms and lists.
    pub(crate) catalogue: &'a Catalogue,
    /// What people call the records it names, by id.
    pub(crate) names: &'a BTreeMap<String, String>,
    /// What its site is called.
    pub(crate) site: &'a str,
    /// The day it is.
    pub(crate) today: Option<record::Date>,
}

/// Returns the record, line by line.
pub(crate) fn record(around: &Around<'_>, view: &RecordView) -> Vec<String> {
    let wording = Wording::new(around.lang, around.catalogue, view, around.names);
    let mut lines = head(around, view, &wording);
    for part in wording.parts() {
        lines.push(String::new());
        lines.push(part.label.clone());
        lines.extend(fields(&part, view));
    }
    lines.extend(conflicts(words(around.lang), view, &wording));
    if !view.findings.is_empty() {
        lines.push(String::new());
        lines.push(words(around.lang).t("findings-title"));
    }
    for finding in &view.findings {
        let field = finding.field.as_deref().map(|field| wording.finding(field));
        let field = field.map(|field| format!("{field}: ")).unwrap_or_default();
        lines.push(format!("  - {field}{}", finding.what));
    }
    lines
}

fn head(around: &Around<'_>, view: &RecordView, wording: &Wording<'_>) -> Vec<String> {
    let w = words(around.lang);
    let name = view.reference.as_deref().unwrap_or(&view.id);
    let mut lines = vec![format!("{name}  {}", view.title).trim_end().to_owned()];
    let mut table = Table::default();
    let mut row = |key: &str, value: String| {
        if !value.is_empty() {
            table.push(vec![w.t(key), value]);
        }
    };
    row("record-void", view.voided.clone().unwrap_or_default());
    row("record-form", wording.form());
    row("record-site", around.site.to_owned());
    row("record-when", view.occurred_at.as_deref().map(|at| w.time(at)).unwrap_or_default());
    row("head-marks", if view.urgent { w.t("mark-urgent") } else { String::new() });
    row("record-custody", custody(w, view.custody));
    let review = &view.review;
    row("record-review", state(w, &review.state));
    let decided = [review.by.clone(), review.at.as_deref().map(|at| w.time(at))];
    row("record-decided", decided.into_iter().flatten().collect::<Vec<_>>().join(", "));
    for decision in &review.decided_twice {
        let what = done(w, decision.kind, decision.of.as_deref());
        let said = format!("{what} — {}, {}", decision.by, w.time(&decision.at));
        row("record-decided-twice", said);
    }
    row(
        "record-delivered",
        review.delivered_at.as_deref().map(|at| w.time(at)).unwrap_or_default(),
    );
    row("record-due", due(w, view, around.today));
    row("record-id", view.id.clone());
    lines.extend(table.lines(2));
    if !review.remarks.is_empty() {
        lines.push(String::new());
        lines.push(w.t("remarks-title"));
    }
    for remark in &review.remarks {
        let field = remark.field.as_deref().map(|field| wording.path(field));
        let field = field.map(|field| format!("{field}: ")).unwrap_or_default();
        let what = done(w, remark.kind, view.review.of.as_deref());
        let who = format!(" — {what}, {}, {}", remark.by, w.time(&remark.at));
        // Who decided, and when, stands above.
        let decided =
            review.by.as_ref() == Some(&remark.by) && review.at.as_ref() == Some(&remark.at);
        let who = if decided { String::new() } else { who };
        lines.extend(wrapped(&format!("  - {field}{}{who}", remark.remark)));
    }
    lines
}

/// Returns until when a returned record is to be corrected.
fn due(w: &Dictionary, view: &RecordView, today: Option<record::Date>) -> String {
    if view.review.state != ReviewState::Returned.word() {
        return String::new();
    }
    let Some(due) = view.review.due.as_deref() else {
        let days = view.review.due_days.map(|days| w.n("due-days", u64::from(days)));
        return days.unwrap_or_default();
    };
    let day = due.parse::<record::Date>().ok();
    let over = day.zip(today).is_some_and(|(day, today)| day < today);
    if over { format!("{} — {}", w.time(due), w.t("record-overdue")) } else { w.time(due) }
}

/// Returns the fields of a part, each with what the centre remarked on it.
fn fields(part: &pages::Part, view: &RecordView) -> Vec<String> {
    let mut table = Table::default();
    for line in &part.lines {
        let text = line.values.join(", ");
        let rows = (1..).zip(&line.rows).map(|(number, row)| {
            let cells = row.iter().map(|(label, value)| format!("{label}: {value}"));
            format!("{number}. {}", cells.collect::<Vec<_>>().join("; "))
        });
        let texts = text.lines().map(str::to_owned).chain(rows);
        let labels = iter::once(line.label.clone()).chain(iter::repeat(String::new()));
        texts.zip(labels).for_each(|(text, label)| table.push(vec![label, text]));
        let inside = |path: &str| path.split('/').next() == Some(line.field.as_str());
        for remark in view.review.fields.iter().filter(|remark| inside(&remark.field)) {
            table.push(vec![String::new(), format!("! {}", remark.remark)]);
        }
    }
    table.lines(2)
}

/// Returns the values that stand against each other, one under the other.
fn conflicts(w: &Dictionary, view: &RecordView, wording: &Wording<'_>) -> Vec<String> {
    if view.conflicts.is_empty() {
        return Vec::new();
    }
    let mut lines =
        vec![String::new(), w.t("conflicts-title"), format!("  {}", w.t("conflicts-do"))];
    for conflict in &view.conflicts {
        lines.push(format!("  {}", wording.path(&conflict.field)));
        lines.extend(sides(w, conflict, wording).lines(4));
    }
    lines
}

fn sides(w: &Dictionary, conflict: &ConflictView, wording: &Wording<'_>) -> Table {
    let mut table = Table::default();
    for (number, value) in (1..).zip(&conflict.values) {
        let evidence = &value.evidence;
        let suspect = if evidence.clock_suspect { w.t("history-suspect") } else { String::new() };
        table.push(vec![
            format!("{number})"),
            wording.value(&conflict.field, &value.value).join(", "),
            evidence.author.clone(),
            evidence.device.clone(),
            w.time(&evidence.claimed_at),
            suspect,
        ]);
    }
    table
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    iter::once(first).chain(lines.map(|line| format!("    {line}"))).collect()
}
