//! Sites, as the views have them from the cards in the hub's lane for everyone.

use journal::SiteCode;
use record::{SiteCard, Words};

use super::fault::{self, Fault};
use crate::clock;
use crate::db::{self, Conn, Row};
use crate::limits::MERGERS_MAX;

const COLUMNS: &str = "SELECT code, name_en, name_ru, name_ky, kind, region, valid_from, valid_to, \
                       successor_of FROM site";

/// Returns whether a site's devices may write to everyone: those of training centres do, whose
/// courses are for all.
#[must_use]
pub fn publishes(site: &SiteCard) -> bool {
    site.kind.as_deref() == Some("training_centre")
}

/// Returns the card of the site with this code, if one was folded.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn find(conn: &mut Conn, code: &SiteCode) -> Result<Option<SiteCard>, Fault> {
    let sql = [COLUMNS, "WHERE code = $1"];
    let row = db::query(sql).bind(code.as_str()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Returns all cards, by code.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn list(conn: &mut Conn) -> Result<Vec<SiteCard>, Fault> {
    let sql = [COLUMNS, "ORDER BY code"];
    db::query(sql).fetch_all(conn).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<SiteCard, Fault> {
    let before: String = row.try_get("successor_of")?;
    let before = before.split_whitespace().map(|code| fault::site(code.to_owned()));
    Ok(SiteCard {
        code: fault::site(row.try_get("code")?)?,
        names: Words {
            en: row.try_get("name_en")?,
            ru: row.try_get("name_ru")?,
            ky: row.try_get("name_ky")?,
        },
        kind: row.try_get("kind")?,
        region: row.try_get("region")?,
        valid_from: row.try_get("valid_from")?,
        valid_to: row.try_get("valid_to")?,
        successor_of: before.collect::<Result<_, _>>()?,
    })
}

/// Returns every site that merged into this one, directly or through others.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn predecessors(conn: &mut Conn, code: &SiteCode) -> Result<Vec<SiteCode>, Fault> {
    let mut found: Vec<SiteCode> = Vec::new();
    let mut next = vec![code.clone()];
    for _ in 0..MERGERS_MAX {
        let mut before = Vec::new();
        for code in &next {
            before
                .extend(find(conn, code).await?.map(|site| site.successor_of).unwrap_or_default());
        }
        before.retain(|site| site != code && !found.contains(site));
        before.sort();
        before.dedup();
        if before.is_empty() {
            break;
        }
        found.extend(before.iter().cloned());
        next = before;
    }
    Ok(found)
}

/// Returns since when a site is closed, if it is.
#[must_use]
pub fn closed(card: &SiteCard, now_ms: i64) -> Option<&str> {
    let to = card.valid_to.as_deref()?;
    let today = clock::rfc3339(now_ms);
    // A month or a year ends when the text before it is smaller.
    (to < today.get(..to.len())?).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_closed_once_its_last_day_is_over() {
        let now_ms = 1_763_942_400_000; // 2025-11-24
        let card = |to: &str| SiteCard {
            code: "INST-001".parse().unwrap(),
            names: Words::default(),
            kind: None,
            region: None,
            valid_from: None,
            valid_to: Some(to.to_owned()),
            successor_of: Vec::new(),
        };
        for over in ["2024", "2025-10", "2025-11-23"] {
            assert_eq!(closed(&card(over), now_ms), Some(over));
        }
        for open in ["2025", "2025-11", "2025-11-24", "2026"] {
            assert_eq!(closed(&card(open), now_ms), None);
        }
    }
}
