//! Equal entries give equal records, reviews, persons and sites, at the hub and at an agent, on every
//! engine: what simulated worlds leave behind is taken in by the real database and the real store,
//! in any order, cut anywhere and repeated.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "postgres.rs"]
#[expect(dead_code, reason = "what kills and restarts a server is for tests with processes")]
mod postgres;

use std::path::Path;
use std::sync::Arc;

use agent::{Catalogues, Projection, Records};
use hub::db::{self, Db, Place};
use hub::fold;
use hub::truth::{Truth, frames};
use journal::{DeviceSecret, EntryId, Frame};
use protocol::Keep;
use record::{PersonCard, PersonId, RecordKey, SiteCard, Words};
use store::{Keeping, Options, RealDisk, Store};
use world::{Chance, Climate, Listed, Remains, World};

/// Who founds the hub that takes the frames in; nobody of the world.
const FOUNDER: PersonId = PersonId([255; 16]);

/// Where the founder is.
const OFFICE: &str = "OFFICE";

#[test]
fn what_two_lives_of_a_disk_wrote_is_the_same_everywhere_in_any_order() {
    check("set-back", 0..4);
}

#[test]
fn what_two_machines_with_one_key_wrote_is_the_same_everywhere_in_any_order() {
    check("clones", 0..4);
}

#[test]
fn what_two_lives_of_the_hub_wrote_is_the_same_everywhere_in_any_order() {
    check("hub-copied", 0..4);
}

#[test]
fn what_is_written_when_all_of_it_happens_is_the_same_everywhere_in_any_order() {
    check("worst", 0..4);
}

fn check(climate: &str, seeds: std::ops::Range<u64>) {
    let climate = Climate::named(climate).unwrap();
    let mut forks = 0;
    for seed in seeds {
        let remains = World::remains(seed, climate).unwrap_or_else(|broken| panic!("{broken:?}"));
        assert!(10 < remains.listed.records.len(), "a world in which something was written");
        forks += remains.forks;
        let mut chance = Chance::new(seed);
        assert_eq!(at_an_agent(&remains, &mut chance), remains.listed, "seed {seed}");
        assert_eq!(at_the_hub(&remains, &mut chance), remains.listed, "seed {seed}");
    }
    assert!(0 < forks, "worlds in which a log was forked");
}

/// The frames in another order, and some of them once more, cut anywhere.
fn shuffled(remains: &Remains, chance: &mut Chance) -> Vec<Frame> {
    let mut all = remains.frames.clone();
    for frame in &remains.frames {
        let cut = frame.first + chance.below(frame.items.len()) as u64;
        all.extend(frame.clone().starting_at(cut).filter(|_frame| chance.one_in(3)));
    }
    for at in (1..all.len()).rev() {
        all.swap(at, chance.below(at + 1));
    }
    all
}

/// Takes everything in at an agent that is restarted on the way, and returns what it lists.
fn at_an_agent(remains: &Remains, chance: &mut Chance) -> Listed {
    let dir = tempfile::tempdir().unwrap();
    let mut left = shuffled(remains, chance);
    let halfway = left.len() / 2;
    let mut store = open(dir.path(), remains);
    while !left.is_empty() {
        let before = left.len();
        let batch = left.split_off(before.saturating_sub(1 + chance.below(40)));
        let kept = store.keep(batch.clone()).unwrap().frames;
        let lacks = |kept: &Keeping| matches!(kept, Keeping::Gap { .. } | Keeping::Refused(_));
        let again = batch.into_iter().zip(kept).filter(|(_, kept)| lacks(kept)).map(|it| it.0);
        // What does not fit yet goes behind the rest.
        left.splice(0..0, again);
        if left.len() < halfway && chance.one_in(20) {
            drop(store);
            store = open(dir.path(), remains);
        }
    }
    let listed = listed_by(&store, remains);
    store.rebuild().unwrap();
    assert_eq!(listed_by(&store, remains), listed, "rebuilt");
    listed
}

fn open(dir: &Path, remains: &Remains) -> Store {
    let projection = Projection::new(remains.key(), Arc::new(Catalogues::new().unwrap()));
    let options = Options { segment_bytes: 256 * 1024, ..Options::default() };
    Store::open(dir, Arc::new(RealDisk), Arc::new(projection), &options).unwrap().0
}

