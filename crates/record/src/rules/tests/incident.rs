//! The rules of incidents that are no first notice.

use super::*;

fn fire(keys: Json) -> Json {
    let base = json!({
        "kind": "FIRE", "occurred_at": "2026-11-20T03:10:00+06:00", "severity": 3,
        "location_type": "workshop", "narrative": "A machine burned."
    });
    over(base, keys)
}

fn item() -> Json {
    json!({
        "find_category": "drug", "substance_presumed": "HEROIN", "quantity": "12.4", "unit": "g",
        "quantity_basis": "weighed", "weight_kind": "net"
    })
}

fn seizure(keys: Json) -> Json {
    let base = json!({
        "kind": "DRUG_SEIZURE", "how_found": ["cell_search"], "entry_route": "unknown",
        "entry_stage": "inside", "possession_by": "nobody", "evidence_bag": "7",
        "sealed_at": "2026-11-20T04:00:00+06:00", "items": [item()],
        "custody_events": [
            {"at": "2026-11-20T05:00:00+06:00", "from": "A", "to": "B", "reason": "store"}
        ]
    });
    over(fire(base), keys)
}

fn check(record: Json, expected: &Expect) {
    says("incident", &record, Facts::default(), expected);
}

fn check_item(keys: Json, expected: &Expect) {
    check(seizure(json!({"items": [over(item(), keys)]})), expected);
}

#[test]
fn a_whole_record_has_no_remark() {
    check(fire(json!({})), &expect![""]);
    check(seizure(json!({})), &expect![""]);
}

#[test]
fn a_star_counts_where_the_field_is_shown() {
    check(
        fire(json!({"narrative": null})),
        &expect!["REFUSED narrative: it is required: fill it in"],
    );
    check(
        fire(json!({"location_type": "other"})),
        &expect!["REFUSED location_detail: it is required: fill it in"],
    );
    check(fire(json!({"location_type": "other", "location_detail": "A shed"})), &expect![""]);
}

