//! Lists, filters, one record and its history, and resolving a conflict, over a real database.

use journal::Dot;
use record::{DateTime, Language, RecordKey, Value};
use serde_json::json;

use super::*;
use crate::fold;
use crate::world::{World, change, incident, key, text};
use crate::write::{Resolution, resolve, void};

/// A hub with two sites of two regions: records 1 and 2 at the first, 2 at the second.
async fn two_sites() -> World {
    let world = World::new().await;
    world.site("INST-016", "KG-O").await;
    world.site("INST-027", "KG-C").await;
    let (mut one, one_starts) = world.device("INST-016", 1).await;
    let (mut two, two_starts) = world.device("INST-027", 2).await;
    let at = |time: &str| Value::DateTime(time.parse::<DateTime>().unwrap());
    let mut early = incident("Ёлка at the gate");
    early[1].1 = at("2026-01-05T10:00:00+06:00");
    early.push(("@ref", text("INST-016/2026/B-00001")));
    let late = incident("A parcel 100%");
    let mut other = incident("A parcel");
    other[0].1 = Value::Code("DEATH_SUICIDE".to_owned());
    let mine = one.write(vec![
        change(&key("INST-016", 1), early, &[]),
        change(&key("INST-016", 2), late, &[]),
    ]);
    let theirs = two.write(vec![change(&key("INST-027", 2), other, &[])]);
    for sent in [one_starts, two_starts, mine, theirs] {
        world.arrive(&sent, 2_000_000).await;
    }
    fold::catch_up(&world.truth).await.unwrap();
    world
}

async fn listed(world: &World, query: Query) -> Vec<String> {
    let mut conn = world.truth.db.read().await.unwrap();
    let rows = list(&mut conn, &query).await.unwrap();
    rows.into_iter().map(|row| format!("{} {}", row.site, row.title)).collect()
}

const PARCEL: &str = "INST-027 A parcel";
const HUNDRED: &str = "INST-016 A parcel 100%";
const TREE: &str = "INST-016 Ёлка at the gate";

#[tokio::test]
async fn a_list_is_narrowed_by_every_filter() {
    let world = two_sites().await;
    let some = |text: &str| Some(text.to_owned());
    let all = Query::default;
    let cases = [
        (all(), vec![PARCEL, HUNDRED, TREE]),
        (Query { site: some("INST-016"), ..all() }, vec![HUNDRED, TREE]),
        (Query { region: some("KG-C"), ..all() }, vec![PARCEL]),
        (Query { form: some("search"), ..all() }, vec![]),
        (Query { from: some("2026-01-06"), ..all() }, vec![PARCEL, HUNDRED]),
        (Query { to: some("2026-01-05"), ..all() }, vec![TREE]),
        (Query { to: some("2026-01-04"), ..all() }, vec![]),
        (Query { text: some("елка GATE"), ..all() }, vec![TREE]),
        (Query { text: some("100%"), ..all() }, vec![HUNDRED]),
        (Query { text: some("B-00001"), ..all() }, vec![TREE]),
        (Query { conflict: Some(true), ..all() }, vec![]),
        (Query { state: some("accepted"), ..all() }, vec![]),
        (
            Query {
                state: some("submitted"),
                conflict: Some(false),
                site: some("INST-027"),
                ..all()
            },
            vec![PARCEL],
        ),
    ];
    for (query, expected) in cases {
        let words = format!("{query:?}");
        assert_eq!(listed(&world, query).await, expected, "{words}");
    }
    let mut conn = world.truth.db.read().await.unwrap();
    let wrong = Query { from: some("soon"), ..all() };
    assert!(matches!(list(&mut conn, &wrong).await, Err(ViewError::Refused(_))));
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let world = two_sites().await;
    let mut conn = world.truth.db.read().await.unwrap();
    let (mut titles, mut cursor) = (Vec::new(), None);
    loop {
        let read = page(&mut conn, &Query::default(), cursor.as_deref(), 1).await.unwrap();
        titles.extend(read.rows.into_iter().map(|(_, row)| format!("{} {}", row.site, row.title)));
        cursor = read.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(titles, [PARCEL, HUNDRED, TREE]);
    let wrong = page(&mut conn, &Query::default(), Some("x"), 1).await;
    assert!(matches!(wrong, Err(ViewError::Refused(_))));
}

#[tokio::test]
async fn a_record_is_found_by_id_reference_or_site_and_id() {
    let world = two_sites().await;
    let mut conn = world.truth.db.read().await.unwrap();
    let (one, two) = (key("INST-016", 1), key("INST-027", 2));
    for name in [one.id.to_string(), one.to_string(), "INST-016/2026/B-00001".to_owned()] {
        assert_eq!(find(&mut conn, &name).await.unwrap(), one, "{name}");
    }
    assert_eq!(find(&mut conn, &two.to_string()).await.unwrap(), two);
    let error = find(&mut conn, &two.id.to_string()).await.unwrap_err();
    let said = format!("{} stands at several sites: say {} or {two}", two.id, key("INST-016", 2));
    assert_eq!(error.to_string(), said);
    assert!(matches!(find(&mut conn, "nothing").await, Err(ViewError::NoRecord(_))));
}

/// A record that two devices amended without seeing each other.
async fn disputed() -> (World, RecordKey) {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut one, one_starts) = world.device("INST-027", 1).await;
    let (mut two, two_starts) = world.device("INST-027", 2).await;
    let record = key("INST-027", 9);
    let created = one.write(vec![change(&record, incident("As found"), &[])]);
    let dot: Dot = created.dots[0];
    let mine = one.write(vec![change(&record, vec![("title", text("Mine"))], &[dot])]);
    let theirs = two.write(vec![change(&record, vec![("title", text("Theirs"))], &[dot])]);
    // The amendment of what was not there yet arrives first.
    for sent in [two_starts, theirs, one_starts, created, mine] {
        world.arrive(&sent, 2_000_000).await;
    }
    fold::catch_up(&world.truth).await.unwrap();
    (world, record)
}