fn listed_by(store: &Store, remains: &Remains) -> Listed {
    let reader = store.reader();
    let records = Records(&reader);
    let mut listed = Listed::default();
    for (key, _) in records.summaries().unwrap() {
        let state = records.state(&key).unwrap().unwrap();
        let acts = records.acts(&key).unwrap();
        let review = records.review(&remains.key(), &acts, &state).unwrap();
        listed.records.insert(key, (state.hash(), review.state.word().to_owned()));
    }
    for id in remains.listed.persons.keys() {
        listed.persons.extend(records.person(*id).unwrap().map(|card| (*id, card)));
    }
    for code in remains.listed.sites.keys() {
        let card = records.site(&code.parse().unwrap()).unwrap();
        listed.sites.extend(card.map(|card| (code.clone(), card)));
    }
    listed
}

/// Takes everything in at a hub that folds on the way, and returns what it lists.
#[tokio::main(flavor = "current_thread")]
async fn at_the_hub(remains: &Remains, chance: &mut Chance) -> Listed {
    let dir = tempfile::tempdir().unwrap();
    let place = if postgres::is_chosen() {
        Place::Postgres(postgres::fresh())
    } else {
        Place::Sqlite(dir.path().join("hub.db"))
    };
    let founder = PersonCard {
        id: FOUNDER,
        name: "Founder".to_owned(),
        role: "administrator".to_owned(),
        site: OFFICE.parse().unwrap(),
    };
    let db = Db::make(&place).await.unwrap();
    let truth = Truth::found(db, DeviceSecret::from_bytes(&remains.hub.to_bytes()), &founder)
        .await
        .unwrap();
    let mut left = shuffled(remains, chance);
    while !left.is_empty() {
        let batch = left.split_off(left.len().saturating_sub(1 + chance.below(40)));
        let mut tx = truth.db.begin().await.unwrap();
        for frame in batch {
            if !keep(&mut tx, &frame).await {
                left.insert(0, frame);
            }
        }
        tx.commit().await.unwrap();
        if chance.one_in(3) {
            fold::catch_up(&truth).await.unwrap();
        }
    }
    fold::catch_up(&truth).await.unwrap();
    let listed = listed_at(&truth).await;
    let rebuilt = fold::rebuild(&truth).await.unwrap();
    assert_eq!(rebuilt.old, rebuilt.new);
    assert_eq!(listed_at(&truth).await, listed, "rebuilt");
    assert_eq!(fold::check(&truth).await.unwrap(), []);
    listed
}

/// Keeps a frame; returns whether what comes before it is held.
async fn keep(conn: &mut db::Conn, frame: &Frame) -> bool {
    let before = frame.first - 1;
    let anchors = match before {
        0 => vec![EntryId(frame.log.id().0)],
        before => frames::ids(conn, &[(frame.log.clone(), before)]).await.unwrap().remove(0),
    };
    for prev in anchors {
        if let Ok(entries) = frame.verify(prev) {
            let keep = Keep { frame: frame.clone(), entries, prev };
            frames::keep(conn, &keep, hub::clock::Moment::of_unknown_clock(1)).await.unwrap();
            return true;
        }
    }
    false
}

async fn listed_at(truth: &Truth) -> Listed {
    let mut conn = truth.db.read().await.unwrap();
    let mut listed = Listed::default();
    let records = "SELECT site, id, hash, review_state FROM record";
    let rows: Vec<(String, Vec<u8>, Vec<u8>, String)> =
        db::query_as(records).fetch_all(&mut conn).await.unwrap();
    for (site, id, hash, review) in rows {
        let id = record::RecordId(id.try_into().unwrap());
        let key = RecordKey { site: site.parse().unwrap(), id };
        listed.records.insert(key, (hash.try_into().unwrap(), review));
    }
    let persons = "SELECT id, name, role, site FROM person";
    let rows: Vec<(Vec<u8>, String, String, String)> =
        db::query_as(persons).fetch_all(&mut conn).await.unwrap();
    for (id, name, role, site) in rows {
        let id = PersonId(id.try_into().unwrap());
        let card = PersonCard { id, name, role, site: site.parse().unwrap() };
        listed.persons.insert(id, card);
    }
    listed.persons.remove(&FOUNDER);
    listed.sites = sites(&mut conn).await;
    listed
}

async fn sites(conn: &mut db::Conn) -> std::collections::BTreeMap<String, SiteCard> {
    let select = "SELECT code, name_en, name_ru, name_ky, kind, region, valid_from, valid_to, \
                  successor_of FROM site";
    type Columns = (
        String,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        String,
    );
    let rows: Vec<Columns> = db::query_as(select).fetch_all(conn).await.unwrap();
    let read = |(code, en, ru, ky, kind, region, valid_from, valid_to, before): Columns| {
        let card = SiteCard {
            code: code.parse().unwrap(),
            names: Words { en, ru, ky },
            kind,
            region,
            valid_from,
            valid_to,
            successor_of: before.split_whitespace().map(|it| it.parse().unwrap()).collect(),
        };
        (code, card)
    };
    rows.into_iter().map(read).collect()
}
