//! Reviews of a folded hub: what may be decided, by whom, on what was seen.

use journal::{Dot, Kind};
use record::{
    Action, FieldRemark, HistoryKind, Language, PersonId, RecordView, ReviewEntry, Value,
};

use super::*;
use crate::fold;
use crate::read::{Query, history, list, show};
use crate::truth::reviews::{Decides, Viewer, opened};
use crate::world::{Device, World, change, incident, key, text};

const REVIEWER: PersonId = PersonId([1; 16]);

fn says(verdict: Verdict, remark: &str) -> Decision {
    let remark = (!remark.is_empty()).then(|| remark.to_owned());
    Decision {
        verdict,
        author: REVIEWER,
        seen: None,
        remark,
        fields: Vec::new(),
        due: None,
        of: None,
        language: Language::En,
    }
}

/// An incident that reached the hub, and the device it came from.
async fn submitted() -> (World, Device, RecordKey, Dot) {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut device, starts) = world.device("INST-027", 1).await;
    let record = key("INST-027", 9);
    let created = device.write(vec![change(&record, incident("A parcel"), &[])]);
    let dot = created.dots[0];
    world.arrive(&starts, 1_500_000).await;
    world.arrive(&created, 2_000_000).await;
    fold::catch_up(&world.truth).await.unwrap();
    (world, device, record, dot)
}

async fn shown(world: &World, key: &RecordKey) -> RecordView {
    show(&mut world.truth.db.read().await.unwrap(), &world.truth, key).await.unwrap()
}

async fn told(world: &World, key: &RecordKey) -> String {
    let mut conn = world.truth.db.read().await.unwrap();
    let steps = history(&mut conn, key).await.unwrap();
    let line = |step: &record::HistoryItem| {
        let remark = step.remark.clone().unwrap_or_default();
        format!("{:?} {} {remark}\n", step.kind, step.evidence.author)
    };
    steps.iter().map(line).collect()
}

fn act(key: &RecordKey, action: Action, answers: Option<Dot>) -> (Kind, Vec<u8>) {
    let entry = ReviewEntry {
        record: key.clone(),
        author: PersonId([7; 16]),
        action,
        seen: Vec::new(),
        answers,
        remark: Some("said".to_owned()),
        fields: Vec::new(),
    };
    (ReviewEntry::KIND, entry.to_payload().unwrap())
}

async fn arrive(world: &World, device: &mut Device, payload: (Kind, Vec<u8>), at_ms: i64) -> Dot {
    let sent = device.write(vec![payload]);
    world.arrive(&sent, at_ms).await;
    fold::catch_up(&world.truth).await.unwrap();
    sent.dots[0]
}

async fn listed(world: &World, query: Query) -> usize {
    list(&mut world.truth.db.read().await.unwrap(), &query).await.unwrap().len()
}

#[tokio::test]
async fn a_returned_record_is_corrected_handed_in_again_and_accepted() {
    let (world, mut device, record, created) = submitted().await;
    let fields = vec![FieldRemark { field: "title".to_owned(), remark: "say where".to_owned() }];
    let back = Decision { fields, ..says(Verdict::Return, "") };
    let returned = decide(&world.truth, &record, &back).await.unwrap();
    let view = shown(&world, &record).await;
    assert_eq!(view.review.state, "returned");
    assert_eq!(
        (view.review.due_days, view.review.by.as_deref()),
        (Some(14), Some("Administrator"))
    );
    assert_eq!(view.review.fields[0].remark, "say where");
    assert_eq!(view.custody, record::Custody::Reviewed);
    let title = vec![("title", text("A parcel at the gate"))];
    let later_ms = crate::clock::wall_ms() + 1_000;
    arrive(&world, &mut device, change(&record, title, &[created]), later_ms).await;
    arrive(&world, &mut device, act(&record, Action::Resubmit, Some(returned)), later_ms).await;
    assert_eq!(shown(&world, &record).await.review.state, "resubmitted");
    decide(&world.truth, &record, &says(Verdict::Accept, "")).await.unwrap();
    assert_eq!(shown(&world, &record).await.review.state, "accepted");
    assert_eq!(
        told(&world, &record).await,
        "Created Aida \nReturned Administrator \nAmended Aida \nResubmitted Aida said\n\
         Accepted Administrator \n"
    );
    let state = |word: &str| Query { state: Some(word.to_owned()), ..Query::default() };
    assert_eq!(listed(&world, state("accepted")).await, 1);
    assert_eq!(listed(&world, state("returned")).await, 0);
    let reviewed = Query { custody: Some("reviewed".to_owned()), ..Query::default() };
    assert_eq!(listed(&world, reviewed).await, 1);
    assert_eq!(fold::check(&world.truth).await.unwrap(), []);
    let rebuilt = fold::rebuild(&world.truth).await.unwrap();
    assert_eq!(rebuilt.old, rebuilt.new);
    assert_eq!(shown(&world, &record).await.review.state, "accepted");
    assert_eq!(listed(&world, state("accepted")).await, 1);
}

