//! Who may say what, and which of several cards holds.

use std::collections::BTreeMap;

use journal::{BindingState, Epoch, Header, Lane, Payload, Stamp};
use proptest::prelude::*;

use super::*;
use crate::card::Words;
use crate::change::FormVersion;
use crate::id::{PersonId, RecordId};
use crate::kind;
use crate::publication::Subject;
use crate::review::Action;

const HUB: DeviceKey = DeviceKey([9; 32]);

fn site(code: &str) -> SiteCode {
    code.parse().unwrap()
}

fn log(device: u8, lane: &str) -> LogName {
    let lane = if lane == "everyone" { Lane::Everyone } else { Lane::Site(site(lane)) };
    LogName { device: DeviceKey([device; 32]), epoch: Epoch([1; 8]), lane }
}

fn start(code: &str, count: u32) -> EpochStart {
    EpochStart {
        site: site(code),
        predecessors: Vec::new(),
        opened_at_ms: 0,
        count,
        previous: None,
        abandoned: None,
    }
}

/// An entry as it would be read; `branch` tells two apart that say the same at one number.
fn entry(log: &LogName, (seq, branch): (u64, u8), kind: Kind, payload: Vec<u8>) -> Entry {
    let header = Header {
        seq,
        prev: EntryId([branch; 32]),
        kind,
        stamp: Stamp::default(),
        receipt: 0,
        payload_len: u32::try_from(payload.len()).unwrap(),
        commitment: [branch; 32],
    };
    Entry { log: log.id(), header, id: header.id(), payload: Payload::Whole(payload) }
}

fn key() -> RecordKey {
    RecordKey { site: site("A"), id: RecordId([1; 16]) }
}

fn person(code: &str) -> Vec<u8> {
    let name = "Аида".to_owned();
    let role = "recorder".to_owned();
    PersonCard { id: PersonId([7; 16]), name, role, site: site(code) }.to_payload().unwrap()
}

/// One payload of each kind, about site A.
fn payloads() -> Vec<(&'static str, Kind, Vec<u8>)> {
    let form = FormVersion { id: "search".to_owned(), version: 1 };
    let change = Change {
        record: key(),
        form,
        lists: Vec::new(),
        author: PersonId([7; 16]),
        reason: None,
        urgent: false,
        seen: Vec::new(),
        writes: Vec::new(),
    };
    let act = ReviewEntry {
        record: key(),
        author: PersonId([7; 16]),
        action: Action::Comment,
        seen: Vec::new(),
        answers: None,
        remark: None,
        fields: Vec::new(),
    };
    let card = SiteCard {
        code: site("A"),
        names: Words::default(),
        kind: None,
        region: None,
        valid_from: None,
        valid_to: None,
        successor_of: Vec::new(),
    };
    let publication = Publication {
        subject: Subject::Form,
        name: "search".to_owned(),
        version: 2,
        vocabularies: Vec::new(),
        author: PersonId([7; 16]),
        text: String::new(),
    };
    let binding = Binding {
        device: DeviceKey([1; 32]),
        name: "gate".to_owned(),
        letter: "A".to_owned(),
        site: site("A"),
        predecessors: Vec::new(),
        publishes: false,
        state: BindingState::Active,
    };
    vec![
        ("start", Kind::EPOCH_START, start("A", 1).to_payload().unwrap()),
        ("binding", Kind::BINDING, binding.to_payload().unwrap()),
        ("change", kind::CHANGE, change.to_payload().unwrap()),
        ("person", kind::PERSON, person("A")),
        ("site", kind::SITE, card.to_payload().unwrap()),
        ("act", kind::REVIEW, act.to_payload().unwrap()),
        ("publication", kind::PUBLICATION, publication.to_payload().unwrap()),
    ]
}

/// Returns the names of what a log of that author may say at number 2.
fn may_say(log: &LogName, start: &EpochStart) -> Vec<&'static str> {
    let may = |(_, kind, payload): &(&str, Kind, Vec<u8>)| {
        let entry = entry(log, (2, 0), *kind, payload.clone());
        meaning(log, &HUB, Some(start), &entry).remark().is_none()
    };
    payloads().into_iter().filter(may).map(|(name, _, _)| name).collect()
}

#[test]
fn each_author_says_what_is_his_to_say() {
    let of_hub = ["binding", "change", "person", "site", "act", "publication"];
    assert_eq!(may_say(&log(9, "A"), &start("CENTRE", 1)), of_hub);
    assert_eq!(may_say(&log(1, "A"), &start("A", 1)), ["change", "person", "act"]);
    assert_eq!(may_say(&log(1, "B"), &start("B", 1)), Vec::<&str>::new());
    let others = ["binding", "person", "site", "publication"];
    assert_eq!(may_say(&log(9, "B"), &start("CENTRE", 1)), others);
}

