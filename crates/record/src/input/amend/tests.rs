//! What an amendment writes, replaces and refuses.

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use super::*;
use crate::change::{Change, FormVersion};
use crate::id::{PersonId, RecordId, RecordKey};
use crate::input::NothingKnown;
use crate::rules::Facts;
use crate::value::tests::dot;
use crate::{Catalogue, FieldError};

const RECORD: RecordId = RecordId([1; 16]);

/// A record that several devices amend.
struct Bench {
    catalogue: Catalogue,
    form: &'static str,
    state: State,
    written: u64,
}

impl Bench {
    fn new(form: &'static str, record: &Json) -> Self {
        let key = RecordKey { site: "INST-027".parse().unwrap(), id: RECORD };
        let catalogue = Catalogue::shipped().unwrap();
        let mut bench = Self { catalogue, form, state: State::new(key), written: 0 };
        let read = bench.reader().read_new(record.as_object().unwrap(), RECORD).unwrap();
        let write = |(path, value)| Write { path, value, replaces: Vec::new() };
        let writes = read.values.into_iter().map(write).collect();
        bench.apply(1, Amendment { writes, ..Amendment::default() });
        bench
    }

    fn reader(&self) -> Reader<'_> {
        let form = self.catalogue.form(self.form).unwrap();
        let facts = Facts::default();
        Reader { catalogue: &self.catalogue, form, resolve: &NothingKnown, facts }
    }

    fn apply(&mut self, device: u8, amendment: Amendment) {
        self.written += 1;
        let change = Change {
            record: self.state.key.clone(),
            form: FormVersion { id: self.form.to_owned(), version: 1 },
            lists: amendment.lists,
            author: PersonId([1; 16]),
            reason: None,
            urgent: amendment.urgent,
            seen: amendment.seen,
            writes: amendment.writes,
        };
        let payload = change.to_payload().unwrap();
        assert_eq!(Change::from_payload(&payload).unwrap(), change);
        self.state.apply(dot(device, self.written), &change);
    }

    fn read(&self, seen: &[Dot], json: &Json) -> Result<Amendment, Vec<FieldError>> {
        let mut next = 0_u8;
        let mut rows = || {
            next += 1;
            let number = u8::try_from(self.written).unwrap();
            RowId([9, 9, 9, 9, 9, 9, number, next])
        };
        self.reader().read_amendment(&self.state, seen, json.as_object().unwrap(), &mut rows)
    }

    /// Amends as somebody who sees the record as it stands.
    fn amend(&mut self, json: Json) -> Amendment {
        let amendment = self.read(&self.state.live_dots(), &json).unwrap();
        self.apply(1, amendment.clone());
        amendment
    }

    fn refuses(&self, json: Json, expected: &Expect) {
        let errors = self.read(&self.state.live_dots(), &json).unwrap_err();
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        expected.assert_eq(&lines.join("\n"));
    }

    fn shown(&self) -> Shown {
        show(&self.state, &self.catalogue, &Facts::default(), &NothingKnown)
    }

    fn rows(&self, group: &str) -> Vec<Json> {
        let shown = self.shown();
        shown.values.get(group).and_then(Json::as_array).cloned().unwrap_or_default()
    }
}

fn incident() -> Bench {
    let record = json!({
        "kind": "FIRE", "occurred_at": "2026-11-20T03:10:00+06:00", "severity": 3,
        "location_type": "workshop", "narrative": "A machine burned.", "title": "Machine",
        "persons": [{"role": "witness", "name": "A"}, {"role": "victim"}, {"role": "witness"}],
        "custody_events": [
            {"at": "2026-11-20T05:00:00+06:00", "from": "A", "to": "B", "reason": "store"}
        ]
    });
    Bench::new("incident", &record)
}

fn paths(amendment: &Amendment) -> Vec<String> {
    amendment.writes.iter().map(|write| write.path.to_string()).collect()
}

