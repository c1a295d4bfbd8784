//! The rules of searches and training sessions, and of codes that are closed.

use super::*;

fn search(keys: Json) -> Json {
    let base = json!({
        "at": "2026-11-20T03:10:00+06:00", "place": "cell", "target": "person_prisoner",
        "kind": "routine", "conducted_by": ["0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa"], "count": 3,
        "result": "nothing"
    });
    over(base, keys)
}

fn session(keys: Json) -> Json {
    let base = json!({
        "course": "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa", "starts_at": "2026-11-20T10:00:00+06:00",
        "ends_at": "2026-11-20T12:00:00+06:00", "place": "club", "language": "ky",
        "mode": "classroom", "trainers": ["Ким"], "provider": "MOH", "status": "held"
    });
    over(base, keys)
}

fn check_search(keys: Json, expected: &Expect) {
    says("search", &search(keys), Facts::default(), expected);
}

fn check_session(keys: Json, expected: &Expect) {
    says("training_session", &session(keys), Facts::default(), expected);
}

#[test]
fn a_search_names_its_officers() {
    check_search(json!({}), &expect![""]);
    check_search(
        json!({"conducted_by": null}),
        &expect![
            "officers_not_named [conducted_by] name the officers who searched (Mandela Rule 51)"
        ],
    );
}

#[test]
fn an_intimate_search_is_for_health_professionals() {
    check_search(
        json!({"intimate": true}),
        &expect!["REFUSED by_health_professional: it is required: fill it in"],
    );
    check_search(json!({"intimate": true, "by_health_professional": true}), &expect![""]);
    check_search(
        json!({"intimate": true, "by_health_professional": false}),
        &expect![
            "intimate_without_health_professional [by_health_professional] the centre looks into this: an intimate search is done by a health professional alone (Mandela Rule 52)"
        ],
    );
}

#[test]
fn a_hidden_answer_hides_what_hangs_on_it() {
    check_search(
        json!({"target": "cell", "intimate": true}),
        &expect![
            "hidden [intimate] the other answers say that this does not apply: it is kept, check them"
        ],
    );
    let find = json!({"intimate": true, "by_health_professional": false, "target": "cell"});
    check_search(
        find,
        &expect![[r#"
        hidden [intimate] the other answers say that this does not apply: it is kept, check them
        hidden [by_health_professional] the other answers say that this does not apply: it is kept, check them"#]],
    );
}

#[test]
fn at_least_one_was_searched() {
    check_search(
        json!({"count": 0}),
        &expect!["REFUSED count: write a whole number from 1 to 10000, without quotes"],
    );
    check_search(
        json!({"count": 10001}),
        &expect!["REFUSED count: write a whole number from 1 to 10000, without quotes"],
    );
}

#[test]
fn what_was_found_is_named_where_something_was_found() {
    check_search(
        json!({"finds": ["INST-027/2026/A-00042"]}),
        &expect![[r#"
            hidden [finds] the other answers say that this does not apply: it is kept, check them
            unresolved [finds] 1 not known here as `incident`: kept as written until the record arrives"#]],
    );
    check_search(json!({"result": "find"}), &expect![""]);
}

#[test]
fn a_session_ends_after_it_starts() {
    check_session(json!({}), &expect![""]);
    check_session(
        json!({"ends_at": "2026-11-20T10:00:00+06:00"}),
        &expect![
            "REFUSED ends_at: it must be later than Starts (starts_at): correct one of the two"
        ],
    );
}

#[test]
fn a_scheduled_session_may_lie_ahead() {
    let early = at("2026-11-01T10:00:00+06:00");
    says(
        "training_session",
        &session(json!({})),
        early,
        &expect![[r#"
            future [starts_at] it lies in the future: check the time and this computer's clock
            future [ends_at] it lies in the future: check the time and this computer's clock"#]],
    );
    says("training_session", &session(json!({"status": "scheduled"})), early, &expect![""]);
}

#[test]
fn a_cancelled_session_says_why() {
    check_session(
        json!({"status": "cancelled"}),
        &expect!["REFUSED reason: it is required: fill it in"],
    );
}

#[test]
fn a_score_needs_presence() {
    let row = json!({"person": "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7ab", "presence": "absent", "post_score": 5});
    check_session(
        json!({"attendance": [row]}),
        &expect![
            "hidden [attendance[0].post_score] the other answers say that this does not apply: it is kept, check them"
        ],
    );
}

#[test]
fn a_person_attends_once() {
    let row =
        |person: &str| json!({"person": person, "presence": "present", "certificate_no": "7"});
    check_session(
        json!({"attendance": [row("S1"), row("S2"), row("S1")]}),
        &expect![[r#"
            one_row_a_person [attendance[2].person] this person stands in two rows: keep one
            certificate_twice [attendance[1].certificate_no] this certificate number stands in two rows: each certificate has its own
            certificate_twice [attendance[2].certificate_no] this certificate number stands in two rows: each certificate has its own
            unresolved [attendance.person] 3 not known here as `staff_member`: kept as written until the record arrives"#]],
    );
}

#[test]
fn a_closed_code_is_taken_where_it_was_valid() {
    check_session(
        json!({"provider": "SDCS"}),
        &expect![
            "REFUSED provider: the code `SDCS` was closed after 2016-12-31: choose one valid on 2026-11-20"
        ],
    );
    check_session(
        json!({"provider": "NOBODY"}),
        &expect![[
            r#"REFUSED provider: the list `agency` has no code "NOBODY": SDCS, PRISON_SERVICE, MOH, MIA, MIA_CNS, FPS, OMBUDSMAN, NCPT, UNODC"#
        ]],
    );
    let then = json!({"provider": "SDCS", "starts_at": "2016-12-31T10:00:00+06:00", "ends_at": "2016-12-31T12:00:00+06:00"});
    check_session(then.clone(), &expect![""]);
    check_session(
        over(then, json!({"provider": "MIA_CNS", "starts_at": "2016-11-30T10:00:00+06:00"})),
        &expect![
            "REFUSED provider: the code `MIA_CNS` is valid from 2016-12-01: choose one valid on 2016-11-30"
        ],
    );
}