#[test]
fn no_two_kinds_have_one_number() {
    let mut numbers: Vec<Kind> = payloads().iter().map(|(_, kind, _)| *kind).collect();
    numbers.push(Kind::ERASURE);
    let count = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), count);
}

#[test]
fn an_entry_that_is_not_understood_says_why() {
    let log = log(9, "A");
    let rule = |entry: &Entry| meaning(&log, &HUB, None, entry).remark().map(|(rule, _)| rule);
    assert_eq!(rule(&entry(&log, (2, 0), Kind(999), vec![1])), Some(EntryRule::UnknownKind));
    for (_, kind, _) in payloads() {
        assert_eq!(rule(&entry(&log, (1, 0), kind, vec![255])), Some(EntryRule::Unreadable));
    }
    let lost = Entry { payload: Payload::Lost, ..entry(&log, (2, 0), Kind(999), vec![1]) };
    assert_eq!(rule(&lost), Some(EntryRule::PayloadMissing));
    for rule in EntryRule::ALL {
        assert_eq!(EntryRule::of_name(rule.name()), Some(rule));
    }
}

#[test]
fn only_a_first_entry_says_whose_log_it_is() {
    let log = log(1, "A");
    let payload = start("A", 3).to_payload().unwrap();
    let first = entry(&log, (1, 0), Kind::EPOCH_START, payload.clone());
    assert_eq!(meaning(&log, &HUB, None, &first), Meaning::Start(start("A", 3)));
    assert_eq!(start_of(&first), Some(start("A", 3)));
    let later = entry(&log, (2, 0), Kind::EPOCH_START, payload);
    assert_eq!(meaning(&log, &HUB, None, &later), Meaning::Unclear(EntryRule::NotItsWord));
    assert_eq!(start_of(&later), None);
}

#[test]
fn an_entry_is_read_by_the_first_entry_of_its_own_chain() {
    let log = log(1, "A");
    let said = entry(&log, (2, 0), kind::PERSON, person("A"));
    let by = |start: &EpochStart| meaning(&log, &HUB, Some(start), &said);
    assert!(matches!(by(&start("A", 1)), Meaning::Person(_)));
    assert_eq!(by(&start("B", 1)), Meaning::Unclear(EntryRule::NotItsWord));
}

/// The hub goes before a device, then the later epoch, then the larger number.
#[test]
fn the_later_word_of_the_hub_holds() {
    let rank = |device: u8, count: u32, seq: u64| {
        let log = log(device, "A");
        let entry = entry(&log, (seq, 0), kind::PERSON, person("A"));
        Rank::of(&log, &HUB, Some(&start("A", count)), &entry)
    };
    let rising = [rank(1, 1, 9), rank(1, 2, 1), rank(1, 2, 3), rank(9, 1, 1), rank(9, 2, 1)];
    assert!(rising.is_sorted());
}

proptest! {
    #[test]
    fn equal_entries_in_any_order_choose_the_same_cards(
        cards in prop::collection::vec(
            (prop::sample::select(vec![1_u8, 2, 9]), 1_u32..3, 2_u64..5, 0_u8..3, 0_u8..2),
            1..20,
        ),
        order in any::<prop::sample::Index>(),
    ) {
        let mut said: Vec<(Rank, (u64, u8))> = Vec::new();
        let mut about = Vec::new();
        for (device, count, seq, branch, subject) in cards {
            let log = log(device, "A");
            let entry = entry(&log, (seq, branch), kind::PERSON, person("A"));
            said.push((Rank::of(&log, &HUB, Some(&start("A", count)), &entry), (seq, branch)));
            about.push(subject);
        }
        let choose = |places: &[usize]| {
            let mut held: BTreeMap<u8, (Rank, (u64, u8))> = BTreeMap::new();
            for &place in places {
                let (subject, card) = (about[place], said[place]);
                if held.get(&subject).is_none_or(|(rank, _)| *rank < card.0) {
                    held.insert(subject, card);
                }
            }
            held
        };
        let places: Vec<usize> = (0..said.len()).collect();
        let chosen = choose(&places);
        let mut other: Vec<usize> = places.iter().rev().chain(&places).copied().collect();
        let turn = order.index(other.len());
        other.rotate_left(turn);
        prop_assert_eq!(&chosen, &choose(&other));
        // Databases compare the bytes.
        for ((one, _), (two, _)) in said.iter().zip(said.iter().skip(1)) {
            prop_assert_eq!(one.cmp(two), one.to_bytes().cmp(&two.to_bytes()));
        }
    }
}
