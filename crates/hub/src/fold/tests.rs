//! Any order of arrival folds to the same views; what does not count is said, not folded.

mod shards;

use std::collections::BTreeSet;

use journal::Kind;
use record::{Path, PersonCard, PersonId, SiteCard};

use super::*;
use crate::clock::Moment;
use crate::truth::logs;
use crate::world::{ENROLLED_MS, Sent, World, change, code, incident, key, text};
use crate::{db, read};

/// The frames of two devices of one site that amend one field of one record unseen, each device's
/// in order.
async fn two_devices(world: &World) -> [Vec<Sent>; 2] {
    world.site("INST-027", "KG-C").await;
    let (mut one, one_starts) = world.device("INST-027", 1).await;
    let (mut two, two_starts) = world.device("INST-027", 2).await;
    let record = key("INST-027", 9);
    let created = one.write(vec![change(&record, incident("As found"), &[])]);
    let dot = created.dots[0];
    let mine = one.write(vec![change(&record, vec![("title", text("Mine"))], &[dot])]);
    let theirs = two.write(vec![change(&record, vec![("title", text("Theirs"))], &[dot])]);
    let more = two.write(vec![change(&key("INST-027", 8), incident("Another"), &[])]);
    [vec![one_starts, created, mine], vec![two_starts, theirs, more]]
}

/// Returns the hash after the frames arrived in an order: which device's is next.
async fn hash_after(order: &[usize]) -> [u8; 32] {
    let world = World::new().await;
    let mut queues = two_devices(&world).await.map(|frames| frames.into_iter());
    for (at, &device) in order.iter().enumerate() {
        world.arrive(&queues[device].next().unwrap(), ENROLLED_MS + 1).await;
        if at % 2 == 0 {
            catch_up(&world.truth).await.unwrap();
        }
    }
    catch_up(&world.truth).await.unwrap();
    state_hash(&world.truth).await.unwrap()
}

#[tokio::test]
async fn any_order_of_arrival_folds_to_the_same_records() {
    let first = hash_after(&[0, 0, 0, 1, 1, 1]).await;
    for order in [[1, 1, 1, 0, 0, 0], [0, 1, 0, 1, 0, 1], [1, 1, 0, 0, 1, 0], [1, 0, 1, 0, 0, 1]] {
        assert_eq!(hash_after(&order).await, first, "{order:?}");
    }
}

async fn settled() -> World {
    let world = World::new().await;
    for frames in two_devices(&world).await {
        for sent in frames {
            world.arrive(&sent, ENROLLED_MS + 1).await;
        }
    }
    catch_up(&world.truth).await.unwrap();
    world
}

#[tokio::test]
async fn a_rebuild_reaches_the_identical_hash() {
    let world = settled().await;
    let rebuilt = rebuild(&world.truth).await.unwrap();
    assert_eq!(rebuilt.old, rebuilt.new);
    assert_eq!(check(&world.truth).await.unwrap(), []);
    assert_eq!(catch_up(&world.truth).await.unwrap(), 0);
}

#[tokio::test]
async fn a_view_that_was_altered_is_named_and_rebuilt() {
    let world = settled().await;
    let before = state_hash(&world.truth).await.unwrap();
    let mut tx = world.truth.db.begin().await.unwrap();
    let alter = "UPDATE record SET hash = $2 WHERE id = $1";
    db::query(alter).bind([9_u8; 16]).bind([0_u8; 32]).execute(&mut tx).await.unwrap();
    db::query("DELETE FROM record WHERE id = $1")
        .bind([8_u8; 16].as_slice())
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let faults = check(&world.truth).await.unwrap();
    let named: Vec<_> = faults.iter().map(|fault| (fault.table, fault.row.clone())).collect();
    let row = |id: u8| ("record", format!("INST-027 {}", format!("{id:02x}").repeat(16)));
    assert_eq!(named, [row(8), row(9)]);
    let rebuilt = rebuild(&world.truth).await.unwrap();
    assert_eq!((rebuilt.old == before, rebuilt.new == before), (false, true));
    assert_eq!(check(&world.truth).await.unwrap(), []);
}

async fn remarks(world: &World) -> Vec<(String, i64)> {
    let mut conn = world.truth.db.read().await.unwrap();
    let select = "SELECT rule, seq FROM entry_finding ORDER BY log, seq";
    db::query_as(select).fetch_all(&mut conn).await.unwrap()
}

