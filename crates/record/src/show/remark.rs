//! What the policies of fields, a removal or a void have to remark: the findings that need the
//! fold. Those that need only values are the rules'.

use std::collections::{BTreeMap, BTreeSet};

use journal::Dot;

use crate::change::FormVersion;
use crate::finding::Finding;
use crate::form::Policy;
use crate::path::Path;
use crate::standing::Removal;
use crate::state::{FieldState, State};
use crate::value::Value;

/// Remarks that the record's form is not known here.
pub(super) fn unknown_form(form: &FormVersion) -> Finding {
    let FormVersion { id, version } = form;
    let what =
        format!("the form `{id}` version {version} is not known here: everything is kept, update");
    finding("unknown_form", None, what)
}

/// Remarks that the form has no such field.
pub(super) fn unknown_field(label: &str) -> Finding {
    let what = "the form known here has no such field: its value is kept as it came";
    finding("unknown_field", Some(label), what)
}

/// Remarks that a value is of a sort that is not known here.
pub(super) fn unknown_value(label: &str) -> Finding {
    let what = "this program does not know such values: it is kept as it came, update";
    finding("unknown_value", Some(label), what)
}

/// Remarks on a field that was changed although its policy says it never is.
pub(super) fn changed(label: &str, state: &FieldState, policy: Policy) -> Option<Finding> {
    if state.replaced.is_empty() {
        return None;
    }
    match policy {
        Policy::Mv | Policy::Max => None,
        Policy::Immutable => {
            let what = "this is set once, and was changed later: look at the history";
            Some(finding("immutable_changed", Some(label), what))
        }
        Policy::Append => {
            let what = "rows here are only added, and this one was changed: look at the history";
            Some(finding("append_changed", Some(label), what))
        }
    }
}

/// Remarks on a row that was removed although somebody still writes to it, or nobody may.
pub(super) fn removal(label: &str, removal: Removal, policy: Policy) -> Option<Finding> {
    match (removal, policy) {
        (Removal::Kept, _) => None,
        (Removal::Removed | Removal::Doubtful, Policy::Append) => {
            let what = "rows here are only added: it was removed and is shown all the same";
            Some(finding("append_removed", Some(label), what))
        }
        (Removal::Removed, Policy::Mv | Policy::Max | Policy::Immutable) => None,
        (Removal::Doubtful, Policy::Mv | Policy::Max | Policy::Immutable) => {
            let what = "it was removed, and changed by someone who had not seen that: \
                        keep it or remove it again";
            Some(finding("removed_row_changed", Some(label), what))
        }
    }
}

/// Remarks on each change made beside a void: neither had seen the other.
pub(super) fn void_unseen(state: &State) -> Vec<Finding> {
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
        let what = format!(
            "the record is void, and someone who had not seen that changed {}: void it again or \
             take the void back",
            fields.join(", ")
        );
        finding("void_unseen", fields.first().copied(), what)
    };
    changes.into_values().map(remark).collect()
}

fn finding(rule: &str, field: Option<&str>, what: impl Into<String>) -> Finding {
    Finding { rule: rule.to_owned(), field: field.map(str::to_owned), what: what.into() }
}