#[test]
fn only_what_differs_is_written() {
    let mut bench = incident();
    let amendment = bench.amend(json!({"kind": "FIRE", "severity": 2, "title": " Machine "}));
    assert_eq!(paths(&amendment), ["severity"]);
    assert_eq!(amendment.writes[0].replaces, [0]);
    assert_eq!(bench.shown().values["severity"], 2);
    assert_eq!(bench.amend(json!({"severity": 2})).writes, []);
}

#[test]
fn null_empties_a_field() {
    let mut bench = incident();
    bench.amend(json!({ "title": null }));
    assert_eq!(bench.shown().values.get("title"), None);
    assert_eq!(bench.amend(json!({"title": null, "criminal_case_ref": ""})).writes, []);
    bench.refuses(json!({ "narrative": null }), &expect!["narrative: it is required: fill it in"]);
}

#[test]
fn rows_change_come_and_go_and_those_not_named_stay() {
    let mut bench = incident();
    let rows = bench.rows("persons");
    let amendment = bench.amend(json!({"persons": [
        {"@row": rows[0]["@row"], "name": null, "staff": true},
        {"@row": rows[1]["@row"], "@remove": true},
        {"role": "assailant"},
        {"role": "fighter"}
    ]}));
    let left: Vec<Json> = bench.rows("persons").iter().map(|row| row["role"].clone()).collect();
    assert_eq!(left, ["witness", "witness", "assailant", "fighter"]);
    assert_eq!(bench.rows("persons")[0].get("name"), None);
    assert_eq!(bench.rows("persons")[0]["staff"], true);
    assert_eq!(amendment.writes.len(), 3 + 2 + 2);
    bench.amend(json!({ "persons": null }));
    assert_eq!(bench.rows("persons").len(), 0);
    bench.amend(json!({"persons": [{"role": "witness"}]}));
    assert_eq!(bench.rows("persons").len(), 1);
}

