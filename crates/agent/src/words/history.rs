//! What became of a record, entry by entry, the first one first.

use pages::{Dictionary, Wording};
use record::{HistoryItem, HistoryKind, RecordView};
use serde_json::Value as Json;

use super::record::Around;
use super::table::Table;
use super::words;

/// Returns the history, line by line.
pub(crate) fn history(
    around: &Around<'_>,
    view: &RecordView,
    items: &[HistoryItem],
) -> Vec<String> {
    let w = words(around.lang);
    let wording = Wording::new(around.lang, around.catalogue, view, around.names);
    let name = view.reference.as_deref().unwrap_or(&view.id);
    let mut lines = vec![format!("{name}  {}", view.title).trim_end().to_owned()];
    for item in items {
        lines.extend(step(w, &wording, item));
    }
    lines
}

fn step(w: &Dictionary, wording: &Wording<'_>, item: &HistoryItem) -> Vec<String> {
    let evidence = &item.evidence;
    let who = [evidence.author.as_str(), evidence.device.as_str()];
    let who: Vec<&str> = who.into_iter().filter(|name| !name.is_empty()).collect();
    let mut head =
        format!("{}  {}", w.time(&evidence.claimed_at), done(w, item.kind, item.of.as_deref()));
    head.push_str(&format!(" — {}", who.join(", ")));
    if evidence.clock_suspect {
        head.push_str(&format!(" ({})", w.t("history-suspect")));
    }
    let mut lines = vec![String::new(), head];
    if let Some([from, to]) = &evidence.trusted {
        let between = format!("{} … {}", w.time(from), w.time(to));
        lines.push(format!("  {}", w.with("history-trusted", &between)));
    }
    lines.extend(
        item.due.as_deref().map(|due| format!("  {}: {}", w.t("record-due"), days(w, due))),
    );
    lines.extend(item.remark.as_deref().map(|remark| format!("  «{remark}»")));
    let mut table = Table::default();
    for field in &item.fields {
        table.push(vec![wording.path(&field.field), format!("! {}", field.remark)]);
    }
    for change in &item.changes {
        let label = wording.path(&change.field);
        let to = side(w, wording, &change.field, &change.to);
        // Of a new record only what was said is of interest.
        let text = if item.kind == HistoryKind::Created {
            to
        } else {
            format!("{} → {to}", side(w, wording, &change.field, &change.from))
        };
        table.push(vec![label, text]);
    }
    lines.extend(table.lines(2));
    lines
}

/// Returns a due date; days that count from the delivery are written `7 d`.
fn days(w: &Dictionary, due: &str) -> String {
    let days = due.strip_suffix(" d").and_then(|days| days.parse::<u64>().ok());
    days.map_or_else(|| w.time(due), |days| w.n("due-days", days))
}

fn side(w: &Dictionary, wording: &Wording<'_>, path: &str, value: &Json) -> String {
    let texts = wording.value(path, value);
    match texts.as_slice() {
        [] => w.t("history-empty"),
        texts => texts.join(", ").replace('\n', " "),
    }
}

/// Returns what was done; `of` is the record that stays, of a duplicate.
pub(super) fn done(w: &Dictionary, kind: HistoryKind, of: Option<&str>) -> String {
    w.t(match kind {
        HistoryKind::Created => "step-created",
        HistoryKind::Amended => "step-amended",
        HistoryKind::Resolved => "step-resolved",
        HistoryKind::Voided => "step-voided",
        HistoryKind::Accepted => "step-accept",
        HistoryKind::Returned => "step-return",
        HistoryKind::OnHold => "step-hold",
        HistoryKind::Duplicate => {
            return w.with("step-duplicate", of.unwrap_or_default());
        }
        HistoryKind::NotReportable => "step-not-reportable",
        HistoryKind::Reopened => "step-reopen",
        HistoryKind::Commented => "step-comment",
        HistoryKind::Resubmitted => "step-resubmit",
        HistoryKind::RecallAsked => "step-ask-recall",
        HistoryKind::Recalled => "step-grant-recall",
        HistoryKind::Seen => "step-seen",
    })
}
