//! The page of records: a table that is narrowed by a form and read on page by page.

use askama::Template;

use crate::NotRendered;
use crate::dictionary::Dictionary;
use crate::frame::{Frame, Place};
use crate::record::review::{self, Badge};

/// A record's line.
#[derive(Clone, Debug, Default)]
pub struct RecordRow {
    /// What its page is called by: `SITE:id`.
    pub key: String,
    /// Its reference for people, or else the start of its id.
    pub reference: String,
    /// What its form is called.
    pub form: String,
    /// The site's code.
    pub site: String,
    /// The site's name.
    pub site_name: String,
    /// Its own date, as RFC 3339.
    pub occurred_at: Option<String>,
    /// Its title.
    pub title: String,
    /// Whether it is urgent.
    pub urgent: bool,
    /// Whether two people disagree about it.
    pub conflict: bool,
    /// Whether it is void.
    pub voided: bool,
    /// Whether it was signed later than its severity allows.
    pub late: bool,
    /// Whether it arrived later than that, signed in time or not.
    pub arrived_late: bool,
    /// The state of its review, as the API calls it.
    pub review_state: String,
}

/// Something to choose from.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What is sent.
    pub code: String,
    /// What is read.
    pub label: String,
}

/// A shortcut to what may wait for somebody.
#[derive(Clone, Debug, Default)]
pub struct Shortcut {
    /// A state of the review; none are the conflicts.
    pub state: Option<&'static str>,
    /// How many records there are.
    pub number: u64,
}

/// What the table is narrowed to, as it was asked for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// A form's id.
    pub form: String,
    /// A site's code.
    pub site: String,
    /// A region's code.
    pub region: String,
    /// A state of the review.
    pub state: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Words.
    pub query: String,
    /// How far it has got: held, or reviewed.
    pub custody: String,
    /// Only those with a conflict.
    pub conflict: bool,
    /// Only those signed later than their severity allows.
    pub late: bool,
}

/// A page of the table.
#[derive(Clone, Debug, Default)]
pub struct RecordsPage {
    /// What it is narrowed to.
    pub filter: Filter,
    /// What may wait for somebody, at all sites.
    pub shortcuts: Vec<Shortcut>,
    /// The forms there are.
    pub forms: Vec<Choice>,
    /// The sites there are.
    pub sites: Vec<Choice>,
    /// The regions there are.
    pub regions: Vec<Choice>,
    /// The lines.
    pub rows: Vec<RecordRow>,
    /// How many records there are in all pages.
    pub total: u64,
    /// And more, which nobody counted.
    pub is_more: bool,
    /// The address of the first page, where this is a later one.
    pub first: Option<String>,
    /// The address of the next page.
    pub next: Option<String>,
}

#[derive(Template)]
#[template(path = "records.html")]
struct Records<'a> {
    frame: &'a Frame,
    w: &'static Dictionary,
    place: Place,
    page: &'a RecordsPage,
    states: Vec<Choice>,
}

/// Shows records as a table.
///
/// # Errors
///
/// Returns [`NotRendered`] if the template fails.
pub fn records_page(frame: &Frame, page: &RecordsPage) -> Result<String, NotRendered> {
    let states = review::states(frame.words());
    let page = Records { frame, w: frame.words(), place: Place::Records, page, states };
    page.render().map_err(NotRendered)
}

impl Records<'_> {
    fn review(&self, row: &RecordRow) -> Badge {
        review::badge(self.w, &row.review_state)
    }
}

impl Shortcut {
    fn badge(&self, w: &Dictionary) -> Badge {
        let conflict = || Badge { words: w.t("mark-conflict"), class: "warn", sign: "≠" };
        self.state.map_or_else(conflict, |state| review::badge(w, state))
    }

    fn href(&self) -> String {
        self.state.map_or_else(
            || "/records?conflict=true".to_owned(),
            |state| format!("/records?state={state}"),
        )
    }

    /// Returns whether it leads to what is shown already.
    fn is_here(&self, filter: &Filter) -> bool {
        let state = self.state.unwrap_or_default().to_owned();
        let other = Filter { state, conflict: self.state.is_none(), ..Filter::default() };
        *filter == other
    }
}

impl Filter {
    /// Returns whether anything is given that stands behind the fold.
    fn is_deep(&self) -> bool {
        let Self { region, from, to, custody, conflict, late, .. } = self;
        let texts = [region, from, to, custody];
        *conflict || *late || !texts.into_iter().all(String::is_empty)
    }

    fn is_empty(&self) -> bool {
        let Self { form, site, region, state, from, to, query, custody, conflict, late } = self;
        let texts = [form, site, region, state, from, to, query, custody];
        texts.into_iter().all(String::is_empty) && !conflict && !late
    }
}

#[cfg(test)]
mod tests;
