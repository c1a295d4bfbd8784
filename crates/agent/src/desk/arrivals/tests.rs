//! Times are bounds: they may be loose and never wrong.

use super::*;

const LOG: LogId = LogId([1; 32]);

fn crossed(seq: u64, receipt: Mark, named: u64) -> Crossed {
    Crossed {
        logs: vec![(LOG, seq)],
        at_ms: receipt.1,
        receipt: Some(receipt),
        named,
        enrolled_ms: None,
    }
}

fn marks(all: &[Crossed]) -> Marks {
    let mut marks = Marks::default();
    for crossed in all {
        for (log, seq) in &crossed.logs {
            add(marks.logs.entry(*log).or_default(), (*seq, crossed.at_ms));
        }
        marks.enrolled(crossed);
        marks.receipt(crossed);
    }
    marks
}

#[test]
fn an_entry_arrived_with_the_first_mark_that_covers_it() {
    let marks = marks(&[crossed(2, (1, 100), 0), crossed(2, (2, 200), 1), crossed(5, (3, 300), 1)]);
    assert_eq!([0, 2, 3, 5, 6].map(|seq| marks.of(LOG, seq)), {
        [Some(100), Some(100), Some(300), Some(300), None]
    });
    assert_eq!(marks.of(LogId([2; 32]), 1), None);
}

#[test]
fn receipts_that_no_entry_names_are_dropped_and_the_bound_stays_true() {
    let quiet =
        [2, 3, 4].map(|number| crossed(2, (number, 100 * i64::try_from(number).unwrap()), 1));
    let first = crossed(2, (1, 100), 0);
    let last = crossed(3, (5, 500), 4);
    let all: Vec<Crossed> = [first].into_iter().chain(quiet).chain([last]).collect();
    let marks = marks(&all);
    assert_eq!(marks.receipts, [(1, 100), (4, 400), (5, 500)]);
    assert_eq!(marks.since(4), Some(400));
    assert_eq!(marks.since(3), Some(100), "earlier than it was, and so still true");
    assert_eq!(marks.since(0), None, "before the first receipt nothing is known");
}

#[test]
fn before_the_first_receipt_the_enrolment_bounds_a_time() {
    let known = Crossed { enrolled_ms: Some(50), ..crossed(2, (2, 200), 0) };
    let marks = marks(&[crossed(1, (1, 100), 0), known, crossed(3, (3, 300), 0)]);
    assert_eq!(marks.since(0), Some(50));
    assert_eq!(marks.receipts, [(0, 50), (3, 300)]);
}

#[test]
fn the_oldest_marks_give_way_to_later_times() {
    let mut marks = Vec::new();
    for seq in 1..=u64::try_from(ARRIVALS_MAX).unwrap() + 1 {
        add(&mut marks, (seq, i64::try_from(seq).unwrap()));
    }
    assert_eq!((marks.len(), marks[0]), (ARRIVALS_MAX, (2, 2)));
}