#[test]
fn every_mistake_of_an_amendment_is_named_at_once() {
    let bench = incident();
    let row = bench.rows("persons")[0]["@row"].clone();
    bench.refuses(
        json!({
            "colour": "red", "severity": "4", "items.unit": "g", "@id": "x", "kind": null,
            "persons": [{"@row": "0000000000000000"}, {"@row": row, "role": "ghost", "age": 3}, {}, 5],
            "notified": {}
        }),
        &expect![[r#"
            colour: the form `incident` has no such field: correct or leave out the name
            severity: write one of the numbers 1, 2, 3, 4, without quotes
            items.unit: the form `incident` has no such field: correct or leave out the name
            @id: the form `incident` has no such field: correct or leave out the name
            persons[0]: there is no such row, or it was removed: take `@row` from `show`, or leave it out to add a row
            persons[1].role: the list `person_role` has no code "ghost": in_possession, intended_recipient, suspected_involved, active_involvement, perpetrator, assailant, suspected_assailant, fighter, victim, deceased, escapee, hostage, assisted_staff, unlawfully_detained, present_at_scene, witness
            persons[1].age: `persons` has no such field: correct or leave out the name
            persons[2]: the row is empty: fill it or leave it out
            persons[3]: each row is an object, as in {…}
            notified: give a list of objects, as in [{…}]
            kind: it is required: fill it in"#]],
    );
}

#[test]
fn a_row_that_is_only_added_is_not_changed() {
    let mut bench = incident();
    let row = bench.rows("custody_events")[0].clone();
    bench.refuses(
        json!({"custody_events": [{"@row": row["@row"], "to": "C"}]}),
        &expect![
            "custody_events[0]: a row of this group is never changed: add one that corrects it"
        ],
    );
    assert_eq!(bench.amend(json!({"custody_events": [row]})).writes, []);
    let again =
        json!({"at": "2026-11-21T05:00:00+06:00", "from": "B", "to": "C", "reason": "test"});
    bench.amend(json!({ "custody_events": [again] }));
    assert_eq!(bench.rows("custody_events").len(), 2);
}

#[test]
fn the_record_as_amended_keeps_the_rules() {
    let mut bench = incident();
    bench.refuses(
        json!({"location_type": "other"}),
        &expect!["location_detail: it is required: fill it in"],
    );
    bench.refuses(
        json!({"discovered_at": "2026-11-20T03:09:00+06:00"}),
        &expect!["discovered_at: it must be no earlier than When it happened (occurred_at): correct one of the two"],
    );
    let amendment = bench.amend(json!({"discovered_at": "2026-11-20T03:11:00+06:00"}));
    assert!(!amendment.urgent);
    assert_eq!(amendment.lists.len(), 2);
    assert!(bench.amend(json!({"severity": 4})).urgent);
}

#[test]
fn a_first_notice_is_completed_step_by_step() {
    let notice = json!({"kind": "ESCAPE", "occurred_at": "2026-11-20T03:10:00+06:00",
        "severity": 4, "location_type": "gate"});
    let mut bench = Bench::new("incident", &notice);
    let left = |amendment: Amendment| amendment.findings.first().map(|left| left.what.clone());
    let one = left(bench.amend(json!({"narrative": "Over the wall."})));
    assert_eq!(
        one.unwrap(),
        "complete the first notice within 24 hours: Persons involved (persons)"
    );
    assert_eq!(left(bench.amend(json!({"persons": [{"role": "escapee"}]}))), None);
    let findings = bench.shown().findings;
    assert_eq!(findings, []);
}

#[test]
fn what_the_author_had_not_seen_is_not_replaced() {
    let mut bench = incident();
    let seen = bench.state.live_dots();
    bench.amend(json!({"title": "Another title"}));
    let blind = bench.read(&seen, &json!({"title": "A third title"})).unwrap();
    bench.apply(2, blind);
    let shown = bench.shown();
    assert_eq!(shown.values.get("title"), None);
    assert_eq!(shown.conflicts.len(), 1);
    let other = bench.amend(json!({"severity": 2}));
    assert_eq!(paths(&other), ["severity"], "a conflict does not stand in the way");
    bench.amend(json!({"title": "The right title"}));
    assert_eq!(bench.shown().values["title"], "The right title");
    assert_eq!(bench.shown().conflicts, []);
}

#[test]
fn a_row_is_removed_as_far_as_it_was_seen() {
    let mut bench = incident();
    let seen = bench.state.live_dots();
    let row = bench.rows("persons")[0]["@row"].clone();
    bench.amend(json!({"persons": [{"@row": row, "name": "B"}]}));
    let removal = json!({"persons": [{"@row": row, "@remove": true}]});
    let blind = bench.read(&seen, &removal).unwrap();
    bench.apply(2, blind);
    assert_eq!(bench.rows("persons").len(), 3, "a change it had not seen keeps the row");
    bench.amend(json!({"persons": [{"role": "fighter"}]}));
    let added = bench.rows("persons")[3]["@row"].clone();
    let unseen = bench.read(&seen, &json!({"persons": [{"@row": added, "@remove": true}]}));
    expect!["persons[0]: this row was added after you looked: look again, then remove it"]
        .assert_eq(&unseen.unwrap_err()[0].to_string());
}

#[test]
fn a_resolution_replaces_every_live_value() {
    let mut bench = incident();
    let seen = bench.state.live_dots();
    for (device, title) in [(2, "Second title"), (3, "Third title")] {
        let amendment = bench.read(&seen, &json!({ "title": title })).unwrap();
        bench.apply(device, amendment);
    }
    assert_eq!(bench.shown().conflicts.len(), 1);
    let path = Path::field("title");
    let value = bench.reader().read_value(&path, &json!("Third title")).unwrap();
    let settled = resolution(&bench.state, &path, value).unwrap();
    assert_eq!(settled.seen, bench.state.live_dots());
    let replaced = |dot: &Dot| {
        let named = &settled.writes[0].replaces;
        named.iter().any(|&index| settled.seen[usize::try_from(index).unwrap()] == *dot)
    };
    assert!(bench.state.get(&path).live.keys().all(replaced));
    bench.apply(9, settled);
    assert_eq!(bench.shown().values["title"], "Third title");
    assert_eq!(resolution(&bench.state, &Path::field("alone"), Value::Bool(true)), None);
}
