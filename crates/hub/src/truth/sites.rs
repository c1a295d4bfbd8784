//! Sites, as the views have them from the cards in the hub's lane for everyone.

use journal::SiteCode;

use super::fault::{self, Fault};
use crate::db::Conn;

/// How deep sites may have merged into each other.
const MERGERS_MAX: usize = 16;

/// What a site is, as far as letting devices in goes.
#[derive(Clone, Debug)]
pub struct Site {
    /// What sort of institution.
    pub kind: Option<String>,
    /// The sites that merged into it, directly.
    pub successor_of: Vec<SiteCode>,
}

impl Site {
    /// Returns whether the site's devices may write to everyone: those of training centres do,
    /// whose courses are for all.
    #[must_use]
    pub fn publishes(&self) -> bool {
        self.kind.as_deref() == Some("training_centre")
    }
}

/// Returns the site with this code, if a card of it was folded.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn find(conn: &mut Conn, code: &SiteCode) -> Result<Option<Site>, Fault> {
    let select = "SELECT kind, successor_of FROM site WHERE code = $1";
    let row: Option<(Option<String>, String)> =
        sqlx::query_as(select).bind(code.as_str()).fetch_optional(conn).await?;
    let Some((kind, before)) = row else { return Ok(None) };
    let before = before.split_whitespace().map(|code| fault::site(code.to_owned()));
    Ok(Some(Site { kind, successor_of: before.collect::<Result<_, _>>()? }))
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
            before.extend(find(conn, code).await?.map(|site| site.successor_of).unwrap_or_default());
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
