//! What newer software wrote: unknown forms, versions, fields and values are kept, shown as far as
//! they are known, and not lost by an amendment of somebody who does not know them.

use super::*;
use crate::catalogue::Proposed;
use crate::id::PersonId;
use crate::path::Path;
use crate::value::Value;

/// A record by version 9 of the form, with a field and a value nobody here knows.
fn from_the_future() -> State {
    let (_, mut change) = written(&shipped(), &json!({ "place": "cell" }));
    change.form.version = 9;
    change.lists = vec![("choices".to_owned(), 7)];
    let write = |field: &str, value| Write { path: Path::field(field), value, replaces: vec![] };
    change.writes.retain(|write| write.path != Path::field("place"));
    change.writes.push(write("place", Value::Opaque { tag: 200, bytes: vec![1, 2, 3] }));
    change.writes.push(write("moon", Value::Code("FULL".to_owned())));
    let read = Change::from_payload(&change.to_payload().unwrap()).unwrap();
    assert_eq!(read, change);
    let mut state = State::new(change.record.clone());
    state.apply(dot(1, 1), &read);
    State::from_bytes(&state.to_bytes()).unwrap()
}

fn rules(shown: &crate::Shown) -> Vec<&str> {
    shown.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn a_record_of_a_newer_version_is_shown_as_far_as_it_is_known() {
    let (catalogue, state) = (shipped(), from_the_future());
    let shown = crate::show(&state, &catalogue, &Facts::default(), &NothingKnown);
    assert_eq!(shown.values["moon"], json!("FULL"));
    assert_eq!(shown.values["place"], json!({ "@tag": 200, "@bytes": "010203" }));
    assert_eq!(rules(&shown), ["unknown_value", "unknown_field", "unknown_form"]);
    let wanted = Wanted { subject: Subject::Form, name: "note".to_owned() };
    assert_eq!(catalogue.missing(&state), [wanted]);
}

#[test]
fn an_older_agent_amends_such_a_record_and_keeps_what_it_does_not_know() {
    let (catalogue, mut state) = (shipped(), from_the_future());
    let before = state.clone();
    let form = catalogue.form("note").unwrap();
    let facts = Facts::default();
    let reader = Reader { catalogue: &catalogue, form, resolve: &NothingKnown, facts };
    let at = json!({ "at": "2026-11-20T03:10:00+06:00" });
    let seen = state.live_dots();
    let amendment = reader
        .read_amendment(&state, &seen, at.as_object().unwrap(), &mut || unreachable!())
        .expect("a starred field with an unknown value is not missing");
    let Amendment { lists, seen, writes, urgent, .. } = amendment;
    assert_eq!(writes.len(), 1);
    let change = Change {
        record: state.key.clone(),
        form: FormVersion { id: "note".to_owned(), version: 1 },
        lists,
        author: PersonId([2; 16]),
        reason: None,
        urgent,
        seen,
        writes,
    };
    state.apply(dot(2, 1), &change);
    for field in ["place", "moon"] {
        assert_eq!(state.get(&Path::field(field)), before.get(&Path::field(field)), "{field}");
    }
    assert_eq!(state.form(), before.form(), "it is still a record of the newer version");
    assert_eq!(state.vocabularies(), before.vocabularies());
}

#[test]
fn a_record_of_an_unknown_form_is_shown_as_it_was_written() {
    let (_, mut change) = written(&shipped(), &json!({ "place": "cell" }));
    change.form.id = "drone_log".to_owned();
    let mut state = State::new(change.record.clone());
    state.apply(dot(1, 1), &change);
    let shown = crate::show(&state, &shipped(), &Facts::default(), &NothingKnown);
    assert_eq!(
        (shown.values["place"].clone(), rules(&shown)),
        (json!("cell"), vec!["unknown_form"])
    );
}

#[test]
fn a_form_with_keys_of_newer_software_is_named_and_the_version_before_goes_on() {
    let text = NOTE.replace("reach =", "telepathy = true\nreach =");
    let catalogue = shipped().with_publications([&publication(Subject::Form, ("note", 2), &text)]);
    let unread: Vec<_> =
        catalogue.unread().iter().map(|it| (it.name.as_str(), it.version)).collect();
    assert_eq!((unread, catalogue.form("note").unwrap().version), (vec![("note", 2)], 1));
    assert!(catalogue.unread()[0].why.reason.contains("telepathy"));
    // Its number is taken: records may name it.
    let text = format!("{NOTE}{QUESTION}");
    let (subject, author) = (Subject::Form, PersonId([1; 16]));
    let proposed = Proposed { subject, file: "note.toml", text: &text, author };
    assert_eq!(catalogue.propose(&proposed).unwrap().publication.version, 3);
}

#[test]
fn an_older_record_can_be_corrected_although_a_later_version_asks_for_more() {
    let (state, _) = written(&shipped(), &json!({ "place": "cell" }));
    let catalogue = shipped().with_publications([&with_question()]);
    let form = catalogue.form("note").unwrap();
    let facts = Facts::default();
    let reader = Reader { catalogue: &catalogue, form, resolve: &NothingKnown, facts };
    let amend = |json: serde_json::Value| {
        let seen = state.live_dots();
        reader.read_amendment(&state, &seen, json.as_object().unwrap(), &mut || unreachable!())
    };
    assert_eq!(amend(json!({ "place": "yard" })).unwrap().writes.len(), 1);
    assert_eq!(amend(json!({ "weather": "fog" })).unwrap().writes.len(), 1);
    let refused = amend(json!({ "place": null })).unwrap_err();
    assert_eq!(refused.len(), 1, "what the amendment takes away is refused: {refused:?}");
}
