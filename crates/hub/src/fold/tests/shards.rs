//! Shards: whoever folds them, in whatever order and however often somebody dies over it, the same
//! rows come out; nobody waits for another site.

use journal::Lane;
use record::{Language, Words};
use tokio::task::JoinSet;

use super::*;
use crate::world::Device;
use crate::world::published::{QUESTION, by_the_new, choices, form, untitled};
use crate::write::publish::publish;
use crate::write::{Decision, Verdict, decide};

/// Entries of a site that are more than its turn.
const MANY: u16 = 2_600;

fn numbered(site: &str, n: u16) -> RecordKey {
    let [high, low] = n.to_be_bytes();
    let id = record::RecordId([high, low, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
    RecordKey { site: code(site), id }
}

fn some(device: &mut Device, site: &str, numbers: std::ops::Range<u16>) -> Sent {
    let record = |n| change(&numbered(site, n), incident("One of many"), &[]);
    device.write(numbers.map(record).collect())
}

/// Sites with so many records each, of one device each.
async fn sites(world: &World, sites: &[(&str, u16)]) -> Vec<Device> {
    let mut devices = Vec::new();
    for (seed, (site, records)) in (1..).zip(sites) {
        world.site(site, "KG-C").await;
        let (mut device, start) = world.device(site, seed).await;
        world.arrive(&start, ENROLLED_MS + 1).await;
        world.arrive(&some(&mut device, site, 0..*records), ENROLLED_MS + 2).await;
        devices.push(device);
    }
    devices
}

/// How far the logs of a site's lane are folded.
async fn folded(world: &World, site: &str) -> i64 {
    let select = "SELECT CAST(COALESCE(SUM(c.seq), 0) AS BIGINT) FROM fold_cursor AS c \
                  JOIN log AS l ON l.id = c.log WHERE l.lane = $1";
    let lane = Lane::Site(code(site)).to_string();
    let mut conn = world.truth.db.read().await.unwrap();
    db::query_scalar(select).bind(lane).fetch_one(&mut conn).await.unwrap()
}

#[tokio::test]
async fn a_decision_waits_for_no_other_site() {
    let world = World::new().await;
    let mut devices = sites(&world, &[("INST-016", 1), ("INST-027", 3)]).await;
    catch_up(&world.truth).await.unwrap();
    let before = folded(&world, "INST-016").await;
    let backlog = some(&mut devices[0], "INST-016", 1..MANY);
    world.arrive(&backlog, ENROLLED_MS + 3).await;
    let fresh = some(&mut devices[1], "INST-027", 3..5);
    world.arrive(&fresh, ENROLLED_MS + 3).await;
    let decision = Decision {
        verdict: Verdict::Accept,
        author: PersonId([1; 16]),
        seen: None,
        remark: None,
        fields: Vec::new(),
        due: None,
        of: None,
        language: Language::En,
    };
    let there = folded(&world, "INST-027").await;
    decide(&world.truth, &numbered("INST-027", 2), &decision).await.unwrap();
    assert_eq!(folded(&world, "INST-016").await, before);
    // Both records, and the decision.
    assert_eq!(folded(&world, "INST-027").await, there + 3);
    assert_eq!(catch_up(&world.truth).await.unwrap(), u64::from(MANY) - 1);
}

#[tokio::test]
async fn a_site_with_much_to_fold_lets_the_others_pass() {
    let world = World::new().await;
    sites(&world, &[("INST-016", MANY), ("INST-027", 3)]).await;
    let holder = Holder::new().unwrap();
    let mut order = Vec::new();
    while let Some(lease) = Lease::next(&world.truth, holder).await.unwrap() {
        order.push(lease.shard.clone());
        shard::fold(&world.truth, lease, Until::Fair(None)).await.unwrap();
    }
    assert_eq!(order, ["", "INST-016", "INST-027", "INST-016"]);
    assert_eq!(catch_up(&world.truth).await.unwrap(), 0);
}

#[tokio::test]
async fn what_somebody_else_folded_meanwhile_is_thrown_away() {
    let world = World::new().await;
    sites(&world, &[("INST-027", 3)]).await;
    catch_up_lane(&world.truth, &Lane::Everyone).await.unwrap();
    let holder = Holder::new().unwrap();
    let slow = Lease::take(&world.truth, "INST-027", holder).await.unwrap().unwrap();
    assert!(Lease::take(&world.truth, "INST-027", holder).await.unwrap().is_none());
    run_out(&world).await;
    // Two logs begin with two entries each.
    assert_eq!(catch_up(&world.truth).await.unwrap(), 7);
    assert_eq!(shard::fold(&world.truth, slow, Until::Fair(None)).await.unwrap(), 0);
    assert_eq!(check(&world.truth).await.unwrap(), []);
}

#[tokio::test]
async fn what_a_process_was_folding_when_it_died_is_soon_folded_by_another() {
    let world = World::new().await;
    sites(&world, &[("INST-027", 3)]).await;
    catch_up_lane(&world.truth, &Lane::Everyone).await.unwrap();
    let died = Lease::take(&world.truth, "INST-027", Holder::new().unwrap()).await.unwrap();
    assert!(died.is_some());
    assert_eq!(catch_up(&world.truth).await.unwrap(), 7);
    assert_eq!(check(&world.truth).await.unwrap(), []);
}

#[tokio::test]
async fn a_clock_that_was_ahead_keeps_no_shard_from_being_folded() {
    let world = World::new().await;
    sites(&world, &[("INST-016", 3), ("INST-027", 3)]).await;
    catch_up_lane(&world.truth, &Lane::Everyone).await.unwrap();
    let ahead = crate::clock::wall_ms() + 400 * 24 * 3_600_000;
    let mut tx = world.truth.db.begin().await.unwrap();
    let died = "UPDATE fold_shard SET leased_until_ms = $1, waits_since_ms = $1 WHERE shard = $2";
    db::query(died).bind(ahead).bind("INST-027").execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let lease = Lease::next(&world.truth, Holder::new().unwrap()).await.unwrap().unwrap();
    assert_eq!(lease.shard, "INST-027", "nor does it come last");
    assert!(shard::fold(&world.truth, lease, Until::Fair(None)).await.unwrap() > 0);
    catch_up(&world.truth).await.unwrap();
    assert_eq!(check(&world.truth).await.unwrap(), []);
}

/// Lets every lease run out, as that of a process that died does.
async fn run_out(world: &World) {
    let mut tx = world.truth.db.begin().await.unwrap();
    db::query("UPDATE fold_shard SET leased_until_ms = 0").execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// Every row that the fold wrote, but for what waits to be searched.
async fn rows(world: &World) -> Vec<String> {
    let selects = [
        "SELECT site || title || review_state, CAST(entries AS TEXT) || form, occurred_ms + \
         signed_ms + arrived_ms FROM record ORDER BY site, id",
        "SELECT site, CAST(log AS TEXT) || ' ' || CAST(seq AS TEXT), \
         COALESCE(trusted_lo, 0) + trusted_hi FROM record_entry ORDER BY site, log, seq",
        "SELECT name, role || site, CAST(0 AS BIGINT) FROM person ORDER BY id",
        "SELECT code, successor_of || ' ' || COALESCE(name_en, ''), CAST(0 AS BIGINT) FROM site \
         ORDER BY code",
        "SELECT name, CAST(version AS TEXT), published_ms FROM publication ORDER BY subject, name, \
         version",
        "SELECT name, site, subject FROM record_wanting ORDER BY subject, name, site, id",
        "SELECT site, CAST(log AS TEXT), seq FROM act ORDER BY site, log, seq",
        "SELECT rule, what || CAST(log AS TEXT), seq FROM entry_finding ORDER BY log, seq, rule",
        "SELECT shard, CAST(log AS TEXT), seq + COALESCE(floor_ms, 0) FROM fold_cursor ORDER BY log",
        "SELECT site, shard, CAST(0 AS BIGINT) FROM fold_lane ORDER BY site",
        "SELECT shard, site, CAST(0 AS BIGINT) FROM refold ORDER BY site, id",
    ];
    let mut all = Vec::new();
    let mut conn = world.truth.db.read().await.unwrap();
    for select in selects {
        let rows: Vec<(String, String, i64)> =
            db::query_as(select).fetch_all(&mut conn).await.unwrap();
        all.extend(rows.into_iter().map(|row| format!("{row:?}")));
    }
    let ranked = [
        "SELECT name, rank FROM person ORDER BY id",
        "SELECT code, rank FROM site ORDER BY code",
        "SELECT name, rank FROM publication ORDER BY subject, name, version",
    ];
    for select in ranked {
        let rows: Vec<(String, Vec<u8>)> = db::query_as(select).fetch_all(&mut conn).await.unwrap();
        all.extend(rows.into_iter().map(|row| format!("{row:?}")));
    }
    all
}

async fn merge_sites(world: &World, before: &str, now: &str) {
    let card = SiteCard {
        code: code(now),
        names: Words { en: Some("Merged".to_owned()), ..Words::default() },
        kind: None,
        region: None,
        valid_from: None,
        valid_to: None,
        successor_of: vec![code(before)],
    };
    let card = (SiteCard::KIND, card.to_payload().unwrap());
    let mut tx = world.truth.db.begin().await.unwrap();
    world.truth.lanes.append(&mut tx, &Lane::Everyone, vec![card]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Folds shards as they come, with several workers of whom one after the other dies.
async fn fold_by_many(world: &World, dead: u32) {
    for number in 0..dead {
        let truth = world.truth.clone();
        let worker = tokio::spawn(async move {
            let holder = Holder::new().unwrap();
            while let Some(lease) = Lease::next(&truth, holder).await.unwrap() {
                shard::fold(&truth, lease, Until::Fair(None)).await.unwrap();
            }
        });
        let other = world.truth.clone();
        let helps = tokio::spawn(async move { drop(catch_up_lane(&other, &Lane::Everyone).await) });
        for _ in 0..number * 7 {
            tokio::task::yield_now().await;
        }
        worker.abort();
        drop(worker.await);
        helps.abort();
        drop(helps.await);
        run_out(world).await;
    }
    let mut workers = JoinSet::new();
    for _ in 0..3 {
        let truth = world.truth.clone();
        workers.spawn(async move { catch_up(&truth).await.unwrap() });
    }
    while let Some(done) = workers.join_next().await {
        done.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_folds_in_whatever_order_the_rows_are_the_same() {
    let world = World::new().await;
    let all = [("INST-016", 700), ("INST-021", 40), ("INST-027", 650)];
    let mut devices = sites(&world, &all).await;
    fold_by_many(&world, 6).await;
    merge_sites(&world, "INST-016", "INST-021").await;
    for (device, (site, _)) in devices.iter_mut().zip(all) {
        world.arrive(&some(device, site, 2000..2040), ENROLLED_MS + 9).await;
    }
    fold_by_many(&world, 6).await;
    // Named before they are published: what waits for them is shown anew, whoever folds it.
    let titled = |n| by_the_new(&numbered("INST-021", n), untitled());
    let waiting = devices[1].write((2040..2060).map(titled).collect());
    world.arrive(&waiting, ENROLLED_MS + 9).await;
    let publishes = world.truth.clone();
    let publishes = tokio::spawn(async move {
        publish(&publishes, &choices("Barrier")).await.unwrap();
        publish(&publishes, &form(QUESTION)).await.unwrap();
    });
    fold_by_many(&world, 3).await;
    publishes.await.unwrap();
    merge_sites(&world, "INST-021", "INST-027").await;
    for (device, (site, _)) in devices.iter_mut().zip(all) {
        world.arrive(&some(device, site, 3000..3700), ENROLLED_MS + 10).await;
    }
    fold_by_many(&world, 12).await;
    assert_eq!(catch_up(&world.truth).await.unwrap(), 0);
    assert_eq!(check(&world.truth).await.unwrap(), []);
    let titled = "SELECT COUNT(*) FROM record WHERE title LIKE '%Barrier%'";
    let mut conn = world.truth.db.read().await.unwrap();
    let titled: i64 = db::query_scalar(titled).fetch_one(&mut conn).await.unwrap();
    drop(conn);
    assert_eq!(titled, 20);
    let by_many = (rows(&world).await, state_hash(&world.truth).await.unwrap());
    let rebuilt = rebuild(&world.truth).await.unwrap();
    assert_eq!(rebuilt.old, rebuilt.new);
    assert_eq!((rows(&world).await, rebuilt.new), by_many);
    let select = "SELECT site, shard FROM fold_lane ORDER BY site";
    let mut conn = world.truth.db.read().await.unwrap();
    let lanes: Vec<(String, String)> = db::query_as(select).fetch_all(&mut conn).await.unwrap();
    let merged = |site: &str| (site.to_owned(), "INST-027".to_owned());
    assert_eq!(lanes, [merged("INST-016"), merged("INST-021")]);
}
