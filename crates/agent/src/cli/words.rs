//! Answers in words, for a terminal. Scripts read `--json`.

use serde_json::{Map, Value as Json};

use super::screen::Screen;
use crate::request::Response;

/// Prints what was answered.
pub(super) fn response(screen: &Screen, response: &Response) {
    match response {
        Response::Added(_) => {}
        Response::Saved(saved) if saved.unchanged => {
            screen.out(&format!("{}: nothing to change", saved.reference));
        }
        Response::Saved(saved) => screen.out(&format!("{}: saved", saved.reference)),
        Response::Listed(rows) => list(screen, rows),
        Response::Shown(record) => show(screen, record),
        Response::History(items) => items.iter().for_each(|item| history(screen, item)),
        Response::Status(status) => self::status(screen, status),
        Response::Verified(report) => verified(screen, report),
        Response::Synced(report) => synced(screen, report),
    }
}

fn list(screen: &Screen, rows: &[Json]) {
    for row in rows {
        let mut marks = Vec::new();
        for mark in ["urgent", "conflict"] {
            if row.get(mark).and_then(Json::as_bool) == Some(true) {
                marks.push(mark);
            }
        }
        screen.out(&format!(
            "{:26} {:16} {:10.10} {:8} {:15} {}",
            text(row, "ref"),
            text(row, "form"),
            text(row, "occurred_at"),
            text(row, "custody"),
            marks.join(","),
            text(row, "title"),
        ));
    }
    screen.say(&format!("{} records", rows.len()));
}

fn show(screen: &Screen, record: &Json) {
    screen.out(&format!("{}  {}", text(record, "ref"), text(record, "title")));
    for key in ["form", "site", "id", "custody"] {
        screen.out(&format!("{key}: {}", text(record, key)));
    }
    if record.get("voided").is_some_and(|voided| !voided.is_null()) {
        screen.out(&format!("VOID: {}", text(record, "voided")));
    }
    for (field, value) in object(record, "values") {
        screen.out(&format!("  {field}: {}", plain(value)));
    }
    for conflict in array(record, "conflicts") {
        screen.out(&format!("  CONFLICT in {}:", text(conflict, "field")));
        for value in array(conflict, "values") {
            let (who, at) = (text(value, "author"), text(value, "claimed_at"));
            let said = value.get("value").map(plain).unwrap_or_default();
            screen.out(&format!("    {said} ({who}, {}, {at})", text(value, "device")));
        }
    }
    for finding in array(record, "findings") {
        let field = finding.get("field").and_then(Json::as_str);
        let field = field.map(|field| format!("{field}: ")).unwrap_or_default();
        screen.out(&format!("  note: {field}{}", text(finding, "what")));
    }
}

fn history(screen: &Screen, item: &Json) {
    let (at, kind) = (text(item, "claimed_at"), text(item, "kind"));
    screen.out(&format!("{at} {kind} by {} on {}", text(item, "author"), text(item, "device")));
    if let Some(remark) = item.get("remark").and_then(Json::as_str) {
        screen.out(&format!("  \"{remark}\""));
    }
    for change in array(item, "changes") {
        let side = |key: &str| change.get(key).map(plain).unwrap_or_default();
        screen.out(&format!("  {}: {} -> {}", text(change, "field"), side("from"), side("to")));
    }
}

fn status(screen: &Screen, status: &Json) {
    let (device, site) = (text(status, "device"), text(status, "site"));
    screen.out(&format!("{device} of {site}, {} records", text(status, "records")));
    for (urgency, amount) in object(status, "waiting") {
        let (entries, bytes) = (text(amount, "entries"), text(amount, "bytes"));
        screen.out(&format!("waiting, {urgency}: {entries} entries, {bytes} bytes"));
    }
    let receipt = status.get("last_receipt").filter(|receipt| !receipt.is_null());
    let receipt = receipt.map(|it| format!("{} at {}", text(it, "number"), text(it, "at")));
    screen.out(&format!("last receipt: {}", receipt.as_deref().unwrap_or("none yet")));
    for key in ["last_contact", "clock_skew_ms", "link", "next_attempt_at", "store"] {
        screen.out(&format!("{}: {}", key.replace('_', " "), text(status, key)));
    }
    screen.out(&format!("free on the disk: {} bytes", text(status, "disk_free_bytes")));
    for key in ["findings", "forks", "refused"] {
        for remark in array(status, key) {
            let seq = text(remark, "seq");
            screen.out(&format!("{key}: {} (entry {seq})", text(remark, "what")));
        }
    }
}

fn verified(screen: &Screen, report: &Json) {
    for fault in array(report, "faults") {
        screen.out(&format!(
            "device {} epoch {} lane {} entry {}: {}",
            text(fault, "device"),
            text(fault, "epoch"),
            text(fault, "lane"),
            text(fault, "seq"),
            text(fault, "what"),
        ));
    }
    let (checked, faults) = (text(report, "checked"), array(report, "faults").len());
    screen.out(&format!("{checked} entries checked, {faults} faults"));
}

fn synced(screen: &Screen, report: &Json) {
    let (sent, received) = (text(report, "sent"), text(report, "received"));
    let (up, down) = (text(report, "bytes_up"), text(report, "bytes_down"));
    screen.out(&format!("{sent} entries up in {up} bytes, {received} down in {down}"));
    screen.say(&text(report, "words"));
}

fn text(json: &Json, key: &str) -> String {
    json.get(key).map(plain).unwrap_or_default()
}

fn plain(json: &Json) -> String {
    match json {
        Json::Null => "-".to_owned(),
        Json::String(text) => text.clone(),
        Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => json.to_string(),
    }
}

fn array<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn object<'a>(json: &'a Json, key: &str) -> impl Iterator<Item = (&'a String, &'a Json)> {
    json.get(key).and_then(Json::as_object).into_iter().flat_map(Map::iter)
}
