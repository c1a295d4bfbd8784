//! The tables a database must have: each layout is applied once, however many processes start.

use super::fault::{self, DbFault};
use super::place::Place;
use super::{Db, Error, Layout, query, query_scalar, run_script};

/// How often a start is tried again while another process lays the same database out.
const TRIES: u32 = 5;

const APPLIED: &str = "SELECT number FROM layout ORDER BY number";

/// Returns the layouts the database has; `None` if it was never laid out.
pub(super) async fn found(db: &Db) -> Result<Option<Vec<i64>>, Error> {
    let mut conn = db.read().await?;
    match query_scalar(APPLIED).fetch_all(&mut conn).await {
        Ok(numbers) => Ok(Some(numbers)),
        Err(error) if fault::is_no_table(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Applies the layouts that are not among those `found`.
pub(super) async fn bring_up(
    db: &Db,
    place: &Place,
    layouts: &[Layout],
    found: &[i64],
) -> Result<(), DbFault> {
    let known = layouts.iter().map(|layout| layout.number).max().unwrap_or(0);
    if let Some(newest) = found.iter().copied().max().filter(|newest| known < *newest) {
        return Err(DbFault::Newer { found: newest, known });
    }
    // Nothing to do is the rule: then the user needs no right to change tables.
    if layouts.iter().all(|layout| found.contains(&layout.number)) {
        return Ok(());
    }
    let mut tries = 0;
    loop {
        tries += 1;
        match apply(db, layouts).await {
            Ok(()) => return Ok(()),
            Err(error)
                if tries < TRIES && (fault::is_made_twice(&error) || fault::is_passing(&error)) => {
            }
            Err(error) => return Err(DbFault::of_server(place, error)),
        }
    }
}

async fn apply(db: &Db, layouts: &[Layout]) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let table = "CREATE TABLE IF NOT EXISTS layout (number BIGINT NOT NULL PRIMARY KEY)";
    query(table).execute(&mut tx).await?;
    // Whoever is second waits here until the first one is done, and then finds nothing to do.
    let turn = "INSERT INTO layout (number) VALUES (0) ON CONFLICT (number) DO UPDATE \
                SET number = layout.number";
    query(turn).execute(&mut tx).await?;
    let found: Vec<i64> = query_scalar(APPLIED).fetch_all(&mut tx).await?;
    let due = || layouts.iter().filter(|layout| !found.contains(&layout.number));
    for layout in due() {
        run_script(&mut tx, if db.is_server() { layout.postgres } else { layout.sqlite }).await?;
        let insert = "INSERT INTO layout (number) VALUES ($1)";
        query(insert).bind(layout.number).execute(&mut tx).await?;
    }
    for step in due().filter_map(|layout| layout.then) {
        step(&mut tx).await?;
    }
    tx.commit().await
}