#[tokio::test]
async fn what_does_not_count_or_is_not_understood_is_kept_with_a_remark() {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut device, start) = world.device("INST-027", 1).await;
    let stolen = change(&key("INST-001", 3), incident("Not mine"), &[]);
    let own = change(&key("INST-027", 3), incident("Mine"), &[]);
    let card = SiteCard {
        code: code("INST-027"),
        names: record::Words::default(),
        kind: None,
        region: None,
        valid_from: None,
        valid_to: None,
        successor_of: Vec::new(),
    };
    let sent = device.write(vec![
        stolen,
        (Kind(999), vec![1, 2, 3]),
        (Kind(16), vec![1, 2, 3]),
        (SiteCard::KIND, card.to_payload().unwrap()),
        own,
    ]);
    world.arrive(&start, 1).await;
    world.arrive(&sent, 1).await;
    catch_up(&world.truth).await.unwrap();
    let remarks = remarks(&world).await;
    let rules: Vec<(&str, i64)> = remarks.iter().map(|(rule, seq)| (rule.as_str(), *seq)).collect();
    let expected =
        [("does_not_count", 3), ("unknown_kind", 4), ("unreadable", 5), ("not_its_word", 6)];
    assert_eq!(rules, expected);
    let mut conn = world.truth.db.read().await.unwrap();
    let listed = read::list(&mut conn, &read::Query::default()).await.unwrap();
    assert_eq!(listed.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), ["Mine"]);
    let site = read::site(&mut conn, "INST-027").await.unwrap();
    assert_eq!((site.names.en.as_deref(), site.findings.len()), (Some("Colony INST-027"), 4));
}

#[tokio::test]
async fn of_two_entries_with_one_name_neither_counts_though_one_was_folded_before() {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut device, start) = world.device("INST-027", 1).await;
    world.arrive(&start, ENROLLED_MS + 1).await;
    let write = |id, title| vec![change(&key("INST-027", id), incident(title), &[])];
    let mut twin = device.twin();
    world.arrive(&device.write(write(1, "Mine")), ENROLLED_MS + 1).await;
    let theirs = twin.write(write(2, "Theirs"));
    world.arrive(&theirs, ENROLLED_MS + 1).await;
    let entries = catch_up(&world.truth).await.unwrap();
    let mut tx = world.truth.db.begin().await.unwrap();
    let branches = logs::branches(&mut tx, device.log()).await.unwrap();
    // Nobody makes such an entry in a test: its id is altered behind the part that names it.
    let mut other = theirs.frame.rebuild(theirs.prev).unwrap();
    other[0].id.0[31] ^= 1;
    assert!(forks::note(&mut tx, device.log(), branches[1].number, &other).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(catch_up(&world.truth).await.unwrap(), entries, "all is folded anew");
    let mut conn = world.truth.db.read().await.unwrap();
    let listed = read::list(&mut conn, &read::Query::default()).await.unwrap();
    assert_eq!(listed.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), ["Mine"]);
    drop(conn);
    assert_eq!(remarks(&world).await, [("forged".to_owned(), 3)]);
    // Nobody forged it but this test, and no frame holds it: that is what somebody would do who
    // wants an entry not to count.
    let faults = check(&world.truth).await.unwrap();
    assert!(faults.iter().any(|fault| fault.table == "forgery"), "{faults:?}");
    assert_eq!(catch_up(&world.truth).await.unwrap(), 0, "once");
}

async fn trusted(world: &World) -> Vec<(i64, i64)> {
    let mut conn = world.truth.db.read().await.unwrap();
    let select = "SELECT trusted_lo, trusted_hi FROM record_entry ORDER BY log, seq";
    db::query_as(select).fetch_all(&mut conn).await.unwrap()
}

#[tokio::test]
async fn an_entry_was_written_between_the_last_receipt_its_device_knew_and_its_arrival() {
    let world = World::new().await;
    let (mut device, start) = world.device("INST-027", 1).await;
    let write = |n| vec![change(&key("INST-027", n), incident("x"), &[])];
    let before = device.write(write(3));
    world.arrive(&start, ENROLLED_MS + 5).await;
    world.arrive(&before, ENROLLED_MS + 7).await;
    catch_up(&world.truth).await.unwrap();
    let mut tx = world.truth.db.begin().await.unwrap();
    let at_ms = ENROLLED_MS + 8;
    world
        .truth
        .receipts
        .issue(&mut tx, &device.key(), (0, &[]), Moment::of_unknown_clock(at_ms))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let after = device.write_knowing(1, write(4));
    // A device that names no receipt any more can't have been set back in time.
    let forgetful = device.write(write(5));
    world.arrive(&after, ENROLLED_MS + 20).await;
    catch_up(&world.truth).await.unwrap();
    world.arrive(&forgetful, ENROLLED_MS + 30).await;
    catch_up(&world.truth).await.unwrap();
    let expected =
        [(ENROLLED_MS, ENROLLED_MS + 7), (at_ms, ENROLLED_MS + 20), (at_ms, ENROLLED_MS + 30)];
    assert_eq!(trusted(&world).await, expected);
    rebuild(&world.truth).await.unwrap();
    assert_eq!(trusted(&world).await, expected);
}

