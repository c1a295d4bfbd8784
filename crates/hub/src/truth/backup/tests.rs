//! A hub that was restored is the hub that was copied, in its next life, on either engine.

use std::collections::BTreeSet;

use journal::{DeviceSecret, EpochStart};
use tempfile::TempDir;

use super::item::Item;
use super::tables::{BRANCH, OTHERS, TABLES};
use super::*;
use crate::clock::Moment;
use crate::db::{self, Db, Place};
use crate::fold;
use crate::truth::{Truth, epoch, frames, logs, verify};
use crate::world::older::{self, Older};
use crate::world::{self, World};

mod rescue;

#[tokio::test]
async fn a_restored_hub_has_the_same_records_and_speaks_in_its_next_epoch() {
    let world = busy().await;
    let (dir, file) = copied(&world, "secret").await;
    let restored = restored(&dir, &file, "secret").await.unwrap();
    let (old, new) = (&world.truth, restored);
    let (mut then, mut now) = (old.db.read().await.unwrap(), new.db.read().await.unwrap());
    let present = epoch::present(&mut now).await.unwrap();
    assert_ne!(present, epoch::present(&mut then).await.unwrap());
    assert_eq!(new.lanes.count(&mut now).await.unwrap(), 2);
    let told = epoch::set_backs(&mut now).await.unwrap();
    assert_eq!((told.len(), told[0].epoch, told[0].count), (1, present, 2));
    drop((then, now));
    fold::rebuild(&new).await.unwrap();
    assert_eq!(fold::state_hash(&new).await.unwrap(), fold::state_hash(old).await.unwrap());
    assert!(verify::verify(&new).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn each_lane_begins_anew_and_names_where_it_ended() {
    let world = busy().await;
    let mut conn = world.truth.db.read().await.unwrap();
    let before = logs::starts(&mut conn, &world.truth.key()).await.unwrap();
    drop(conn);
    let (dir, file) = copied(&world, "secret").await;
    let restored = restored(&dir, &file, "secret").await.unwrap();
    let mut conn = restored.db.read().await.unwrap();
    for old in before {
        let name = restored.lanes.log(&mut conn, &old.name.lane).await.unwrap();
        let [log] = logs::branches(&mut conn, &name).await.unwrap().try_into().unwrap();
        assert_eq!(log.head.seq, 1, "nothing but what opens the epoch");
        let entries = frames::entries_from(&mut conn, &log, 1, 9).await.unwrap();
        let start = EpochStart::from_payload(entries[0].entry.bytes().unwrap()).unwrap();
        let previous = start.previous.unwrap();
        assert_eq!((start.count, previous.epoch), (2, old.name.epoch));
        assert_eq!(previous.heads, [(old.name.lane, old.head.seq, old.head.id)]);
    }
}

#[tokio::test]
async fn a_restored_hub_goes_on_with_new_logs_and_new_receipts() {
    let world = busy().await;
    let (dir, file) = copied(&world, "secret").await;
    let again = World::of(restored(&dir, &file, "secret").await.unwrap());
    again.site("INST-031", "OSH").await;
    let (_device, first) = again.device("INST-031", 9).await;
    again.arrive(&first, 5_000_000).await;
    fold::catch_up(&again.truth).await.unwrap();
    assert!(verify::verify(&again.truth).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_copy_of_one_engine_is_restored_on_the_other() {
    let world = busy().await;
    let (dir, file) = copied(&world, "secret").await;
    let other = Place::Sqlite(dir.path().join("other.db"));
    let restored = restored_at(&other, &file, "secret").await.unwrap();
    fold::rebuild(&restored).await.unwrap();
    let (old, new) = (&world.truth, restored);
    assert_eq!(fold::state_hash(&new).await.unwrap(), fold::state_hash(old).await.unwrap());
}

#[tokio::test]
async fn what_is_altered_cut_off_or_sealed_otherwise_is_refused() {
    let world = busy().await;
    let (dir, file) = copied(&world, "secret").await;
    let whole = std::fs::read(&file).unwrap();
    let bad = dir.path().join("bad");
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 4;
    for (bytes, passphrase, words) in [
        (whole.clone(), "Secret", "passphrase"),
        (whole[..whole.len() - 1].to_vec(), "secret", "cut off"),
        (flipped, "secret", "altered"),
    ] {
        std::fs::write(&bad, bytes).unwrap();
        let mut progress = |_done, _total| ();
        let read = Backup::open(&bad, passphrase, &mut progress);
        let fault = read.and_then(Backup::check).unwrap_err().to_string();
        assert!(fault.contains(words), "{fault}");
    }
}

#[tokio::test]
async fn what_is_written_during_a_copy_is_left_out_of_it_as_a_whole() {
    let world = busy().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hub.backup");
    let mut tx = world.truth.db.snapshot().await.unwrap();
    world.site("INST-099", "CHUY").await;
    let seen = logs::all(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let now = logs::all(&mut world.truth.db.read().await.unwrap()).await.unwrap();
    let heads = |logs: &[logs::Log]| logs.iter().map(|log| log.head.seq).sum::<u64>();
    assert_eq!(heads(&seen) + 1, heads(&now));
    write(&world.truth, &file, "secret", &mut |_done, _total| ()).await.unwrap();
    let refused = write(&world.truth, &file, "secret", &mut |_done, _total| ()).await;
    assert!(refused.unwrap_err().to_string().contains("exists already"));
}

/// Copies of layouts before 9 have further branches in a table of their own.
#[tokio::test]
async fn a_copy_that_older_software_made_is_restored_with_every_branch() {
    let dir = tempfile::tempdir().unwrap();
    let older = older::forked_hub(&Place::Sqlite(dir.path().join("older.db"))).await;
    let file = dir.path().join("older.backup");
    copy_of_older(&older, &file).await;
    let restored = restored(&dir, &file, "secret").await.unwrap();
    let mut conn = restored.db.read().await.unwrap();
    let held = logs::of_device(&mut conn, &older.log.device).await.unwrap();
    let heads: BTreeSet<_> = held[0].heads.iter().map(|head| (head.seq, head.id.0)).collect();
    assert_eq!(heads, older.heads);
    drop(conn);
    fold::rebuild(&restored).await.unwrap();
    let verdict = verify::verify(&restored).await.unwrap();
    assert_eq!((verdict.faults, verdict.forks.len()), (Vec::new(), 1));
}

/// Writes what is truth in an older database as older software did.
async fn copy_of_older(older: &Older, file: &Path) {
    let random = ([1; 16], [2; 19]);
    let out = std::fs::File::create(file).unwrap();
    let mut items = seal::ItemWriter::begin(out, b"secret", random, seal::Cost::default()).unwrap();
    let mut conn = older.db.read().await.unwrap();
    let secret = older::secret();
    let head = Head {
        format: 1,
        layout: 8,
        software: "0.9".to_owned(),
        made_ms: 0,
        hub: secret.public(),
        epoch: journal::Epoch([3; 8]),
    };
    items.write(&Item::Head(head).to_bytes().unwrap()).unwrap();
    items.write(&Item::Key(secret.to_bytes().to_vec()).to_bytes().unwrap()).unwrap();
    let mut count = 0;
    for table in TABLES.iter().chain([&BRANCH]) {
        let select = "SELECT name FROM pragma_table_info($1)";
        let there: Vec<String> =
            db::query_scalar(select).bind(table.name).fetch_all(&mut conn).await.unwrap();
        let columns: Vec<_> =
            table.columns.iter().filter(|it| there.iter().any(|name| name == it.0)).collect();
        if columns.is_empty() {
            continue; // A table of a newer layout.
        }
        let mut query = db::Builder::new("SELECT ");
        for (place, column) in columns.iter().enumerate() {
            query.push(if place == 0 { "" } else { ", " }).push(column.0);
        }
        query.push(" FROM ").push(table.name);
        let rows = query.build().fetch_all(&mut conn).await.unwrap();
        let cells = |row: &db::Row| {
            let cells = columns.iter().enumerate();
            cells.map(|(place, column)| column.1.read(row, place).unwrap()).collect()
        };
        let rows: Vec<Vec<_>> = rows.iter().map(cells).collect();
        count += rows.len() as u64;
        if !rows.is_empty() {
            let columns = columns.iter().map(|column| column.0.to_owned()).collect();
            let rows = Item::Rows { table: table.name.to_owned(), columns, rows };
            items.write(&rows.to_bytes().unwrap()).unwrap();
        }
    }
    items.write(&Item::End { rows: count }.to_bytes().unwrap()).unwrap();
    items.finish().unwrap().sync_all().unwrap();
}

/// A table or column that is in no list would be lost with the first restore.
#[tokio::test]
async fn every_table_and_column_is_truth_or_known_not_to_be() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::make(&Place::Sqlite(dir.path().join("hub.db"))).await.unwrap();
    let mut conn = db.read().await.unwrap();
    let select = "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c \
                  WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' \
                  AND m.name NOT LIKE 'record_text%'";
    let found: Vec<(String, String)> = db::query_as(select).fetch_all(&mut conn).await.unwrap();
    let found: BTreeSet<(String, String)> =
        found.into_iter().filter(|(table, _)| !OTHERS.contains(&table.as_str())).collect();
    let mut listed = BTreeSet::new();
    for table in TABLES {
        let names = table.columns.iter().map(|column| column.0);
        listed.extend(names.map(|name| (table.name.to_owned(), name.to_owned())));
    }
    let unlisted: Vec<_> = found.difference(&listed).collect();
    let missing: Vec<_> = listed.difference(&found).collect();
    assert!(unlisted.is_empty() && missing.is_empty(), "unlisted {unlisted:?}, gone {missing:?}");
}

/// A hub with sites, devices, records and receipts.
async fn busy() -> World {
    let world = World::new().await;
    for (number, site) in (1..).zip(["INST-027", "INST-016"]) {
        world.site(site, "CHUY").await;
        let (mut device, first) = world.device(site, number).await;
        world.arrive(&first, 2_000_000).await;
        for id in 0..80 {
            let change = world::change(&world::key(site, id), world::incident("title"), &[]);
            let sent = device.write(vec![change]);
            world.arrive(&sent, 3_000_000 + i64::from(id)).await;
        }
        let mut tx = world.truth.db.begin().await.unwrap();
        for now in 0..3 {
            let at = 4_000_000 + now;
            world
                .truth
                .receipts
                .issue(&mut tx, &device.key(), (0, &[]), Moment::of_unknown_clock(at))
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }
    fold::catch_up(&world.truth).await.unwrap();
    world
}

async fn copied(world: &World, passphrase: &str) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hub.backup");
    write(&world.truth, &file, passphrase, &mut |_done, _total| ()).await.unwrap();
    (dir, file)
}

async fn restored(dir: &TempDir, file: &Path, passphrase: &str) -> Result<Truth, BackupFault> {
    restored_at(&world::place(dir), file, passphrase).await
}

async fn restored_at(place: &Place, file: &Path, passphrase: &str) -> Result<Truth, BackupFault> {
    let db = Db::make(place).await.unwrap();
    let mut progress = |_done, _total| ();
    let mut backup = Backup::open(file, passphrase, &mut progress)?;
    let secret = backup.key()?;
    let seed = secret.to_bytes();
    restore(&db, secret, backup).await?;
    let secret = std::sync::Arc::new(DeviceSecret::from_bytes(&seed));
    Ok(Truth::open(db, secret).await?)
}
