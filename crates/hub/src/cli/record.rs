//! `record`, `resolve`, `rebuild`: records as the views have them.

mod add;
mod amend;
mod table;

use clap::{Args as ClapArgs, Subcommand};
use journal::Dot;
use record::{HistoryItem, ListRow, RecordKey};
use serde_json::{Value as Json, json};

use super::global::Global;
use super::out;
use crate::failure::Failure;
use crate::fold;
use crate::read::{self, Query, ViewError};
use crate::truth::Truth;
use crate::truth::reviews::{self, Decides, Viewer};
use crate::write::{self, Resolution};

/// Lists and shows records.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Makes records at the centre, such as courses, of lines of JSON.
    Add(add::Args),
    /// Changes fields of a record that the centre made.
    Amend(amend::Args),
    /// Lists all records that fit, newest first.
    #[command(
        after_help = "Example:\n  ashuu-hub record list --form incident --site INST-027 --state submitted"
    )]
    List(Filter),
    /// Shows a record.
    #[command(after_help = "Example:\n  ashuu-hub record show INST-027/2026/A-00042 --json")]
    Show {
        /// Its id, its reference, or SITE:id.
        id: String,
    },
    /// Shows who changed what in a record.
    #[command(after_help = "Example:\n  ashuu-hub record history INST-027/2026/A-00042")]
    History {
        /// Its id, its reference, or SITE:id.
        id: String,
    },
}

/// What a list is narrowed to.
#[derive(Debug, ClapArgs)]
pub(super) struct Filter {
    /// The form's id, such as incident.
    #[arg(long)]
    form: Option<String>,
    /// The site's code.
    #[arg(long)]
    site: Option<String>,
    /// The region's code.
    #[arg(long)]
    region: Option<String>,
    /// The state of the review.
    #[arg(long)]
    state: Option<String>,
    /// Where the record has got to.
    #[arg(long)]
    custody: Option<String>,
    /// The first day or time of the record's own date.
    #[arg(long)]
    from: Option<String>,
    /// The last day or time.
    #[arg(long)]
    to: Option<String>,
    /// Words that all occur in it.
    #[arg(long)]
    query: Option<String>,
    /// Only records with a field in conflict.
    #[arg(long)]
    conflict: bool,
    /// Only records signed at their site later than their severity allows.
    #[arg(long)]
    late: bool,
}

/// Settles a field in conflict.
#[derive(Debug, ClapArgs)]
pub(super) struct Resolve {
    /// The record's id, its reference, or SITE:id.
    id: String,
    /// The field, as `record show` names it under `conflicts`.
    field: String,
    /// The value that is to stand, as JSON.
    #[arg(long, value_name = "JSON")]
    value: String,
    /// What was shown: the tokens `record show` printed under `seen`.
    #[arg(long, value_name = "TOKEN", value_delimiter = ',')]
    seen: Option<Vec<Dot>>,
    /// Why this value.
    #[arg(long, value_name = "TEXT")]
    remark: Option<String>,
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(args) => add::perform(global, &global.open_for_everyone().await?, args).await,
        Command::Amend(args) => {
            let truth = global.open_for_record(&args.id).await?;
            amend::perform(global, &truth, args).await
        }
        Command::List(filter) => {
            let truth = global.open().await?;
            let query = Query { late_hours: Some(truth.review.late_hours), ..filter.into() };
            let mut conn = truth.db.snapshot().await?;
            let mut rows = read::list(&mut conn, &query).await?;
            read::say_in(&mut conn, &mut rows, global.language()).await?;
            out::say(global, &rows, || list_words(&rows))
        }
        Command::Show { id } => {
            let truth = global.open_for_record(&id).await?;
            let key = looked_at(&truth, &id).await?;
            let mut conn = truth.db.snapshot().await?;
            let view = read::show_in(&mut conn, &truth, &key, global.language()).await?;
            out::say(global, &view, || pretty(&view))
        }
        Command::History { id } => {
            let truth = global.open_for_record(&id).await?;
            let key = looked_at(&truth, &id).await?;
            let mut conn = truth.db.snapshot().await?;
            let items = read::history(&mut conn, &key).await?;
            out::say(global, &items, || history_words(&items))
        }
    }
}

/// Finds a record and notes that the administrator looked at it.
async fn looked_at(truth: &Truth, id: &str) -> Result<RecordKey, Failure> {
    let mut conn = truth.db.read().await?;
    let key = read::find(&mut conn, id).await?;
    let person = truth.administrator(&mut conn).await?;
    drop(conn);
    reviews::opened(truth, &key, Viewer { person, decides: Decides::Yes }).await?;
    Ok(key)
}

pub(super) async fn resolve(global: &Global, args: Resolve) -> Result<(), Failure> {
    let value: Json = serde_json::from_str(&args.value).map_err(|error| {
        Failure::Usage(format!(
            "--value is not JSON ({error}): a text stands in quotes, '\"12.4\"'"
        ))
    })?;
    let truth = global.open_for_record(&args.id).await?;
    let key = read::find(&mut *truth.db.read().await?, &args.id).await?;
    let Resolve { field, seen, remark: reason, .. } = args;
    let settled =
        Resolution { field, value, seen, author: None, reason, language: global.language() };
    let dot = write::resolve(&truth, &key, &settled).await?;
    let value = json!({ "id": key.id.to_string(), "site": key.site, "dot": dot.to_string() });
    out::say(global, &value, || format!("{} is settled.", settled.field))
}

/// Folds all views again and says both hashes.
pub(super) async fn rebuild(global: &Global) -> Result<(), Failure> {
    let truth = global.open().await?;
    let rebuilt = fold::rebuild(&truth).await?;
    let (old, new) = (hex(&rebuilt.old), hex(&rebuilt.new));
    let value = json!({ "old": old, "new": new, "entries": rebuilt.entries });
    out::say(global, &value, || {
        format!("{} entries folded\nbefore {old}\nafter  {new}", rebuilt.entries)
    })
}

impl From<Filter> for Query {
    fn from(filter: Filter) -> Self {
        let Filter { form, site, region, state, custody, from, to, query: text, .. } = filter;
        let conflict = filter.conflict.then_some(true);
        let late = filter.late.then_some(true);
        let rest = Self::default();
        Self { form, site, region, from, to, state, custody, conflict, late, text, ..rest }
    }
}

impl From<ViewError> for Failure {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Fault(fault) => fault.into(),
            ViewError::NoRecord(_)
            | ViewError::NoSite(_)
            | ViewError::Ambiguous { .. }
            | ViewError::Refused(_)
            | ViewError::NotNow(_)
            | ViewError::Stale(_) => Self::Refused(error.to_string()),
        }
    }
}

fn list_words(rows: &[ListRow]) -> String {
    let line = |row: &ListRow| {
        let name = row.reference.as_deref().unwrap_or(&row.id);
        let when = row.occurred_at.as_deref().unwrap_or("");
        let mark = if row.conflict { "conflict" } else { "" };
        format!("{name:<24} {:<18} {when:<26} {mark:<9} {}", row.form, row.title)
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.push(format!("{} records", rows.len()));
    lines.join("\n")
}

fn history_words(items: &[HistoryItem]) -> String {
    items.iter().map(pretty).collect::<Vec<_>>().join("\n")
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
