//! Records of a shipped form, as they are shown.

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::change::{Change, FormVersion, Write};
use crate::id::{PersonId, RecordId, RecordKey, RowId};
use crate::input::{NothingKnown, Reader};
use crate::list::Language;
use crate::value::tests::dot;
use crate::view::{Custody, Evidence, list_row, record_view};

mod named;

const MADE: (u8, u64) = (1, 1);

fn catalogue() -> Catalogue {
    Catalogue::shipped().unwrap()
}

fn key() -> RecordKey {
    let id = "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa".parse().unwrap();
    RecordKey { site: "INST-027".parse().unwrap(), id }
}

fn incident() -> Json {
    json!({
        "kind": "DRUG_SEIZURE", "occurred_at": "2026-11-20T03:10:00+06:00", "severity": 3,
        "location_type": "parcel_room", "narrative": "…", "how_found": ["parcel_inspection"],
        "entry_route": "parcel", "entry_stage": "at_gate", "possession_by": "visitor",
        "evidence_bag": "B-1", "sealed_at": "2026-11-20T04:00:00+06:00",
        "persons": [{"role": "in_possession"}],
        "custody_events": [{"at": "2026-11-20T05:00:00+06:00", "from": "A", "to": "B", "reason": "store"}],
        "items": [
            {"find_category": "drug", "substance_presumed": "HEROIN", "quantity": "12.4",
             "unit": "g", "quantity_basis": "weighed", "weight_kind": "net"},
            {"find_category": "drug", "substance_presumed": "HEROIN", "quantity": "2",
             "unit": "package", "quantity_basis": "counted"},
        ],
    })
}

fn change(seen: &[Dot], values: Vec<(Path, Value)>) -> Change {
    let replaces: Vec<u32> = (0..).take(seen.len()).collect();
    let write = |(path, value)| Write { path, value, replaces: replaces.clone() };
    Change {
        record: key(),
        form: FormVersion { id: "incident".to_owned(), version: 1 },
        lists: Vec::new(),
        author: PersonId([1; 16]),
        reason: None,
        urgent: false,
        seen: seen.to_vec(),
        writes: values.into_iter().map(write).collect(),
    }
}

/// Returns the fold of the incident and of changes to it.
fn record(changes: Vec<(Dot, Change)>) -> State {
    let catalogue = catalogue();
    let form = catalogue.form("incident").unwrap();
    let facts = Facts::default();
    let reader = Reader { catalogue: &catalogue, form, resolve: &NothingKnown, facts };
    let new = reader.read_new(incident().as_object().unwrap(), key().id).unwrap();
    let mut state = State::new(key());
    state.apply(dot(MADE.0, MADE.1), &change(&[], new.values));
    changes.iter().for_each(|(dot, change)| state.apply(*dot, change));
    state
}

fn shown(changes: Vec<(Dot, Change)>) -> Shown {
    show(&record(changes), &catalogue(), &Facts::default(), &NothingKnown)
}

fn check_findings(shown: &Shown, expected: Expect) {
    let line = |Finding { rule, field, what, .. }: &Finding| {
        format!("{rule} {}: {what}\n", field.as_deref().unwrap_or("-"))
    };
    expected.assert_eq(&shown.findings.iter().map(line).collect::<String>());
}

fn made() -> Dot {
    dot(MADE.0, MADE.1)
}

fn row(group: &str, ordinal: u32) -> RowId {
    RowId::imported(key().id, group, ordinal)
}

#[test]
fn a_record_is_shown_with_the_values_it_was_given() {
    let shown = shown(Vec::new());
    let mut values = Json::Object(shown.values.clone());
    for group in ["persons", "items", "custody_events"] {
        for row in values[group].as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("@row").unwrap();
        }
    }
    assert_eq!(values, incident());
    assert_eq!(shown.conflicts, []);
    assert_eq!(shown.occurred_at.as_deref(), Some("2026-11-20T03:10:00+06:00"));
    assert_eq!((shown.urgent, shown.voided.as_deref()), (false, None));
    check_findings(&shown, expect![]);
}

