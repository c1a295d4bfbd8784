//! What is typed or imported: the good is saved, the rest is named so that it can be mended.

use serde_json::{Value as Json, json};

use crate::data;
use crate::rig::{Colony, Hub};

#[test]
fn broken_lines_are_named_and_the_good_ones_saved() {
    let (_hub, colony) = colony();
    let file = broken_file();
    let answers = colony.typing(&["add", "incident"], &file).ended(1).lines();
    assert_eq!(answers.len(), 8, "{answers:?}");
    let refused: Vec<(u64, Vec<&str>)> = answers
        .iter()
        .filter(|answer| answer.get("errors").is_some())
        .map(|answer| (answer["line"].as_u64().unwrap(), fields(answer)))
        .collect();
    assert_eq!(
        refused,
        [
            (2, vec![""]),
            (3, vec!["kind"]),
            (5, vec!["narrative"]),
            (6, vec!["colour"]),
            (7, vec!["discovered_at"]),
        ]
    );
    let saved = answers.iter().filter(|answer| answer["id"].is_string()).count();
    assert_eq!(saved, 3);
    assert_eq!(colony.list().len(), 3);
    for answer in answers.iter().filter(|answer| answer.get("errors").is_some()) {
        for error in answer["errors"].as_array().unwrap() {
            assert!(!error["reason"].as_str().unwrap().is_empty(), "{answer}");
        }
    }
}

#[test]
fn a_person_reads_the_line_the_field_and_the_reason() {
    let (_hub, colony) = colony();
    let ran = colony.in_words(&["add", "incident"], &broken_file()).ended(1);
    let said = ran.stdout + &ran.stderr;
    for line in 1..=8 {
        let named = said.lines().any(|said| said.contains(&format!("line {line}")));
        let broken = [2, 3, 5, 6, 7].contains(&line);
        assert!(named || !broken, "line {line} is named in {said}");
    }
    let about = |line: &str| said.lines().find(|said| said.contains(line)).unwrap().to_owned();
    assert!(about("line 3").contains("kind") && about("line 3").contains("NO_SUCH_KIND"), "{said}");
    assert!(about("line 5").contains("narrative"), "{said}");
    assert!(about("line 6").contains("colour"), "{said}");
}

#[test]
fn a_check_saves_nothing_and_ends_like_the_import_would() {
    let (_hub, colony) = colony();
    let answers = colony.typing(&["add", "incident", "--check"], &broken_file()).ended(1).lines();
    assert_eq!(answers.iter().filter(|answer| answer.get("errors").is_some()).count(), 5);
    assert!(colony.list().is_empty());
    let good = data::lines(&data::searches(1, 3));
    colony.typing(&["add", "search", "--check"], &good).done();
    assert!(colony.list().is_empty());
}

#[test]
fn the_same_file_twice_doubles_nothing() {
    let (hub, colony) = colony();
    let file = data::file("INST-027", "incident");
    let import = || colony.command(&["add", "incident", file.to_str().unwrap()]).done().lines();
    let (first, second) = (import(), import());
    let named = |answers: &[Json]| -> Vec<Json> {
        answers.iter().map(|answer| json!([answer["line"], answer["id"], answer["ref"]])).collect()
    };
    assert_eq!(named(&first), named(&second));
    assert_eq!(colony.list().len(), first.len());
    colony.sync();
    let listed = hub.list();
    assert_eq!(listed.len(), first.len());
    for item in &listed {
        let shown = hub.show(item["id"].as_str().unwrap());
        assert_eq!(shown["entries"], 1, "{}", item["id"]);
    }
}

#[test]
fn a_file_imported_on_two_devices_doubles_neither_records_nor_rows() {
    let hub = Hub::start(&["INST-027"]);
    let devices = [Colony::enrol(&hub, "INST-027"), Colony::enrol(&hub, "INST-027")];
    let given = data::records("INST-027", "training_session");
    for device in &devices {
        device.add("training_session", &data::lines(&given));
    }
    for device in devices.iter().chain(&devices) {
        device.sync();
    }
    assert_eq!(hub.list().len(), given.len());
    for record in &given {
        let id = record["@id"].as_str().unwrap();
        let shown = hub.show(id);
        assert_eq!(shown["conflicts"], json!([]), "{id}");
        data::assert_same(record, &shown);
        assert_eq!(devices[0].show(id)["state_hash"], shown["state_hash"]);
        assert_eq!(devices[1].show(id)["state_hash"], shown["state_hash"]);
    }
}

#[test]
fn a_changed_line_under_the_same_id_is_refused() {
    let (_hub, colony) = colony();
    let search = data::searches(1, 1).remove(0);
    colony.add("search", &search.to_string());
    let mut changed = search.clone();
    changed["count"] = json!(77);
    let answers = colony.typing(&["add", "search"], &changed.to_string()).ended(1).lines();
    assert_eq!(answers[0]["line"], 1);
    assert!(fields(&answers[0]).iter().all(|field| ["", "@id"].contains(field)), "{answers:?}");
    let id = search["@id"].as_str().unwrap();
    assert_eq!(colony.show(id)["values"]["count"], search["count"]);
}

/// Eight lines; the second, third, fifth, sixth and seventh are each broken in one way.
fn broken_file() -> String {
    let good = data::incident().to_string();
    let with = |field: &str, value: Json| {
        let mut incident = data::incident();
        incident[field] = value;
        incident.to_string()
    };
    [
        good.clone(),
        "{\"kind\": \"DRONE_SIGHTING\",".to_owned(),
        with("kind", json!("NO_SUCH_KIND")),
        good.clone(),
        with("narrative", Json::Null),
        with("colour", json!("green")),
        with("discovered_at", json!("2025-08-20T00:00:00+06:00")),
        good,
    ]
    .join("\n")
}

fn colony() -> (Hub, Colony) {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    (hub, colony)
}

fn fields(answer: &Json) -> Vec<&str> {
    let errors = answer["errors"].as_array().unwrap();
    errors.iter().map(|error| error["field"].as_str().unwrap()).collect()
}
