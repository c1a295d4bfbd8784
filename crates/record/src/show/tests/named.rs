//! What is shown of other records: a name becomes an id once its record is known, and what is
//! computed from it stands beside what was written.

use super::*;
use crate::input::Resolve;

const COURSE: &str = "0193a7c0-5b1e-7cc3-9d0e-000000000001";

/// Knows one course by its code.
struct Known {
    months: i64,
}

impl Resolve for Known {
    fn record(&self, form: &str, text: &str) -> Option<RecordId> {
        (form == "course" && text == "C-08").then(|| COURSE.parse().unwrap())
    }

    fn name(&self, form: &str, id: RecordId) -> Option<String> {
        (form == "course" && id.to_string() == COURSE).then(|| "C-08".to_owned())
    }

    fn value(&self, form: &str, _id: RecordId, field: &str) -> Option<Value> {
        (form == "course" && field == "validity_months").then_some(Value::Int(self.months))
    }
}

fn session(ends_at: &str) -> State {
    let session = json!({
        "course": "C-08", "starts_at": "2020-01-31T09:00:00+06:00", "ends_at": ends_at,
        "place": "club", "language": "ky", "mode": "classroom", "trainers": ["T"],
        "provider": "UNODC", "status": "held", "attendance": [
            {"person": "S-1", "presence": "present", "certificate_no": "1"},
            {"person": "S-2", "presence": "present"}
        ]
    });
    folded("training_session", &session)
}

fn folded(form: &str, given: &Json) -> State {
    let catalogue = catalogue();
    let form = catalogue.form(form).unwrap();
    let facts = Facts::default();
    let reader = Reader { catalogue: &catalogue, form, resolve: &NothingKnown, facts };
    let new = reader.read_new(given.as_object().unwrap(), key().id).unwrap();
    let mut state = State::new(key());
    let form = FormVersion { id: form.id.clone(), version: 1 };
    state.apply(made(), &Change { form, ..change(&[], new.values) });
    state
}

/// A change to such a record.
fn to(form: &str, seen: &[Dot], field: &str, value: Value) -> Change {
    let form = FormVersion { id: form.to_owned(), version: 1 };
    Change { form, ..change(seen, vec![(Path::field(field), value)]) }
}

fn seen_by(state: &State, others: &dyn Resolve) -> Shown {
    show(state, &catalogue(), &Facts::default(), others)
}

#[test]
fn a_name_that_was_kept_as_written_becomes_an_id_when_its_record_is_known() {
    let state = session("2025-01-31T11:00:00+06:00");
    let unknown = seen_by(&state, &NothingKnown);
    assert_eq!(unknown.values.get("course"), Some(&json!("C-08")));
    assert_eq!(unknown.title, "C-08, club");
    let known = seen_by(&state, &Known { months: 12 });
    assert_eq!(known.values.get("course"), Some(&json!(COURSE)));
    assert_eq!(known.title, "C-08, club");
    let unresolved = |shown: &Shown| {
        let fields = shown.findings.iter().filter(|finding| finding.rule == "unresolved");
        fields.filter_map(|finding| finding.field.clone()).collect::<Vec<_>>()
    };
    assert_eq!(unresolved(&unknown), ["course", "attendance.person"]);
    assert_eq!(unresolved(&known), ["attendance.person"]);
    assert_eq!(state, session("2025-01-31T11:00:00+06:00"), "what is kept does not change");
}

#[test]
fn a_name_and_the_id_it_stands_for_are_no_conflict() {
    let mut state = session("2025-01-31T11:00:00+06:00");
    let course = Value::Record(COURSE.parse().unwrap());
    state.apply(dot(2, 1), &to("training_session", &[], "course", course));
    assert_eq!(seen_by(&state, &NothingKnown).conflicts.len(), 1);
    let known = seen_by(&state, &Known { months: 12 });
    assert_eq!(known.conflicts, []);
    assert_eq!(known.values.get("course"), Some(&json!(COURSE)));
}

