//! Forms and lists published by the centre: they reach a colony that was offline at its next
//! contact, and what was written before keeps its form and labels.

use std::fs;

use serde_json::{Value as Json, json};

use crate::data;
use crate::rig::{Colony, Hub};

/// One more question, which must be answered.
const QUESTION: &str = r#"
[[section.field]]
id = "camera"
type = "text(200)"
starred = true
class = "open"
label = { en = "Camera", ru = "Камера наблюдения", ky = "Камера" }
"#;

#[test]
fn a_colony_that_was_offline_gets_the_new_question_at_its_next_contact_and_answers_it() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let old = colony.add_one("incident", &data::incident());
    colony.sync();
    let before = hub.show(&old);

    let published = publish_question(&hub);
    assert_eq!((&published["name"], &published["version"]), (&json!("incident"), &json!(2)));
    assert_eq!(published["differences"][0]["place"], "camera");
    let choices = source(&hub, "vocabulary", "choices");
    let choices = choices.replace("Reception of arrivals", "Front desk");
    assert_eq!(publish(&hub, "vocabulary", "choices.csv", &choices)["version"], 2);

    let offline = colony.add_one("incident", &data::incident());
    colony.sync();
    let mut asked = data::incident();
    let refused = colony.typing(&["add", "incident"], &asked.to_string()).ended(1).lines();
    assert_eq!(refused[0]["errors"][0]["field"], "camera");
    asked["camera"] = json!("3, facing the gate");
    let new = colony.add_one("incident", &asked);
    colony.sync();

    let listed = hub.holds(3);
    assert_eq!(data::ids(&listed), [old.clone(), offline.clone(), new.clone()].into());
    for (id, version, camera) in
        [(&old, 1, None), (&offline, 1, None), (&new, 2, Some("3, facing the gate"))]
    {
        let (here, there) = (colony.show(id), hub.show(id));
        assert_eq!(here["form_version"], version, "{here}");
        assert_eq!(here["values"], there["values"]);
        assert_eq!(here["state_hash"], there["state_hash"]);
        assert_eq!(there["values"].get("camera"), camera.map(Json::from).as_ref());
        assert_eq!(unknown(&here) + unknown(&there), 0, "{here} {there}");
    }
    let after = hub.show(&old);
    for key in ["values", "form_version", "lists", "title", "state_hash"] {
        assert_eq!(after[key], before[key], "what was saved before is shown as before");
    }
    assert_eq!(hub.show(&new)["lists"], json!({ "choices": 2 }));

    // What was written before can be corrected without the new answer, or with it.
    colony.amend(&old, &json!({ "title": "Two drones over the yard" }));
    colony.amend(&offline, &json!({ "camera": "none" }));
    colony.sync();
    assert_eq!(hub.show(&old)["values"]["title"], "Two drones over the yard");
    assert_eq!(hub.show(&offline)["values"]["camera"], "none");
    colony.assert_sound();
    hub.assert_sound();
}

#[test]
fn a_record_keeps_the_labels_it_was_saved_with_and_a_rebuild_changes_nothing() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let mut untitled = data::incident();
    untitled["title"] = Json::Null;
    let old = colony.add_one("incident", &untitled);
    let choices = source(&hub, "vocabulary", "choices");
    assert!(choices.contains("Reception of arrivals"));
    let choices = choices.replace("Reception of arrivals", "Front desk");
    publish(&hub, "vocabulary", "choices.csv", &choices);
    colony.sync();
    let new = colony.add_one("incident", &untitled);
    colony.sync();

    let titles = || {
        let title = |whose: &[Json], id: &str| {
            let row = whose.iter().find(|row| row["id"] == *id).unwrap();
            row["title"].as_str().unwrap().to_owned()
        };
        let (here, there) = (colony.list(), hub.holds(2));
        [title(&here, &old), title(&here, &new), title(&there, &old), title(&there, &new)]
    };
    let [old_here, new_here, old_there, new_there] = titles();
    assert_eq!((&old_here, &new_here), (&old_there, &new_there));
    assert!(!old_here.contains("Front desk"), "{old_here}");
    assert!(new_here.contains("Front desk"), "{new_here}");

    let rebuilt = hub.command(&["rebuild"]).done().json();
    assert_eq!(rebuilt["old"], rebuilt["new"]);
    assert_eq!(titles(), [old_here, new_here, old_there, new_there]);
    assert_eq!(hub.command(&["vocabulary", "show", "choices"]).done().json()["version"], 2);
}