#[tokio::test]
async fn of_a_persons_cards_the_later_one_of_a_log_holds() {
    let world = World::new().await;
    let (mut device, start) = world.device("INST-027", 1).await;
    let card = |name: &str| PersonCard {
        id: PersonId([7; 16]),
        name: name.to_owned(),
        role: "recorder".to_owned(),
        site: code("INST-027"),
    };
    let payload = |name| (PersonCard::KIND, card(name).to_payload().unwrap());
    let sent = device.write(vec![payload("Aida B."), payload("Aida C.")]);
    world.arrive(&start, 1).await;
    world.arrive(&sent, 1).await;
    catch_up(&world.truth).await.unwrap();
    let mut conn = world.truth.db.read().await.unwrap();
    let select = "SELECT name FROM person WHERE id = $1";
    let name: String =
        db::query_scalar(select).bind([7_u8; 16].as_slice()).fetch_one(&mut conn).await.unwrap();
    assert_eq!(name, "Aida C.");
}

/// How many records a second are merged and listable: `cargo test --release -p hub -- --ignored
/// --nocapture folding_speed`.
#[tokio::test]
#[ignore = "a measurement, not a law"]
async fn folding_speed() {
    const RECORDS: u32 = 20_000;
    let world = World::new().await;
    let (mut device, start) = world.device("INST-027", 1).await;
    world.arrive(&start, 1).await;
    let narrative = "Во время планового обыска обнаружен свёрток из полимерной плёнки. ".repeat(4);
    for batch in 0..RECORDS / 200 {
        let payload = |n: u32| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&(batch * 200 + n).to_le_bytes());
            let key = RecordKey { site: code("INST-027"), id: record::RecordId(id) };
            let mut fields = incident("Свёрток в передаче");
            fields.push(("narrative", text(&narrative)));
            change(&key, fields, &[])
        };
        world.arrive(&device.write((0..200).map(payload).collect()), 1).await;
    }
    let began = std::time::Instant::now();
    catch_up(&world.truth).await.unwrap();
    let took = began.elapsed();
    let speed = f64::from(RECORDS) / took.as_secs_f64();
    #[expect(clippy::print_stderr, reason = "a measurement is read by a person")]
    {
        eprintln!("{RECORDS} records in {took:?}: {speed:.0} a second");
    }
}

#[tokio::test]
async fn a_text_that_an_engine_does_not_take_keeps_nobody_elses_records_back() {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut device, start) = world.device("INST-027", 1).await;
    let mut odd = incident("Before\0after");
    // No compression makes a page's worth of this fit into an index.
    let reference: String =
        (0_u32..4000).filter_map(|n| char::from_u32(0x4e00 + n * 7919 % 20_000)).collect();
    odd.push((Path::REF, text(&reference)));
    let sent = device.write(vec![
        change(&key("INST-027", 3), odd, &[]),
        change(&key("INST-027", 4), incident("Another"), &[]),
    ]);
    world.arrive(&start, 1).await;
    world.arrive(&sent, 1).await;
    catch_up(&world.truth).await.unwrap();
    let mut conn = world.truth.db.read().await.unwrap();
    let listed = read::list(&mut conn, &read::Query::default()).await.unwrap();
    let titles: BTreeSet<&str> = listed.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(titles, BTreeSet::from(["Another", "Before\u{fffd}after"]));
    assert_eq!(check(&world.truth).await.unwrap(), []);
}

/// Frames come faster than they are folded; whoever asked only wants what was there when they did.
#[tokio::test]
async fn catching_up_ends_although_a_device_always_brings_more() {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut device, start) = world.device("INST-027", 1).await;
    world.arrive(&start, 1).await;
    let mut batch = |from: u16| {
        let record = |n: u16| {
            let [high, low] = n.to_be_bytes();
            let id = record::RecordId([high, low, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
            let key = RecordKey { site: code("INST-027"), id };
            change(&key, incident("One of many"), &[])
        };
        device.write((from..from + 700).map(record).collect())
    };
    world.arrive(&batch(0), 1).await;
    let held = held(&world.truth, None).await.unwrap();
    world.arrive(&batch(700), 1).await;
    let folded = fold_held(&world.truth, None, &held).await.unwrap();
    assert!((702..1402).contains(&folded), "{folded} entries were folded");
    catch_up(&world.truth).await.unwrap();
    assert_eq!(catch_up(&world.truth).await.unwrap(), 0);
}
