//! What becomes of lines.

use super::*;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data");

#[test]
fn a_good_line_is_a_record_that_is_listed_and_shown_with_its_values() {
    let mut machine = Machine::new();
    let outcomes = machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    assert_eq!(saved(&outcomes[0]).reference, "INST-027/2026/A-00001");
    machine.restart();
    for name in [ID, "INST-027/2026/A-00001", &format!("INST-027:{ID}")] {
        let record = machine.show(name);
        assert_eq!(record["id"], ID);
        assert_eq!(record["values"]["count"], 3);
        assert_eq!(record["custody"], "saved");
        assert_eq!(record["entries"], 1);
    }
    let rows = machine.list(Filter::default());
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["ref"], "INST-027/2026/A-00001");
    assert_eq!(rows[0]["occurred_at"], "2026-11-20T03:10:00+06:00");
    let history = machine.history(ID);
    assert_eq!(history[0]["kind"], "created");
    assert_eq!(history[0]["author"], "Аида");
    assert_eq!(history[0]["device"], "office");
}

#[test]
fn a_broken_line_is_named_by_field_and_does_not_stop_the_others() {
    let machine = Machine::new();
    let good = search(None, "2026-11-20T03:10:00+06:00");
    let bad = good.replace("\"count\":3", "\"count\":0").replace("cell", "moon");
    let stranger = good.replacen('{', "{\"@author\":\"nobody\",", 1);
    let lines = [good.as_str(), "{", "[]", &bad, &stranger, &good];
    let outcomes = machine.add("search", &lines);
    assert!(reasons(&outcomes[1])[0].starts_with("not JSON: "), "{:?}", reasons(&outcomes[1]));
    assert!(reasons(&outcomes[2])[0].starts_with("a line is one JSON object"));
    let fields = reasons(&outcomes[3]).join("; ");
    assert!(fields.contains("count: ") && fields.contains("place: "), "{fields}");
    assert!(reasons(&outcomes[4])[0].starts_with("@author: "), "{:?}", reasons(&outcomes[4]));
    let references = [&outcomes[0], &outcomes[5]].map(|outcome| saved(outcome).reference.clone());
    assert_eq!(references, ["INST-027/2026/A-00001", "INST-027/2026/A-00002"]);
}

#[test]
fn the_same_line_again_is_passed_over_and_another_one_with_its_id_is_refused() {
    let mut machine = Machine::new();
    let line = search(Some(ID), "2026-11-20T03:10:00+06:00");
    let other = search(Some(ID), "2026-11-21T03:10:00+06:00");
    let outcomes = machine.add("search", &[&line, &line, &other]);
    assert!(!saved(&outcomes[0]).unchanged && saved(&outcomes[1]).unchanged);
    assert!(reasons(&outcomes[2])[0].starts_with("@id: "), "{:?}", reasons(&outcomes[2]));
    machine.restart();
    let spelled_otherwise = line.replace(":", " : ");
    let outcomes = machine.add(
        "search",
        &[&spelled_otherwise.replace("T03 : 10 : 00+06 : 00", "T03:10:00+06:00"), &other],
    );
    assert!(saved(&outcomes[0]).unchanged);
    assert_eq!(saved(&outcomes[0]).reference, "INST-027/2026/A-00001");
    assert!(reasons(&outcomes[1])[0].starts_with("@id: "));
    assert_eq!(machine.list(Filter::default()).len(), 1);
}

#[test]
fn numbers_go_on_where_the_log_stopped_and_the_year_is_the_records_own() {
    let mut machine = Machine::new();
    machine.add("search", &[&search(None, "2025-12-31T23:10:00+06:00")]);
    machine.restart();
    let outcomes = machine.add("search", &[&search(None, "2026-01-01T00:10:00+06:00")]);
    assert_eq!(saved(&outcomes[0]).reference, "INST-027/2026/A-00002");
    let rows = machine.list(Filter::default());
    assert_eq!(rows[0]["ref"], "INST-027/2025/A-00001");
}

#[test]
fn the_author_is_found_by_a_name_of_the_site() {
    let machine = Machine::new();
    let line = search(Some(ID), "2026-11-20T03:10:00+06:00");
    let outcomes = machine.add("search", &[&line.replacen('{', "{\"@author\":\"Аида\",", 1)]);
    saved(&outcomes[0]);
    assert_eq!(machine.history(ID)[0]["author"], "Аида");
}

#[test]
fn the_sample_files_are_saved_whole_and_verified() {
    let machine = Machine::new();
    let mut total = 0;
    for (form, lines) in [("incident", 120), ("search", 200), ("training_session", 8)] {
        let text = std::fs::read_to_string(format!("{DATA}/INST-027.{form}.jsonl")).unwrap();
        let outcomes = machine.add(form, &text.lines().collect::<Vec<_>>());
        assert_eq!(outcomes.len(), lines);
        assert!(outcomes.iter().all(|outcome| !saved(outcome).unchanged));
        total += lines;
    }
    assert_eq!(machine.list(Filter::default()).len(), total);
    let Response::Verified(report) = machine.desk().execute(Request::Verify).unwrap() else {
        panic!("not a report");
    };
    assert_eq!(report["ok"], true, "{report}");
    let status = machine.status();
    assert_eq!(status["records"], total);
    let amount = |urgency: &str| status["waiting"][urgency]["entries"].as_u64().unwrap();
    // The log's first entry and the administrator's card wait too.
    assert_eq!(amount("urgent") + amount("routine"), total as u64 + 2);
    assert!(0 < amount("urgent"));
}

#[test]
fn an_unknown_form_is_named_with_those_there_are() {
    let machine = Machine::new();
    let batch =
        Batch { form: "no_form".to_owned(), lines: Vec::new(), then: Then::Save, headers: None };
    let problem = machine.desk().execute(Request::Add(batch)).unwrap_err();
    assert_eq!(problem.cause, Cause::NotFound);
    assert!(problem.detail.contains("incident"), "{problem}");
}

#[test]
fn views_that_were_deleted_are_made_again_from_the_journal() {
    let mut machine = Machine::new();
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    machine.amend(ID, json!({"count": 5}), None);
    let before = machine.show(ID);
    machine.restart_after(|data| std::fs::remove_dir_all(data.join("sled")).unwrap());
    assert_eq!(machine.show(ID), before);
    let outcomes = machine.add("search", &[&search(None, "2026-11-20T03:10:00+06:00")]);
    assert_eq!(saved(&outcomes[0]).reference, "INST-027/2026/A-00002");
    assert_eq!(machine.status()["store"], "ok");
}