#[tokio::test]
async fn a_decision_on_what_was_changed_meanwhile_is_refused() {
    let (world, mut device, record, created) = submitted().await;
    let seen = shown(&world, &record).await.seen;
    let seen: Vec<Dot> = seen.iter().map(|dot| dot.parse().unwrap()).collect();
    let newer = change(&record, vec![("title", text("Two parcels"))], &[created]);
    arrive(&world, &mut device, newer, 3_000_000).await;
    let stale = Decision { seen: Some(seen), ..says(Verdict::Accept, "") };
    let refused = decide(&world.truth, &record, &stale).await;
    assert!(matches!(refused, Err(ViewError::Stale(_))));
    assert_eq!(shown(&world, &record).await.review.state, "submitted");
}

#[tokio::test]
async fn of_two_who_decide_at_once_one_is_told() {
    let (world, _device, record, _created) = submitted().await;
    let seen = shown(&world, &record).await.seen;
    let seen: Vec<Dot> = seen.iter().map(|dot| dot.parse().unwrap()).collect();
    let first = Decision { seen: Some(seen.clone()), ..says(Verdict::Hold, "ask the lab") };
    let second = Decision { seen: Some(seen), ..says(Verdict::Return, "weigh it") };
    let (one, two) =
        tokio::join!(decide(&world.truth, &record, &first), decide(&world.truth, &record, &second));
    let told = match (one, two) {
        (Ok(_), Err(told)) | (Err(told), Ok(_)) => told,
        other => panic!("{other:?}"),
    };
    assert!(matches!(told, ViewError::Stale(_)), "{told}");
    let mut conn = world.truth.db.read().await.unwrap();
    assert_eq!(history(&mut conn, &record).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_record_in_conflict_is_not_accepted() {
    let (world, mut device, record, created) = submitted().await;
    let (mut other, starts) = world.device("INST-027", 2).await;
    world.arrive(&starts, 2_500_000).await;
    for (device, title) in [(&mut device, "Mine"), (&mut other, "Theirs")] {
        let change = change(&record, vec![("title", text(title))], &[created]);
        arrive(&world, device, change, 3_000_000).await;
    }
    let refused = decide(&world.truth, &record, &says(Verdict::Accept, "")).await;
    assert!(matches!(refused, Err(ViewError::NotNow(words)) if words.contains("conflict")));
    let back = decide(&world.truth, &record, &says(Verdict::Return, "which is it?")).await;
    assert!(back.is_ok());
}

#[tokio::test]
async fn a_change_after_acceptance_shows_and_is_accepted_again() {
    let (world, mut device, record, created) = submitted().await;
    decide(&world.truth, &record, &says(Verdict::Accept, "")).await.unwrap();
    let newer = change(&record, vec![("title", text("Two parcels"))], &[created]);
    arrive(&world, &mut device, newer, 3_000_000).await;
    let view = shown(&world, &record).await;
    assert_eq!(
        (view.review.state.as_str(), view.review.changed_since),
        ("changed_after_acceptance", true)
    );
    decide(&world.truth, &record, &says(Verdict::Accept, "")).await.unwrap();
    assert_eq!(shown(&world, &record).await.review.state, "accepted");
}

#[tokio::test]
async fn what_an_act_needs_is_asked_for() {
    let (world, mut device, record, _created) = submitted().await;
    let second = key("INST-027", 10);
    arrive(&world, &mut device, change(&second, incident("Again"), &[]), 3_000_000).await;
    let of = |of: &str| Decision { of: Some(of.to_owned()), ..says(Verdict::Duplicate, "") };
    let field = |field: &str| {
        let fields = vec![FieldRemark { field: field.to_owned(), remark: "?".to_owned() }];
        Decision { fields, ..says(Verdict::Return, "") }
    };
    let due = |day: &str| Decision { due: Some(day.to_owned()), ..says(Verdict::Return, "x") };
    let cases = [
        says(Verdict::Return, ""),
        says(Verdict::Hold, " "),
        says(Verdict::Duplicate, ""),
        of(&record.to_string()),
        of("INST-027/2026/Z-1"),
        says(Verdict::Reopen, "why"),
        field("no_such"),
        field("items[7].quantity"),
        due("soon"),
        due("2020-01-01"),
    ];
    let mut said = String::new();
    for decision in cases {
        let refusal = decide(&world.truth, &record, &decision).await.unwrap_err();
        said += &format!("{:?}: {refusal}\n", decision.verdict);
    }
    let record_name = record.to_string();
    expect_test::expect![[r#"
        Return: remark: say why: a remark is needed
        Hold: remark: say why: a remark is needed
        Duplicate: of: name the record that stays
        Duplicate: of: a record is no duplicate of itself: name the one that stays
        Duplicate: there is no record INST-027/2026/Z-1: give its id, its ref, or SITE:id
        Reopen: the record is submitted, which does not allow this
        Return: no_such: the record has no such field: name it as `record show` does, as in title, items[0].quantity or items/<row>/quantity
        Return: items[7].quantity: the record has no such field: name it as `record show` does, as in title, items[0].quantity or items/<row>/quantity
        Return: due: give a day such as 2026-12-01
        Return: due: this day is over: give a later one
    "#]].assert_eq(&said.replace(&record_name, "RECORD"));
    decide(&world.truth, &second, &of(&record.to_string())).await.unwrap();
    let view = shown(&world, &second).await;
    assert_eq!(view.review.of, Some(record.to_string()));
    let circle = decide(&world.truth, &record, &of(&second.to_string())).await;
    assert!(matches!(circle, Err(ViewError::Refused(_))));
}

#[tokio::test]
async fn what_a_site_says_of_the_centres_does_not_count() {
    let (world, mut device, record, _created) = submitted().await;
    arrive(&world, &mut device, act(&record, Action::Accept, None), 3_000_000).await;
    let view = shown(&world, &record).await;
    assert_eq!(view.review.state, "submitted");
    assert!(view.findings.iter().any(|finding| finding.rule == "not_its_act"));
}

#[tokio::test]
async fn what_another_site_says_is_left_out_and_remarked_on() {
    let (world, _device, record, _created) = submitted().await;
    let (mut stranger, starts) = world.device("INST-016", 2).await;
    world.arrive(&starts, 2_500_000).await;
    arrive(&world, &mut stranger, act(&record, Action::Comment, None), 3_000_000).await;
    let view = shown(&world, &record).await;
    assert_eq!(view.review.remarks, []);
    assert!(view.findings.iter().any(|finding| finding.rule == "does_not_count"));
}

#[tokio::test]
async fn a_record_that_nobody_opened_is_given_back_once() {
    let (world, mut device, record, _created) = submitted().await;
    arrive(&world, &mut device, act(&record, Action::AskRecall, None), 3_000_000).await;
    assert_eq!(recall::grant(&world.truth).await.unwrap(), 1);
    assert_eq!(recall::grant(&world.truth).await.unwrap(), 0);
    assert_eq!(shown(&world, &record).await.review.state, "recalled");
    let mut conn = world.truth.db.read().await.unwrap();
    let steps = history(&mut conn, &record).await.unwrap();
    let grants = steps.iter().filter(|step| step.kind == HistoryKind::Recalled);
    assert_eq!(grants.count(), 1);
}

#[tokio::test]
async fn two_that_give_a_record_back_at_once_give_it_back_once() {
    let (world, mut device, record, _created) = submitted().await;
    arrive(&world, &mut device, act(&record, Action::AskRecall, None), 3_000_000).await;
    let (one, two) = tokio::join!(recall::grant(&world.truth), recall::grant(&world.truth));
    assert_eq!(one.unwrap() + two.unwrap(), 1);
}

#[tokio::test]
async fn a_record_that_a_reviewer_opened_is_not_given_back() {
    let (world, mut device, record, _created) = submitted().await;
    let reads = Viewer { person: PersonId([5; 16]), decides: Decides::No };
    opened(&world.truth, &record, reads).await.unwrap();
    let decides = Viewer { person: REVIEWER, decides: Decides::Yes };
    opened(&world.truth, &record, decides).await.unwrap();
    arrive(&world, &mut device, act(&record, Action::AskRecall, None), 3_000_000).await;
    assert_eq!(recall::grant(&world.truth).await.unwrap(), 0);
    let view = shown(&world, &record).await;
    assert_eq!((view.review.state.as_str(), view.review.remarks.len()), ("submitted", 1));
}

#[tokio::test]
async fn a_record_is_late_by_its_first_signing_and_its_severity() {
    let (world, mut device, _record, _created) = submitted().await;
    let late =
        |late, hours| Query { late: Some(late), late_hours: Some([hours; 4]), ..Query::default() };
    // Devices of these tests sign at 5,000,000 ms by their clocks.
    let mut fields = incident("At one o'clock");
    let one_o_clock = "1970-01-01T01:00:00+00:00".parse().unwrap();
    fields[1] = ("occurred_at", Value::DateTime(one_o_clock));
    let early = key("INST-027", 11);
    arrive(&world, &mut device, change(&early, fields, &[]), 9_000_000_000).await;
    assert_eq!(listed(&world, late(true, 0)).await, 1);
    assert_eq!(listed(&world, late(false, 0)).await, 1);
    assert_eq!(listed(&world, late(true, 1)).await, 0);
    let mut conn = world.truth.db.read().await.unwrap();
    let rows = list(&mut conn, &late(false, 1)).await.unwrap();
    let row = rows.iter().find(|row| row.title == "At one o'clock").unwrap();
    assert_eq!((row.late, row.arrived_late), (Some(false), Some(true)));
}

#[tokio::test]
async fn a_damaged_review_in_the_views_is_named_and_folded_again() {
    let (world, _device, record, _created) = submitted().await;
    decide(&world.truth, &record, &says(Verdict::Accept, "")).await.unwrap();
    for damage in ["UPDATE record SET review_state = 'returned'", "DELETE FROM act"] {
        let mut tx = world.truth.db.begin().await.unwrap();
        db::query(damage).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let faults = fold::check(&world.truth).await.unwrap();
        assert_eq!(faults.len(), 1, "{damage}: {faults:?}");
        fold::rebuild(&world.truth).await.unwrap();
        assert_eq!(fold::check(&world.truth).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_record_is_declared_void_with_a_reason_and_once() {
    let (world, _device, record, _created) = submitted().await;
    let void = |reason: &'static str| {
        crate::write::void(&world.truth, &record, REVIEWER, (reason, Language::En))
    };
    assert!(void(" ").await.is_err());
    void("entered twice").await.unwrap();
    assert_eq!(shown(&world, &record).await.voided.as_deref(), Some("entered twice"));
    assert!(void("again").await.is_err());
    assert!(told(&world, &record).await.contains("Voided Administrator entered twice"));
}
