//! Records made at the centre, and what records ask of each other there.

use record::FormVersion;
use serde_json::json;

use super::*;
use crate::fold;
use crate::read::{find, show_in};
use crate::world::{World, change, key, text};

const ID: &str = "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa";

fn course(code: &str, over: Json) -> Line {
    let mut line = json!({
        "code": code, "title_ky": "Курс", "provider": "UNODC", "topics": ["drug_recognition"],
        "hours": "4", "validity_months": 1
    });
    let keys = over.as_object().unwrap().clone();
    line.as_object_mut().unwrap().extend(keys);
    Line { number: 1, text: Ok(line.to_string()) }
}

async fn added(world: &World, form: &str, line: Line) -> Added {
    let lines = [line];
    let mut added = add(&world.truth, form, &lines, (Then::Save, Language::En)).await.unwrap();
    added.pop().unwrap().1
}

fn reference(added: &Added) -> &str {
    let Added::Saved { reference, .. } = added else { panic!("{added:?}") };
    reference
}

async fn shown(world: &World, name: &str, language: Language) -> record::RecordView {
    let mut conn = world.truth.db.read().await.unwrap();
    let key = find(&mut conn, name).await.unwrap();
    show_in(&mut conn, &world.truth, &key, language).await.unwrap()
}

async fn head(world: &World, lane: &Lane) -> u64 {
    let mut conn = world.truth.db.read().await.unwrap();
    let log = world.truth.lanes.log(&mut conn, lane).await.unwrap();
    crate::truth::logs::Tree::read(&mut conn, &log).await.unwrap().end().seq
}

#[tokio::test]
async fn a_course_goes_into_the_lane_for_everyone_and_any_other_record_into_the_sites() {
    let world = World::new().await;
    let (everyone, site) = (Lane::Everyone, Lane::Site("INST-000".parse().unwrap()));
    let before = head(&world, &everyone).await;
    let saved = added(&world, "course", course("C-01", json!({}))).await;
    assert_eq!((head(&world, &everyone).await, head(&world, &site).await), (before + 1, 0));
    let year = shown(&world, reference(&saved), Language::En).await.occurred_at.unwrap();
    let number = before + 1;
    assert_eq!(reference(&saved), format!("INST-000/{}/HUB-{number:05}", &year[..4]));
    let member = json!({"service_no": "S-1", "name": "N", "post_category": "medical"});
    let line = Line { number: 1, text: Ok(member.to_string()) };
    let saved = added(&world, "staff_member", line).await;
    assert_eq!((head(&world, &everyone).await, head(&world, &site).await), (before + 1, 2));
    assert!(reference(&saved).ends_with("/HUBS-00002"), "{saved:?}");
}

#[tokio::test]
async fn the_same_line_again_is_passed_over_and_another_with_its_id_is_refused() {
    let world = World::new().await;
    let first = added(&world, "course", course("C-01", json!({ "@id": ID }))).await;
    let again = added(&world, "course", course("C-01", json!({ "@id": ID }))).await;
    let Added::Saved { unchanged: true, reference: known, .. } = &again else {
        panic!("{again:?}")
    };
    assert_eq!(known, reference(&first));
    let other = added(&world, "course", course("C-02", json!({ "@id": ID }))).await;
    let Added::Refused(errors) = &other else { panic!("{other:?}") };
    assert_eq!(errors[0].field, "@id");
    let both = [course("C-03", json!({})), course("C-03", json!({}))];
    let twice = add(&world.truth, "course", &both, (Then::Save, Language::En)).await.unwrap();
    let names: Vec<&str> = twice.iter().map(|(_line, added)| reference(added)).collect();
    assert_ne!(names[0], names[1], "two lines without an id are two records");
}

#[tokio::test]
async fn what_is_only_checked_is_not_written() {
    let world = World::new().await;
    let before = head(&world, &Lane::Everyone).await;
    let line = [course("C-01", json!({}))];
    let checked = add(&world.truth, "course", &line, (Then::Check, Language::En)).await.unwrap();
    assert!(matches!(checked[0].1, Added::Saved { unchanged: false, .. }));
    assert_eq!(head(&world, &Lane::Everyone).await, before);
}

#[tokio::test]
async fn every_mistake_of_a_line_is_told_in_the_callers_language() {
    let world = World::new().await;
    let lines = [
        Line { number: 3, text: Ok(json!({"code": "C-01", "hours": "0"}).to_string()) },
        Line { number: 4, text: Ok("{".to_owned()) },
        course("C-02", json!({})),
    ];
    let became = add(&world.truth, "course", &lines, (Then::Save, Language::Ru)).await.unwrap();
    let Added::Refused(errors) = &became[0].1 else { panic!("{became:?}") };
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["hours", "title_ky", "provider", "topics"]);
    assert_eq!(errors[0].reason, "укажите количество больше 0");
    let Added::Refused(errors) = &became[1].1 else { panic!("{became:?}") };
    assert!(errors[0].reason.starts_with("это не JSON"), "{errors:?}");
    assert!(matches!(became[2].1, Added::Saved { .. }), "the others are saved");
    let none = add(&world.truth, "no_such", &[], (Then::Save, Language::En)).await;
    assert!(matches!(none, Err(ViewError::Refused(_))));
}

