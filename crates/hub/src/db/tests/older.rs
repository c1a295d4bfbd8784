//! Databases of older software are brought up with all that they held.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::db::{Db, Place, query, query_scalar};
use crate::truth::{Truth, devices, frames, logs, verify};
use crate::world::{older, place};
use crate::{fold, read};

async fn brought_up(place: &Place) -> Truth {
    let db = Db::open(place).await.unwrap();
    let truth = Truth::open(db, Arc::new(older::secret())).await.unwrap();
    fold::catch_up(&truth).await.unwrap();
    let faults = verify::verify(&truth).await.unwrap().faults;
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(fold::check(&truth).await.unwrap(), []);
    truth
}

async fn titles(truth: &Truth) -> BTreeSet<String> {
    let mut conn = truth.db.read().await.unwrap();
    let select = "SELECT title FROM record";
    let titles: Vec<String> = query_scalar(select).fetch_all(&mut conn).await.unwrap();
    titles.into_iter().collect()
}

/// The first release had layouts 1 and 2.
#[tokio::test]
async fn a_database_of_the_first_release_is_brought_up_and_keeps_what_it_held() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(&folder);
    older::hub(&place, 2).await.db.close().await;
    let truth = brought_up(&place).await;
    let mut conn = truth.db.read().await.unwrap();
    let devices = devices::list(&mut conn).await.unwrap();
    let names: Vec<_> = devices.iter().map(|device| (&*device.name, &*device.letter)).collect();
    assert_eq!(names, [("Laptop", "A")]);
    let name: String = query_scalar("SELECT name FROM person WHERE name = 'Administrator'")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(name, "Administrator");
    assert_eq!(read::list(&mut conn, &read::Query::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn branches_that_older_software_kept_aside_count_once_the_database_is_brought_up() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(&folder);
    let older = older::forked_hub(&place).await;
    older.db.close().await;
    let truth = brought_up(&place).await;
    let mut conn = truth.db.read().await.unwrap();
    let branches = logs::branches(&mut conn, &older.log).await.unwrap();
    let heads: BTreeSet<_> = branches.iter().map(|log| (log.head.seq, log.head.id.0)).collect();
    assert_eq!((heads, branches.len()), (older.heads, 4));
    let mut entries = BTreeSet::new();
    for log in &branches {
        let own = frames::entries_from(&mut conn, log, 1, 99).await.unwrap();
        assert!(own.iter().all(|it| it.arrived.ms == 5_000), "when it arrived is kept");
        for it in own {
            assert!(entries.insert((it.entry.header.seq, it.entry.id.0)), "each stands once");
        }
        assert_eq!(log.start.as_ref().unwrap().site.as_str(), "INST-027");
    }
    assert_eq!(entries, older.entries);
    drop(conn);
    assert_eq!(titles(&truth).await, (1..=8).map(|id| format!("Record {id}")).collect());
}

#[tokio::test]
async fn a_frame_that_can_not_be_read_is_not_lost_when_a_database_is_brought_up() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(&folder);
    let older = older::forked_hub(&place).await;
    let mut tx = older.db.begin().await.unwrap();
    let update = query("UPDATE branch SET bytes = $1 WHERE branch = 2").bind([1_u8, 2, 3]);
    update.execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    older.db.close().await;
    let db = Db::open(&place).await.unwrap();
    let truth = Truth::open(db, Arc::new(older::secret())).await.unwrap();
    let mut conn = truth.db.read().await.unwrap();
    let kept: i64 = query_scalar("SELECT COUNT(*) FROM frame WHERE bytes = $1")
        .bind([1_u8, 2, 3])
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(kept, 2);
    drop(conn);
    let faults = verify::verify(&truth).await.unwrap().faults;
    assert!(!faults.is_empty(), "and `verify` names it");
}
