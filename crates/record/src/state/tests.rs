//! The laws of the fold: any order, any repetition, any grouping, the same bytes.

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::change::Write;
use crate::id::{PersonId, RecordId, RowId};
use crate::value::tests::dot;

/// Cases of each of the three laws.
const CASES: u32 = 8000;

/// What one author of a random world does, knowing some of the changes before.
#[derive(Clone, Debug)]
struct Act {
    /// The earlier changes that had reached the author, as bits.
    knows: u16,
    /// The paths written, by number, with a value each.
    writes: BTreeMap<u8, i64>,
    /// Whether the change replaces whatever it saw anywhere, as broken software might.
    stray: bool,
    version: u32,
}

fn act() -> impl Strategy<Value = Act> {
    let writes = prop::collection::btree_map(0..8_u8, 0..3_i64, 1..4);
    (any::<u16>(), writes, prop::bool::weighted(0.1), 1..3_u32)
        .prop_map(|(knows, writes, stray, version)| Act { knows, writes, stray, version })
}

fn world() -> impl Strategy<Value = Vec<(Dot, Change)>> {
    prop::collection::vec(act(), 1..8).prop_map(|acts| {
        let mut world: Vec<(Dot, Change)> = Vec::new();
        for (seq, act) in (1..).zip(acts) {
            let known = world.iter().enumerate().filter(|(i, _)| act.knows & (1 << i) != 0);
            let seen = fold(known.map(|(_, entry)| entry));
            world.push((dot(u8::from(act.stray) + 1, seq), change(&seen, &act)));
        }
        world
    })
}

/// Returns path number `n` and what number `value` is there.
fn place(n: u8, value: i64, seen: &[Dot]) -> (Path, Value) {
    let row = RowId([n % 2; 8]);
    match n {
        0..=2 => (Path::field(["kind", "severity", "title"][usize::from(n)]), Value::Int(value)),
        3 => (Path::field(Path::VOID), Value::Text("entered twice".to_owned())),
        4 | 5 => (Path::in_row("items", row, "quantity"), Value::Int(value)),
        _ => (Path::row("items", row), Value::Removed(seen.to_vec())),
    }
}

fn change(state: &State, act: &Act) -> Change {
    let seen = state.live_dots();
    let write = |(&n, &value): (&u8, &i64)| {
        let (path, value) = place(n, value, &seen);
        let field = state.get(&path);
        let stands = |dot: &Dot| act.stray || field.live.contains_key(dot);
        let replaces = (0..).zip(&seen).filter(|(_, dot)| stands(dot)).map(|(i, _)| i).collect();
        Write { path, value, replaces }
    };
    let writes = act.writes.iter().map(write).collect();
    let form = FormVersion { id: "incident".to_owned(), version: act.version };
    Change { form, seen, writes, ..blank() }
}

fn blank() -> Change {
    Change {
        record: key(),
        form: FormVersion { id: "incident".to_owned(), version: 1 },
        lists: Vec::new(),
        author: PersonId([1; 16]),
        reason: None,
        urgent: false,
        seen: Vec::new(),
        writes: Vec::new(),
    }
}

fn key() -> RecordKey {
    RecordKey { site: "INST-027".parse().unwrap(), id: RecordId([5; 16]) }
}

fn fold<'a>(entries: impl IntoIterator<Item = &'a (Dot, Change)>) -> State {
    let mut state = State::new(key());
    entries.into_iter().for_each(|(dot, change)| state.apply(*dot, change));
    state
}

/// Returns every entry at least once, in the order and with the repetitions `road` says.
fn delivered<'a>(world: &'a [(Dot, Change)], road: &[u8]) -> Vec<&'a (Dot, Change)> {
    let mut rest: Vec<_> = world.iter().collect();
    let mut order = Vec::new();
    for step in road.iter().map(|step| usize::from(*step)) {
        match (rest.len(), order.len()) {
            (0, held) => order.push(order[step % held]),
            (waiting, held) if held == 0 || step % 4 != 0 => {
                order.push(rest.swap_remove(step % waiting));
            }
            (_, held) => order.push(order[step % held]),
        }
    }
    order.extend(rest);
    order
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn order_and_repetition_make_no_difference(
        world in world(),
        road in prop::collection::vec(any::<u8>(), 0..16),
    ) {
        let (straight, wandering) = (fold(&world), fold(delivered(&world, &road)));
        prop_assert_eq!(&straight, &wandering);
        prop_assert_eq!(straight.to_bytes(), wandering.to_bytes());
        prop_assert_eq!(straight.hash(), wandering.hash());
    }

    #[test]
    fn grouping_makes_no_difference(
        world in world(),
        groups in prop::collection::vec(1..8_u8, 8),
        turn in 0..3_usize,
    ) {
        // Each change reaches one or more of three replicas, which then hear of each other.
        let mut replicas: Vec<State> = (0..3)
            .map(|replica| {
                let reaches = |group: &u8| group & (1 << replica) != 0;
                fold(world.iter().zip(&groups).filter(|(_, group)| reaches(group)).map(|(e, _)| e))
            })
            .collect();
        replicas.rotate_left(turn);
        let [one, two, three] = &replicas[..] else { unreachable!() };

        let mut left = one.clone();
        left.merge(two);
        left.merge(three);
        let mut right = State::from_bytes(&three.to_bytes()).unwrap();
        right.merge(two);
        let mut grouped = one.clone();
        grouped.merge(&right);
        grouped.merge(&right);

        let whole = fold(&world);
        prop_assert_eq!(left.to_bytes(), whole.to_bytes());
        prop_assert_eq!(grouped.to_bytes(), whole.to_bytes());
        prop_assert_eq!(grouped, whole);
    }

    #[test]
    fn what_is_live_is_what_was_written_and_not_replaced(world in world()) {
        let mut written: BTreeMap<&Path, BTreeMap<Dot, &Value>> = BTreeMap::new();
        let mut replaced: BTreeSet<(&Path, Dot)> = BTreeSet::new();
        for (dot, change) in &world {
            for write in &change.writes {
                written.entry(&write.path).or_default().insert(*dot, &write.value);
                replaced.extend(change.replaced(write).map(|dot| (&write.path, dot)));
            }
        }
        let state = fold(&world);
        prop_assert_eq!(state.fields().count(), written.len());
        for (path, mut values) in written {
            values.retain(|dot, _| !replaced.contains(&(path, *dot)));
            let live = &state.get(path).live;
            prop_assert_eq!(live.iter().map(|(dot, value)| (*dot, value)).collect::<BTreeMap<_, _>>(), values);
        }
        prop_assert_eq!(&State::from_bytes(&state.to_bytes()).unwrap(), &state);
    }
}

