//! Which sites are folded together: those that merged, with each other's records in their logs.
//!
//! A family goes by its last successor. Which that is follows from the cards of sites alone, so
//! every hub has the same families.

use std::collections::{BTreeMap, BTreeSet};

use journal::Lane;

use crate::db::{self, Conn};
use crate::truth::fault::site;
use crate::truth::{Fault, shards};

/// Moves the lanes whose families are others than before, with their cursors. Whoever folds must be
/// kept out.
pub(super) async fn settle(conn: &mut Conn) -> Result<(), Fault> {
    let cards: Vec<(String, String)> =
        db::query_as("SELECT code, successor_of FROM site ORDER BY code")
            .fetch_all(&mut *conn)
            .await?;
    let families = families(&cards);
    let kept = "SELECT site, shard FROM fold_lane ORDER BY site";
    let kept: Vec<(String, String)> = db::query_as(kept).fetch_all(&mut *conn).await?;
    let kept: BTreeMap<String, String> = kept.into_iter().collect();
    let codes: BTreeSet<&String> = kept.keys().chain(families.keys()).collect();
    for code in codes {
        let (before, now) = (kept.get(code).unwrap_or(code), families.get(code).unwrap_or(code));
        if before != now {
            move_lane(conn, code, [before, now]).await?;
        }
    }
    Ok(())
}

/// Moves the lane of a site from a shard to another; what was folded of it stays folded.
async fn move_lane(conn: &mut Conn, code: &str, shards: [&String; 2]) -> Result<(), Fault> {
    let [_before, now] = shards;
    let in_order: BTreeSet<&String> = shards.into_iter().collect();
    for shard in in_order {
        shards::mark(conn, shard).await?;
        let count = "UPDATE fold_shard SET version = version + 1 WHERE shard = $1";
        db::query(count).bind(shard.as_str()).execute(&mut *conn).await?;
    }
    let lane = Lane::Site(site(code.to_owned())?).to_string();
    let cursors = "UPDATE fold_cursor SET shard = $1 \
                   WHERE log IN (SELECT id FROM log WHERE lane = $2)";
    db::query(cursors).bind(now.as_str()).bind(lane).execute(&mut *conn).await?;
    let refold = "UPDATE refold SET shard = $1 WHERE site = $2";
    db::query(refold).bind(now.as_str()).bind(code).execute(&mut *conn).await?;
    let forget = "DELETE FROM fold_lane WHERE site = $1";
    db::query(forget).bind(code).execute(&mut *conn).await?;
    if now != code {
        let note = "INSERT INTO fold_lane (site, shard) VALUES ($1, $2)";
        db::query(note).bind(code).bind(now.as_str()).execute(conn).await?;
    }
    Ok(())
}

/// Returns the family of each site that is not its own, from each site's card: its code and those of
/// the sites that merged into it.
fn families(cards: &[(String, String)]) -> BTreeMap<String, String> {
    let mut family: BTreeMap<&str, usize> = BTreeMap::new();
    let mut merged: BTreeSet<&str> = BTreeSet::new();
    for (number, (code, before)) in cards.iter().enumerate() {
        let before: Vec<&str> = before.split_whitespace().filter(|it| it != code).collect();
        if before.is_empty() {
            continue;
        }
        merged.extend(before.iter().copied());
        for member in before.into_iter().chain([code.as_str()]) {
            if let Some(other) = family.insert(member, number) {
                family.values_mut().filter(|it| **it == other).for_each(|it| *it = number);
            }
        }
    }
    let mut members: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    family.iter().for_each(|(code, number)| members.entry(*number).or_default().push(code));
    let mut found = BTreeMap::new();
    for codes in members.values() {
        // Where a site was divided there are several last ones, in a circle there is none.
        let last = codes.iter().find(|code| !merged.contains(*code)).or_else(|| codes.first());
        let Some(last) = last else { continue };
        let others = codes.iter().filter(|code| *code != last);
        found.extend(others.map(|code| ((*code).to_owned(), (*last).to_owned())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_goes_by_its_last_successor_in_whatever_order_sites_merged() {
        let card = |code: &str, before: &str| (code.to_owned(), before.to_owned());
        let cards =
            [card("A", "B C"), card("D", "A"), card("E", ""), card("F", "G"), card("H", "G")];
        let all: Vec<String> =
            families(&cards).iter().map(|(of, is)| format!("{of}{is}")).collect();
        assert_eq!(all, ["AD", "BD", "CD", "GF", "HF"]);
        let circle = [card("A", "B"), card("B", "A")];
        assert_eq!(families(&circle), BTreeMap::from([("B".to_owned(), "A".to_owned())]));
        let mut turned = cards;
        turned.reverse();
        assert_eq!(families(&turned).len(), 5);
    }
}
