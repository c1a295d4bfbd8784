//! What can be saved of a damaged file, page by page: all that is not on the page, and the rest named.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::db::DbFault;

/// Pages that are put to zero, one at a time, spread over the whole file.
const POSITIONS: usize = 60;

/// Frames by their place, and their bytes.
type Frames = BTreeSet<(i64, i64, Vec<u8>)>;

#[tokio::test]
async fn of_a_sound_database_everything_is_saved_of_either_engine() {
    let world = busy().await;
    let dir = tempfile::tempdir().unwrap();
    let (truth, rescued) = saved(&world.truth.db, &dir.path().join("saved.db")).await;
    assert_eq!((rescued.lost, rescued.set_aside), (Vec::new(), Vec::new()));
    assert_eq!(frames_of(&truth.db).await, frames_of(&world.truth.db).await);
    let then = epoch::present(&mut world.truth.db.read().await.unwrap()).await.unwrap();
    let now = epoch::present(&mut truth.db.read().await.unwrap()).await.unwrap();
    assert_eq!(then, now, "no epoch is opened");
    let old = fold::state_hash(&world.truth).await.unwrap();
    assert_eq!(fold::state_hash(&truth).await.unwrap(), old);
    assert!(verify::verify(&truth).await.unwrap().faults.is_empty());
    assert!(fold::check(&truth).await.unwrap().is_empty());
}

#[tokio::test]
async fn around_a_damaged_page_all_is_saved_and_what_is_not_is_named() {
    let world = busy().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("sound.db");
    let (truth, _all) = saved(&world.truth.db, &file).await;
    let (held, hash) = (frames_of(&truth.db).await, fold::state_hash(&truth).await.unwrap());
    truth.db.close().await;
    let sound = std::fs::read(&file).unwrap();
    let page = usize::from(u16::from_be_bytes([sound[16], sound[17]]));
    let pages = sound.len() / page;
    assert!(POSITIONS < pages, "only {pages} pages");
    let (mut harmless, mut harmed) = (0, 0);
    for position in 0..POSITIONS {
        let number = 1 + position * (pages - 2) / POSITIONS;
        let mut bytes = sound.clone();
        bytes[number * page..(number + 1) * page].fill(0);
        let bad = dir.path().join(format!("bad{number}.db"));
        std::fs::write(&bad, bytes).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let (from, unread) =
            Db::open_damaged(&Place::Sqlite(bad.clone()), scratch.path()).await.unwrap();
        let (truth, mut rescued) = saved(&from, &dir.path().join(format!("new{number}.db"))).await;
        rescued.lost.extend(unread);
        let now = frames_of(&truth.db).await;
        let aside = set_aside_in(&truth.db).await;
        assert!(now.is_subset(&held), "page {number}: something was made up");
        let missing: Vec<_> = held.difference(&now).filter(|it| !aside.contains(&it.2)).collect();
        let faults = verify::verify(&truth).await.unwrap().faults;
        if rescued.lost.is_empty() {
            assert!(missing.is_empty(), "page {number}: {} frames are gone unsaid", missing.len());
            assert_eq!(faults, [], "page {number}");
            assert_eq!(fold::state_hash(&truth).await.unwrap(), hash, "page {number}");
            harmless += 1;
        } else {
            harmed += 1;
        }
        assert!(fold::check(&truth).await.unwrap().is_empty(), "page {number}");
        truth.db.close().await;
        from.close().await;
        std::fs::remove_file(bad).unwrap();
    }
    assert!(0 < harmless && 0 < harmed, "{harmless} harmless, {harmed} harmed: nothing is shown");
}

