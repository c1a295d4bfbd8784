//! What input is taken, what is refused, and in which words.

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use super::*;
use crate::Catalogue;
use crate::form::Form;
use crate::id::RecordId;

mod line;
mod sample;

const FRESH: RecordId = RecordId([1; 16]);

fn reader<'a>(catalogue: &'a Catalogue, form: &str) -> Reader<'a> {
    let form: &Form = catalogue.form(form).unwrap();
    Reader { catalogue, form, resolve: &NothingKnown, facts: Facts::default() }
}

fn incident() -> Json {
    json!({
        "kind": "FIRE",
        "occurred_at": "2026-11-20T03:10:00+06:00",
        "severity": 3,
        "location_type": "workshop",
        "narrative": "A machine burned; nobody was hurt."
    })
}

/// Returns the incident with these keys put over it; `null` takes one away.
fn with(over: Json) -> Json {
    let mut record = incident();
    let object = record.as_object_mut().unwrap();
    for (key, json) in over.as_object().unwrap() {
        if json.is_null() {
            object.remove(key);
        } else {
            object.insert(key.clone(), json.clone());
        }
    }
    record
}

fn catalogue() -> Catalogue {
    Catalogue::shipped().unwrap()
}

fn object(record: &Json) -> &Object {
    record.as_object().unwrap()
}

fn read_new(form: &str, record: &Json) -> Result<NewRecord, Vec<FieldError>> {
    reader(&catalogue(), form).read_new(object(record), FRESH)
}

