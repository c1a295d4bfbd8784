//! Lists of records, a line each.

use pages::{Dictionary, Lang};
use record::{Catalogue, Custody, ListRow, ReviewState};

use super::table::Table;
use super::words;

/// Returns a line for each record, under a head.
pub(crate) fn list(lang: Lang, catalogue: &Catalogue, rows: &[ListRow]) -> Vec<String> {
    let w = words(lang);
    if rows.is_empty() {
        return vec![w.t("list-empty")];
    }
    let heads = ["head-ref", "head-form", "head-when", "head-custody", "head-review", "head-marks"];
    let mut table = Table::default();
    table.push(heads.iter().map(|key| w.t(key)).chain([w.t("head-title")]).collect());
    for row in rows {
        let when = row.occurred_at.as_deref().map(|at| w.time(at)).unwrap_or_default();
        table.push(vec![
            row.reference.clone().unwrap_or_else(|| row.id.clone()),
            form(lang, catalogue, &row.form),
            when,
            custody(w, row.custody),
            state(w, &row.review_state),
            marks(w, row),
            row.title.clone(),
        ]);
    }
    table.lines(0)
}

/// Returns what a form is called.
pub(super) fn form(lang: Lang, catalogue: &Catalogue, id: &str) -> String {
    let label = catalogue.form(id).and_then(|form| lang.pick(&form.label));
    label.unwrap_or(id).to_owned()
}

pub(super) fn custody(w: &Dictionary, custody: Custody) -> String {
    w.t(match custody {
        Custody::Saved => "custody-saved",
        Custody::Sent => "custody-sent",
        Custody::Held => "custody-held",
        Custody::Reviewed => "custody-reviewed",
    })
}

/// Returns the words for a state of review.
pub(super) fn state(w: &Dictionary, state: &str) -> String {
    let known = state.parse::<ReviewState>();
    known.map_or_else(|_unknown| state.to_owned(), |known| known.words(w.lang.into()))
}

fn marks(w: &Dictionary, row: &ListRow) -> String {
    let marks = [(row.urgent, "mark-urgent"), (row.conflict, "mark-conflict")];
    let marks = marks.iter().filter(|(is_set, _key)| *is_set).map(|(_, key)| w.t(key));
    marks.collect::<Vec<_>>().join(", ")
}
