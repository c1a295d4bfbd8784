//! Declaring a record void from its page.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use record::Language;
use serde::Deserialize;

use super::told::Sent;
use super::visitor::Visitor;
use super::{guard, told};
use crate::read::{self, ViewError};
use crate::truth::Truth;
use crate::write;

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Declared {
    reason: String,
}

/// Declares the record void and goes back to it.
pub(super) async fn void(
    State(truth): State<Truth>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    declared: Result<Form<Declared>, FormRejection>,
) -> Response {
    let address = format!("/records/{id}");
    if !guard::is_own_form(&headers) {
        return told::foreign(&visitor, address);
    }
    let Ok(Form(declared)) = declared else { return told::unreadable_form(&visitor, address) };
    match declare(&truth, &id, &declared.reason, visitor.frame.lang.into()).await {
        Ok(()) => Redirect::to(&address).into_response(),
        Err(error) => {
            let written = vec![("reason".to_owned(), declared.reason)];
            let written = written.into_iter().filter(|(_field, text)| !text.trim().is_empty());
            let sent = Sent { record: address, written: written.collect() };
            told::not_taken(&visitor, &error, sent)
        }
    }
}

async fn declare(
    truth: &Truth,
    id: &str,
    reason: &str,
    language: Language,
) -> Result<(), ViewError> {
    let (key, author) = {
        let mut conn = truth.db.read().await?;
        (read::find(&mut conn, id).await?, truth.administrator(&mut conn).await?)
    };
    write::void(truth, &key, author, (reason, language)).await.map(|_dot| ())
}