#[test]
fn an_empty_title_reads_kind_and_place_in_the_readers_language() {
    let state = record(Vec::new());
    let titles = [Language::En, Language::Ru].map(|l| title(&state, &catalogue(), l));
    expect![[r#"
        Seizure of narcotic drugs, Parcel room
        Изъятие наркотических средств, Комната приёма передач"#]]
    .assert_eq(&titles.join("\n"));
    let given = Value::Text("Parcel".to_owned());
    let titled = record(vec![(dot(1, 2), change(&[made()], vec![(Path::field("title"), given)]))]);
    assert_eq!(title(&titled, &catalogue(), Language::En), "Parcel");
}

#[test]
fn a_field_in_conflict_is_absent_and_no_rule_calls_it_missing() {
    let quantity = Path::in_row("items", row("items", 0), "quantity");
    let to = |text: &str| vec![(quantity.clone(), Value::Decimal(text.parse().unwrap()))];
    let changes = vec![
        (dot(1, 2), change(&[made()], to("12.5"))),
        (dot(2, 1), change(&[made()], to("12.6"))),
        (dot(3, 1), change(&[made()], to("12.5"))),
    ];
    let shown = shown(changes);
    assert_eq!(shown.values["items"][0].get("quantity"), None);
    assert_eq!(shown.values["items"][1]["quantity"], "2");
    let values = vec![
        (Value::Decimal("12.5".parse().unwrap()), vec![dot(1, 2), dot(3, 1)]),
        (Value::Decimal("12.6".parse().unwrap()), vec![dot(2, 1)]),
    ];
    assert_eq!(shown.conflicts, [Conflict { path: quantity, values }]);
    check_findings(&shown, expect![]);
}

#[test]
fn of_two_severities_the_higher_stands_and_makes_it_urgent() {
    let severity = |value| vec![(Path::field("severity"), Value::Int(value))];
    let changes = vec![
        (dot(1, 2), change(&[made()], severity(4))),
        (dot(2, 1), change(&[made()], severity(2))),
    ];
    let shown = shown(changes);
    assert_eq!(shown.values["severity"], 4);
    assert_eq!(shown.conflicts, []);
    assert!(shown.urgent);
}

#[test]
fn a_removed_row_is_hidden_until_somebody_who_had_not_seen_it_writes_there() {
    let second = row("items", 1);
    let removal = (Path::row("items", second), Value::Removed(vec![made()]));
    let removed = (dot(1, 2), change(&[made()], vec![removal]));
    let hidden = shown(vec![removed.clone()]);
    assert_eq!(hidden.values["items"].as_array().unwrap().len(), 1);
    check_findings(&hidden, expect![]);

    let packaging = Path::in_row("items", second, "packaging");
    let note = vec![(packaging, Value::Text("foil".to_owned()))];
    let shown = shown(vec![removed, (dot(2, 1), change(&[made()], note))]);
    assert_eq!(shown.values["items"][1]["packaging"], "foil");
    assert_eq!(shown.values["items"][1]["quantity"], "2");
    check_findings(
        &shown,
        expect![[r#"
        removed_row_changed items[1]: it was removed, and changed by someone who had not seen that: keep it or remove it again
    "#]],
    );
}

#[test]
fn a_row_that_is_only_added_is_shown_although_it_was_removed() {
    let event = row("custody_events", 0);
    let removal = (Path::row("custody_events", event), Value::Removed(vec![made()]));
    let to = Path::in_row("custody_events", event, "to");
    let rewritten = (to, Value::Text("C".to_owned()));
    let shown = shown(vec![
        (dot(1, 2), change(&[made()], vec![removal])),
        (dot(1, 3), change(&[made()], vec![rewritten])),
    ]);
    assert_eq!(shown.values["custody_events"][0]["to"], "C");
    check_findings(
        &shown,
        expect![[r#"
        append_removed custody_events[0]: rows here are only added: it was removed and is shown all the same
        append_changed custody_events[0].to: rows here are only added, and this one was changed: look at the history
    "#]],
    );
}

#[test]
fn what_is_set_once_and_was_changed_is_remarked_on() {
    let key = RecordKey { id: RecordId([2; 16]), ..key() };
    let form = FormVersion { id: "search".to_owned(), version: 1 };
    let source = |id: u8| vec![(Path::field("repeat_of"), Value::Record(RecordId([id; 16])))];
    let mut state = State::new(key.clone());
    for (dot, change) in
        [(made(), change(&[], source(3))), (dot(1, 2), change(&[made()], source(4)))]
    {
        state.apply(dot, &Change { record: key.clone(), form: form.clone(), ..change });
    }
    let shown = show(&state, &catalogue(), &Facts::default(), &NothingKnown);
    let changed: Vec<_> =
        shown.findings.iter().filter(|found| found.rule == "immutable_changed").collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].field.as_deref(), Some("repeat_of"));
}

#[test]
fn a_change_that_had_not_seen_a_void_is_remarked_on() {
    let void = Value::Text("entered twice".to_owned());
    let void = (dot(1, 2), change(&[made()], vec![(Path::field(Path::VOID), void)]));
    let note = |seen: &[Dot]| {
        change(seen, vec![(Path::field("location_detail"), Value::Text("hall".to_owned()))])
    };
    let voided = shown(vec![void.clone()]);
    assert_eq!(voided.voided.as_deref(), Some("entered twice"));
    let remarks = |shown: &Shown| -> Vec<Option<String>> {
        let remarks = shown.findings.iter().filter(|found| found.rule == "void_unseen");
        remarks.map(|found| found.field.clone()).collect()
    };
    assert_eq!(remarks(&voided), []);

    let aware = shown(vec![void.clone(), (dot(2, 1), note(&[made(), dot(1, 2)]))]);
    assert_eq!(remarks(&aware), []);
    let unaware = shown(vec![(dot(2, 1), note(&[made()])), void.clone()]);
    assert_eq!(remarks(&unaware), [Some("location_detail".to_owned())]);

    let back = change(&[dot(1, 2), dot(2, 1)], vec![(Path::field(Path::VOID), Value::Cleared)]);
    let taken_back = shown(vec![void, (dot(2, 1), note(&[made()])), (dot(1, 3), back)]);
    assert_eq!((remarks(&taken_back), taken_back.voided), (vec![], None));
}

#[test]
fn what_the_form_does_not_know_is_kept_and_remarked_on() {
    let row = RowId([9; 8]);
    let unknown = vec![
        (Path::field("weather"), Value::Code("snow".to_owned())),
        (Path::in_row("items", row, "colour"), Value::Code("white".to_owned())),
        (Path::in_row("drones", row, "count"), Value::Int(2)),
        (Path::field("narrative"), Value::Opaque { tag: 99, bytes: vec![1] }),
        (Path::field("@later"), Value::Int(1)),
    ];
    let shown = shown(vec![(dot(1, 2), change(&[made()], unknown))]);
    assert_eq!(shown.values["weather"], "snow");
    assert_eq!(shown.values["items"][0]["colour"], "white");
    assert_eq!(shown.values["drones"], json!([{"@row": row.to_string(), "count": 2}]));
    assert_eq!(shown.values["narrative"], json!({"@tag": 99, "@bytes": "01"}));
    assert_eq!(shown.values.get("@later"), None);
    let unknown: Vec<String> = shown
        .findings
        .iter()
        .filter(|found| found.rule.starts_with("unknown"))
        .map(|found| format!("{} {}", found.rule, found.field.as_deref().unwrap_or("-")))
        .collect();
    expect![[r#"
        unknown_value narrative
        unknown_field items[0].colour
        unknown_field drones
        unknown_field weather"#]]
    .assert_eq(&unknown.join("\n"));
}

#[test]
fn a_record_of_an_unknown_form_is_shown_as_it_came() {
    let form = FormVersion { id: "drone".to_owned(), version: 2 };
    let values = vec![(Path::field("height"), Value::Int(40))];
    let mut state = State::new(key());
    state.apply(made(), &Change { form, ..change(&[], values) });
    let shown = show(&state, &catalogue(), &Facts::default(), &NothingKnown);
    assert_eq!(Json::Object(shown.values.clone()), json!({"height": 40}));
    assert_eq!((shown.title.as_str(), shown.occurred_at.as_deref()), ("", None));
    check_findings(
        &shown,
        expect![[r#"
        unknown_form -: the form `drone` version 2 is not known here: everything is kept, update
    "#]],
    );
}

#[test]
fn of_two_references_the_smaller_is_shown() {
    let named = |text: &str| vec![(Path::field(Path::REF), Value::Text(text.to_owned()))];
    let changes = vec![
        (dot(1, 2), change(&[], named("INST-027/2026/B-00001"))),
        (dot(2, 1), change(&[], named("INST-027/2026/A-00042"))),
    ];
    assert_eq!(shown(changes).reference.as_deref(), Some("INST-027/2026/A-00042"));
}

#[test]
fn a_record_of_which_only_an_amendment_is_here_is_incomplete_until_the_rest_comes() {
    let code = |code: &str| (Path::field("location_type"), Value::Code(code.to_owned()));
    let reference = (Path::field(Path::REF), Value::Text("INST-027/2026/A-00042".to_owned()));
    let first = (dot(1, 2), change(&[], vec![reference, code("cell")]));
    let amended = (dot(1, 3), change(&[dot(1, 2)], vec![code("yard")]));
    let rules = |changes: Vec<(Dot, Change)>| {
        let mut state = State::new(key());
        changes.iter().for_each(|(dot, change)| state.apply(*dot, change));
        let shown = show(&state, &catalogue(), &Facts::default(), &NothingKnown);
        (state.is_incomplete(), shown.findings.iter().any(|it| it.rule == "incomplete"))
    };
    assert_eq!(rules(vec![amended.clone()]), (true, true));
    assert_eq!(rules(vec![first.clone()]), (false, false));
    assert_eq!(rules(vec![amended, first]), (false, false));
}

fn with_two_places() -> (State, Shown) {
    let place = |code: &str| vec![(Path::field("location_type"), Value::Code(code.to_owned()))];
    let state = record(vec![
        (dot(1, 2), change(&[made()], place("cell"))),
        (dot(2, 1), change(&[made()], place("yard"))),
    ]);
    let shown = show(&state, &catalogue(), &Facts::default(), &NothingKnown);
    (state, shown)
}

#[test]
fn a_record_in_a_list_has_the_keys_of_the_interface() {
    let (state, shown) = with_two_places();
    let row = serde_json::to_string_pretty(&list_row(&state, &shown, Custody::Held)).unwrap();
    expect![[r#"
        {
          "id": "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa",
          "ref": null,
          "form": "incident",
          "site": "INST-027",
          "custody": "held",
          "urgent": false,
          "conflict": true,
          "review_state": "submitted",
          "occurred_at": "2026-11-20T03:10:00+06:00",
          "title": "Seizure of narcotic drugs"
        }"#]]
    .assert_eq(&row);
}

fn aida(dot: &Dot) -> Evidence {
    Evidence {
        author: "Aida".to_owned(),
        device: format!("post {}", dot.log.0[0]),
        claimed_at: "2026-11-20T03:10:00Z".to_owned(),
        trusted: None,
        clock_suspect: false,
    }
}

#[test]
fn a_record_in_json_has_the_keys_of_the_interface() {
    let (state, shown) = with_two_places();
    let view = record_view(&state, Shown { values: Map::new(), ..shown }, Custody::Saved, 3, &aida);
    expect![[r#"
        {
          "id": "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa",
          "ref": null,
          "form": "incident",
          "form_version": 1,
          "lists": {},
          "site": "INST-027",
          "title": "Seizure of narcotic drugs",
          "occurred_at": "2026-11-20T03:10:00+06:00",
          "values": {},
          "conflicts": [
            {
              "field": "location_type",
              "values": [
                {
                  "value": "cell",
                  "author": "Aida",
                  "device": "post 1",
                  "claimed_at": "2026-11-20T03:10:00Z",
                  "trusted": null,
                  "clock_suspect": false,
                  "dot": "0101010101010101010101010101010101010101010101010101010101010101-2-0000000000000000",
                  "dots": [
                    "0101010101010101010101010101010101010101010101010101010101010101-2-0000000000000000"
                  ]
                },
                {
                  "value": "yard",
                  "author": "Aida",
                  "device": "post 2",
                  "claimed_at": "2026-11-20T03:10:00Z",
                  "trusted": null,
                  "clock_suspect": false,
                  "dot": "0202020202020202020202020202020202020202020202020202020202020202-1-0303030303030303",
                  "dots": [
                    "0202020202020202020202020202020202020202020202020202020202020202-1-0303030303030303"
                  ]
                }
              ]
            }
          ],
          "review": {
            "state": "submitted",
            "by": null,
            "at": null,
            "remarks": [],
            "fields": [],
            "due": null,
            "due_days": null,
            "of": null,
            "delivered_at": null,
            "seen_at": null,
            "changed_since": false,
            "decision": null
          },
          "custody": "saved",
          "findings": [],
          "voided": null,
          "urgent": false,
          "entries": 3,
          "seen": [
            "0101010101010101010101010101010101010101010101010101010101010101-1-0000000000000000",
            "0101010101010101010101010101010101010101010101010101010101010101-2-0000000000000000",
            "0202020202020202020202020202020202020202020202020202020202020202-1-0303030303030303"
          ],
          "state_hash": "9847c47264dbbf4f56c5bbc2e0c40f061fe9d6380b9bbee510fccb38826c0191"
        }"#]].assert_eq(&serde_json::to_string_pretty(&view).unwrap());
}
