//! `site show` and `site list`: how sites stand, and what was said of one before.

use journal::{Lane, SiteCode};
use record::SiteCard;
use serde_json::{Value as Json, json};

use super::{Failure, Global, Truth};
use crate::cli::out;
use crate::clock::rfc3339;
use crate::db::Conn;
use crate::limits::CLOCK_SKEW_WARN_MS;
use crate::read::{self, SiteView};
use crate::truth::frames::{self, Arrived};
use crate::truth::{Fault, logs};

/// Entries of the hub's lane for everyone that are read at once.
const READ_AT_ONCE: usize = 1000;

pub(super) async fn perform(
    global: &Global,
    truth: &Truth,
    code: &SiteCode,
) -> Result<(), Failure> {
    let mut conn = truth.db.snapshot().await?;
    let site = read::site(&mut conn, code.as_str()).await?;
    let history = history(&mut conn, truth, code).await?;
    let mut value = to_json(&site)?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("history".to_owned(), json!(history));
    }
    out::say(global, &value, || {
        let mut lines = vec![words(&site)];
        lines.extend(site.devices.iter().map(|device| {
            let last = device.last_contact.as_deref().unwrap_or("never");
            format!("  {} {} {}, last contact {last}", device.letter, device.name, device.state)
        }));
        lines.extend(history.iter().map(|card| format!("  {card}")));
        lines.join("\n")
    })
}

/// Every card of the site, the oldest first: none is ever changed.
async fn history(conn: &mut Conn, truth: &Truth, code: &SiteCode) -> Result<Vec<Json>, Fault> {
    let mut cards = Vec::new();
    let own = logs::starts(conn, &truth.key()).await?;
    for log in own.iter().filter(|log| log.name.lane == Lane::Everyone) {
        let mut from = log.first;
        loop {
            let entries = frames::entries_from(conn, log, from, READ_AT_ONCE).await?;
            let Some(last) = entries.last() else { break };
            from = last.entry.header.seq + 1;
            cards.extend(entries.iter().filter_map(|arrived| card(arrived, code)));
        }
    }
    Ok(cards)
}

/// Returns the card of this site that an entry holds, and when it was written.
fn card(arrived: &Arrived, code: &SiteCode) -> Option<Json> {
    if arrived.entry.header.kind != SiteCard::KIND {
        return None;
    }
    let card = SiteCard::from_payload(arrived.entry.bytes()?).ok()?;
    let mut value = super::to_json(&card);
    value.as_object_mut()?.insert("at".to_owned(), json!(rfc3339(arrived.arrived.ms)));
    (card.code == *code).then_some(value)
}

/// Returns how a site stands; its names also stand under the flags that set them.
pub(super) fn to_json(site: &SiteView) -> Result<Json, Failure> {
    let mut value = serde_json::to_value(site).map_err(std::io::Error::other)?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("name_en".to_owned(), json!(site.names.en));
        fields.insert("name_ru".to_owned(), json!(site.names.ru));
        fields.insert("name_ky".to_owned(), json!(site.names.ky));
    }
    Ok(value)
}

/// Says how a site stands in a line.
pub(in crate::cli) fn words(site: &SiteView) -> String {
    let read::Names { en, ru, ky } = &site.names;
    let name = en.as_deref().or(ru.as_deref()).or(ky.as_deref()).unwrap_or_default();
    let mut line = format!("{:<12} {name}", site.code);
    if site.closed {
        line.push_str(&format!(", closed {}", site.valid_to.as_deref().unwrap_or_default()));
    }
    if let Some(last) = &site.last_contact {
        line.push_str(&format!(", last contact {last}"));
    }
    if let Some(version) = site.version.as_deref().filter(|version| !version.is_empty()) {
        line.push_str(&format!(", {version}"));
    }
    let read::WaitingView { urgent, routine, attachments } = site.waiting.unwrap_or_default();
    let waiting = urgent.plus(routine).plus(attachments);
    if 0 < waiting.entries {
        line.push_str(&format!(
            ", {} entries ({} bytes) wait there",
            waiting.entries, waiting.bytes
        ));
    }
    let skew_ms = site.clock_skew_ms.filter(|skew| CLOCK_SKEW_WARN_MS < skew.saturating_abs());
    if let Some(skew_ms) = skew_ms {
        let side = if skew_ms < 0 { "behind" } else { "ahead" };
        line.push_str(&format!(", a clock {} min {side}", skew_ms.unsigned_abs() / 60_000));
    }
    let marks = [
        (site.gaps, "entries missing"),
        (site.forks, "forks"),
        (site.quarantined, "entries in quarantine"),
        (site.silent_days.filter(|_| site.silent).unwrap_or(0), "days silent"),
    ];
    for (count, mark) in marks.into_iter().filter(|(count, _)| 0 < *count) {
        line.push_str(&format!(", {count} {mark}"));
    }
    line
}
