//! Publishing over a real database: versions count on, records are shown by what they name, and
//! nothing depends on what came first.

use journal::{Envelope, Kind};
use record::{Path, PersonId, Value};

use super::*;
use crate::fold;
use crate::read;
use crate::read::versions;
use crate::tables;
use crate::world::published::{QUESTION, by_the_new, choices, form, untitled};
use crate::world::{World, change, key};

async fn titles(world: &World) -> Vec<String> {
    fold::catch_up(&world.truth).await.unwrap();
    let mut conn = world.truth.db.read().await.unwrap();
    let rows = read::list(&mut conn, &read::Query::default()).await.unwrap();
    let mut titles: Vec<String> = rows.into_iter().map(|row| row.title).collect();
    titles.sort();
    titles
}

#[tokio::test]
async fn records_are_titled_by_what_they_name_whatever_came_first_and_after_a_rebuild() {
    let mut seen = Vec::new();
    for publish_first in [true, false] {
        let world = World::new().await;
        world.site("INST-027", "KG-C").await;
        let (mut device, starts) = world.device("INST-027", 2).await;
        world.arrive(&starts, 2_000_000).await;
        let old = device.write(vec![change(&key("INST-027", 1), untitled(), &[])]);
        world.arrive(&old, 2_000_001).await;
        let new = device.write(vec![by_the_new(&key("INST-027", 2), untitled())]);
        if !publish_first {
            world.arrive(&new, 2_000_002).await;
            assert_eq!(titles(&world).await.len(), 2, "what is not here yet loses nothing");
        }
        publish(&world.truth, &choices("Barrier")).await.unwrap();
        publish(&world.truth, &form(QUESTION)).await.unwrap();
        if publish_first {
            world.arrive(&new, 2_000_002).await;
        }
        let shown = titles(&world).await;
        let rebuilt = fold::rebuild(&world.truth).await.unwrap();
        assert_eq!((rebuilt.old, titles(&world).await), (rebuilt.new, shown.clone()));
        assert!(fold::check(&world.truth).await.unwrap().is_empty());
        seen.push(shown);
    }
    assert_eq!(seen[0], seen[1]);
    let with = |word: &str| seen[0].iter().filter(|title| title.contains(word)).count();
    assert_eq!((with("Barrier"), with("Gate, checkpoint")), (1, 1), "{:?}", seen[0]);
}

#[tokio::test]
async fn versions_count_on_and_the_newest_text_is_not_published_again() {
    let world = World::new().await;
    for (source, version) in [(choices("Barrier"), 2), (choices("Turnstile"), 3)] {
        assert_eq!(judge(&world.truth, &source).await.unwrap().version, version);
        assert_eq!(publish(&world.truth, &source).await.unwrap().version, version);
    }
    let again = publish(&world.truth, &choices("Turnstile")).await.unwrap();
    assert!(again.unchanged && again.version == 3);
    let mut conn = world.truth.db.read().await.unwrap();
    let versions = versions(&mut conn, Subject::Vocabulary, "choices").await.unwrap();
    drop(conn);
    assert_eq!(fold::check(&world.truth).await.unwrap(), []);
    let told: Vec<_> = versions.iter().map(|it| (it.version, it.shipped, it.by.clone())).collect();
    let by = Some("Administrator".to_owned());
    assert_eq!(told, [(1, true, None), (2, false, by.clone()), (3, false, by)]);
    let mut tx = world.truth.db.begin().await.unwrap();
    db::query("DELETE FROM publication WHERE version = 2").execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let faults = fold::check(&world.truth).await.unwrap();
    assert_eq!(faults.len(), 1, "a version that was lost is named");
    assert!(faults[0].what.contains("choices 2: is missing"), "{faults:?}");
}

#[tokio::test]
async fn two_who_publish_at_once_get_two_versions() {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (one, two) = (choices("Barrier"), choices("Turnstile"));
    let (one, two) = tokio::join!(publish(&world.truth, &one), publish(&world.truth, &two));
    let mut versions = [one.unwrap().version, two.unwrap().version];
    versions.sort_unstable();
    assert_eq!(versions, [2, 3]);
}

#[tokio::test]
async fn what_can_not_be_published_writes_nothing() {
    let world = World::new().await;
    let text = "list,code,label_en\nlocation_type,gate,Gate\n".to_owned();
    let fewer = Source { text, ..choices("Barrier") };
    let refused = publish(&world.truth, &fewer).await.unwrap_err();
    assert!(matches!(&refused, NotPublished::Objections(all) if 1 < all.len()), "{refused}");
    let mut conn = world.truth.db.read().await.unwrap();
    assert_eq!(versions(&mut conn, Subject::Vocabulary, "choices").await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_newer_software_wrote_is_held_and_shown_as_far_as_it_is_known() {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut device, starts) = world.device("INST-027", 2).await;
    world.arrive(&starts, 2_000_000).await;
    let mut fields = untitled();
    fields.push(("moon", Value::Opaque { tag: 201, bytes: vec![7] }));
    let unknown_kind = (Kind(4_711), Envelope::pack(1, &"from the future".to_owned()).unwrap());
    let of_a_device = (Publication::KIND, {
        let text = form(QUESTION).text;
        let (name, vocabularies, author) = ("incident".to_owned(), Vec::new(), PersonId([7; 16]));
        let subject = Subject::Form;
        Publication { subject, name, version: 2, vocabularies, author, text }.to_payload().unwrap()
    });
    let sent =
        device.write(vec![unknown_kind, by_the_new(&key("INST-027", 2), fields), of_a_device]);
    world.arrive(&sent, 2_000_001).await;
    fold::catch_up(&world.truth).await.unwrap();
    let mut conn = world.truth.db.read().await.unwrap();
    let catalogue = tables::catalogue(&mut conn).await.unwrap();
    assert_eq!(catalogue.form("incident").unwrap().version, 1, "a device publishes nothing");
    let select = "SELECT rule FROM entry_finding ORDER BY seq";
    let rules: Vec<String> = db::query_scalar(select).fetch_all(&mut conn).await.unwrap();
    assert_eq!(rules, ["unknown_kind", "not_its_word"]);
    let select = "SELECT state FROM record";
    let state: Vec<u8> = db::query_scalar(select).fetch_one(&mut conn).await.unwrap();
    let state = record::State::from_bytes(&state).unwrap();
    let moon = state.get(&Path::field("moon"));
    assert_eq!(
        moon.live.values().collect::<Vec<_>>(),
        [&Value::Opaque { tag: 201, bytes: vec![7] }]
    );
    let facts = record::Facts::default();
    let shown = record::show(&state, &catalogue, &facts, &record::NothingKnown);
    assert!(shown.findings.iter().any(|finding| finding.rule == "unknown_form"));
    assert_eq!(shown.values["moon"], serde_json::json!({"@tag": 201, "@bytes": "07"}));
}
