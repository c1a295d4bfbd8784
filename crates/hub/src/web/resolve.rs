//! Settling a conflict from the record's page.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use journal::Dot;
use record::{Language, RecordView};
use serde::Deserialize;
use serde_json::Value as Json;

use super::told::Sent;
use super::visitor::Visitor;
use super::{guard, told};
use crate::read::{self, ViewError};
use crate::truth::Truth;
use crate::write::{self, Resolution};

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    field: String,
    seen: String,
    /// The dot of the value that is kept, or `other`.
    choice: String,
    #[serde(default)]
    other: String,
    #[serde(default)]
    reason: String,
}

/// Settles a conflict and goes back to the record.
pub(super) async fn resolve(
    State(truth): State<Truth>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    decision: Result<Form<Decision>, FormRejection>,
) -> Response {
    let address = format!("/records/{id}");
    if !guard::is_own_form(&headers) {
        return told::foreign(&visitor, address);
    }
    let Ok(Form(decision)) = decision else { return told::unreadable_form(&visitor, address) };
    match settle(&truth, &id, &decision, visitor.frame.lang.into()).await {
        Ok(()) => Redirect::to(&address).into_response(),
        Err(error) => {
            let other = Some(decision.other).filter(|_other| decision.choice == "other");
            let written = [("other", other.unwrap_or_default()), ("remark", decision.reason)];
            let written = written.into_iter().filter(|(_field, text)| !text.trim().is_empty());
            let written = written.map(|(field, text)| (field.to_owned(), text)).collect();
            told::not_taken(&visitor, &error, Sent { record: address, written })
        }
    }
}

async fn settle(
    truth: &Truth,
    id: &str,
    decision: &Decision,
    language: Language,
) -> Result<(), ViewError> {
    let (key, view) = {
        let mut conn = truth.db.read().await?;
        let key = read::find(&mut conn, id).await?;
        let view = read::show(&mut conn, truth, &key).await?;
        (key, view)
    };
    let seen: Result<Vec<Dot>, _> = decision.seen.split_whitespace().map(str::parse).collect();
    let seen = seen.map_err(|_no_dots| ViewError::Stale(decision.field.clone()))?;
    let reason = decision.reason.trim();
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    let settled = |value| Resolution {
        field: decision.field.clone(),
        value,
        seen: Some(seen.clone()),
        author: None,
        reason: reason.clone(),
        language,
    };
    if decision.choice != "other" {
        let value = kept(&view, decision)?;
        return write::resolve(truth, &key, &settled(value)).await.map(|_dot| ());
    }
    let text = decision.other.trim();
    let first = write::resolve(truth, &key, &settled(Json::String(text.to_owned()))).await;
    // A number or a yes comes from the page as a text too.
    match (first, serde_json::from_str::<Json>(text)) {
        (Err(ViewError::Refused(_)), Ok(value)) if !value.is_string() => {
            write::resolve(truth, &key, &settled(value)).await.map(|_dot| ())
        }
        (first, _) => first.map(|_dot| ()),
    }
}

/// Returns the value that is kept: one of those that stand against each other now.
fn kept(view: &RecordView, decision: &Decision) -> Result<Json, ViewError> {
    let conflict = view.conflicts.iter().find(|conflict| conflict.field == decision.field);
    let side = conflict.and_then(|c| c.values.iter().find(|value| value.dot == decision.choice));
    side.map(|side| side.value.clone()).ok_or_else(|| ViewError::Stale(decision.field.clone()))
}