#[tokio::test]
async fn where_the_way_to_all_frames_is_gone_they_are_found_page_by_page() {
    let world = busy().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("sound.db");
    let (truth, _all) = saved(&world.truth.db, &file).await;
    let held = frames_of(&truth.db).await;
    let hash = fold::state_hash(&truth).await.unwrap();
    let select = "SELECT rootpage FROM sqlite_schema WHERE name = $1";
    let mut conn = truth.db.read().await.unwrap();
    let mut roots = Vec::new();
    for name in ["frame", "receipt"] {
        let root: i64 = db::query_scalar(select).bind(name).fetch_one(&mut conn).await.unwrap();
        roots.push(usize::try_from(root).unwrap() - 1);
    }
    drop(conn);
    truth.db.close().await;
    let mut bytes = std::fs::read(&file).unwrap();
    let leads = |root: &usize| bytes[root * 4096] == 5;
    assert!(roots.iter().any(leads), "no table is large enough to show anything");
    for root in roots.into_iter().filter(leads).collect::<Vec<_>>() {
        bytes[root * 4096..(root + 1) * 4096].fill(0);
    }
    std::fs::write(&file, bytes).unwrap();
    let (from, _unread) = Db::open_damaged(&Place::Sqlite(file), dir.path()).await.unwrap();
    let (truth, rescued) = saved(&from, &dir.path().join("new.db")).await;
    assert_eq!(rescued.lost, Vec::<String>::new());
    assert_eq!(frames_of(&truth.db).await, held);
    assert_eq!(fold::state_hash(&truth).await.unwrap(), hash);
    assert!(verify::verify(&truth).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_file_whose_first_page_is_gone_is_read_by_the_layout_and_another_file_is_refused() {
    let world = busy().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("sound.db");
    saved(&world.truth.db, &file).await.0.db.close().await;
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[..4096].fill(0);
    std::fs::write(&file, bytes).unwrap();
    // Of another file there is nothing to go by.
    let other = dir.path().join("other.db");
    std::fs::write(&other, vec![7; 200 * 4096]).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let fault = Db::open_damaged(&Place::Sqlite(other), scratch.path()).await.unwrap_err();
    assert!(matches!(fault, DbFault::Sql(_) | DbFault::Empty(_)), "{fault}");
    let scratch = tempfile::tempdir().unwrap();
    let (from, _unread) = Db::open_damaged(&Place::Sqlite(file), scratch.path()).await.unwrap();
    let (truth, rescued) = saved(&from, &dir.path().join("new.db")).await;
    assert_eq!(rescued.lost, Vec::<String>::new());
    assert_eq!(frames_of(&truth.db).await, frames_of(&world.truth.db).await);
}

#[tokio::test]
async fn a_copy_of_a_damaged_database_says_so_in_its_name_and_is_found_out() {
    let world = busy().await;
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("sound.db");
    let (truth, _all) = saved(&world.truth.db, &place).await;
    let copy = |name: &str| dir.path().join(name);
    let written = write(&truth, &copy("good"), "secret", &mut |_, _| ()).await.unwrap();
    assert_eq!((written.file, written.damage), (copy("good"), Vec::new()));
    let checked = check(&copy("good"), "secret", &mut |_, _| ()).unwrap();
    assert_eq!(checked.damage, Vec::<String>::new());
    assert_eq!(checked.tables["frame"], frames_of(&truth.db).await.len() as u64);

    // One letter of a title, in a frame that a device signed.
    let mut tx = truth.db.begin().await.unwrap();
    let select = "SELECT bytes FROM frame WHERE log = (SELECT MAX(log) FROM frame) ORDER BY first DESC LIMIT 1";
    let mut bytes: Vec<u8> = db::query_scalar(select).fetch_one(&mut tx).await.unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let update = "UPDATE frame SET bytes = $1 WHERE log = (SELECT MAX(log) FROM frame) \
                  AND first = (SELECT MAX(first) FROM frame AS f WHERE f.log = frame.log)";
    db::query(update).bind(bytes).execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let written = write(&truth, &copy("bad"), "secret", &mut |_, _| ()).await.unwrap();
    assert_eq!((written.file, written.damage.len()), (copy("bad.damaged"), 1));
    assert!(!copy("bad").exists());
    let checked = check(&copy("bad.damaged"), "secret", &mut |_, _| ()).unwrap();
    assert_eq!(checked.damage, written.damage);

    // A page of a table: the copy is written around it.
    truth.db.close().await;
    let sound = std::fs::read(&place).unwrap();
    let end = sound.len() - sound.len() % 4096;
    let (mut hurt, mut refused) = (0, 0);
    for number in (1..end / 4096).step_by(5) {
        let mut bytes = sound.clone();
        bytes[number * 4096..(number + 1) * 4096].fill(0);
        let bad = copy(&format!("bad{number}.db"));
        std::fs::write(&bad, &bytes).unwrap();
        let Ok(db) = Db::open(&Place::Sqlite(bad)).await else { continue };
        let secret = DeviceSecret::from_bytes(&world.truth.lanes.secret().to_bytes());
        let Ok(truth) = Truth::open(db.clone(), Arc::new(secret)).await else { continue };
        let file = copy(&format!("copy{number}"));
        match write(&truth, &file, "secret", &mut |_, _| ()).await {
            Ok(written) => hurt += usize::from(!written.damage.is_empty() && written.file != file),
            // What can be opened can be copied.
            Err(_said) => refused += usize::from(!file.exists()),
        }
        db.close().await;
    }
    assert!(5 < hurt && refused == 0, "{hurt} damaged pages were noticed, {refused} refused");
}

/// Saves what can be read into a new file, and folds it.
async fn saved(from: &Db, file: &Path) -> (Truth, Rescued) {
    let secret = DeviceSecret::from_bytes(&[200; 32]);
    let to = Db::make(&Place::Sqlite(file.to_owned())).await.unwrap();
    let rescued = rescue(&secret.public(), (from, &to), &mut |_, _| ()).await.unwrap();
    let truth = Truth::open(to, Arc::new(secret)).await.unwrap();
    fold::rebuild(&truth).await.unwrap();
    (truth, rescued)
}

async fn frames_of(db: &Db) -> Frames {
    let mut conn = db.read().await.unwrap();
    let select = "SELECT log, first, bytes FROM frame";
    db::query_as(select).fetch_all(&mut conn).await.unwrap().into_iter().collect()
}

async fn set_aside_in(db: &Db) -> BTreeSet<Vec<u8>> {
    let mut conn = db.read().await.unwrap();
    let select = "SELECT bytes FROM quarantine_frame";
    db::query_scalar(select).fetch_all(&mut conn).await.unwrap().into_iter().collect()
}
