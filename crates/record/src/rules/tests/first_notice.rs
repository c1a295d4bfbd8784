//! An urgent incident is sent with four facts and completed later.

use super::*;

fn notice(keys: Json) -> Json {
    let base = json!({
        "kind": "ESCAPE", "occurred_at": "2026-11-20T03:10:00+06:00", "severity": 4,
        "location_type": "perimeter_inside"
    });
    over(base, keys)
}

fn check(record: Json, expected: &Expect) {
    says("incident", &record, Facts::default(), expected);
}

#[test]
fn four_facts_are_enough_and_the_rest_is_one_task() {
    check(
        notice(json!({})),
        &expect![
            "to_complete [] complete the first notice within 24 hours: What happened, in order (narrative), Persons involved (persons)"
        ],
    );
    let read = read("incident", &notice(json!({})), Facts::default()).unwrap();
    assert!(read.urgent);
    assert_eq!(read.values.len(), 4);
}

#[test]
fn each_of_the_four_is_needed() {
    check(notice(json!({"kind": null})), &expect!["REFUSED kind: it is required: fill it in"]);
    check(
        notice(json!({"occurred_at": null, "location_type": null})),
        &expect![[r#"
        REFUSED occurred_at: it is required: fill it in
        REFUSED location_type: it is required: fill it in"#]],
    );
    check(
        notice(json!({"severity": null})),
        &expect!["REFUSED severity: it is required: fill it in"],
    );
}

#[test]
fn a_kind_or_a_severity_makes_an_incident_urgent() {
    for (kind, severity, urgent) in [("ESCAPE", 2, true), ("FIRE", 4, true), ("FIRE", 3, false)] {
        let record = notice(json!({"kind": kind, "severity": severity, "narrative": "x",
            "persons": [{"role": "escapee"}]}));
        assert_eq!(read("incident", &record, Facts::default()).unwrap().urgent, urgent);
    }
}

#[test]
fn the_time_limit_is_that_of_the_severity() {
    check(
        notice(json!({"severity": 2})),
        &expect![
            "to_complete [] complete the first notice within 72 hours: What happened, in order (narrative), Persons involved (persons)"
        ],
    );
}

#[test]
fn what_is_given_is_still_checked() {
    check(
        notice(
            json!({"persons": [{"role": "ghost"}], "discovered_at": "2026-11-20T01:00:00+06:00"}),
        ),
        &expect![[r#"
            REFUSED persons[0].role: the list `person_role` has no code "ghost": in_possession, intended_recipient, suspected_involved, active_involvement, perpetrator, assailant, suspected_assailant, fighter, victim, deceased, escapee, hostage, assisted_staff, unlawfully_detained, present_at_scene, witness
            REFUSED discovered_at: it must be no earlier than When it happened (occurred_at): correct one of the two"#]],
    );
}

#[test]
fn a_row_or_a_section_that_is_begun_may_be_completed_later() {
    let find = json!({"kind": "DRUG_SEIZURE", "items": [{"find_category": "drug"}]});
    check(
        notice(find),
        &expect![[r#"
            evidence_bag_missing [evidence_bag] put the item into an evidence bag and write its number
            sealed_at_missing [sealed_at] seal the evidence and write when
            custody_events_missing [custody_events] write who handed the evidence to whom
            to_complete [] complete the first notice within 24 hours: What happened, in order (narrative), How it was found (how_found), How it came in (entry_route), Where it was stopped (entry_stage), In whose possession (possession_by), Substance, as presumed (items[0].substance_presumed), Quantity (items[0].quantity), Unit (items[0].unit), How the quantity is known (items[0].quantity_basis), Items (items)"#]],
    );
}

#[test]
fn a_death_has_a_deceased_and_duties() {
    let death = notice(json!({"kind": "DEATH_IN_CUSTODY", "narrative": "Found at the count."}));
    check(
        death.clone(),
        &expect![[r#"
            deceased_named [persons] a death has a person with the role `deceased`: add that person
            found_at_missing [found_at] write when the deceased was found
            independent_authority_not_told [independent_authority_told_at] tell the independent authority at once and write when (Mandela Rule 71)
            to_complete [] complete the first notice within 24 hours: Persons involved (persons), Cause of death (cause), Place of death (place_of_death)"#]],
    );
    let told = over(
        death,
        json!({
            "persons": [{"role": "deceased"}], "cause": "unknown", "place_of_death": "cell",
            "found_at": "2026-11-20T03:10:00+06:00",
            "independent_authority_told_at": "2026-11-20T04:10:00+06:00"
        }),
    );
    says("incident", &told, at("2026-11-21T03:09:59+06:00"), &expect![""]);
    says(
        "incident",
        &told,
        at("2026-11-21T03:10:00+06:00"),
        &expect![
            "next_of_kin_not_told [next_of_kin_told_at] a day has passed: tell the next of kin and write when"
        ],
    );
}
