//! `review` and `void`: what the centre says about a record, in the administrator's name.

use clap::Args as ClapArgs;
use journal::Dot;
use record::{FieldRemark, RecordKey};
use serde_json::json;

use super::global::Global;
use super::out;
use crate::failure::Failure;
use crate::read;
use crate::truth::Truth;
use crate::write::{self, Decision, Verdict};

/// Decides on a record, or says something about it.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  ashuu-hub review INST-027/2026/A-00042 return --remark \"see \
                        the fields\" --field title --field-remark \"name the place\" --due 2026-12-01")]
pub(super) struct Review {
    /// The record's id, its reference, or SITE:id.
    id: String,
    /// What to do: accept, return, hold, duplicate, `not_reportable`, reopen or comment.
    decision: Verdict,
    /// What was shown: the tokens `record show` printed under `seen`; without it, what stands now.
    #[arg(long, value_name = "TOKENS")]
    seen: Option<String>,
    /// What is said of the whole record.
    #[arg(long, value_name = "TEXT")]
    remark: Option<String>,
    /// Of a duplicate: the record that stays.
    #[arg(long, value_name = "ID")]
    of: Option<String>,
    /// A field, as `record show` names it; its remark follows. May be given many times.
    #[arg(long, value_name = "FIELD")]
    field: Vec<String>,
    /// What is said of the field before it.
    #[arg(long, value_name = "TEXT")]
    field_remark: Vec<String>,
    /// Of a return: the day it is due; without it, some days after the site had the decision.
    #[arg(long, value_name = "DATE")]
    due: Option<String>,
}

/// Declares a record void. Nothing is deleted.
#[derive(Debug, ClapArgs)]
pub(super) struct Void {
    /// The record's id, its reference, or SITE:id.
    id: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) async fn perform(global: &Global, args: Review) -> Result<(), Failure> {
    let fields = fields(args.field, args.field_remark)?;
    let seen = args.seen.as_deref().map(dots).transpose()?;
    let truth = global.open_for_record(&args.id).await?;
    let mut conn = truth.db.read().await?;
    let key = read::find(&mut conn, &args.id).await?;
    let author = truth.administrator(&mut conn).await?;
    drop(conn);
    let Review { decision: verdict, remark, of, due, .. } = args;
    let decision =
        Decision { verdict, author, seen, remark, fields, due, of, language: global.language() };
    let dot = write::decide(&truth, &key, &decision).await?;
    tell(global, &truth, &key, dot).await
}

pub(super) async fn void(global: &Global, args: Void) -> Result<(), Failure> {
    let truth = global.open_for_record(&args.id).await?;
    let mut conn = truth.db.read().await?;
    let key = read::find(&mut conn, &args.id).await?;
    let author = truth.administrator(&mut conn).await?;
    drop(conn);
    let dot = write::void(&truth, &key, author, (&args.reason, global.language())).await?;
    let value = json!({ "id": key.id.to_string(), "site": key.site, "dot": dot.to_string() });
    out::say(global, &value, || format!("{key} is void; nothing of it is deleted."))
}

async fn tell(global: &Global, truth: &Truth, key: &RecordKey, dot: Dot) -> Result<(), Failure> {
    let view = read::show(&mut *truth.db.snapshot().await?, truth, key).await?;
    let name = view.reference.clone().unwrap_or_else(|| view.id.clone());
    let value = json!({
        "id": view.id,
        "ref": view.reference,
        "site": view.site,
        "dot": dot.to_string(),
        "review": view.review,
    });
    out::say(global, &value, || format!("{name} is {}.", view.review.state))
}

/// Puts each field beside its remark.
fn fields(fields: Vec<String>, remarks: Vec<String>) -> Result<Vec<FieldRemark>, Failure> {
    if fields.len() != remarks.len() {
        return Err(Failure::Usage(format!(
            "{} times --field and {} times --field-remark: give each field its remark",
            fields.len(),
            remarks.len()
        )));
    }
    let pairs = fields.into_iter().zip(remarks);
    Ok(pairs.map(|(field, remark)| FieldRemark { field, remark }).collect())
}

/// Reads what `record show` printed under `seen`: the JSON array, or its words with commas.
pub(super) fn dots(seen: &str) -> Result<Vec<Dot>, Failure> {
    let words = seen.split(|c: char| c.is_whitespace() || "[],\"".contains(c));
    let dots = words.filter(|word| !word.is_empty()).map(str::parse);
    dots.collect::<Result<_, _>>().map_err(|error| Failure::Usage(format!("--seen: {error}")))
}
