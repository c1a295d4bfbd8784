//! Records that name each other, and courses, which go to everyone.

use pages::Lang;

use super::*;

const SESSION: &str = r#"{"course":"C-01","starts_at":"2026-01-31T09:00:00+06:00",
    "ends_at":"2026-01-31T11:00:00+06:00","place":"club","language":"ky","mode":"classroom",
    "trainers":["T"],"provider":"UNODC","status":"held",
    "attendance":[{"person":"S-1","presence":"present","certificate_no":"N-1"}]}"#;

const COURSE: &str = r#"{"code":"C-01","title_ky":"Курс","provider":"UNODC",
    "topics":["drug_recognition"],"hours":"4","validity_months":1}"#;

fn member(number: &str) -> String {
    json!({"service_no": number, "name": "N", "post_category": "medical"}).to_string()
}

fn centre() -> Machine {
    Machine::enrolled(|enrolment| Enrolment { publishes: true, ..enrolment })
}

fn rules(record: &serde_json::Value) -> Vec<(String, String)> {
    let findings = record["findings"].as_array().unwrap().iter();
    let text = |json: &serde_json::Value| json.as_str().unwrap_or_default().to_owned();
    findings.map(|finding| (text(&finding["rule"]), text(&finding["field"]))).collect()
}

#[test]
fn a_name_resolves_whichever_record_came_first() {
    let machine = centre();
    let session = saved(&machine.add("training_session", &[SESSION])[0]).id.clone();
    let early = machine.show(&session);
    assert_eq!(early["values"]["course"], "C-01");
    let unresolved = |field: &str| ("unresolved".to_owned(), field.to_owned());
    assert_eq!(rules(&early), [unresolved("course"), unresolved("attendance.person")]);
    let course = saved(&machine.add("course", &[COURSE])[0]).id.clone();
    let person = saved(&machine.add("staff_member", &[&member("S-1")])[0]).id.clone();
    let late = saved(&machine.add("training_session", &[SESSION])[0]).id.clone();
    for id in [&session, &late] {
        let shown = machine.show(id);
        assert_eq!(shown["values"]["course"], course);
        assert_eq!(shown["values"]["attendance"][0]["person"], person);
        assert_eq!(shown["values"]["attendance"][0]["certificate_expires"], "2026-02-28");
        assert_eq!(shown["title"], "C-01, club");
    }
    let twice = ("not_unique".to_owned(), "attendance[0].certificate_no".to_owned());
    assert_eq!(rules(&machine.show(&session)), [twice]);
}

#[test]
fn a_number_that_two_have_names_nobody() {
    let machine = Machine::new();
    let first = saved(&machine.add("staff_member", &[&member("S-1")])[0]).id.clone();
    let outcomes = machine.add("staff_member", &[&member("S-1")]);
    let second = saved(&outcomes[0]);
    let twice = [("not_unique".to_owned(), "service_no".to_owned())];
    assert_eq!(rules(&machine.show(&first)), twice);
    assert_eq!(rules(&machine.show(&second.id)), twice);
    let session = saved(&machine.add("training_session", &[SESSION])[0]).id.clone();
    assert_eq!(machine.show(&session)["values"]["attendance"][0]["person"], "S-1");
    let void = Request::Void { id: second.id.clone(), reason: "entered twice".to_owned() };
    machine.desk().execute(void).unwrap();
    assert_eq!(rules(&machine.show(&first)), []);
    assert_eq!(machine.show(&session)["values"]["attendance"][0]["person"], first);
}

#[test]
fn what_finds_a_record_is_made_again_with_the_views() {
    let mut machine = Machine::new();
    let person = saved(&machine.add("staff_member", &[&member("S-1")])[0]).id.clone();
    let session = saved(&machine.add("training_session", &[SESSION])[0]).id.clone();
    machine.restart_after(|data| std::fs::remove_dir_all(data.join("sled")).unwrap());
    assert_eq!(machine.show(&session)["values"]["attendance"][0]["person"], person);
}

#[test]
fn a_course_is_written_for_everyone_and_counted_with_the_others() {
    let mut machine = centre();
    assert_eq!(saved(&machine.add("staff_member", &[&member("S-1")])[0]).reference, reference(1));
    assert_eq!(saved(&machine.add("course", &[COURSE])[0]).reference, reference(2));
    assert_eq!(saved(&machine.add("staff_member", &[&member("S-2")])[0]).reference, reference(3));
    let heads = |machine: &Machine| {
        let identity = machine.desk().identity();
        let head = |log: &LogName| machine.desk().store().head(log).seq;
        (head(&identity.site_log()), head(&identity.everyone_log()))
    };
    assert_eq!(heads(&machine), (4, 2), "a first entry and a card, and a first entry of its own");
    machine.restart();
    machine.amend(&reference(2), json!({"hours": "6"}), None);
    assert_eq!(heads(&machine), (4, 3));
    assert_eq!(machine.show(&reference(2))["values"]["hours"], "6");
}

fn reference(number: u32) -> String {
    let year = time::today().unwrap().to_string();
    format!("INST-027/{}/A-{number:05}", &year[..4])
}

#[test]
fn who_may_not_publish_is_told_so() {
    let machine = Machine::new();
    let line = Line { number: 1, text: LineText::Text(COURSE.to_owned()) };
    let form = "course".to_owned();
    let batch = Batch { form, lines: vec![line], then: Then::Save, headers: None };
    let problem = machine.desk().execute_in(Request::Add(batch), Lang::Ru).unwrap_err();
    assert_eq!(problem.cause, Cause::Refused);
    assert!(problem.detail.starts_with("записи формы `course` идут всем"), "{}", problem.detail);
    assert_eq!(machine.list(Filter::default()), Vec::<serde_json::Value>::new());
}

#[test]
fn a_mistake_is_told_in_the_language_of_whoever_made_it() {
    let machine = Machine::new();
    let told = |lang: Lang| {
        let line = |text: &str| Line { number: 1, text: LineText::Text(text.to_owned()) };
        let lines = vec![line("{}"), line("[]"), line(r#"{"service_no":7,"@author":"?"}"#)];
        let form = "staff_member".to_owned();
        let batch = Batch { form, lines, then: Then::Check, headers: None };
        let answer = machine.desk().execute_in(Request::Add(batch), lang).unwrap();
        let Response::Added(outcomes) = answer else { panic!("{answer:?}") };
        outcomes.iter().flat_map(reasons).collect::<Vec<_>>()
    };
    assert_eq!(told(Lang::En)[0], "service_no: it is required: fill it in");
    let (russian, kyrgyz) = (told(Lang::Ru), told(Lang::Ky));
    for said in russian.iter().chain(&kyrgyz) {
        let words = said.split_once(": ").map_or(said.as_str(), |(_field, words)| words);
        assert!(words.chars().any(|c| ('а'..='я').contains(&c)), "{said}");
    }
    assert_eq!(russian.len(), kyrgyz.len());
    assert!(russian.iter().zip(&kyrgyz).all(|(one, other)| one != other));
}
