//! Every column of every view, altered: the comparison names it, and a rebuild heals it.

use std::collections::BTreeSet;

use super::views::{NOT_COMPARED, VIEWS};
use super::*;
use crate::world::{ENROLLED_MS, World, change, incident, key};
use crate::{db, fold};

async fn busy() -> World {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut device, starts) = world.device("INST-027", 1).await;
    world.arrive(&starts, ENROLLED_MS + 1).await;
    for id in 1..=3 {
        let sent = device.write(vec![change(&key("INST-027", id), incident("As found"), &[])]);
        world.arrive(&sent, ENROLLED_MS + 1).await;
    }
    catch_up(&world.truth).await.unwrap();
    while fold::texts::write_some(&world.truth).await.unwrap() != 0 {}
    world
}

#[tokio::test]
async fn every_table_is_truth_or_compared_or_has_a_reason() {
    // Both engines have the same tables; a file can be asked for them in few words.
    let laid_out = tempfile::tempdir().unwrap();
    let scratch = Scratch::make(laid_out.path()).await.unwrap();
    let mut conn = scratch.db().read().await.unwrap();
    let select = "SELECT name FROM sqlite_master WHERE type = 'table' \
                  AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'record_text%'";
    let tables: BTreeSet<String> =
        db::query_scalar(select).fetch_all(&mut conn).await.unwrap().into_iter().collect();
    let views: BTreeSet<String> = VIEWS.iter().map(|view| view.name.to_owned()).collect();
    let others = NOT_COMPARED.iter().map(|(name, _reason)| (*name).to_owned());
    let listed: BTreeSet<String> = views.iter().cloned().chain(others).collect();
    let truth: BTreeSet<String> = backup::names().map(str::to_owned).collect();
    let forgotten: Vec<_> =
        tables.iter().filter(|it| !listed.contains(*it) && !truth.contains(*it)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
    assert!(listed.is_disjoint(&truth) && listed.is_subset(&tables), "{listed:?}");
}

/// Does a statement that is made of the names of tables and columns.
async fn alter(world: &World, words: String) -> u64 {
    let mut tx = world.truth.db.begin().await.unwrap();
    let words: &'static str = Box::leak(words.into_boxed_str());
    let done = db::query(words).execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    done.rows_affected()
}

#[tokio::test]
async fn every_column_that_is_altered_is_named_and_a_rebuild_heals_it() {
    let world = busy().await;
    assert_eq!(check(&world.truth).await.unwrap(), [], "an untouched database is sound");
    let laid_out = tempfile::tempdir().unwrap();
    let scratch = Scratch::make(laid_out.path()).await.unwrap();
    let mut conn = scratch.db().read().await.unwrap();
    for view in VIEWS {
        let select = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
        let columns: Vec<(String, String)> =
            db::query_as(select).bind(view.name).fetch_all(&mut conn).await.unwrap();
        for (column, kind) in columns {
            let other = match kind.as_str() {
                "BOOLEAN" => format!("NOT {column}"),
                "TEXT" => format!("COALESCE({column}, '') || 'x'"),
                "BLOB" if world.truth.db.is_server() => format!("{column} || '\\x00'::bytea"),
                "BLOB" => format!("CAST({column} || X'00' AS BLOB)"),
                _number => format!("COALESCE({column}, 0) + 1000"),
            };
            let (table, key) = (view.name, view.keys[0]);
            let one = format!("{key} = (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1)");
            let words = format!("UPDATE {table} SET {column} = {other} WHERE {one}");
            if alter(&world, words).await == 0 {
                continue; // No row of this view here.
            }
            let faults = check(&world.truth).await.unwrap();
            let is_key = view.keys.contains(&column.as_str());
            let names = |fault: &ViewFault| {
                fault.table == table && (is_key || fault.column.as_ref() == Some(&column))
            };
            assert!(faults.iter().any(names), "{table}.{column}: {faults:?}");
            rebuild(&world.truth).await.unwrap();
            while fold::texts::write_some(&world.truth).await.unwrap() != 0 {}
        }
        assert_eq!(check(&world.truth).await.unwrap(), [], "{} after a rebuild", view.name);
    }
}
