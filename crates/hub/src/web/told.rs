//! Troubles as pages: what went wrong, what of it is lost (nothing), what to do.

use axum::http::StatusCode;
use axum::response::Response;
use pages::{ProblemPage, Trouble, problem_page};
use record::FieldError;

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
        ViewError::Stale(_) => (StatusCode::CONFLICT, problem(Trouble::Stale)),
        ViewError::NotNow(words) => {
            let details = vec![(String::new(), words.clone())];
            (StatusCode::CONFLICT, ProblemPage { details, ..problem(Trouble::Refused) })
        }
        // Where nothing was to be saved, it is the address that asks for too much.
        ViewError::Refused(_) if record.is_none() => {
            (StatusCode::UNPROCESSABLE_ENTITY, problem(Trouble::Address))
        }
        ViewError::Refused(errors) => {
            let detail = |it: &FieldError| (it.field.clone(), it.reason.clone());
            let details = errors.iter().map(detail).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, ProblemPage { details, ..problem(Trouble::Refused) })
        }
    };
    tell(visitor, status, &ProblemPage { record, ..page })
}

/// Answers a request whose fields can't be read.
pub(super) fn unreadable(visitor: &Visitor) -> Response {
    tell(visitor, StatusCode::BAD_REQUEST, &problem(Trouble::Address))
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
