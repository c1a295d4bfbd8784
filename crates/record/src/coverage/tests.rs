//! Coverage as a training officer would reckon it by hand.

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use super::*;
use crate::change::{Change, FormVersion, Write};
use crate::id::{PersonId, RecordKey};
use crate::input::{NothingKnown, Reader};
use crate::rules::Facts;
use crate::value::tests::dot;

/// Knows records by their keys, as an index would.
struct Index;

const COURSE: &str = "0193a7c0-5b1e-7cc3-9d0e-000000000001";
const EVER: &str = "0193a7c0-5b1e-7cc3-9d0e-000000000002";
const GUARD: &str = "0193a7c0-5b1e-7cc3-9d0e-000000000011";
const MEDIC: &str = "0193a7c0-5b1e-7cc3-9d0e-000000000012";

impl Resolve for Index {
    fn record(&self, _form: &str, text: &str) -> Option<RecordId> {
        let id = match text {
            "C-01" => COURSE,
            "C-02" => EVER,
            "S-1" => GUARD,
            "S-2" => MEDIC,
            _ => return None,
        };
        Some(id.parse().unwrap())
    }
}

fn folded(form: &str, record: &Json) -> State {
    let catalogue = Catalogue::shipped().unwrap();
    let form = catalogue.form(form).unwrap();
    let reader =
        Reader { catalogue: &catalogue, form, resolve: &NothingKnown, facts: Facts::default() };
    let fresh = RecordId([9; 16]);
    let new = reader.read_new(record.as_object().unwrap(), fresh).unwrap();
    let key = RecordKey { site: "INST-027".parse().unwrap(), id: new.id.unwrap_or(fresh) };
    let write = |(path, value)| Write { path, value, replaces: Vec::new() };
    let change = Change {
        record: key.clone(),
        form: FormVersion { id: form.id.clone(), version: 1 },
        lists: Vec::new(),
        author: PersonId([1; 16]),
        reason: None,
        urgent: false,
        seen: Vec::new(),
        writes: new.values.into_iter().map(write).collect(),
    };
    let mut state = State::new(key);
    state.apply(dot(1, 1), &change);
    state
}

fn course(id: &str, code: &str, validity: Json) -> State {
    folded(
        "course",
        &json!({
            "@id": id, "code": code, "title_ky": "Курс", "provider": "UNODC",
            "topics": ["drug_recognition"], "hours": "4", "mandatory_for": ["guard_escort"],
            "validity_months": validity
        }),
    )
}

fn member(id: &str, number: &str, post: &str) -> State {
    let member = json!({
        "@id": id, "service_no": number, "name": "N", "post_category": post,
        "active_from": "2020-01-01", "active_to": "2027-12-31"
    });
    folded("staff_member", &member)
}

fn session(course: &str, ends_at: &str, status: &str, attendance: Json) -> State {
    let session = json!({
        "course": course, "starts_at": "2020-01-31T09:00:00+06:00", "ends_at": ends_at,
        "place": "club", "language": "ky", "mode": "classroom", "trainers": ["T"],
        "provider": "UNODC", "status": status, "attendance": attendance
    });
    folded("training_session", &session)
}

fn check(records: &[State], on: &str, expected: &Expect) {
    let catalogue = Catalogue::shipped().unwrap();
    let mut roll = Roll::default();
    for record in records {
        roll.take(record, &catalogue, &Index);
    }
    let on = on.parse().unwrap();
    let covers = roll.coverage(on);
    let mut said = String::new();
    for cover in &covers {
        let held = match cover.held {
            Held::Never => "never".to_owned(),
            Held::Expired(day) => format!("expired {day}"),
            Held::Until(day) => format!("until {day}"),
            Held::ForGood => "for good".to_owned(),
        };
        said.push_str(&format!("{} {}: {held}\n", cover.service_no, cover.code));
    }
    for ((site, code), count) in count_coverage(&covers, on) {
        let Count { needed, valid, expired, never, soon } = count;
        said.push_str(&format!(
            "{site} {code}: {valid} of {needed}, {expired} expired, {never} never, soon {soon:?}\n"
        ));
    }
    expected.assert_eq(&said);
}

fn all() -> Vec<State> {
    let passed = json!([
        {"person": "S-1", "presence": "present", "certificate_no": "1"},
        {"person": "S-2", "presence": "present"}
    ]);
    vec![
        session("C-01", "2026-01-31T11:00:00+06:00", "held", passed.clone()),
        session("C-02", "2026-01-31T11:00:00+06:00", "scheduled", passed),
        member(GUARD, "S-1", "guard_escort"),
        member(MEDIC, "S-2", "medical"),
        course(COURSE, "C-01", json!(1)),
        course(EVER, "C-02", json!(null)),
    ]
}

#[test]
fn a_post_needs_its_courses_and_a_certificate_covers_until_it_ends() {
    check(
        &all(),
        "2026-02-01",
        &expect![[r#"
            S-1 C-01: until 2026-02-28
            S-1 C-02: never
            INST-027 C-01: 1 of 1, 0 expired, 0 never, soon [1, 1, 1]
            INST-027 C-02: 0 of 1, 0 expired, 1 never, soon [0, 0, 0]
        "#]],
    );
}

#[test]
fn a_certificate_that_ended_covers_no_more_and_a_later_one_does() {
    let mut records = all();
    check(
        &records,
        "2026-03-01",
        &expect![[r#"
            S-1 C-01: expired 2026-02-28
            S-1 C-02: never
            INST-027 C-01: 0 of 1, 1 expired, 0 never, soon [0, 0, 0]
            INST-027 C-02: 0 of 1, 0 expired, 1 never, soon [0, 0, 0]
        "#]],
    );
    let passed = json!([{"person": "S-1", "presence": "present", "certificate_no": "2"}]);
    records.push(session("C-01", "2026-02-20T11:00:00+06:00", "held", passed.clone()));
    records.push(session("C-02", "2026-02-20T11:00:00+06:00", "held", passed));
    check(
        &records,
        "2026-03-01",
        &expect![[r#"
            S-1 C-01: until 2026-03-20
            S-1 C-02: for good
            INST-027 C-01: 1 of 1, 0 expired, 0 never, soon [1, 1, 1]
            INST-027 C-02: 1 of 1, 0 expired, 0 never, soon [0, 0, 0]
        "#]],
    );
}

#[test]
fn who_left_the_service_needs_nothing() {
    check(&all(), "2028-01-01", &expect![""]);
}

#[test]
fn the_order_in_which_records_come_does_not_matter() {
    let mut records = all();
    records.reverse();
    check(
        &records,
        "2026-02-01",
        &expect![[r#"
            S-1 C-01: until 2026-02-28
            S-1 C-02: never
            INST-027 C-01: 1 of 1, 0 expired, 0 never, soon [1, 1, 1]
            INST-027 C-02: 0 of 1, 0 expired, 1 never, soon [0, 0, 0]
        "#]],
    );
}
