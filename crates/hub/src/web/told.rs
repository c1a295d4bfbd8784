//! Troubles as pages: what went wrong, what of it is lost (nothing), what to do.

use axum::http::StatusCode;
use axum::response::Response;
use pages::{ProblemPage, Trouble, problem_page};

use super::visitor::Visitor;
use crate::truth::Fault;
use crate::views::ViewError;

/// Answers what has no page.
pub(super) async fn nothing_here(visitor: Visitor) -> Response {
    tell(&visitor, StatusCode::NOT_FOUND, &problem(Trouble::NotFound))
}

/// Answers with the page of an error; `record` is the address of the record it was about.
pub(super) fn view_error(visitor: &Visitor, error: &ViewError, record: Option<String>) -> Response {
    let (status, page) = match error {
        ViewError::Fault(fault) => return faulty(visitor, fault),
        ViewError::NoRecord(_) | ViewError::NoSite(_) => {
            (StatusCode::NOT_FOUND, problem(Trouble::NotFound))
        }
        ViewError::Ambiguous { keys, .. } => {
            let way = |key: &record::RecordKey| (format!("/records/{key}"), key.to_string());
            let choices = keys.iter().map(way).collect();
            (StatusCode::CONFLICT, ProblemPage { choices, ..problem(Trouble::Ambiguous) })
        }
        ViewError::Stale(_) | ViewError::NotNow(_) => {
            let details = vec![error.to_string()];
            (StatusCode::CONFLICT, ProblemPage { details, ..problem(Trouble::Refused) })
        }
        ViewError::Refused(errors) => {
            let details = errors.iter().map(ToString::to_string).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, ProblemPage { details, ..problem(Trouble::Refused) })
        }
    };
    tell(visitor, status, &ProblemPage { record, ..page })
}

/// Answers a form that came from elsewhere.
pub(super) fn foreign(visitor: &Visitor, record: String) -> Response {
    let page = ProblemPage { record: Some(record), ..problem(Trouble::Foreign) };
    tell(visitor, StatusCode::FORBIDDEN, &page)
}

fn faulty(visitor: &Visitor, fault: &Fault) -> Response {
    tracing::error!(%fault, "a page could not be shown");
    tell(visitor, StatusCode::SERVICE_UNAVAILABLE, &problem(Trouble::Ours))
}

const fn problem(trouble: Trouble) -> ProblemPage {
    ProblemPage { trouble, details: Vec::new(), choices: Vec::new(), record: None }
}

fn tell(visitor: &Visitor, status: StatusCode, page: &ProblemPage) -> Response {
    visitor.answer(status, problem_page(&visitor.frame, page))
}
