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

/// What the table is narrowed to, as it was asked for.
#[derive(Clone, Debug, Default)]
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

impl Filter {
    fn is_empty(&self) -> bool {
        let Self { form, site, region, state, from, to, query, custody, conflict, late } = self;
        let texts = [form, site, region, state, from, to, query, custody];
        texts.into_iter().all(String::is_empty) && !conflict && !late
    }
}
