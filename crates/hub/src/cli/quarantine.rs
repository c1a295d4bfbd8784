//! `quarantine`: what revoked devices still brought, and letting it in.

use clap::Subcommand;
use journal::codec::CodecError;
use journal::{Entry, Kind};
use record::{Change, PersonCard, SiteCard};
use serde_json::{Value as Json, json};

use super::global::Global;
use super::out;
use crate::clock::rfc3339;
use crate::db::Conn;
use crate::failure::Failure;
use crate::fold;
use crate::truth::quarantine::{self, Item, QuarantineError};
use crate::truth::{Fault, Truth, devices};

/// Entries shown of one item: enough to judge it.
const SHOWN_MAX: usize = 200;

/// Lists, shows and releases what was set aside.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists what was set aside.
    #[command(after_help = "Example:\n  ashuu-hub quarantine list")]
    List,
    /// Shows what the entries of an item say.
    #[command(after_help = "Example:\n  ashuu-hub quarantine show 1")]
    Show {
        /// Its number.
        id: i64,
    },
    /// Lets an item in: its entries are held from now on.
    #[command(after_help = "Example:\n  ashuu-hub quarantine release 1")]
    Release {
        /// Its number.
        id: i64,
    },
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    let truth = global.open_for_everyone().await?;
    match command {
        Command::List => list(global, &truth).await,
        Command::Show { id } => show(global, &truth, id).await,
        Command::Release { id } => release(global, &truth, id).await,
    }
}

async fn list(global: &Global, truth: &Truth) -> Result<(), Failure> {
    let mut conn = truth.db.read().await?;
    let mut value = Vec::new();
    for item in quarantine::list(&mut conn).await? {
        value.push(to_json(&mut conn, &item).await?);
    }
    out::say(global, &value, || {
        let lines: Vec<String> = value.iter().map(words).collect();
        if lines.is_empty() { "nothing is in quarantine".to_owned() } else { lines.join("\n") }
    })
}

async fn show(global: &Global, truth: &Truth, id: i64) -> Result<(), Failure> {
    let mut conn = truth.db.read().await?;
    let item = quarantine::find(&mut conn, id).await.map_err(failure)?;
    let mut entries = Vec::new();
    for (frame, prev, arrived) in quarantine::frames(&mut conn, id).await? {
        let read = frame.rebuild(prev).map_err(Fault::from)?;
        entries.extend(read.iter().map(|entry| entry_json(entry, arrived.ms)));
    }
    let hidden = entries.len().saturating_sub(SHOWN_MAX);
    entries.truncate(SHOWN_MAX);
    let mut value = to_json(&mut conn, &item).await?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("content".to_owned(), json!(entries));
        fields.insert("not_shown".to_owned(), json!(hidden));
    }
    out::say(global, &value, || {
        let lines = entries.iter().map(Json::to_string);
        [vec![words(&value)], lines.collect()].concat().join("\n")
    })
}

async fn release(global: &Global, truth: &Truth, id: i64) -> Result<(), Failure> {
    let mut tx = truth.db.begin().await?;
    let by = truth.administrator(&mut tx).await?.to_string();
    let item = quarantine::release(truth, &mut tx, id, &by).await.map_err(failure)?;
    tx.commit().await?;
    let (device, lane) = (item.log.device.short(), &item.log.lane);
    tracing::warn!(id, %device, %lane, first = item.first, last = item.last, by,
        "entries of a revoked device were released from quarantine");
    fold::catch_up_lane(truth, &item.log.lane).await?;
    let value = to_json(&mut *truth.db.read().await?, &item).await?;
    out::say(global, &value, || {
        format!("{} entries are held from now on.", item.last - item.first + 1)
    })
}

async fn to_json(conn: &mut Conn, item: &Item) -> Result<Json, Failure> {
    let device = devices::find(conn, &item.log.device).await?;
    Ok(json!({
        "id": item.id,
        "device": item.log.device.to_string(),
        "name": device.as_ref().map(|device| device.name.as_str()),
        "site": device.as_ref().and_then(|device| device.site.as_ref()).map(|site| site.as_str()),
        "epoch": item.log.epoch.to_string(),
        "lane": item.log.lane.to_string(),
        "first": item.first,
        "last": item.last,
        "entries": item.last - item.first + 1,
        "bytes": item.size,
        "arrived_at": rfc3339(item.arrived_ms),
        "state": if item.released.is_some() { "released" } else { "held" },
        "released_at": item.released.as_ref().map(|(at, _)| rfc3339(*at)),
        "released_by": item.released.as_ref().map(|(_, by)| by.as_str()),
    }))
}

fn words(item: &Json) -> String {
    let text = |field: &str| {
        let value = item.get(field).unwrap_or(&Json::Null);
        value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
    };
    format!(
        "{:<4} {:<8} {:<24} {:<20} entries {} to {}, arrived {}",
        text("id"),
        text("state"),
        text("name"),
        text("lane"),
        text("first"),
        text("last"),
        text("arrived_at"),
    )
}

/// What an entry says, as far as it helps to judge it.
fn entry_json(entry: &Entry, arrived_ms: i64) -> Json {
    let kind = entry.header.kind;
    let read = |payload: &[u8]| -> Result<Json, CodecError> {
        Ok(match kind {
            Change::KIND => {
                let change = Change::from_payload(payload)?;
                let fields: Vec<String> =
                    change.writes.iter().map(|write| write.path.to_string()).collect();
                json!({
                    "what": "change", "form": change.form.id, "site": change.record.site.as_str(),
                    "record": change.record.id.to_string(), "author": change.author.to_string(),
                    "fields": fields,
                })
            }
            PersonCard::KIND => {
                let card = PersonCard::from_payload(payload)?;
                json!({ "what": "person", "name": card.name, "site": card.site.as_str() })
            }
            SiteCard::KIND => {
                json!({ "what": "site", "code": SiteCard::from_payload(payload)?.code.as_str() })
            }
            Kind::EPOCH_START => json!({ "what": "epoch start" }),
            Kind(other) => json!({ "what": format!("entry of kind {other}") }),
        })
    };
    let unreadable = || json!({ "what": "an entry that can't be read" });
    let mut value = entry.bytes().and_then(|bytes| read(bytes).ok()).unwrap_or_else(unreadable);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("seq".to_owned(), json!(entry.header.seq));
        fields.insert("claimed_at".to_owned(), json!(rfc3339(entry.header.stamp.claimed_ms)));
        fields.insert("arrived_at".to_owned(), json!(rfc3339(arrived_ms)));
    }
    value
}

fn failure(error: QuarantineError) -> Failure {
    match error {
        QuarantineError::Fault(fault) => fault.into(),
        QuarantineError::None(_)
        | QuarantineError::Released(_)
        | QuarantineError::Unchained { .. }
        | QuarantineError::Contradiction(_)
        | QuarantineError::Full => Failure::Refused(error.to_string()),
    }
}
