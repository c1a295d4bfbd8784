//! Where devices belong and belonged: what they wrote at an earlier post still arrives.

use std::collections::BTreeMap;

use journal::{Binding, DeviceKey, SiteCode};
use protocol::Post;

use crate::db::{self, Conn};
use crate::truth::fault::{self, Fault};
use crate::truth::turns::Turn;

/// A site that a device belongs or belonged to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Posting {
    /// The site, and those that had merged into it.
    pub post: Post,
    /// The letter in the references of the records that the device wrote there.
    pub letter: String,
    /// Since when, in milliseconds since 1970.
    pub from_ms: i64,
    /// Whether the hub vouches for the device to all sites, since it publishes.
    pub everyone: bool,
}

pub(super) const COLUMNS: &str =
    "SELECT device, site, letter, predecessors, from_ms, everyone FROM posting";

pub(super) type Columns = (Vec<u8>, String, String, String, i64, bool);

/// Returns where a device belongs and belonged, the present post first.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn of(conn: &mut Conn, device: &DeviceKey) -> Result<Vec<Posting>, Fault> {
    let select = [COLUMNS, "WHERE device = $1 ORDER BY number DESC"];
    let rows: Vec<Columns> = db::query_as(select).bind(device.0).fetch_all(conn).await?;
    rows.into_iter().map(|row| Ok(read(row)?.1)).collect()
}

/// Returns where each device belongs.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(super) async fn present(conn: &mut Conn) -> Result<BTreeMap<DeviceKey, Posting>, Fault> {
    let rows: Vec<Columns> = db::query_as([COLUMNS, "ORDER BY number"]).fetch_all(conn).await?;
    rows.into_iter().map(read).collect() // The last one of each stays.
}

pub(super) fn read(
    (device, site, letter, predecessors, from_ms, everyone): Columns,
) -> Result<(DeviceKey, Posting), Fault> {
    let predecessors = predecessors.split(' ').filter(|code| !code.is_empty());
    let predecessors = predecessors.map(|code| fault::site(code.to_owned()));
    let predecessors = predecessors.collect::<Result<_, _>>()?;
    let post = Post { site: fault::site(site)?, predecessors };
    let device = DeviceKey(fault::array("a device's key", device)?);
    Ok((device, Posting { post, letter, from_ms, everyone }))
}

/// Notes where a binding puts its device, if it is not there already; returns where it was.
pub(super) async fn note(
    conn: &mut Conn,
    binding: &Binding,
    now_ms: i64,
) -> Result<Option<Posting>, Fault> {
    let before = of(conn, &binding.device).await?;
    let Binding { site, predecessors, letter, .. } = binding;
    let post = Post { site: site.clone(), predecessors: predecessors.clone() };
    let same = |last: &Posting| {
        last.post == post && last.letter == *letter && last.everyone == binding.publishes
    };
    if !before.first().is_some_and(same) {
        let codes: Vec<&str> = predecessors.iter().map(SiteCode::as_str).collect();
        let insert = "INSERT INTO posting (device, number, site, letter, predecessors, from_ms, everyone) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let number = i64::try_from(before.len()).unwrap_or(i64::MAX).saturating_add(1);
        db::query(insert)
            .bind(binding.device.0)
            .bind(number)
            .bind(site.as_str())
            .bind(letter)
            .bind(codes.join(" "))
            .bind(now_ms)
            .bind(binding.publishes)
            .execute(conn)
            .await?;
    }
    Ok(before.into_iter().next())
}

/// Returns the letter for the next device of a site: A, B … Z, AA, AB … `conn` must be a write
/// transaction: nobody else is given it until that ends.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn next_letter(conn: &mut Conn, site: &SiteCode) -> Result<String, Fault> {
    Turn::Letters.take(conn).await?;
    let select = "SELECT letter FROM posting WHERE site = $1";
    let taken: Vec<String> = db::query_scalar(select).bind(site.as_str()).fetch_all(conn).await?;
    let mut index = 0;
    loop {
        let next = letter(index);
        if !taken.contains(&next) {
            return Ok(next);
        }
        index += 1;
    }
}

fn letter(mut index: i64) -> String {
    let mut letters = String::new();
    loop {
        let digit = u8::try_from(index.rem_euclid(26)).unwrap_or(0);
        letters.insert(0, char::from(b'A' + digit));
        index = index / 26 - 1;
        if index < 0 {
            return letters;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_the_alphabet() {
        let letters = [0, 1, 25, 26, 27, 51, 52, 701, 702].map(letter);
        assert_eq!(letters, ["A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }
}
