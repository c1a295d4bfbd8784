//! What every statement may rely on, on the engine that the tests are run on.

use journal::DeviceSecret;
use record::{PersonCard, PersonId};
use tempfile::TempDir;

use super::{
    Arg, Builder, Db, DbFault, LAYOUTS, layout, query, query_as, query_scalar, run_script,
};
use crate::truth::{Truth, verify};
use crate::world::{code, place};
use crate::{fold, read};

type Kinds =
    (i64, String, Vec<u8>, bool, Option<i64>, Option<String>, Option<Vec<u8>>, Option<bool>);

async fn empty() -> (TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::make(&place(&folder)).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let table = "CREATE TABLE kinds (i BIGINT, t TEXT, b BOOLEAN)";
    query(table).execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    (folder, db)
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went_in() {
    let (_folder, db) = empty().await;
    let mut conn = db.read().await.unwrap();
    let select = "SELECT CAST($1 AS BIGINT), $2, $3, $4, CAST($5 AS BIGINT), $6, $7, $8";
    let back: Kinds = query_as(select)
        .bind(i64::MIN)
        .bind("ү 'x' \u{1F6A8}")
        .bind([0_u8, 255])
        .bind(true)
        .bind(None::<i64>)
        .bind(None::<&str>)
        .bind(None::<Vec<u8>>)
        .bind(None::<bool>)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    let there = (i64::MIN, "ү 'x' \u{1F6A8}".to_owned(), vec![0, 255], true);
    assert_eq!((back.0, back.1, back.2, back.3), there);
    assert_eq!((back.4, back.5, back.6, back.7), (None, None, None, None));
}

#[tokio::test]
async fn a_statement_is_built_row_by_row_and_sorted_by_bytes() {
    let (_folder, db) = empty().await;
    let mut tx = db.begin().await.unwrap();
    let rows = [(1, "b"), (2, "B"), (3, "я"), (4, "a-c"), (5, "ab")];
    let mut insert = Builder::new("INSERT INTO layout (number) ");
    insert.push_values(rows, |row, (number, _)| {
        row.push_bind(900 + i64::from(number));
    });
    assert_eq!(insert.build().execute(&mut tx).await.unwrap().rows_affected(), 5);
    let mut insert =
        Builder::new("INSERT INTO invitation (token_hash, site, name, created_ms, expires_ms) ");
    insert.push_values(rows, |row, (number, site)| {
        row.push_bind([number]).push_bind(site).push_bind("").push_bind(0).push_bind(0);
    });
    insert.build().execute(&mut tx).await.unwrap();
    let mut select = Builder::new("SELECT site FROM invitation WHERE site > ");
    select.push_bind("A").push(" AND created_ms IN (");
    select.separated().push_bind(0).push_bind(7);
    select.push(") ORDER BY site");
    let sorted: Vec<String> = select.build_scalar().fetch_all(&mut tx).await.unwrap();
    assert_eq!(sorted, ["B", "a-c", "ab", "b", "я"], "order must not depend on the machine");
}

#[tokio::test]
async fn what_was_not_committed_is_undone() {
    let (_folder, db) = empty().await;
    let mut tx = db.begin().await.unwrap();
    let insert = "INSERT INTO kinds (i, t, b) VALUES ($1, $2, $3)";
    query(insert).bind(1).bind("x").bind(true).execute(&mut tx).await.unwrap();
    drop(tx);
    let mut conn = db.read().await.unwrap();
    let count: i64 = query_scalar("SELECT COUNT(*) FROM kinds").fetch_one(&mut conn).await.unwrap();
    assert_eq!(count, 0);
    assert!(matches!(Arg::from(None::<i64>), Arg::Int(None)), "a missing value keeps its kind");
}

#[tokio::test]
async fn a_database_without_a_hub_and_one_of_a_newer_hub_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(&folder);
    assert!(matches!(Db::open(&place).await, Err(DbFault::Empty(_))));
    let db = Db::make(&place).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    query("INSERT INTO layout (number) VALUES (1000)").execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(Db::open(&place).await, Err(DbFault::Newer { found: 1000, .. })));
}

#[tokio::test]
async fn processes_that_open_an_empty_database_together_lay_it_out_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(&folder);
    let opened =
        tokio::join!(Db::make(&place), Db::make(&place), Db::make(&place), Db::make(&place));
    for db in [opened.0, opened.1, opened.2, opened.3] {
        let db = db.unwrap();
        assert_eq!(layout::found(&db).await.unwrap().unwrap().len(), LAYOUTS.len() + 1);
    }
}

/// The first release had layouts 1 and 2.
#[tokio::test]
async fn a_database_of_the_first_release_is_brought_up_and_keeps_what_it_held() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(&folder);
    let secret = || DeviceSecret::from_bytes(&[200; 32]);
    let founder = PersonCard {
        id: PersonId([1; 16]),
        name: "Administrator".to_owned(),
        role: "administrator".to_owned(),
        site: code("INST-000"),
    };
    let old = Db::make_with(&place, &LAYOUTS[..2]).await.unwrap();
    let device = "INSERT INTO device (key, name, letter, site, publishes, state, enrolled_ms) \
                  VALUES ($1, 'Laptop', 'A', 'INST-027', FALSE, 'active', 7)";
    let mut tx = old.begin().await.unwrap();
    query(device).bind([5_u8; 32]).execute(&mut tx).await.unwrap();
    // What is founded here marks what is to be folded; the program of that time did not.
    let marks = "CREATE TABLE fold_lane (site TEXT, shard TEXT); CREATE TABLE fold_shard \
                 (shard TEXT PRIMARY KEY, version BIGINT, asked BIGINT, waits_since_ms BIGINT, \
                 leased_until_ms BIGINT)";
    run_script(&mut tx, marks).await.unwrap();
    tx.commit().await.unwrap();
    drop(Truth::found(old.clone(), secret(), &founder).await.unwrap());
    let mut tx = old.begin().await.unwrap();
    run_script(&mut tx, "DROP TABLE fold_lane; DROP TABLE fold_shard").await.unwrap();
    tx.commit().await.unwrap();
    old.close().await;

    let db = Db::open(&place).await.unwrap();
    let truth = Truth::open(db, std::sync::Arc::new(secret())).await.unwrap();
    fold::catch_up(&truth).await.unwrap();
    let mut conn = truth.db.read().await.unwrap();
    let devices = crate::truth::devices::list(&mut conn).await.unwrap();
    let names: Vec<_> = devices.iter().map(|device| (&*device.name, &*device.letter)).collect();
    assert_eq!(names, [("Laptop", "A")]);
    let name: String = query_scalar("SELECT name FROM person").fetch_one(&mut conn).await.unwrap();
    assert_eq!(name, "Administrator");
    assert_eq!(read::list(&mut conn, &read::Query::default()).await.unwrap().len(), 0);
    let faults = verify::verify(&truth).await.unwrap().faults;
    assert!(faults.is_empty(), "{faults:?}");
}
