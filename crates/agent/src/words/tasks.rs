//! What waits for a person, the overdue first.

use pages::{Dictionary, Wording};
use record::RecordView;

use super::list::form;
use super::record::Around;
use super::words;
use crate::desk::{Lost, Task, TaskKind};

/// Returns one task, line by line; `view` is its record.
pub(crate) fn task(around: &Around<'_>, view: &RecordView, task: &Task) -> Vec<String> {
    let w = words(around.lang);
    let wording = Wording::new(around.lang, around.catalogue, view, around.names);
    let mut head = kind(w, task.kind);
    if let Some(due) = &task.due {
        head.push_str(&format!(", {}", w.with("task-due", &w.time(due))));
    }
    if task.overdue {
        head = format!("{}: {head}", w.t("task-overdue"));
    }
    let name = task.reference.as_deref().unwrap_or(&task.id);
    let form = form(around.lang, around.catalogue, &task.form);
    let mut lines = vec![head, format!("  {name}  {form}  {}", task.title).trim_end().to_owned()];
    let by = [task.by.clone(), task.at.as_deref().map(|at| w.time(at))];
    let by = by.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if !by.is_empty() {
        lines.push(format!("  {by}"));
    }
    if task.kind != TaskKind::ToDo {
        lines.extend(task.what.as_deref().map(|what| format!("  «{what}»")));
    }
    for field in &task.fields {
        let label = label(&wording, task.kind, &field.field);
        lines.push(format!("  ! {label}: {}", field.remark));
    }
    if task.fields.is_empty() && task.kind == TaskKind::ToDo {
        lines.extend(task.what.as_deref().map(|what| format!("  ! {what}")));
    }
    if let Some(lost) = &task.lost {
        lines.extend(self::lost(w, &wording, lost));
    }
    if task.kind == TaskKind::Returned {
        lines.push(format!("  {}", w.with("task-resubmit", name)));
    }
    lines
}

fn lost(w: &Dictionary, wording: &Wording<'_>, lost: &Lost) -> [String; 3] {
    let text = |value| wording.value(&lost.field, value).join(", ");
    [
        format!("  {}", wording.path(&lost.field)),
        format!("    {}", w.with("task-yours", &text(&lost.yours))),
        format!("    {}", w.with("task-kept", &text(&lost.kept))),
    ]
}

/// Rules name fields as findings do, people as paths.
fn label(wording: &Wording<'_>, kind: TaskKind, field: &str) -> String {
    match kind {
        TaskKind::ToDo | TaskKind::ToComplete => wording.finding(field),
        TaskKind::Returned
        | TaskKind::Recalled
        | TaskKind::Conflict
        | TaskKind::LostValue
        | TaskKind::Certificate => wording.path(field),
    }
}

fn kind(w: &Dictionary, kind: TaskKind) -> String {
    w.t(match kind {
        TaskKind::Returned => "task-returned",
        TaskKind::ToComplete => "task-complete",
        TaskKind::Recalled => "task-recalled",
        TaskKind::Conflict => "task-conflict",
        TaskKind::LostValue => "task-lost",
        TaskKind::Certificate => "task-certificate",
        TaskKind::ToDo => "task-todo",
    })
}