fn set(path: &Path, value: i64, seen: &[Dot]) -> Change {
    let replaces = (0..).take(seen.len()).collect();
    let write = Write { path: path.clone(), value: Value::Int(value), replaces };
    Change { seen: seen.to_vec(), writes: vec![write], ..blank() }
}

#[test]
fn two_who_had_not_seen_each_other_leave_both_values() {
    let path = Path::field("severity");
    let (first, one, two) = (dot(1, 1), dot(1, 2), dot(2, 1));
    let mut state = State::new(key());
    state.apply(one, &set(&path, 3, &[first]));
    state.apply(two, &set(&path, 4, &[first]));
    state.apply(first, &set(&path, 1, &[]));
    assert_eq!(state.get(&path).live.keys().copied().collect::<Vec<_>>(), [one, two]);
    assert_eq!(state.live_dots(), [one, two]);

    let settled = dot(3, 1);
    state.apply(settled, &set(&path, 4, &[one, two]));
    assert_eq!(state.get(&path).live.keys().copied().collect::<Vec<_>>(), [settled]);

    // An edit made without having seen the resolution opens the conflict again.
    let late = dot(1, 3);
    state.apply(late, &set(&path, 2, &[one]));
    assert_eq!(state.get(&path).live.len(), 2);
}

#[test]
fn a_path_nobody_wrote_to_is_empty() {
    let state = State::new(key());
    assert_eq!(state.get(&Path::field("kind")), &FieldState::default());
    assert_eq!(state.form(), None);
}

#[test]
fn the_form_is_the_newest_version_used() {
    let mut state = State::new(key());
    for (seq, id, version) in [(1, "incident", 1), (2, "incident", 3), (3, "search", 9)] {
        let form = FormVersion { id: id.to_owned(), version };
        state.apply(dot(1, seq), &Change { form, ..blank() });
    }
    let form = state.form().unwrap();
    assert_eq!((form.id.as_str(), form.version), ("incident", 3));
    assert_eq!(state.forms().count(), 3);
}

#[test]
fn the_parts_of_a_group_are_found_together() {
    let row = RowId([1; 8]);
    let mut state = State::new(key());
    let paths =
        [Path::field("item"), Path::in_row("items", row, "unit"), Path::field("items_seen")];
    for (seq, path) in (1..).zip(&paths) {
        state.apply(dot(1, seq), &set(path, 1, &[]));
    }
    let within: Vec<&Path> = state.within("items").map(|(path, _)| path).collect();
    assert_eq!(within, [&paths[1]]);
}

#[test]
fn the_layout_of_a_state_is_frozen_and_short() {
    let row = RowId([7; 8]);
    let mut state = State::new(key());
    state.apply(dot(1, 1), &set(&Path::field("severity"), 1, &[]));
    state.apply(dot(1, 2), &set(&Path::in_row("items", row, "quantity"), 5, &[dot(1, 1)]));
    let digits: String = state.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let rows: Vec<&str> =
        digits.as_bytes().chunks(64).map(|row| std::str::from_utf8(row).unwrap()).collect();
    expect![[r#"
        08494e53542d303237050505050505050505050505050505050108696e636964
        656e740101010101010101010101010101010101010101010101010101010101
        0101010101020100000000000000000200000000000000000101010002056974
        656d7301070707070707070701087175616e74697479010103010a0100087365
        76657269747900010003010200"#]]
    .assert_eq(&rows.join("\n"));
}

#[test]
fn bytes_that_are_no_state_or_a_second_spelling_are_refused() {
    let state = fold(&[(dot(1, 1), set(&Path::field("severity"), 1, &[]))]);
    let bytes = state.to_bytes();
    assert_eq!(State::from_bytes(&bytes), Ok(state));
    for cut in 0..bytes.len() {
        assert!(State::from_bytes(&bytes[..cut]).is_err());
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(State::from_bytes(&longer).is_err());
    for at in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[at] ^= 1;
        if let Ok(other) = State::from_bytes(&bent) {
            assert_eq!(other.to_bytes(), bent);
        }
    }
}

#[test]
fn the_hash_of_all_does_not_depend_on_their_order() {
    let other = RecordKey { id: RecordId([6; 16]), ..key() };
    let (one, two) = ((key(), [1; 32]), (other, [2; 32]));
    let all = state_hash_of_all([one.clone(), two.clone()]);
    assert_eq!(all, state_hash_of_all([two.clone(), one.clone()]));
    assert_ne!(all, state_hash_of_all([(two.0, one.1), (one.0, two.1)]));
}