#[test]
fn the_value_of_a_hidden_field_is_kept_with_a_warning() {
    let hidden = json!({"location_detail": "A shed", "entry_route": "mail",
        "substances": [{"substance": "HEROIN"}]});
    check(
        fire(hidden.clone()),
        &expect![[r#"
        hidden [location_detail] the other answers say that this does not apply: it is kept, check them
        hidden [substances] the other answers say that this does not apply: it is kept, check them
        hidden [entry_route] the other answers say that this does not apply: it is kept, check them"#]],
    );
    let read = read("incident", &fire(hidden), Facts::default()).unwrap();
    assert!(read.values.iter().any(|(path, _)| path.field == "entry_route"));
}

#[test]
fn a_discovery_is_no_earlier_than_what_it_discovers() {
    let at = "2026-11-20T02:10:00+06:00";
    check(
        fire(json!({"discovered_at": at})),
        &expect![
            "REFUSED discovered_at: it must be no earlier than When it happened (occurred_at): correct one of the two"
        ],
    );
    check(
        fire(json!({"discovered_at": at, "occurred_precision": "exact"})),
        &expect![
            "REFUSED discovered_at: it must be no earlier than When it happened (occurred_at): correct one of the two"
        ],
    );
    check(fire(json!({"discovered_at": at, "occurred_precision": "day"})), &expect![""]);
    check(
        fire(json!({"discovered_at": "2026-11-20T02:10:00+05:00"})),
        &expect![
            "REFUSED discovered_at: it must be no earlier than When it happened (occurred_at): correct one of the two"
        ],
    );
}

#[test]
fn a_time_ahead_of_a_trusted_clock_is_warned_about() {
    let record = fire(json!({
        "discovered_at": "2026-11-20T03:20:00+06:00",
        "notified": [{"whom": "prosecutor", "at": "2026-11-20T03:21:00+06:00"}]
    }));
    says(
        "incident",
        &record,
        at("2026-11-20T03:10:00+06:00"),
        &expect![
            "future [notified[0].at] it lies in the future: check the time and this computer's clock"
        ],
    );
    says("incident", &record, at("2026-11-20T03:11:00+06:00"), &expect![""]);
    check(record, &expect![""]);
}

#[test]
fn an_institution_that_is_not_valid_then_is_warned_about() {
    let valid = |to| {
        let site_valid = Some(Validity::parse("", to).unwrap());
        Facts { site_valid, ..Facts::default() }
    };
    says(
        "incident",
        &fire(json!({})),
        valid("2025"),
        &expect![
            "site_not_valid [occurred_at] the institution is not valid at this date: check the date and the institution"
        ],
    );
    says("incident", &fire(json!({})), valid("2026-11"), &expect![""]);
}

#[test]
fn a_short_title_is_warned_about() {
    check(
        fire(json!({"title": "Fire"})),
        &expect!["short [title] it has fewer than 5 characters: say more"],
    );
    check(
        fire(json!({"title": "Өрт. "})),
        &expect!["short [title] it has fewer than 5 characters: say more"],
    );
    check(fire(json!({"title": "Fires"})), &expect![""]);
}

#[test]
fn a_find_needs_its_section_and_an_item() {
    let finds = json!({"how_found": null, "entry_route": null, "entry_stage": null,
        "possession_by": null, "items": null});
    check(
        seizure(finds),
        &expect![[r#"
        REFUSED how_found: it is required: fill it in
        REFUSED entry_route: it is required: fill it in
        REFUSED entry_stage: it is required: fill it in
        REFUSED possession_by: it is required: fill it in
        REFUSED items: at least one row is required: add one"#]],
    );
    check(
        seizure(json!({"items": []})),
        &expect!["REFUSED items: at least one row is required: add one"],
    );
}

#[test]
fn an_optional_find_needs_its_section_once_it_has_an_item() {
    let medicine = json!({
        "kind": "MEDICINE_DIVERSION", "substances": [{"substance": "TRAMADOL", "basis": "observation"}]
    });
    check(fire(medicine.clone()), &expect![""]);
    check(
        over(fire(medicine), json!({"items": [item()]})),
        &expect![[r#"
        REFUSED how_found: it is required: fill it in
        REFUSED entry_route: it is required: fill it in
        REFUSED entry_stage: it is required: fill it in
        REFUSED possession_by: it is required: fill it in"#]],
    );
}

#[test]
fn an_item_needs_what_its_answers_ask_for() {
    check_item(
        json!({"substance_presumed": null, "weight_kind": null}),
        &expect![[r#"
        REFUSED items[0].substance_presumed: it is required: fill it in
        REFUSED items[0].weight_kind: it is required: fill it in
        REFUSED items: this kind needs a substance: name one in `items` or, where nothing was seized, in `substances`"#]],
    );
    check_item(
        json!({"confirmation": "lab"}),
        &expect!["REFUSED items[0].substance_confirmed: it is required: fill it in"],
    );
    check_item(
        json!({"confirmation": "lab", "substance_confirmed": "OPIUM", "purity_percent": "100.1"}),
        &expect!["REFUSED items[0].purity_percent: write a quantity of at most 100"],
    );
    check_item(
        json!({"purity_percent": "50"}),
        &expect![
            "hidden [items[0].purity_percent] the other answers say that this does not apply: it is kept, check them"
        ],
    );
    check_item(
        json!({"quantity": "0"}),
        &expect!["REFUSED items[0].quantity: write a quantity above 0"],
    );
}

#[test]
fn things_are_counted_in_whole_numbers() {
    let tablets = json!({"unit": "tab", "weight_kind": null, "quantity_basis": "counted"});
    check_item(
        over(tablets.clone(), json!({"quantity": "1.5"})),
        &expect![
            "REFUSED items[0].quantity: give a whole number: things of this unit are counted, not divided"
        ],
    );
    check_item(over(tablets, json!({"quantity": "2.00"})), &expect![""]);
}

#[test]
fn how_a_quantity_is_known_fits_its_unit() {
    for (unit, basis, fits) in [
        ("g", "weighed", true),
        ("kg", "estimated", true),
        ("mg", "counted", false),
        ("ml", "measured", true),
        ("l", "weighed", false),
        ("som", "counted", true),
        ("plant", "estimated", true),
        ("piece", "weighed", false),
    ] {
        let row = over(item(), json!({"unit": unit, "quantity": "2", "quantity_basis": basis}));
        let read = read("incident", &seizure(json!({"items": [row]})), Facts::default());
        assert_eq!(read.is_ok(), fits, "{unit} {basis}");
    }
    check_item(
        json!({"quantity_basis": "counted"}),
        &expect![
            "REFUSED items[0].quantity_basis: a weight is `weighed` or `estimated`: choose one of the two"
        ],
    );
}

#[test]
fn a_destruction_has_two_witnesses_who_differ() {
    let witnesses =
        |names: Json| seizure(json!({"disposal": "destroyed", "disposal_witnesses": names}));
    check(witnesses(json!([])), &expect!["REFUSED disposal_witnesses: it is required: fill it in"]);
    check(
        witnesses(json!(["Асанов А."])),
        &expect!["REFUSED disposal_witnesses: name two different persons who saw the destruction"],
    );
    check(
        witnesses(json!(["Асанов А.", "асанов  а."])),
        &expect!["REFUSED disposal_witnesses: name two different persons who saw the destruction"],
    );
    check(
        witnesses(json!(["Асанов А.", "Асанов А."])),
        &expect!["REFUSED disposal_witnesses: value 2 repeats an earlier one: leave it out"],
    );
    check(witnesses(json!(["Асанов А.", "Ким В."])), &expect![""]);
    check(
        seizure(json!({"disposal": "stored", "disposal_witnesses": ["Асанов А."]})),
        &expect![
            "hidden [disposal_witnesses] the other answers say that this does not apply: it is kept, check them"
        ],
    );
}

#[test]
fn a_kind_that_needs_a_substance_names_one() {
    let test = json!({"kind": "DRUG_TEST_POSITIVE", "persons": [{"role": "present_at_scene"}]});
    check(
        fire(test.clone()),
        &expect![
            "REFUSED substances: this kind needs a substance: name one in `items` or, where nothing was seized, in `substances`"
        ],
    );
    let named = json!({"substances": [{"substance": "THC", "basis": "test"}]});
    check(over(fire(test), named), &expect![""]);
    check_item(
        json!({"find_category": "phone", "substance_presumed": null}),
        &expect![
            "REFUSED items: this kind needs a substance: name one in `items` or, where nothing was seized, in `substances`"
        ],
    );
}

#[test]
fn a_kind_that_needs_persons_has_one() {
    check(
        fire(json!({"kind": "ESCAPE_ATTEMPT"})),
        &expect!["REFUSED persons: at least one row is required: add one"],
    );
    check(
        fire(json!({"kind": "ESCAPE_ATTEMPT", "persons": [{"name": "Асанов А."}]})),
        &expect!["REFUSED persons[0].role: it is required: fill it in"],
    );
    check(
        fire(json!({"kind": "DRONE_SIGHTING", "persons": [{"name": "Асанов А."}]})),
        &expect![
            "hidden [persons] the other answers say that this does not apply: it is kept, check them"
        ],
    );
}

#[test]
fn evidence_that_is_not_sealed_is_a_task() {
    let unsealed = json!({"evidence_bag": null, "sealed_at": null, "custody_events": null});
    check(
        seizure(unsealed.clone()),
        &expect![[r#"
        evidence_bag_missing [evidence_bag] put the item into an evidence bag and write its number
        sealed_at_missing [sealed_at] seal the evidence and write when
        custody_events_missing [custody_events] write who handed the evidence to whom"#]],
    );
    let phone = json!({"kind": "CONTRABAND_COMMS", "items": [over(item(), json!({
        "find_category": "phone", "substance_presumed": null, "unit": "piece", "quantity": "1",
        "quantity_basis": "counted", "weight_kind": null}))]});
    check(over(seizure(unsealed), phone), &expect![""]);
}

#[test]
fn an_allegation_of_ill_treatment_bypasses_the_head_of_the_site() {
    let catalogue = Catalogue::shipped().unwrap();
    let form = catalogue.form("incident").unwrap();
    let class = |record: Json, field| class_in(form, record.as_object().unwrap(), field);
    let kind = |kind: &str| json!({ "kind": kind });
    assert_eq!(class(kind("ILL_TREATMENT_ALLEGATION"), "severity"), Some(Class::Complaint));
    assert_eq!(class(kind("SELF_HARM"), "persons.outcome"), Some(Class::Medical));
    assert_eq!(class(kind("FIRE"), "persons.outcome"), Some(Class::Restricted));
    assert_eq!(class(kind("FIRE"), "colour"), None);
}
