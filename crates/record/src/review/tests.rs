//! The layout of an act, the table of states, and what acts come to in any order.

mod play;

use std::collections::BTreeSet;

use expect_test::expect;

use super::*;
use crate::id::RecordId;
use crate::limits::REMARK_CHARS_MAX;
use crate::value::tests::dot;

const HUB: u8 = 9;

fn key(id: u8) -> RecordKey {
    RecordKey { site: "INST-027".parse().unwrap(), id: RecordId([id; 16]) }
}

fn entry(action: Action) -> ReviewEntry {
    ReviewEntry {
        record: key(1),
        author: PersonId([3; 16]),
        action,
        seen: Vec::new(),
        answers: None,
        remark: None,
        fields: Vec::new(),
    }
}

fn saying(action: Action, remark: &str) -> ReviewEntry {
    ReviewEntry { remark: Some(remark.to_owned()), ..entry(action) }
}

fn returned() -> Action {
    Action::Return { due: Due::Days(14) }
}

#[test]
fn the_layout_of_an_act_is_frozen() {
    let entry = ReviewEntry {
        seen: vec![dot(1, 1), dot(1, 2), dot(9, 7)],
        answers: Some(dot(1, 2)),
        fields: vec![FieldRemark { field: "title".to_owned(), remark: "shorter".to_owned() }],
        ..saying(returned(), "see fields")
    };
    let payload = entry.to_payload().unwrap();
    assert_eq!(ReviewEntry::from_payload(&payload), Ok(entry));
    let rows = payload.chunks(32).map(|row| {
        let digits: String = row.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{digits}\n")
    });
    expect![[r#"
        0101cf08494e53542d3032370101010101010101010101010101010103030303
        03030303030303030303030301000e0201010101010101010101010101010101
        0101010101010101010101010101010102010000000000000000020000000000
        0000000909090909090909090909090909090909090909090909090909090909
        0909090107080808080808080801010101010101010101010101010101010101
        0101010101010101010101010101020000000000000000010a73656520666965
        6c647301057469746c650773686f72746572
    "#]]
    .assert_eq(&rows.collect::<String>());
}

#[test]
fn every_action_keeps_its_number() {
    let actions = [
        Action::Accept,
        returned(),
        Action::Return { due: Due::On(Date(20_000)) },
        Action::Hold,
        Action::Duplicate { of: key(2) },
        Action::NotReportable,
        Action::Reopen,
        Action::Comment,
        Action::Resubmit,
        Action::AskRecall,
        Action::GrantRecall,
        Action::Seen,
    ];
    let mut numbers = String::new();
    for action in actions {
        let bytes = journal::codec::encode(&action, 100).unwrap();
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        numbers += &format!("{digits} {action:?}\n");
    }
    expect![[r#"
        00 Accept
        01000e Return { due: Days(14) }
        0101fb409c Return { due: On(Date(20000)) }
        02 Hold
        0308494e53542d30323702020202020202020202020202020202 Duplicate { of: RecordKey { site: SiteCode("INST-027"), id: RecordId([2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]) } }
        04 NotReportable
        05 Reopen
        06 Comment
        07 Resubmit
        08 AskRecall
        09 GrantRecall
        0a Seen
    "#]].assert_eq(&numbers);
}

#[test]
fn the_table_of_states_is_the_one_people_were_promised() {
    let mut table = String::new();
    for from in ReviewState::ALL {
        for step in Step::ALL {
            match from.after(step) {
                Some(to) if to != from => table += &format!("{from} {step:?} -> {to}\n"),
                Some(_) => table += &format!("{from} {step:?} stays\n"),
                None => {}
            }
        }
    }
    expect![[r#"
        draft Submit -> submitted
        draft Change stays
        submitted Change stays
        submitted Accept -> accepted
        submitted Return -> returned
        submitted Hold -> on_hold
        submitted Duplicate -> duplicate
        submitted NotReportable -> not_reportable
        submitted Comment stays
        submitted AskRecall stays
        submitted GrantRecall -> recalled
        submitted Seen stays
        resubmitted Change stays
        resubmitted Accept -> accepted
        resubmitted Return -> returned
        resubmitted Hold -> on_hold
        resubmitted Duplicate -> duplicate
        resubmitted NotReportable -> not_reportable
        resubmitted Comment stays
        resubmitted Seen stays
        changed_after_acceptance Change stays
        changed_after_acceptance Accept -> accepted
        changed_after_acceptance Return -> returned
        changed_after_acceptance Hold -> on_hold
        changed_after_acceptance Duplicate -> duplicate
        changed_after_acceptance NotReportable -> not_reportable
        changed_after_acceptance Comment stays
        changed_after_acceptance Seen stays
        on_hold Change stays
        on_hold Return -> returned
        on_hold Duplicate -> duplicate
        on_hold NotReportable -> not_reportable
        on_hold Comment stays
        on_hold Seen stays
        returned Change stays
        returned Duplicate -> duplicate
        returned NotReportable -> not_reportable
        returned Comment stays
        returned Resubmit -> resubmitted
        returned Seen stays
        accepted Change -> changed_after_acceptance
        accepted Reopen -> submitted
        accepted Comment stays
        accepted Seen stays
        duplicate Change stays
        duplicate Reopen -> submitted
        duplicate Comment stays
        duplicate Seen stays
        not_reportable Change stays
        not_reportable Reopen -> submitted
        not_reportable Comment stays
        not_reportable Seen stays
        recalled Change stays
        recalled Comment stays
        recalled Resubmit -> submitted
        recalled Seen stays
    "#]]
    .assert_eq(&table);
}

#[test]
fn an_act_needs_what_the_table_says() {
    let plain = Circumstances::default();
    let conflict = Circumstances { conflict: true, ..plain };
    let incomplete = Circumstances { to_complete: true, ..plain };
    let part = Circumstances { incomplete: true, ..plain };
    let changed = Circumstances { changed: true, ..plain };
    let long = "x".repeat(REMARK_CHARS_MAX + 1);
    let cases = [
        (ReviewState::Submitted, entry(Action::Accept), plain),
        (ReviewState::Submitted, entry(Action::Accept), conflict),
        (ReviewState::Submitted, entry(Action::Accept), incomplete),
        (ReviewState::Submitted, entry(Action::Accept), part),
        (ReviewState::Submitted, saying(returned(), "what is it?"), part),
        (ReviewState::Returned, entry(Action::Accept), plain),
        (ReviewState::Submitted, entry(returned()), plain),
        (ReviewState::Submitted, saying(returned(), " "), plain),
        (ReviewState::Submitted, saying(returned(), "again"), conflict),
        (ReviewState::Submitted, saying(returned(), &long), plain),
        (ReviewState::Submitted, entry(Action::Hold), plain),
        (ReviewState::OnHold, entry(Action::Duplicate { of: key(1) }), plain),
        (ReviewState::OnHold, entry(Action::Duplicate { of: key(2) }), plain),
        (ReviewState::Accepted, entry(Action::Reopen), plain),
        (ReviewState::Accepted, saying(Action::Reopen, "a new witness"), plain),
        (ReviewState::Returned, entry(Action::Resubmit), plain),
        (ReviewState::Returned, entry(Action::Resubmit), changed),
        (ReviewState::Returned, saying(Action::Resubmit, "it is so"), plain),
        (ReviewState::Submitted, entry(Action::AskRecall), plain),
        (ReviewState::Draft, saying(Action::Comment, "hm"), plain),
        (ReviewState::Recalled, saying(Action::Comment, "hm"), plain),
    ];
    let mut told = String::new();
    for (state, entry, around) in cases {
        let said = match may(state, &entry, &around) {
            Ok(()) => "yes".to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        told += &format!("{state} {:?}: {said}\n", entry.action.step());
    }
    expect![[r#"
        submitted Accept: yes
        submitted Accept: values stand against each other: settle the conflict first
        submitted Accept: the first notice is not complete yet: return it with a remark, or wait
        submitted Accept: the entry that made this record has not come yet: wait for it, or return the record with a remark
        submitted Return: yes
        returned Accept: the record is returned, which does not allow this
        submitted Return: say why: a remark is needed
        submitted Return: say why: a remark is needed
        submitted Return: yes
        submitted Return: a remark has at most 4000 characters
        submitted Hold: say why: a remark is needed
        on_hold Duplicate: a record is no duplicate of itself: name the one that stays
        on_hold Duplicate: yes
        accepted Reopen: say why: a remark is needed
        accepted Reopen: yes
        returned Resubmit: correct the record or say something: there is neither a change nor a comment
        returned Resubmit: yes
        returned Resubmit: yes
        submitted AskRecall: say why: a remark is needed
        draft Comment: the record is a draft, which does not allow this
        recalled Comment: yes
    "#]].assert_eq(&told);
}

#[test]
fn a_change_of_an_accepted_record_needs_a_reason() {
    assert_eq!(may_change(ReviewState::Accepted, None), Err(ReviewRefusal::NoReason));
    assert_eq!(
        may_change(ReviewState::ChangedAfterAcceptance, Some(" ")),
        Err(ReviewRefusal::NoReason)
    );
    assert_eq!(may_change(ReviewState::Accepted, Some("weighed again")), Ok(()));
    assert_eq!(may_change(ReviewState::Returned, None), Ok(()));
}

#[test]
fn days_count_from_the_delivery() {
    let delivered = Some("2026-11-20T23:30:00+06:00".parse().unwrap());
    let day = |due: Due, delivered| due.date(delivered).map(|day| day.to_string());
    assert_eq!(day(Due::Days(14), None), None);
    assert_eq!(day(Due::Days(14), delivered).as_deref(), Some("2026-12-04"));
    assert_eq!(day(Due::On("2026-12-01".parse().unwrap()), None).as_deref(), Some("2026-12-01"));
    assert_eq!(day(Due::Days(u32::MAX), delivered), None);
}

fn centre(seq: u64, entry: ReviewEntry) -> Act {
    Act { dot: dot(HUB, seq), side: Side::Centre { epoch: 1 }, claimed_ms: 0, entry }
}

fn of_site(seq: u64, entry: ReviewEntry) -> Act {
    Act { dot: dot(1, seq), side: Side::Site, claimed_ms: 0, entry }
}

fn after(seen: &[Dot], entry: ReviewEntry) -> ReviewEntry {
    ReviewEntry { seen: seen.to_vec(), ..entry }
}

fn answering(decision: &Act, entry: ReviewEntry) -> ReviewEntry {
    ReviewEntry { answers: Some(decision.dot), ..entry }
}

#[test]
fn a_correction_and_its_decision_that_crossed_leave_the_record_to_the_last_decision() {
    let (first, corrected) = (dot(1, 1), dot(1, 2));
    let back = centre(2, after(&[first], saying(returned(), "weigh it")));
    let resubmitted = of_site(3, answering(&back, saying(Action::Resubmit, "weighed")));
    let acts = [back.clone(), resubmitted.clone()];
    assert_eq!(review(&acts, [first, corrected]).state, ReviewState::Resubmitted);
    let duplicate = centre(3, after(&[first, back.dot], entry(Action::Duplicate { of: key(2) })));
    let acts = [back, resubmitted, duplicate];
    let crossed = review(&acts, [first, corrected]);
    assert_eq!(crossed.state, ReviewState::Duplicate);
    assert_eq!(crossed.remarked, BTreeSet::from([ReviewRule::Crossed]));
    assert_eq!(crossed.remarks[0].remark, "weighed");
    assert_eq!(crossed.unseen, [corrected]);
}

#[test]
fn only_what_an_acceptance_had_not_seen_is_a_change_after_it() {
    let (first, second) = (dot(1, 1), dot(1, 2));
    let acts = [centre(2, after(&[first], entry(Action::Accept)))];
    assert_eq!(review(&acts, [first]).state, ReviewState::Accepted);
    assert_eq!(review(&acts, [first, second]).state, ReviewState::ChangedAfterAcceptance);
    let saw = [first, second, acts[0].dot];
    let acts = [acts[0].clone(), centre(3, after(&saw, entry(Action::Accept)))];
    assert_eq!(review(&acts, [first, second]).state, ReviewState::Accepted);
}

#[test]
fn decisions_that_saw_neither_each_other_leave_the_record_submitted_until_one_saw_both() {
    let change = dot(1, 1);
    let accepted = centre(50, after(&[change], entry(Action::Accept)));
    let held = Act {
        side: Side::Centre { epoch: 2 },
        claimed_ms: 7,
        ..centre(2, after(&[change], saying(Action::Hold, "?")))
    };
    let acts = [accepted.clone(), held.clone()];
    let twice = review(&acts, [change]);
    assert_eq!((twice.state, twice.decision), (ReviewState::Submitted, None));
    assert_eq!(twice.decisions, [&held, &accepted]);
    assert!(twice.is_decided_twice() && !twice.is_decided());
    assert_eq!(twice.remarked, BTreeSet::from([ReviewRule::DecidedTwice]));
    assert_eq!(twice.remarks[0].remark, "?");
    assert_eq!(twice.to_see(), [held.dot, accepted.dot]);
    let settles = centre(3, after(&[change, held.dot, accepted.dot], saying(returned(), "weigh")));
    let acts = [accepted, held, settles.clone()];
    let settled = review(&acts, [change]);
    assert_eq!((settled.state, settled.decision), (ReviewState::Returned, Some(&settles)));
    assert_eq!((settled.decisions.len(), settled.remarked.len()), (1, 0));
}

#[test]
fn a_decision_that_saw_another_one_follows_all_that_this_one_saw() {
    let first = centre(2, saying(Action::Hold, "?"));
    let second = centre(9, after(&[first.dot], saying(returned(), "weigh")));
    let third = centre(3, after(&[second.dot], entry(Action::Accept)));
    let acts = [third.clone(), first, second];
    assert_eq!(review(&acts, []).decisions, [&third]);
}

#[test]
fn equal_decisions_count_as_one_and_pass_over_what_none_of_them_saw() {
    let (first, second) = (dot(1, 1), dot(1, 2));
    let one = centre(2, after(&[first], entry(Action::Accept)));
    let other = centre(3, after(&[first, second], entry(Action::Accept)));
    let acts = [one.clone(), other.clone()];
    let twice = review(&acts, [first, second]);
    assert_eq!((twice.state, twice.decision), (ReviewState::Accepted, Some(&other)));
    assert!(!twice.is_decided_twice() && twice.remarked.is_empty());
    assert_eq!(twice.to_see(), [one.dot, other.dot]);
    let apart = centre(3, after(&[second], entry(Action::Accept)));
    let state = review(&[one.clone(), apart], [first, second]).state;
    assert_eq!(state, ReviewState::ChangedAfterAcceptance);
    let read = of_site(9, answering(&one, entry(Action::Seen)));
    let acts = [one, other, read.clone()];
    assert_eq!(review(&acts, [first, second]).seen, Some(&read));
    let due = |days| centre(u64::from(days), saying(Action::Return { due: Due::Days(days) }, "?"));
    assert!(review(&[due(7), due(14)], []).is_decided_twice());
}

#[test]
fn what_is_the_other_sides_to_do_does_not_count() {
    let accepts = of_site(2, entry(Action::Accept));
    let stranger = Act { side: Side::Stranger, ..centre(3, entry(Action::Accept)) };
    let resubmits = centre(4, saying(Action::Resubmit, "forged"));
    let acts = [accepts, stranger, resubmits];
    let review = review(&acts, [dot(1, 1)]);
    assert_eq!(review.state, ReviewState::Submitted);
    assert_eq!(review.remarks, []);
    assert_eq!(review.remarked, BTreeSet::from([ReviewRule::NotItsAct]));
}

#[test]
fn a_recall_holds_once_it_is_granted() {
    let asks = of_site(2, saying(Action::AskRecall, "the wrong day"));
    let acts = [asks.clone()];
    let asked = review(&acts, [dot(1, 1)]);
    assert_eq!((asked.state, asked.answer), (ReviewState::Submitted, Some(&acts[0])));
    assert!(!asked.is_decided());
    let grant = ReviewEntry { answers: Some(asks.dot), ..entry(Action::GrantRecall) };
    let granted = centre(5, after(&[dot(1, 1), asks.dot], grant));
    let acts = [asks, granted.clone()];
    let recalled = review(&acts, [dot(1, 1)]);
    assert_eq!((recalled.state, recalled.is_decided()), (ReviewState::Recalled, false));
    assert_eq!(recalled.remarks[0].remark, "the wrong day");
    let again = of_site(3, answering(&granted, saying(Action::Resubmit, "now it is right")));
    let acts = [acts[0].clone(), granted, again];
    assert_eq!(review(&acts, [dot(1, 1)]).state, ReviewState::Submitted);
}

#[test]
fn a_device_of_the_site_and_the_hub_in_its_lane_have_a_say() {
    use journal::{DeviceKey, Epoch, EpochStart, Lane, LogName};

    let log = |device: u8, lane: &str| LogName {
        device: DeviceKey([device; 32]),
        epoch: Epoch([1; 8]),
        lane: Lane::Site(lane.parse().unwrap()),
    };
    let start = |site: &str, count| EpochStart {
        site: site.parse().unwrap(),
        predecessors: vec!["OLD".parse().unwrap()],
        opened_at_ms: 0,
        count,
        previous: None,
        abandoned: None,
    };
    let said = |log: &LogName, start: &EpochStart, of: &str| {
        side(log, &DeviceKey([HUB; 32]), Some(start), &of.parse().unwrap())
    };
    assert_eq!(said(&log(HUB, "A"), &start("CENTRE", 3), "A"), Side::Centre { epoch: 3 });
    assert_eq!(said(&log(HUB, "A"), &start("CENTRE", 3), "B"), Side::Stranger);
    assert_eq!(said(&log(1, "A"), &start("A", 1), "A"), Side::Site);
    assert_eq!(said(&log(1, "A"), &start("A", 1), "OLD"), Side::Site);
    assert_eq!(said(&log(1, "B"), &start("A", 1), "B"), Side::Stranger);
    assert_eq!(
        side(&log(HUB, "A"), &DeviceKey([HUB; 32]), None, &"A".parse().unwrap()),
        Side::Stranger
    );
}
