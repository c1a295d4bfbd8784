//! Troubles as pages: what went wrong, what of it is lost (nothing), what to do.

use axum::extract::Request;
use axum::http::{StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Redirect, Response};
use pages::{Frame, ProblemPage, Trouble, problem_page};
use record::FieldError;

use super::visitor::Visitor;
use crate::read::ViewError;
use crate::truth::Fault;

/// Leads from where a form is sent to, which is no page, to the record it is about: that is where a
/// browser ends up that is asked to go there again.
pub(super) async fn back(uri: Uri) -> Redirect {
    Redirect::to(uri.path().rsplit_once('/').map_or("/records", |(record, _act)| record))
}

/// Puts into words what the server itself cuts off: too much, too slow, or a bug.
pub(super) async fn in_words(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let visitor = accept.is_some_and(|it| it.contains("text/html")).then(|| Visitor::of(&parts));
    let response = next.run(Request::from_parts(parts, body)).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let status = response.status();
    let trouble = match status {
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::TooLarge,
        StatusCode::INTERNAL_SERVER_ERROR | StatusCode::GATEWAY_TIMEOUT => Trouble::Ours,
        _ => return response,
    };
    match visitor {
        Some(visitor) if !is_page => tell(&visitor, status, &problem(trouble)),
        Some(_) | None => response,
    }
}

/// Answers what has no page.
pub(super) async fn nothing_here(visitor: Visitor) -> Response {
    tell(&visitor, StatusCode::NOT_FOUND, &problem(Trouble::NotFound))
}

/// Answers with the page of an error.
pub(super) fn view_error(visitor: &Visitor, error: &ViewError) -> Response {
    failed(visitor, error, None)
}

/// Answers a form that was not taken; whatever was written in it is given back.
pub(super) fn not_taken(visitor: &Visitor, error: &ViewError, sent: Sent) -> Response {
    failed(visitor, error, Some(sent))
}

/// A form that was sent.
pub(super) struct Sent {
    /// The address of the record it is about.
    pub(super) record: String,
    /// What somebody wrote in it: the field and the text.
    pub(super) written: Vec<(String, String)>,
}

fn failed(visitor: &Visitor, error: &ViewError, sent: Option<Sent>) -> Response {
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
        ViewError::Refused(errors) if sent.is_none() => {
            let details = errors.iter().map(|it| (it.field.clone(), String::new())).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, ProblemPage { details, ..problem(Trouble::Address) })
        }
        ViewError::Refused(errors) => {
            let detail = |it: &FieldError| (it.field.clone(), it.reason.clone());
            let details = errors.iter().map(detail).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, ProblemPage { details, ..problem(Trouble::Refused) })
        }
    };
    let Some(Sent { record, written }) = sent else { return tell(visitor, status, &page) };
    tell(visitor, status, &ProblemPage { record: Some(record), written, ..page })
}

/// Answers a request whose fields can't be read.
pub(super) fn unreadable(visitor: &Visitor) -> Response {
    tell(visitor, StatusCode::BAD_REQUEST, &problem(Trouble::Address))
}

/// Answers a form about a record whose fields can't be read.
pub(super) fn unreadable_form(visitor: &Visitor, record: String) -> Response {
    let page = ProblemPage { record: Some(record), ..problem(Trouble::Refused) };
    tell(visitor, StatusCode::BAD_REQUEST, &page)
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
    ProblemPage {
        trouble,
        details: Vec::new(),
        choices: Vec::new(),
        record: None,
        written: Vec::new(),
    }
}

fn tell(visitor: &Visitor, status: StatusCode, page: &ProblemPage) -> Response {
    // What a form is sent to can't be asked for again in another language; its record can.
    let here = page.record.clone().unwrap_or_else(|| visitor.frame.here.clone());
    visitor.answer(status, problem_page(&Frame { here, ..visitor.frame.clone() }, page))
}
