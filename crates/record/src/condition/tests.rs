//! Conditions as they are written, and what they make of a record.

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::Catalogue;
use crate::form::Form;
use crate::input::{Asker, read};

fn incident(catalogue: &Catalogue) -> &Form {
    catalogue.form("incident").unwrap()
}

fn outline(form: &Form) -> Outline {
    let mut outline = Outline::default();
    for (place, field) in form.fields.iter().enumerate() {
        outline.index.insert(field.id.clone(), place);
        let inner = field.fields.iter().map(|field| (field.id.clone(), field.shape.clone()));
        outline.fields.push((field.shape.clone(), inner.collect()));
    }
    outline
}

fn holds(condition: &str, record: &serde_json::Value) -> bool {
    let catalogue = Catalogue::shipped().unwrap();
    let form = incident(&catalogue);
    let tree = read(form, record.as_object().unwrap(), Asker::NOBODY).tree;
    Condition::parse(condition, &outline(form), None).unwrap().holds(&tree, None)
}

#[test]
fn an_empty_field_equals_nothing() {
    let empty = json!({});
    assert!(!holds("kind = FIRE", &empty));
    assert!(!holds("kind in FIRE, ESCAPE", &empty));
    assert!(!holds("kind.finds = no", &empty));
    assert!(holds("kind != FIRE", &empty));
    assert!(holds("kind.finds != no", &empty));
    assert!(holds("items.unit != g", &empty));
}

#[test]
fn every_clause_must_hold() {
    let record = json!({"kind": "ESCAPE", "severity": 4, "alone": true});
    assert!(holds("kind in FIRE, ESCAPE and severity = 4 and kind.urgent = yes", &record));
    assert!(holds("alone = true", &record));
    assert!(!holds("kind = ESCAPE and severity = 3", &record));
    assert!(!holds("kind != ESCAPE", &record));
}

#[test]
fn a_list_holds_a_value_if_it_contains_it() {
    let record = json!({"actions": ["evacuation", "medical_aid"]});
    assert!(holds("actions = medical_aid", &record));
    assert!(!holds("actions != medical_aid", &record));
}

#[test]
fn a_group_holds_a_value_if_any_row_does() {
    let record = json!({"items": [{"unit": "g"}, {"unit": "piece"}]});
    assert!(holds("items.unit = piece", &record));
    assert!(!holds("items.unit = ml", &record));
    assert!(!holds("items.unit != piece", &record));
}

#[test]
fn a_name_is_looked_for_in_the_row_first_then_in_the_record() {
    let catalogue = Catalogue::shipped().unwrap();
    let form = incident(&catalogue);
    let items = form.place("items").unwrap();
    let record = json!({"kind": "FIRE", "items": [{"unit": "g"}, {"unit": "l"}]});
    let tree = read(form, record.as_object().unwrap(), Asker::NOBODY).tree;
    let condition = Condition::parse("unit = l and kind = FIRE", &outline(form), Some(items));
    let condition = condition.unwrap();
    let rows = tree.slot(items).rows();
    let held: Vec<bool> = rows.iter().map(|row| condition.holds(&tree, Some(row))).collect();
    assert_eq!(held, [false, true]);
}

#[test]
fn what_nobody_decided_yet_equals_nothing() {
    let catalogue = Catalogue::shipped().unwrap();
    let form = incident(&catalogue);
    let mut tree = read(form, json!({"kind": "FIRE"}).as_object().unwrap(), Asker::NOBODY).tree;
    crate::rules::contest(form, &mut tree, &crate::Path::field("kind"));
    let parse = |text| Condition::parse(text, &outline(form), None).unwrap();
    assert!(!parse("kind = FIRE").holds(&tree, None));
    assert!(parse("kind.finds != no").holds(&tree, None));
}

fn refused(condition: &str, expected: &Expect) {
    let catalogue = Catalogue::shipped().unwrap();
    let outline = outline(incident(&catalogue));
    expected.assert_eq(&Condition::parse(condition, &outline, None).unwrap_err());
}

#[test]
fn a_condition_with_a_mistake_is_refused() {
    refused("", &expect!["`` is no condition: write `a = x`, `a != x` or `a in x, y`"]);
    refused("kind", &expect!["`kind` is no condition: write `a = x`, `a != x` or `a in x, y`"]);
    refused(
        "kind = FIRE or alone = true",
        &expect![
            "`kind = FIRE or alone = true` is no condition: write `a = x`, `a != x` or `a in x, y`"
        ],
    );
    refused("colour = red", &expect!["there is no field `colour` to look at"]);
    refused("items.colour = red", &expect!["there is no field `items.colour` to look at"]);
    refused("kind.colour = red", &expect!["the list `incident_type` has no column `colour`"]);
    refused("kind = FIER", &expect!["the list `incident_type` has no code `FIER`"]);
    refused("alone = yes", &expect!["`alone` is true or false, not `yes`"]);
    refused(
        "narrative = x",
        &expect![
            "a condition can look at a choice, a bool or an int, and `narrative` is none of them"
        ],
    );
}
