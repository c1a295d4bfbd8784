//! Where people disagree: the values side by side, and what to settle it with.

use record::{ConflictValue, Evidence, Field, Path, RecordView, Shape};

use super::labels::{Labels, Shown};
use crate::records::Choice;

/// A field in conflict.
pub(super) struct Dispute {
    pub(super) path: String,
    pub(super) label: String,
    pub(super) sides: Vec<Side>,
    pub(super) third: Third,
}

/// One of the values that stand against each other.
pub(super) struct Side {
    pub(super) dot: String,
    pub(super) values: Vec<Shown>,
    pub(super) evidence: Evidence,
}

/// How another value is given.
pub(super) enum Third {
    /// Not at all: a row is kept or removed.
    None,
    /// As one of these.
    Choices(Vec<Choice>),
    /// As a text.
    Text,
}

/// Returns the conflicts.
pub(super) fn disputes(labels: &Labels<'_>, view: &RecordView) -> Vec<Dispute> {
    let dispute = |conflict: &record::ConflictView| {
        let field = conflict.field.parse::<Path>().ok().and_then(|path| labels.known()?.at(&path));
        Dispute {
            label: labels.path(&conflict.field),
            sides: conflict.values.iter().map(|v| side(labels, &conflict.field, v)).collect(),
            third: third(labels, field),
            path: conflict.field.clone(),
        }
    };
    view.conflicts.iter().map(dispute).collect()
}

fn side(labels: &Labels<'_>, path: &str, value: &ConflictValue) -> Side {
    let values = labels.at(path, &value.value);
    Side { dot: value.dot.clone(), values, evidence: labels.evidence(&value.evidence) }
}

fn third(labels: &Labels<'_>, field: Option<&Field>) -> Third {
    let choice = |code: &str, label: String| Choice { code: code.to_owned(), label };
    match field.map(|field| (&field.shape, field.many)) {
        Some((Shape::Choice { list, .. }, false)) => {
            let label = |code: &record::Code| {
                labels.w.lang.pick(&code.label).unwrap_or(&code.code).to_owned()
            };
            Third::Choices(list.codes.iter().map(|c| choice(&c.code, label(c))).collect())
        }
        Some((Shape::Bool, false)) => Third::Choices(vec![
            choice("true", labels.w.t("value-yes")),
            choice("false", labels.w.t("value-no")),
        ]),
        None | Some((Shape::Group | Shape::Computed, _) | (_, true)) => Third::None,
        Some((
            Shape::Text { .. }
            | Shape::Int { .. }
            | Shape::Decimal { .. }
            | Shape::Date
            | Shape::DateTime
            | Shape::Reference { .. },
            false,
        )) => Third::Text,
    }
}