#[tokio::test]
async fn what_a_record_of_a_site_names_is_found_when_it_is_shown() {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    world.site("INST-016", "KG-O").await;
    let (mut device, starts) = world.device("INST-027", 1).await;
    let (mut other, other_starts) = world.device("INST-016", 2).await;
    let session = vec![
        ("course", Value::Unresolved("C-01".to_owned())),
        ("starts_at", Value::DateTime("2026-01-31T09:00:00+06:00".parse().unwrap())),
        ("ends_at", Value::DateTime("2026-01-31T11:00:00+06:00".parse().unwrap())),
        ("place", text("club")),
    ];
    let staff = |number: &str| vec![("service_no", text(number)), ("name", text("N"))];
    let of = |form: &str, (kind, payload): (journal::Kind, Vec<u8>)| {
        let change = Change::from_payload(&payload).unwrap();
        let form = FormVersion { id: form.to_owned(), version: 1 };
        (kind, Change { form, ..change }.to_payload().unwrap())
    };
    let here = device.write(vec![
        of("training_session", change(&key("INST-027", 1), session, &[])),
        of("staff_member", change(&key("INST-027", 2), staff("S-1"), &[])),
    ]);
    let there =
        other.write(vec![of("staff_member", change(&key("INST-016", 3), staff("S-1"), &[]))]);
    for sent in [starts, other_starts, here, there] {
        world.arrive(&sent, 2_000_000).await;
    }
    fold::catch_up(&world.truth).await.unwrap();
    let session = key("INST-027", 1).to_string();
    let course_of = |view: &record::RecordView| view.values["course"].as_str().unwrap().to_owned();
    assert_eq!(course_of(&shown(&world, &session, Language::En).await), "C-01");
    let saved = added(&world, "course", course("C-01", json!({ "@id": ID }))).await;
    let view = shown(&world, &session, Language::En).await;
    assert_eq!((course_of(&view).as_str(), view.title.as_str()), (ID, "C-01, club"));
    let rules = |view: &record::RecordView| {
        let rules = view.findings.iter().map(|finding| finding.rule.clone());
        rules.filter(|rule| rule == "not_unique" || rule == "unresolved").collect::<Vec<_>>()
    };
    assert_eq!(rules(&view), Vec::<String>::new());
    let member = shown(&world, &key("INST-027", 2).to_string(), Language::En).await;
    assert_eq!(rules(&member), Vec::<String>::new(), "another site counts for itself");
    added(&world, "course", course("C-01", json!({}))).await;
    let twice = shown(&world, reference(&saved), Language::Ru).await;
    assert_eq!(rules(&twice), ["not_unique"]);
    assert!(twice.findings[0].what.starts_with("оно стоит и в другой записи"), "{twice:?}");
    fold::rebuild(&world.truth).await.unwrap();
    assert_eq!(rules(&shown(&world, reference(&saved), Language::Ru).await), ["not_unique"]);
}

#[tokio::test]
async fn a_course_is_changed_at_the_centre_and_what_a_site_made_is_not() {
    use crate::read::ViewError;
    use crate::write::{Amend, amend};

    let world = World::new().await;
    let saved = added(&world, "course", course("C-01", json!({}))).await;
    let made = find(&mut world.truth.db.read().await.unwrap(), reference(&saved)).await.unwrap();
    let changes = |values: Json| Amend {
        values: values.as_object().unwrap().clone(),
        seen: None,
        comment: None,
        author: PersonId([1; 16]),
        language: Language::En,
    };
    let hours = changes(json!({"hours": "12"}));
    assert!(amend(&world.truth, &made, &hours).await.unwrap().is_some());
    assert!(amend(&world.truth, &made, &hours).await.unwrap().is_none(), "it says that already");
    let view = shown(&world, reference(&saved), Language::En).await;
    assert_eq!((&view.values["hours"], view.entries), (&json!("12"), 2));
    assert!(view.conflicts.is_empty());
    let wrong = amend(&world.truth, &made, &changes(json!({"hours": "many"}))).await;
    assert!(matches!(&wrong, Err(ViewError::Refused(errors)) if errors[0].field == "hours"));

    world.site("INST-027", "KG-C").await;
    let (mut device, start) = world.device("INST-027", 1).await;
    let there = key("INST-027", 9);
    let sent = device.write(vec![change(&there, crate::world::incident("A parcel"), &[])]);
    world.arrive(&start, 1).await;
    world.arrive(&sent, 1).await;
    let refused = amend(&world.truth, &there, &changes(json!({"title": "Mine"}))).await;
    assert!(matches!(&refused, Err(ViewError::Refused(errors)) if errors[0].field == "id"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_imported_twice_at_once_doubles_nothing() {
    let world = World::new().await;
    let mut imports = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let truth = world.truth.clone();
        imports.spawn(async move {
            let lines = [course("C-01", json!({ "@id": ID }))];
            add(&truth, "course", &lines, (Then::Save, Language::En))
                .await
                .unwrap()
                .pop()
                .unwrap()
                .1
        });
    }
    let added = imports.join_all().await;
    let new = added.iter().filter(|it| matches!(it, Added::Saved { unchanged: false, .. })).count();
    assert_eq!(new, 1, "{added:?}");
    assert_eq!(shown(&world, ID, Language::En).await.entries, 1);
}
