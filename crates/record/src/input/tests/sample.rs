//! The sample records, as a colony would have them.

use super::*;

macro_rules! sample {
    ($file:literal) => {
        ($file, include_str!(concat!("../../../../../tests/data/", $file)))
    };
}

pub(super) const FILES: [(&str, &str); 22] = [
    sample!("course.jsonl"),
    sample!("INST-016.incident.jsonl"),
    sample!("INST-016.search.jsonl"),
    sample!("INST-016.training_session.jsonl"),
    sample!("INST-016.staff_member.jsonl"),
    sample!("INST-016.prevention_activity.jsonl"),
    sample!("INST-016.nil_report.jsonl"),
    sample!("INST-016.medicine_check.jsonl"),
    sample!("INST-021.incident.jsonl"),
    sample!("INST-021.search.jsonl"),
    sample!("INST-021.training_session.jsonl"),
    sample!("INST-021.staff_member.jsonl"),
    sample!("INST-021.prevention_activity.jsonl"),
    sample!("INST-021.nil_report.jsonl"),
    sample!("INST-021.medicine_check.jsonl"),
    sample!("INST-027.incident.jsonl"),
    sample!("INST-027.search.jsonl"),
    sample!("INST-027.training_session.jsonl"),
    sample!("INST-027.staff_member.jsonl"),
    sample!("INST-027.prevention_activity.jsonl"),
    sample!("INST-027.nil_report.jsonl"),
    sample!("INST-027.medicine_check.jsonl"),
];

/// Returns the form whose records a file holds.
fn form_of(file: &str) -> &str {
    let parts: Vec<&str> = file.split('.').collect();
    parts[parts.len() - 2]
}

#[test]
fn every_sample_record_is_taken() {
    let catalogue = catalogue();
    let mut rules = std::collections::BTreeMap::new();
    for (file, text) in FILES {
        let form = form_of(file);
        for (number, line) in (1..).zip(text.lines()) {
            let record: Json = serde_json::from_str(line).unwrap();
            let read = reader(&catalogue, form).read_new(object(&record), FRESH);
            let read = read.unwrap_or_else(|errors| panic!("{file} line {number}: {errors:?}"));
            for finding in read.findings {
                *rules.entry((form, finding.rule)).or_insert(0) += 1;
            }
        }
    }
    expect![[r#"
        {
            (
                "incident",
                "independent_authority_not_told",
            ): 78,
            (
                "search",
                "officers_not_named",
            ): 600,
            (
                "training_session",
                "unresolved",
            ): 46,
        }
    "#]]
    .assert_debug_eq(&rules);
}

/// Takes the row ids out of shown values, so that they can be compared with the line.
fn without_rows(mut values: Object) -> Json {
    for json in values.values_mut() {
        for row in json.as_array_mut().into_iter().flatten() {
            if let Some(row) = row.as_object_mut() {
                row.shift_remove("@row");
            }
        }
    }
    Json::Object(values)
}

fn shown(catalogue: &Catalogue, form: &str, record: &Json) -> Json {
    let read = reader(catalogue, form).read_new(object(record), FRESH).unwrap();
    let key = crate::RecordKey { site: "INST-027".parse().unwrap(), id: read.id.unwrap_or(FRESH) };
    let write = |(path, value)| crate::Write { path, value, replaces: Vec::new() };
    let change = crate::Change {
        record: key.clone(),
        form: crate::FormVersion { id: form.to_owned(), version: 1 },
        lists: read.lists,
        author: crate::PersonId([1; 16]),
        reason: None,
        urgent: read.urgent,
        seen: Vec::new(),
        writes: read.values.into_iter().map(write).collect(),
    };
    let change = crate::Change::from_payload(&change.to_payload().unwrap()).unwrap();
    let mut state = crate::State::new(key);
    state.apply(crate::value::tests::dot(1, 1), &change);
    let shown = crate::show(&state, catalogue, &Facts::default(), &NothingKnown);
    assert_eq!(shown.findings, read.findings);
    without_rows(without_computed(catalogue.form(form).unwrap(), shown.values))
}

/// Takes out what is only shown.
fn without_computed(form: &Form, mut values: Object) -> Object {
    values.retain(|name, _json| form.field(name).unwrap().shape != crate::Shape::Computed);
    values
}

#[test]
fn every_sample_record_is_shown_as_it_was_given() {
    let catalogue = catalogue();
    for (file, text) in FILES {
        let form = form_of(file);
        for line in text.lines() {
            let mut record: Json = serde_json::from_str(line).unwrap();
            let shown = shown(&catalogue, form, &record);
            record.as_object_mut().unwrap().shift_remove("@id");
            assert_eq!(shown, record, "{file}");
        }
    }
}

proptest::proptest! {
    /// Any record that is taken is shown as it was given: some fields of a sample, in any mixture.
    #[test]
    fn what_is_taken_is_shown(
        file in 0..FILES.len(),
        one in 0_usize..200,
        other in 0_usize..200,
        kept in proptest::collection::vec(proptest::bool::weighted(0.9), 40),
        text in "[a-zа-яүөңё 0-9.,«»\u{301}]{0,30}",
    ) {
        let (file, lines) = FILES[file];
        let lines: Vec<&str> = lines.lines().collect();
        let parse = |line: usize| -> Object { serde_json::from_str(lines[line % lines.len()]).unwrap() };
        let form = form_of(file);
        let mut record = parse(one);
        for ((key, json), kept) in parse(other).into_iter().zip(kept) {
            if kept { record.shift_remove(&key); } else { record.insert(key, json); }
        }
        record.shift_remove("@id");
        let catalogue = catalogue();
        if form == "incident" {
            record.insert("title".to_owned(), json!(text));
        }
        if reader(&catalogue, form).read_new(&record, FRESH).is_ok() {
            if form == "incident" {
                use unicode_normalization::UnicodeNormalization;
                let text: String = text.trim().nfc().collect();
                record.insert("title".to_owned(), json!(text));
                if text.is_empty() { record.shift_remove("title"); }
            }
            let record = Json::Object(record);
            proptest::prop_assert_eq!(shown(&catalogue, form, &record), record);
        }
    }
}
