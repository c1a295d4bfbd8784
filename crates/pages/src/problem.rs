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
    /// It was sent from somewhere else.
    Foreign,
    /// The hub's own trouble.
    Ours,
}

/// What is told.
#[derive(Clone, Debug)]
pub struct ProblemPage {
    /// What went wrong.
    pub trouble: Trouble,
    /// What exactly, in the program's words; empty is nothing.
    pub details: Vec<String>,
    /// The records that could be meant: the address and the name of each.
    pub choices: Vec<(String, String)>,
    /// The address of the record it was about.
    pub record: Option<String>,
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
        Trouble::Foreign => ("problem-foreign", "problem-foreign-do"),
        Trouble::Ours => ("problem-ours", "problem-ours-do"),
    };
    let (title, what) = (w.t(title), w.t(what));
    let page = Problem { frame, w, place: Place::Elsewhere, page, title, what };
    page.render().map_err(NotRendered)
}
