//! `device show`: one device, where it belonged, its logs, what was refused of it.

use journal::Head;
use protocol::Held;
use serde_json::{Value as Json, json};

use super::{Failure, Global, full_json, out, pick, words};
use crate::clock::rfc3339;
use crate::read::DeviceFacts;
use crate::truth::devices::posts::{self, Posting};
use crate::truth::{Truth, invitations, logs, receipts};

pub(super) async fn perform(global: &Global, truth: &Truth, wanted: &str) -> Result<(), Failure> {
    let mut conn = truth.db.read().await?;
    let device = pick(&mut conn, wanted).await?;
    let around = DeviceFacts::read(&mut conn, truth.clock.now_ms()).await?;
    let logs: Vec<Json> =
        logs::of_device(&mut conn, &device.key).await?.iter().map(log_json).collect();
    let posts: Vec<Json> = posts::of(&mut conn, &device.key).await?.iter().map(post_json).collect();
    let receipt = receipts::latest(&mut conn, &device.key).await?;
    let receipt = receipt.map(|last| json!({"number": last.number, "at": rfc3339(last.at_ms)}));
    let successor = invitations::successor(&mut conn, &device.key).await?;
    let mut value = full_json(&device, &around);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("logs".to_owned(), json!(logs));
        fields.insert("posts".to_owned(), json!(posts));
        fields.insert("last_receipt".to_owned(), json!(receipt));
        fields.insert("replaced_by".to_owned(), json!(successor.map(|key| key.to_string())));
        fields.insert("fingerprint".to_owned(), json!(protocol::fingerprint(&device.key)));
    }
    out::say(global, &value, || {
        let facts = around.of(&device);
        let mut lines = vec![words(&device, &facts), format!("key {}", device.key)];
        lines.extend(facts.refused.iter().map(|refused| format!("refused: {}", refused.words)));
        lines.extend(posts.iter().chain(&logs).map(Json::to_string));
        lines.join("\n")
    })
}

fn post_json(posting: &Posting) -> Json {
    let merged: Vec<&str> =
        posting.post.predecessors.iter().map(journal::SiteCode::as_str).collect();
    json!({
        "site": posting.post.site.as_str(), "letter": posting.letter,
        "predecessors": merged, "from": rfc3339(posting.from_ms),
    })
}

fn log_json(held: &Held) -> Json {
    let head = |head: &Head| json!({"seq": head.seq, "id": head.id.short().to_string()});
    let last = held.heads.last();
    json!({
        "epoch": held.log.epoch.to_string(),
        "lane": held.log.lane.to_string(),
        "entries": last.map_or(0, |head| head.seq),
        "head": last.map(|head| head.id.short().to_string()),
        "branches": held.heads.iter().map(head).collect::<Vec<_>>(),
    })
}
