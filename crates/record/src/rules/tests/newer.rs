//! The rules of courses, staff, prevention, medicine checks and nil reports.

use super::*;
use crate::{Answer, Inquiry, Question, Reader as ReaderOf};

fn check(form: &str, base: &Json, keys: Json, expected: &Expect) {
    says(form, &over(base.clone(), keys), Facts::default(), expected);
}

fn medicine() -> Json {
    json!({
        "at": "2026-11-20T10:00:00+06:00", "substance": "BACLOFEN", "expected": "20",
        "counted": "20", "unit": "tab"
    })
}

fn staff() -> Json {
    json!({"service_no": "S-1", "name": "N", "post_category": "medical"})
}

fn nil() -> Json {
    json!({
        "period_from": "2026-11-19T08:00:00+06:00", "period_to": "2026-11-20T08:00:00+06:00",
        "statement": "no_finds"
    })
}

#[test]
fn a_difference_is_explained() {
    check("medicine_check", &medicine(), json!({}), &expect![""]);
    check(
        "medicine_check",
        &medicine(),
        json!({"counted": "19"}),
        &expect!["REFUSED explanation: it is required: fill it in"],
    );
    let explained = json!({"counted": "19", "explanation": "one broke"});
    check("medicine_check", &medicine(), explained, &expect![""]);
    check(
        "medicine_check",
        &medicine(),
        json!({"explanation": "none"}),
        &expect![
            "hidden [explanation] the other answers say that this does not apply: it is kept, check them"
        ],
    );
}

#[test]
fn a_difference_is_computed_and_never_given() {
    check(
        "medicine_check",
        &medicine(),
        json!({"difference": "0"}),
        &expect!["REFUSED difference: it is computed from other fields: leave it out"],
    );
}

