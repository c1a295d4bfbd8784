//! Which tables are views, and by which columns their rows are told apart.

/// A table that the fold writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) name: &'static str,
    /// The columns that tell its rows apart.
    pub(super) keys: &'static [&'static str],
}

/// All tables that follow from the truth alone; every column of them is compared.
pub(super) const VIEWS: &[View] = &[
    View { name: "record", keys: &["site", "id"] },
    View { name: "record_entry", keys: &["site", "log", "seq"] },
    View { name: "reference", keys: &["ref", "site", "id"] },
    View { name: "named", keys: &["form", "field", "text", "site", "id"] },
    View { name: "act", keys: &["site", "log", "seq"] },
    View { name: "entry_finding", keys: &["log", "seq", "rule"] },
    View { name: "person", keys: &["id"] },
    View { name: "site", keys: &["code"] },
    View { name: "publication", keys: &["subject", "name", "version"] },
    View { name: "record_wanting", keys: &["subject", "name", "site", "id"] },
    View { name: "fold_lane", keys: &["site"] },
    View { name: "fold_cursor", keys: &["shard", "log"] },
    View { name: "forked_entry", keys: &["log_id", "seq", "short", "id"] },
    View { name: "forgery", keys: &["log_id", "seq", "short"] },
];

/// Tables that are no truth and are not compared, with the reason.
#[cfg(test)]
pub(super) const NOT_COMPARED: &[(&str, &str)] = &[
    ("layout", "says which tables there are"),
    (
        "fold_shard",
        "says who folds now and what waits; a shard forgotten there is marked once more",
    ),
    ("refold", "is empty whenever the views are compared"),
    ("to_search", "is what waits to be written for searching"),
    ("searched", "is compared with the records by `searched`: the numbers follow no rule"),
];