#[test]
fn a_certificate_expires_so_many_months_after_the_session() {
    let expires = |ends_at: &str, months: i64| {
        let shown = seen_by(&session(ends_at), &Known { months });
        let rows = shown.values.get("attendance").unwrap().as_array().unwrap().clone();
        assert_eq!(rows[1].get("certificate_expires"), None, "without a certificate none expires");
        rows[0].get("certificate_expires").and_then(Json::as_str).unwrap().to_owned()
    };
    assert_eq!(expires("2025-01-31T11:00:00+06:00", 1), "2025-02-28");
    assert_eq!(expires("2024-01-31T11:00:00+06:00", 1), "2024-02-29");
    assert_eq!(expires("2024-02-29T11:00:00+06:00", 12), "2025-02-28");
    assert_eq!(expires("2025-08-31T23:30:00+06:00", 600), "2075-08-31");
    let unknown = seen_by(&session("2025-01-31T11:00:00+06:00"), &NothingKnown);
    assert_eq!(unknown.values["attendance"][0].get("certificate_expires"), None);
}

#[test]
fn a_difference_may_be_negative_and_is_of_nothing_where_a_number_is_disputed() {
    let check = json!({
        "at": "2026-11-20T10:00:00+06:00", "substance": "TROPICAMIDE", "expected": "114.5",
        "counted": "113.5", "unit": "ml", "explanation": "spilled"
    });
    let mut state = folded("medicine_check", &check);
    assert_eq!(seen_by(&state, &NothingKnown).values.get("difference"), Some(&json!("-1")));
    let counted = Value::Decimal("114.5".parse().unwrap());
    state.apply(dot(2, 1), &to("medicine_check", &[], "counted", counted));
    let shown = seen_by(&state, &NothingKnown);
    assert_eq!(shown.values.get("difference"), None);
    assert_eq!(shown.conflicts.len(), 1);
}

#[test]
fn what_somebody_stored_where_values_are_computed_is_remarked_on_and_not_shown() {
    let check = json!({
        "at": "2026-11-20T10:00:00+06:00", "substance": "TROPICAMIDE", "expected": "1",
        "counted": "1", "unit": "ml"
    });
    let mut state = folded("medicine_check", &check);
    let stored = Value::Text("5".to_owned());
    state.apply(dot(2, 1), &to("medicine_check", &[], "difference", stored));
    let shown = seen_by(&state, &NothingKnown);
    assert_eq!(shown.values.get("difference"), Some(&json!("0")));
    check_findings(&shown, expect!["value difference: nothing is written here: empty it\n"]);
}

#[test]
fn a_course_is_titled_by_its_code_and_its_name_in_the_readers_language() {
    let course = json!({
        "code": "C-08", "title_ky": "Тинтүү", "title_ru": "Обыск", "provider": "UNODC",
        "topics": ["drug_recognition"], "hours": "4"
    });
    let state = folded("course", &course);
    let titles = [Language::En, Language::Ru, Language::Ky].map(|l| title(&state, &catalogue(), l));
    assert_eq!(titles, ["C-08, Обыск", "C-08, Обыск", "C-08, Тинтүү"]);
    let facts = Facts { recorded: Some("2026-11-20".parse().unwrap()), ..Facts::default() };
    let shown = show(&state, &catalogue(), &facts, &NothingKnown);
    assert_eq!(shown.occurred_at.as_deref(), Some("2026-11-20"), "the day it was recorded");
}

#[test]
fn whether_a_record_contradicts_that_nothing_happened() {
    use crate::input::Sought;
    let of = |state: &State, form: &str, field: Option<&str>| {
        is_of_sort(state, &catalogue(), &Sought { form, field })
    };
    let mut state = session("2025-01-31T11:00:00+06:00");
    assert!(of(&state, "training_session", None));
    assert!(!of(&state, "search", None));
    assert!(of(&record(Vec::new()), "incident", Some("items")));
    assert!(!of(&record(Vec::new()), "incident", Some("related")));
    let cancelled = Value::Code("cancelled".to_owned());
    state.apply(dot(1, 2), &to("training_session", &[made()], "status", cancelled));
    assert!(!of(&state, "training_session", None), "what was cancelled did not happen");
    let void = vec![(Path::field(Path::VOID), Value::Text("twice".to_owned()))];
    let mut void_record = record(Vec::new());
    void_record.apply(dot(1, 2), &change(&[made()], void));
    assert!(!of(&void_record, "incident", None));
}
