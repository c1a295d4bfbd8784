//! How things stand, what an exchange brought, what a check found.

use pages::{Dictionary, Lang};
use serde_json::Value as Json;

use super::table::Table;
use super::words;

/// Returns how things stand.
pub(crate) fn status(lang: Lang, status: &Json) -> Vec<String> {
    let w = words(lang);
    let mut table = Table::default();
    let mut row = |key: &str, value: String| table.push(vec![w.t(key), value]);
    let device = format!("{} · {}", text(status, "device"), text(status, "site"));
    row("status-device", device);
    row("status-records", counted(w, status, "records"));
    if number(status, "returned").is_some_and(|returned| 0 < returned) {
        row("status-returned", counted(w, status, "returned"));
    }
    let waiting = status.get("waiting").unwrap_or(&Json::Null);
    for (name, key) in [("urgent", "status-urgent"), ("routine", "status-routine")] {
        let amount = waiting.get(name).unwrap_or(&Json::Null);
        let bytes = bytes(w, amount, "bytes");
        row(key, format!("{}, {bytes}", w.n("entries", number(amount, "entries").unwrap_or(0))));
    }
    let receipt = status.get("last_receipt").filter(|receipt| !receipt.is_null());
    let receipt = receipt.map(|it| format!("№ {}, {}", text(it, "number"), time(w, it, "at")));
    row("status-receipt", receipt.unwrap_or_else(|| w.t("none-yet")));
    row("status-contact", or_none_yet(w, time(w, status, "last_contact")));
    row("status-link", link(w, &text(status, "link")));
    row("status-next", or_none_yet(w, time(w, status, "next_attempt_at")));
    if let Some(skew) = status.get("clock_skew_ms").and_then(Json::as_i64) {
        let seconds = skew.unsigned_abs() / 1_000;
        let key = if skew < 0 { "clock-behind" } else { "clock-ahead" };
        row("status-clock", w.n(key, seconds));
    }
    row("status-store", store(w, status));
    row("status-disk", bytes(w, status, "disk_free_bytes"));
    let mut lines = table.lines(0);
    for key in ["findings", "forks", "stranded", "ahead", "removed", "refused"] {
        for remark in array(status, key) {
            let seq = text(remark, "seq");
            lines.push(format!("! {} ({})", text(remark, "what"), w.with("entry-number", &seq)));
        }
    }
    lines
}

/// Returns what a check found.
pub(crate) fn verified(lang: Lang, report: &Json) -> Vec<String> {
    let w = words(lang);
    let fault = |fault: &Json| {
        let names = ["device", "epoch", "lane"].map(|key| text(fault, key));
        let entry = w.with("entry-number", &text(fault, "seq"));
        let what = format!("! {} · {entry}: {}", names.join(" · "), text(fault, "what"));
        [what, format!("  → {}", text(fault, "do"))]
    };
    let faults = array(report, "faults");
    let mut lines: Vec<String> = faults.iter().flat_map(fault).collect();
    let checked = w.n("verify-checked", number(report, "checked").unwrap_or(0));
    let found = u64::try_from(faults.len()).unwrap_or(u64::MAX);
    lines.push(format!("{checked}; {}", w.n("verify-faults", found)));
    lines
}

/// Returns what an exchange brought.
pub(crate) fn synced(lang: Lang, report: &Json) -> Vec<String> {
    let w = words(lang);
    let amount = |key: &str, entries: &str, bytes: &str| {
        let entries = w.n("entries", number(report, entries).unwrap_or(0));
        let bytes = self::bytes(w, report, bytes);
        format!("{}: {entries}, {bytes}", w.t(key))
    };
    let mut lines =
        vec![amount("sync-up", "sent", "bytes_up"), amount("sync-down", "received", "bytes_down")];
    if report.get("settled").and_then(Json::as_bool) == Some(true) {
        lines.push(w.t("sync-settled"));
    } else {
        lines.push(format!("! {}", text(report, "words")));
    }
    if report.get("healed").and_then(Json::as_bool) == Some(true) {
        lines.push(w.t("sync-healed"));
    }
    if let Some(site) = report.get("moved_to").and_then(Json::as_str) {
        lines.push(w.with("sync-moved", site));
    }
    lines
}

fn counted(w: &Dictionary, json: &Json, key: &str) -> String {
    number(json, key).map_or_else(|| w.t("not-known"), |number| w.number(&number))
}

fn link(w: &Dictionary, link: &str) -> String {
    match link {
        "up" => w.t("link-up"),
        "waiting" => w.t("link-waiting"),
        _ => w.t("link-down"),
    }
}

fn store(w: &Dictionary, status: &Json) -> String {
    match text(status, "store").as_str() {
        "ok" => w.t("store-ok"),
        "rebuilding" => w.t("store-rebuilding"),
        _ => format!("{} {}", w.t("store-degraded"), text(status, "store_words")),
    }
}

fn or_none_yet(w: &Dictionary, text: String) -> String {
    if text.is_empty() { w.t("none-yet") } else { text }
}

fn time(w: &Dictionary, json: &Json, key: &str) -> String {
    w.time(&text(json, key))
}

fn number(json: &Json, key: &str) -> Option<u64> {
    json.get(key).and_then(Json::as_u64)
}

fn text(json: &Json, key: &str) -> String {
    match json.get(key) {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn array<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The units are those of the pages.
fn bytes(w: &Dictionary, json: &Json, key: &str) -> String {
    Dictionary::of(w.lang).bytes(&number(json, key).unwrap_or(0))
}