async fn shown(world: &World, key: &RecordKey) -> record::RecordView {
    show(&mut world.truth.db.read().await.unwrap(), &world.truth, key).await.unwrap()
}

#[tokio::test]
async fn a_conflict_shows_both_values_with_author_device_and_times() {
    let (world, key) = disputed().await;
    let view = shown(&world, &key).await;
    assert!(!view.values.contains_key("title"));
    let [conflict] = view.conflicts.as_slice() else { panic!("one conflict") };
    assert_eq!(conflict.field, "title");
    let mut sides: Vec<_> = conflict
        .values
        .iter()
        .map(|side| {
            let evidence = &side.evidence;
            let trusted = evidence.trusted.clone().unwrap();
            (side.value.clone(), evidence.device.as_str(), evidence.author.as_str(), trusted)
        })
        .collect();
    sides.sort_by_key(|side| side.1);
    let between = ["1970-01-01T06:16:40+06:00".to_owned(), "1970-01-01T06:33:20+06:00".to_owned()];
    assert_eq!(sides[0], (json!("Mine"), "Laptop 1", "Aida", between.clone()));
    assert_eq!(sides[1], (json!("Theirs"), "Laptop 2", "Aida", between));
    assert_eq!(listed(&world, Query { conflict: Some(true), ..Query::default() }).await.len(), 1);
}

#[tokio::test]
async fn history_puts_each_change_after_what_its_author_had_seen() {
    let (world, key) = disputed().await;
    let mut conn = world.truth.db.read().await.unwrap();
    let steps = history(&mut conn, &key).await.unwrap();
    let to: Vec<_> = steps
        .iter()
        .map(|step| step.changes.iter().find(|c| c.field == "title").unwrap().to.clone())
        .collect();
    assert_eq!(to[0], json!("As found"));
    assert_eq!(to.len(), 3);
}

#[tokio::test]
async fn a_resolution_replaces_every_value_and_is_the_administrators() {
    let (world, key) = disputed().await;
    let seen = shown(&world, &key).await.seen;
    let seen: Vec<Dot> = seen.iter().map(|dot| dot.parse().unwrap()).collect();
    let settled = Resolution {
        field: "title".to_owned(),
        value: json!("Agreed"),
        seen: Some(seen),
        author: None,
        reason: Some("asked both".to_owned()),
        language: Language::En,
    };
    resolve(&world.truth, &key, &settled).await.unwrap();
    let view = shown(&world, &key).await;
    assert_eq!(view.values.get("title"), Some(&json!("Agreed")));
    assert_eq!((view.conflicts.len(), view.entries), (0, 4));
    let mut conn = world.truth.db.read().await.unwrap();
    let last = history(&mut conn, &key).await.unwrap().pop().unwrap();
    assert_eq!(last.evidence.author, "Administrator");
    assert_eq!(last.remark.as_deref(), Some("asked both"));
    assert_eq!(fold::check(&world.truth).await.unwrap(), []);
}

#[tokio::test]
async fn a_resolution_of_what_was_changed_meanwhile_is_refused() {
    let (world, key) = disputed().await;
    let settled = |field: &str, value| Resolution {
        field: field.to_owned(),
        value,
        seen: Some(Vec::new()),
        author: None,
        reason: None,
        language: Language::En,
    };
    let stale = resolve(&world.truth, &key, &settled("title", json!("x"))).await;
    assert!(matches!(stale, Err(ViewError::Stale(_))));
    let unknown = resolve(&world.truth, &key, &settled("no_such", json!("x"))).await;
    assert!(matches!(unknown, Err(ViewError::Refused(_))));
    let misfit = resolve(&world.truth, &key, &settled("severity", json!("high"))).await;
    assert!(matches!(misfit, Err(ViewError::Refused(_))));
}

/// Whoever is second finds the record as the first one left it, folded or not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_who_declare_a_record_void_at_once_one_does() {
    let (world, key) = disputed().await;
    let mut declaring = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (truth, key) = (world.truth.clone(), key.clone());
        let author = record::PersonId([1; 16]);
        declaring.spawn(async move { void(&truth, &key, author, ("twice", Language::En)).await });
    }
    let said = declaring.join_all().await;
    let done = said.iter().filter(|said| said.is_ok()).count();
    assert_eq!(done, 1, "{said:?}");
    assert!(said.iter().all(|said| matches!(said, Ok(_) | Err(ViewError::Refused(_)))), "{said:?}");
    let view = shown(&world, &key).await;
    assert_eq!((view.voided.as_deref(), view.entries), (Some("twice"), 4));
}