#[test]
fn tablets_are_whole_and_millilitres_are_not() {
    check(
        "medicine_check",
        &medicine(),
        json!({"expected": "20.5", "counted": "20.5"}),
        &expect![[r#"
            REFUSED expected: give a whole number: things of this unit are counted, not divided
            REFUSED counted: give a whole number: things of this unit are counted, not divided"#]],
    );
    let millilitres =
        json!({"substance": "TROPICAMIDE", "unit": "ml", "expected": "20.5", "counted": "20.5"});
    check("medicine_check", &medicine(), millilitres, &expect![""]);
}

#[test]
fn what_is_no_medicine_or_counted_otherwise_is_a_warning() {
    check(
        "medicine_check",
        &medicine(),
        json!({"substance": "HEROIN"}),
        &expect![[r#"
            no_medicine [substance] the list does not have it as a medicine: check the substance
            other_unit [unit] this medicine is counted in another unit: check the unit"#]],
    );
}

#[test]
fn two_witnesses_are_enough() {
    check(
        "medicine_check",
        &medicine(),
        json!({"witnesses": ["a", "b", "c"]}),
        &expect!["REFUSED witnesses: name two witnesses at most"],
    );
    check("medicine_check", &medicine(), json!({"witnesses": ["a", "b"]}), &expect![""]);
}

#[test]
fn a_period_and_a_service_do_not_end_before_they_begin() {
    check(
        "nil_report",
        &nil(),
        json!({"period_to": "2026-11-19T08:00:00+06:00"}),
        &expect![
            "REFUSED period_to: it must be later than From (period_from): correct one of the two"
        ],
    );
    check(
        "staff_member",
        &staff(),
        json!({"active_from": "2026-02-01", "active_to": "2026-01-31"}),
        &expect![
            "REFUSED active_to: it must be no earlier than In service from (active_from): correct one of the two"
        ],
    );
    let one_day = json!({"active_from": "2026-02-01", "active_to": "2026-02-01"});
    check("staff_member", &staff(), one_day, &expect![""]);
}

#[test]
fn a_provider_is_valid_on_the_day_a_course_is_recorded() {
    let course = json!({
        "code": "C-99", "title_ky": "Курс", "provider": "SDCS", "topics": ["drug_recognition"],
        "hours": "4"
    });
    let on = |day: &str| Facts { recorded: Some(day.parse().unwrap()), ..Facts::default() };
    says("course", &course, on("2016-12-31"), &expect![""]);
    says(
        "course",
        &course,
        on("2026-11-20"),
        &expect![
            "REFUSED provider: the code `SDCS` was closed after 2016-12-31: choose one valid on 2026-11-20"
        ],
    );
}

/// Reads a record and answers what it asks; returns what was asked and what is said then.
fn asked(form: &str, record: &Json, answers: &[Answer]) -> String {
    let catalogue = catalogue();
    let form = catalogue.form(form).unwrap();
    let mut inquiry = Inquiry::default();
    let mut said = String::new();
    let mut answers = answers.iter();
    loop {
        let reader =
            ReaderOf { catalogue: &catalogue, form, resolve: &inquiry, facts: Facts::default() };
        let read = reader.read_new(object(record), RecordId([1; 16])).unwrap();
        let open = inquiry.take_open();
        if open.is_empty() {
            for finding in &read.findings {
                let field = finding.field.as_deref().unwrap_or_default();
                said.push_str(&format!("{} [{field}] {}\n", finding.rule, finding.what));
            }
            return said;
        }
        for question in open {
            said.push_str(&format!("? {}\n", briefly(&question)));
            inquiry.answer(question, answers.next().unwrap().clone());
        }
    }
}

fn briefly(question: &Question) -> String {
    match question {
        Question::Record { form, text } => format!("which {form} is {text}"),
        Question::Name { form, id } => format!("what is the {form} {id} called"),
        Question::Value { form, field, .. } => format!("what is {field} of the {form}"),
        Question::Holders { form, field, text } => format!("which {form} has {field} {text}"),
        Question::Within { form, field, from, to } => {
            let field = field.as_deref().unwrap_or("anything");
            format!("is there a {form} with {field} from {from} to {to}")
        }
    }
}

#[test]
fn a_service_number_that_somebody_has_is_a_warning() {
    let other = (RecordId([2; 16]), "INST-027/2026/A-00001".to_owned());
    let own = (RecordId([1; 16]), "INST-027/2026/A-00002".to_owned());
    expect![[r#"
        ? which staff_member has service_no S-1
        not_unique [service_no] it stands in another record too (INST-027/2026/A-00001): each has its own, correct one of them
    "#]]
    .assert_eq(&asked("staff_member", &staff(), &[Answer::Holders(vec![own.clone(), other])]));
    expect![[r#"
        ? which staff_member has service_no S-1
    "#]]
    .assert_eq(&asked("staff_member", &staff(), &[Answer::Holders(vec![own])]));
}

#[test]
fn nothing_is_said_to_have_happened_where_something_did() {
    expect![[r#"
        ? is there a incident with items from 2026-11-19T08:00:00+06:00 to 2026-11-20T08:00:00+06:00
        ? is there a search with finds from 2026-11-19T08:00:00+06:00 to 2026-11-20T08:00:00+06:00
        nil_contradicted [statement] a record of that sort stands in this period: correct the period, the statement or the record
    "#]]
    .assert_eq(&asked("nil_report", &nil(), &[Answer::Within(false), Answer::Within(true)]));
}

#[test]
fn whoever_reads_chooses_the_language() {
    let mut said = Vec::new();
    for language in [crate::Language::En, crate::Language::Ru, crate::Language::Ky] {
        let facts = Facts { language, ..Facts::default() };
        let wrong = over(medicine(), json!({"counted": "19", "unit": "spoon", "at": 5}));
        let errors = read("medicine_check", &wrong, facts).unwrap_err();
        said.extend(errors.iter().map(ToString::to_string));
    }
    expect![[r#"
        at: a time is a text with its offset, such as "2026-11-20T03:10:00+06:00"
        unit: the list `unit` has no code "spoon": g, kg, mg, ml, l, tab, capsule, ampoule, blister, plant, package, piece, som
        explanation: it is required: fill it in
        at: время — это текст со смещением от UTC, например "2026-11-20T03:10:00+06:00"
        unit: в списке `unit` нет кода "spoon": g, kg, mg, ml, l, tab, capsule, ampoule, blister, plant, package, piece, som
        explanation: обязательно: заполните
        at: убакыт — UTCден айырмасы менен жазылган текст, мисалы "2026-11-20T03:10:00+06:00"
        unit: `unit` тизмесинде "spoon" коду жок: g, kg, mg, ml, l, tab, capsule, ampoule, blister, plant, package, piece, som
        explanation: милдеттүү: толтуруңуз"#]]
    .assert_eq(&said.join("\n"));
}