fn refused(record: &Json, expected: &Expect) {
    let errors = read_new("incident", record).unwrap_err();
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

fn value(over: Json, path: &Path) -> Value {
    let record = read_new("incident", &with(over)).unwrap();
    record.values.into_iter().find(|(at, _)| at == path).unwrap().1
}

#[test]
fn every_mistake_of_a_line_is_named_at_once() {
    refused(
        &with(json!({
            "kind": null, "severity": "3", "location_type": "moon", "occurred_at": "2026-11-20T03:10:00",
            "colour": "red", "persons": [{"role": "victim", "age": 30}], "@nonsense": 1,
            "items": [{"quantity": 1, "unit": "g"}], "actions": "evacuation"
        })),
        &expect![[r#"
            occurred_at: a time is a text with its offset, such as "2026-11-20T03:10:00+06:00"
            severity: write one of the numbers 1, 2, 3, 4, without quotes
            location_type: the list `location_type` has no code "moon": perimeter_outside, perimeter_inside, gate, parcel_room, reception, cell, barrack, shared_area, yard, kitchen, canteen, bath, medical_unit, visits, workshop, school, disciplinary_unit, staff_area, vehicle, escort, hospital_outside, court, other
            colour: the form `incident` has no such field: correct or leave out the name
            persons[0].age: `persons` has no such field: correct or leave out the name
            items[0].quantity: a quantity is a text of digits with up to 3 after the point, not negative, such as "12.4"
            actions: it may have many values: give a list, in [ ]
            @nonsense: there is no such key: `@id` and `@author` are all
            kind: it is required: fill it in
            how_found: it is required: fill it in
            entry_route: it is required: fill it in
            entry_stage: it is required: fill it in
            possession_by: it is required: fill it in
            items[0].find_category: it is required: fill it in
            items[0].quantity_basis: it is required: fill it in
            items[0].weight_kind: it is required: fill it in"#]],
    );
}

#[test]
fn a_text_is_cut_normalised_and_counted_in_characters() {
    let title = value(json!({"title": "  e\u{301}a  "}), &Path::field("title"));
    assert_eq!(title, Value::Text("éa".to_owned()));
    value(json!({"title": "ң".repeat(120)}), &Path::field("title"));
    refused(
        &with(json!({"title": "ң".repeat(121)})),
        &expect!["title: the text has 121 characters: shorten it to 120"],
    );
}

#[test]
fn a_comma_and_trailing_zeros_are_one_quantity() {
    let catalogue = catalogue();
    let reader = reader(&catalogue, "incident");
    let path = Path::in_row("items", crate::RowId([0; 8]), "quantity");
    for text in ["12.4", "12.40", " 12,4 "] {
        let read = reader.read_value(&path, &json!(text)).unwrap();
        assert_eq!(read.to_json(), json!("12.4"));
    }
    for wrong in [json!(12.4), json!("12.4444"), json!("-1"), json!("0"), json!("12 g")] {
        assert!(reader.read_value(&path, &wrong).is_err(), "{wrong}");
    }
}

#[test]
fn types_are_exact() {
    let wrong = [
        ("occurred_at", json!("2026-11-20")),
        ("occurred_at", json!("2026-13-20T03:10:00+06:00")),
        ("occurred_at", json!(5)),
        ("severity", json!(5)),
        ("severity", json!("4")),
        ("severity", json!(3.0)),
        ("kind", json!("fire")),
        ("kind", json!(["FIRE"])),
        ("narrative", json!(["x"])),
        ("alone", json!("true")),
        ("actions", json!(["evacuation", "evacuation"])),
        ("actions", json!(["evacuation", null])),
        ("actions", json!([["evacuation"]])),
        ("persons", json!({"role": "victim"})),
        ("persons", json!([["victim"]])),
        ("persons", json!([{}])),
        ("@id", json!("0193a7c0-5b1e-4cc3-9d0e-8a4d2f10b7aa")),
        ("@id", json!("0193A7C0-5B1E-7CC3-9D0E-8A4D2F10B7AA")),
        ("@id", json!(7)),
        ("@author", json!(7)),
        ("@row", json!("0000000000000000")),
    ];
    for (field, json) in wrong {
        let errors = read_new("incident", &with(json!({ field: json.clone() }))).unwrap_err();
        assert!(
            errors.iter().any(|error| error.field.starts_with(field)),
            "{field} {json}: {errors:?}"
        );
    }
}

#[test]
fn an_empty_value_is_no_value() {
    let over = json!({"title": " ", "discovered_at": Json::Null, "actions": [], "persons": []});
    let record = read_new("incident", &with(over)).unwrap();
    assert_eq!(record.values.len(), 5);
    let refusal = read_new("incident", &with(json!({"narrative": " "}))).unwrap_err();
    assert_eq!(refusal[0].field, "narrative");
}

#[test]
fn what_is_computed_is_refused() {
    let catalogue = catalogue();
    let path = Path::in_row("attendance", crate::RowId([0; 8]), "certificate_expires");
    let error = reader(&catalogue, "training_session").read_value(&path, &json!("2026-01-01"));
    expect!["attendance/0000000000000000/certificate_expires: it is computed from other fields: leave it out"]
        .assert_eq(&error.unwrap_err().to_string());
}

#[test]
fn a_reference_is_resolved_or_kept_as_written() {
    struct Two;
    impl Resolve for Two {
        fn record(&self, form: &str, text: &str) -> Option<RecordId> {
            (form == "incident" && text == "INST-027/2026/A-00042").then_some(RecordId([2; 16]))
        }

        fn name(&self, form: &str, id: RecordId) -> Option<String> {
            let known = form == "incident" && id == RecordId([2; 16]);
            known.then(|| "INST-027/2026/A-00042".to_owned())
        }
    }
    let catalogue = catalogue();
    let mut reader = reader(&catalogue, "incident");
    reader.resolve = &Two;
    let id = "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa";
    let json = json!(["INST-027/2026/A-00042", id, "INST-027/2026/A-00043"]);
    let record = with(json!({ "related": json }));
    let record = reader.read_new(object(&record), FRESH).unwrap();
    let (_, related) = record.values.iter().find(|(path, _)| path.field == "related").unwrap();
    let expected = [
        Value::Record(RecordId([2; 16])),
        Value::Record(id.parse().unwrap()),
        Value::Unresolved("INST-027/2026/A-00043".to_owned()),
    ];
    assert_eq!(*related, Value::List(expected.to_vec()));
    let warned: Vec<_> =
        record.findings.iter().map(|f| (f.rule.as_str(), f.what.as_str())).collect();
    assert_eq!(
        warned,
        [(
            "unresolved",
            "2 not known here as `incident`: kept as written until the record arrives"
        )]
    );
}

#[test]
fn an_import_names_its_rows_by_record_group_and_place() {
    let id = "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa";
    let persons = json!([{"role": "witness"}, {"role": "victim", "staff": true}]);
    let record = read_new("incident", &with(json!({"@id": id, "persons": persons}))).unwrap();
    assert_eq!(record.id, Some(id.parse().unwrap()));
    let second = crate::RowId::imported(id.parse().unwrap(), "persons", 1);
    let rows: Vec<_> = record.values.iter().filter(|(path, _)| path.field == "persons").collect();
    let order = (Path::in_row("persons", second, Path::ORDER), Value::Int(1));
    assert!(rows.contains(&&order), "{rows:?}");
    assert_eq!(rows.len(), 4, "the first row needs no order");
    let fresh = read_new("incident", &with(json!({"persons": [{"role": "witness"}]}))).unwrap();
    let first = crate::RowId::imported(FRESH, "persons", 0);
    assert!(
        fresh
            .values
            .contains(&(Path::in_row("persons", first, "role"), Value::Code("witness".into())))
    );
    assert_eq!(fresh.import, None);
}

#[test]
fn a_record_names_the_vocabularies_it_uses() {
    let record = read_new("incident", &incident()).unwrap();
    let expected = [("choices".to_owned(), 1), ("incident_types".to_owned(), 1)];
    assert_eq!(record.lists, expected);
    assert_eq!(record.own_date.unwrap().to_string(), "2026-11-20");
}

#[test]
fn the_author_of_an_import_is_told() {
    let record = read_new("incident", &with(json!({"@author": " Асанов А. "}))).unwrap();
    assert_eq!(record.author.as_deref(), Some("Асанов А."));
}

#[test]
fn one_value_is_read_for_a_field_or_a_field_of_a_row() {
    let catalogue = catalogue();
    let reader = reader(&catalogue, "incident");
    let read = |path: &str, json: Json| reader.read_value(&path.parse().unwrap(), &json);
    assert_eq!(read("severity", json!(4)), Ok(Value::Int(4)));
    assert_eq!(read("title", json!(null)), Ok(Value::Cleared));
    assert_eq!(read("items/0000000000000000/unit", json!("g")), Ok(Value::Code("g".into())));
    assert!(read("items", json!([])).is_err());
    assert!(read("items/0000000000000000", json!({})).is_err());
    assert!(read("colour", json!("red")).is_err());
    assert!(read("severity/0000000000000000/unit", json!("g")).is_err());
}

#[test]
fn a_text_holds_lines_and_tabs_and_no_other_control_character() {
    let text = "One.\r\nTwo,\tthree.";
    let kept = read_new("incident", &with(json!({ "narrative": text }))).unwrap();
    let narrative = kept.values.iter().find(|(path, _)| path.to_string() == "narrative").unwrap();
    assert_eq!(narrative.1, Value::Text(text.to_owned()));
    refused(
        &with(json!({ "title": "A\u{0}b", "narrative": "\u{1b}[2J" })),
        &expect![[r#"
        narrative: the text holds the control character U+001B: take it out
        title: the text holds the control character U+0000: take it out"#]],
    );
}