#[test]
fn what_would_take_answers_or_codes_away_is_refused_and_nothing_is_published() {
    let hub = Hub::start(&[]);
    let form = source(&hub, "form", "search");
    let (at, end) =
        (form.find("[[section.field]]").unwrap(), form.rfind("[[section.field]]").unwrap());
    let shorter = format!("{}{}", &form[..at], &form[end..]);
    let file = file(&hub, "search.toml", &shorter);
    for command in ["check", "publish"] {
        let refused = hub.command(&["form", command, &file]).ended(1);
        let said = refused.json();
        assert_eq!(said["ok"], false, "{said}");
        assert!(!said["errors"].as_array().unwrap().is_empty());
    }
    let choices = source(&hub, "vocabulary", "choices");
    let fewer: Vec<&str> = choices.lines().filter(|line| !line.contains(",reception,")).collect();
    let fewer = self::file(&hub, "choices.csv", &fewer.join("\n"));
    let refused = hub.command(&["vocabulary", "publish", &fewer]).ended(1);
    assert_eq!(refused.json()["errors"][0]["place"], "location_type/reception");
    assert!(refused.stderr.contains("valid_to"), "it says what to do: {}", refused.stderr);
    for what in ["form", "vocabulary"] {
        for one in hub.command(&[what, "list"]).done().array() {
            assert_eq!(one["versions"].as_array().unwrap().len(), 1, "{one}");
        }
    }
    assert_eq!(hub.command(&["form", "show", "nothing"]).code, Some(1));
    assert_eq!(hub.command(&["form", "publish", "/no/such/file"]).code, Some(2));
}

#[test]
fn what_another_process_published_is_seen_at_once() {
    let hub = Hub::start(&[]);
    let token = hub.token();
    let version = |path: &str| {
        let answer = hub.ask(path, &token);
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str::<Json>(&answer.body).unwrap()["version"].clone()
    };
    assert_eq!(version("/api/v1/forms/incident"), 1);
    publish_question(&hub);
    assert_eq!(version("/api/v1/forms/incident"), 2);
    assert_eq!(version("/api/v1/forms/incident?version=1"), 1);
    assert_eq!(version("/api/v1/vocabularies/choices"), 1);
    assert_eq!(hub.ask("/api/v1/forms/incident?version=3", &token).status, 404);
    let again = publish_question(&hub);
    assert_eq!((&again["unchanged"], &again["version"]), (&json!(true), &json!(2)));
    hub.assert_sound();
}

fn unknown(shown: &Json) -> usize {
    let findings = shown["findings"].as_array().unwrap().iter();
    findings.filter(|finding| finding["rule"].as_str().unwrap().starts_with("unknown")).count()
}

pub(crate) fn publish_question(hub: &Hub) -> Json {
    let mut form = source(hub, "form", "incident");
    if !form.contains("\"camera\"") {
        // Behind the questions of the first section, which is always shown.
        let second = form.match_indices("\n[[section]]").nth(1).unwrap().0;
        form.insert_str(second, QUESTION);
    }
    publish(hub, "form", "incident.toml", &form)
}

fn publish(hub: &Hub, what: &str, name: &str, text: &str) -> Json {
    hub.command(&[what, "publish", &file(hub, name, text)]).done().json()
}

fn source(hub: &Hub, what: &str, name: &str) -> String {
    let shown = hub.command(&[what, "show", name, "--source"]).done().json();
    shown["source"].as_str().unwrap().to_owned()
}

fn file(hub: &Hub, name: &str, text: &str) -> String {
    let file = hub.data().with_file_name(name);
    fs::write(&file, text).unwrap();
    file.display().to_string()
}
