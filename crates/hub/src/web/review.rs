//! Deciding on a record from its page.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use journal::Dot;
use record::{FieldRemark, Language};

use super::told::Sent;
use super::visitor::Visitor;
use super::{guard, told};
use crate::read::{self, ViewError};
use crate::truth::Truth;
use crate::write::{self, Decision, Verdict};

/// Signs what was decided and goes back to the record. The form's fields come as pairs, since those
/// of remarks on fields stand in it several times.
pub(super) async fn review(
    State(truth): State<Truth>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    pairs: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let address = format!("/records/{id}");
    if !guard::is_own_form(&headers) {
        return told::foreign(&visitor, address);
    }
    let Ok(Form(pairs)) = pairs else { return told::unreadable_form(&visitor, address) };
    match decide(&truth, &id, &pairs, visitor.frame.lang.into()).await {
        Ok(()) => Redirect::to(&address).into_response(),
        Err(error) => {
            let is_text = |name: &str| matches!(name, "remark" | "field_remark");
            let written =
                pairs.into_iter().filter(|(name, text)| is_text(name) && !text.is_empty());
            let sent = Sent { record: address, written: written.collect() };
            told::not_taken(&visitor, &error, sent)
        }
    }
}

async fn decide(
    truth: &Truth,
    id: &str,
    pairs: &[(String, String)],
    language: Language,
) -> Result<(), ViewError> {
    let (key, author) = {
        let mut conn = truth.db.read().await?;
        (read::find(&mut conn, id).await?, truth.administrator(&mut conn).await?)
    };
    let verdict = given(pairs, "decision").unwrap_or_default().parse::<Verdict>();
    let verdict = verdict.map_err(|it| ViewError::refused("decision", &it.to_string()))?;
    let seen = given(pairs, "seen").unwrap_or_default();
    let seen: Result<Vec<Dot>, _> = seen.split_whitespace().map(str::parse).collect();
    let seen = seen.map_err(|_no_dots| ViewError::Stale(key.to_string()))?;
    // A page without a script shows what other decisions need too; it is left out where it isn't
    // theirs.
    let only = |wanted: Verdict, name| given(pairs, name).filter(|_| verdict == wanted);
    let decision = Decision {
        verdict,
        author,
        seen: Some(seen),
        remark: given(pairs, "remark"),
        fields: remarks(pairs),
        due: only(Verdict::Return, "due"),
        of: only(Verdict::Duplicate, "of"),
        language,
    };
    write::decide(truth, &key, &decision).await.map(|_dot| ())
}

/// Returns what was given under a name, if anything.
fn given(pairs: &[(String, String)], name: &str) -> Option<String> {
    let (_name, value) = pairs.iter().find(|(other, _value)| other == name)?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// Returns the remarks on fields: each field with the remark that stands beside it. One of the two
/// alone is passed on too, so that it is refused by name and not lost.
fn remarks(pairs: &[(String, String)]) -> Vec<FieldRemark> {
    let all = |name: &'static str| {
        pairs.iter().filter(move |(other, _value)| other == name).map(|(_name, value)| value.trim())
    };
    let pair = |(field, remark): (&str, &str)| FieldRemark {
        field: field.to_owned(),
        remark: remark.to_owned(),
    };
    let is_given = |remark: &FieldRemark| !(remark.field.is_empty() && remark.remark.is_empty());
    all("field").zip(all("field_remark")).map(pair).filter(is_given).collect()
}
