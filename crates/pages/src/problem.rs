//! The page that says what went wrong and what to do.

use askama::Template;

use crate::NotRendered;
use crate::dictionary::Dictionary;
use crate::frame::{Frame, Place};

/// What went wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// There is no such page or record.
    NotFound,
    /// An id stands at two sites.
    Ambiguous,
    /// What was sent can't be used.
    Refused,
    /// What was sent was decided on something that has changed since.
    Stale,
    /// The address asks for something that can't be.
    Address,
    /// It was sent from somewhere else.
    Foreign,
    /// It is larger than what is taken at once.
    TooLarge,
    /// The hub's own trouble.
    Ours,
}

/// What is told.
#[derive(Clone, Debug)]
pub struct ProblemPage {
    /// What went wrong.
    pub trouble: Trouble,
    /// What exactly: the field, if it is one's, and what is the matter with it.
    pub details: Vec<(String, String)>,
    /// The records that could be meant: the address and the name of each.
    pub choices: Vec<(String, String)>,
    /// The address of the record it was about.
    pub record: Option<String>,
    /// What was written and is not kept anywhere else: the field and the text.
    pub written: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    frame: &'a Frame,
    w: &'static Dictionary,
    place: Place,
    page: &'a ProblemPage,
    title: String,
    what: String,
    details: Vec<(String, String)>,
    written: Vec<(String, String)>,
}

/// Shows what went wrong.
///
/// # Errors
///
/// Returns [`NotRendered`] if the template fails.
pub fn problem_page(frame: &Frame, page: &ProblemPage) -> Result<String, NotRendered> {
    let w = frame.words();
    let (title, what) = match page.trouble {
        Trouble::NotFound => ("problem-not-found", "problem-not-found-do"),
        Trouble::Ambiguous => ("problem-ambiguous", "problem-ambiguous-do"),
        Trouble::Refused => ("problem-refused", "problem-refused-do"),
        Trouble::Stale => ("problem-stale", "problem-stale-do"),
        Trouble::Address => ("problem-address", "problem-address-do"),
        Trouble::Foreign => ("problem-foreign", "problem-foreign-do"),
        Trouble::TooLarge => ("problem-refused", "problem-too-large-do"),
        Trouble::Ours => ("problem-ours", "problem-ours-do"),
    };
    let (title, what) = (w.t(title), w.t(what));
    let named = |(field, text): &(String, String)| (field_words(w, field), text.clone());
    let details = page.details.iter().map(named);
    let details = details.filter(|(field, reason)| !field.is_empty() || !reason.is_empty());
    let (details, written) = (details.collect(), page.written.iter().map(named).collect());
    let page = Problem { frame, w, place: Place::Elsewhere, page, title, what, details, written };
    page.render().map_err(NotRendered)
}

/// Returns what the pages call a field that a form or an address sends; another one as it is.
fn field_words(w: &Dictionary, field: &str) -> String {
    let key = match field {
        "from" => "filter-from",
        "to" => "filter-to",
        "state" => "filter-state",
        "custody" => "filter-custody",
        "decision" => "review-decision",
        "remark" => "review-remark",
        "fields" => "review-fields",
        "due" => "review-due",
        "of" => "review-of",
        "field_remark" => "review-field-remark",
        "other" => "conflict-other",
        "reason" => "void-reason",
        // The record as a whole, and what no person wrote.
        "id" | "cursor" => return String::new(),
        _other => return field.to_owned(),
    };
    w.t(key)
}

#[cfg(test)]
mod tests;
