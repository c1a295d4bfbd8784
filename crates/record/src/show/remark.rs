//! What the policies of fields, a removal or a void have to remark: the findings that need the
//! fold. Those that need only values are the rules'.

use std::collections::{BTreeMap, BTreeSet};

use journal::Dot;

use crate::change::FormVersion;
use crate::finding::Finding;
use crate::form::Policy;
use crate::list::Language;
use crate::message;
use crate::path::Path;
use crate::standing::Removal;
use crate::state::{FieldState, State};
use crate::value::Value;

/// The finding on a record whose first entry has not come.
pub(crate) const INCOMPLETE: &str = "incomplete";

/// Remarks that the record's form is not known here.
pub(super) fn unknown_form(form: &FormVersion, language: Language) -> Finding {
    let what = message::unknown_form(language, &form.id, form.version);
    Finding::new("unknown_form", None, what)
}

/// Remarks that the entry that made the record has not come yet.
pub(super) fn incomplete(state: &State, language: Language) -> Option<Finding> {
    let what = || message::incomplete(language);
    state.is_incomplete().then(|| Finding::new(INCOMPLETE, None, what()))
}

/// Remarks that the form has no such field.
pub(super) fn unknown_field(label: &str, language: Language) -> Finding {
    Finding::new("unknown_field", Some(label), message::unknown_field(language))
}

/// Remarks that a value is of a sort that is not known here.
pub(super) fn unknown_value(label: &str, language: Language) -> Finding {
    Finding::new("unknown_value", Some(label), message::unknown_value(language))
}

/// Remarks on a value that stands where values are only computed.
pub(super) fn not_stored(label: &str, language: Language) -> Finding {
    Finding::new("value", Some(label), message::not_stored(language))
}

/// Remarks on a field that was changed although its policy says it never is.
pub(super) fn changed(
    label: &str,
    state: &FieldState,
    (policy, language): (Policy, Language),
) -> Option<Finding> {
    if state.replaced.is_empty() {
        return None;
    }
    match policy {
        Policy::Mv | Policy::Max => None,
        Policy::Immutable => {
            let what = message::immutable_changed(language);
            Some(Finding::new("immutable_changed", Some(label), what))
        }
        Policy::Append => {
            let what = message::append_changed(language);
            Some(Finding::new("append_changed", Some(label), what))
        }
    }
}

/// Remarks on a row that was removed although somebody still writes to it, or nobody may.
pub(super) fn removal(
    label: &str,
    removal: Removal,
    (policy, language): (Policy, Language),
) -> Option<Finding> {
    match (removal, policy) {
        (Removal::Kept, _) => None,
        (Removal::Removed | Removal::Doubtful, Policy::Append) => {
            let what = message::append_removed(language);
            Some(Finding::new("append_removed", Some(label), what))
        }
        (Removal::Removed, Policy::Mv | Policy::Max | Policy::Immutable) => None,
        (Removal::Doubtful, Policy::Mv | Policy::Max | Policy::Immutable) => {
            let what = message::removed_row_changed(language);
            Some(Finding::new("removed_row_changed", Some(label), what))
        }
    }
}

/// Remarks on each change made beside a void: neither had seen the other.
pub(super) fn void_unseen(state: &State, language: Language) -> Vec<Finding> {
    let void = Path::field(Path::VOID);
    let voids = state.get(&void).live.iter();
    let voids: Vec<&Dot> =
        voids.filter(|(_, reason)| **reason != Value::Cleared).map(|(dot, _)| dot).collect();
    if voids.is_empty() {
        return Vec::new();
    }
    let unseen = |dot: &Dot| {
        let beside = |void: &&Dot| !state.had_seen(dot, void) && !state.had_seen(void, dot);
        !voids.contains(&dot) && voids.iter().any(beside)
    };
    let mut changes: BTreeMap<Dot, BTreeSet<&str>> = BTreeMap::new();
    for (path, field) in state.fields().filter(|(path, _)| **path != void) {
        for dot in field.live.keys().filter(|dot| unseen(dot)) {
            changes.entry(*dot).or_default().insert(path.field.as_str());
        }
    }
    let remark = |fields: BTreeSet<&str>| {
        let fields: Vec<&str> = fields.into_iter().collect();
        let what = message::void_unseen(language, fields.join(", "));
        Finding::new("void_unseen", fields.first().copied(), what)
    };
    changes.into_values().map(remark).collect()
}
