//! Tells the life of a hub's clock as a story, and asks what of it is certain.

use journal::{BootId, Run};
use proptest::prelude::*;

use super::{Accept, ClockSaid, Doubt, HubTime, Piece, PieceName, Reading, is_suspect, trusted};
use crate::id::PersonId;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// When the first machine was started.
const START: i64 = 1_780_000_000_000;

/// A hub as it lives: true time goes on, its clock is `ahead` of that.
#[derive(Default)]
struct Life {
    true_ms: i64,
    ahead_ms: i64,
    boot: u8,
    booted_ms: i64,
    run: u8,
    said: Vec<ClockSaid>,
    /// The pieces with the last time that each showed.
    shown: Vec<(PieceName, Reading, i64)>,
    /// Every reading, and whether it was right.
    readings: Vec<(Reading, bool)>,
}

impl Life {
    fn new(ahead_ms: i64) -> Self {
        let mut life = Self { boot: 1, ahead_ms, ..Self::default() };
        life.start();
        life
    }

    fn reading(&self) -> Reading {
        Reading {
            run: Run([self.run; 8]),
            boot: BootId([self.boot; 8]),
            boot_ms: u64::try_from(self.true_ms - self.booted_ms).unwrap(),
            wall_ms: START + self.true_ms + self.ahead_ms,
        }
    }

    fn later(&self, at: &Reading) -> Vec<PieceName> {
        let later = self.shown.iter().filter(|(_, _, last)| at.wall_ms + 120_000 < *last);
        later.map(|(name, _, _)| *name).collect()
    }

    fn piece(&mut self, jump_ms: Option<i64>) {
        let at = self.reading();
        let piece = Piece { at, jump_ms, later: self.later(&at) };
        self.shown.push((piece.name(), at, at.wall_ms));
        self.said.push(ClockSaid::Piece(piece));
    }

    fn start(&mut self) {
        self.run += 1;
        self.piece(None);
    }

    /// The program ends and begins again.
    fn restart(&mut self, ahead_ms: i64) {
        self.ahead_ms = ahead_ms;
        self.start();
    }

    /// The machine ends and begins again.
    fn reboot(&mut self, ahead_ms: i64) {
        self.boot += 1;
        self.booted_ms = self.true_ms;
        self.restart(ahead_ms);
    }

    fn jump(&mut self, ahead_ms: i64) {
        let jump = ahead_ms - self.ahead_ms;
        self.ahead_ms = ahead_ms;
        self.true_ms += 1;
        self.piece(Some(jump));
    }

    /// Time passes, and a receipt is given.
    fn pass(&mut self, ms: i64) -> Reading {
        self.true_ms += ms;
        let at = self.reading();
        if let Some(last) = self.shown.last_mut() {
            last.2 = last.2.max(at.wall_ms);
        }
        self.readings.push((at, self.ahead_ms.abs() <= 120_000));
        at
    }

    fn accept(&mut self) {
        let at = self.reading();
        let refutes = |(_, began, last): &&(PieceName, Reading, i64)| {
            if began.is_of_boot(&at) { !began.agrees(&at) } else { at.wall_ms + 120_000 < *last }
        };
        let doubtful = self.shown.iter().filter(refutes).map(|(name, _, _)| *name).collect();
        self.said.push(ClockSaid::Accept(Accept { at, author: PersonId([1; 16]), doubtful }));
    }

    fn time(&self) -> HubTime {
        HubTime::of(self.said.clone())
    }

    fn is_sound(&self, reading: Reading) -> bool {
        self.time().is_sound(Some(&reading))
    }

    fn doubts(&self) -> Vec<Option<Doubt>> {
        self.time().pieces().iter().skip(1).map(|judged| judged.doubt).collect()
    }
}

#[test]
fn a_life_without_a_wrong_clock_is_certain_throughout_and_a_night_of_sleep_is_no_jump() {
    let mut life = Life::new(0);
    life.pass(HOUR);
    life.pass(9 * HOUR); // Asleep: both clocks go on.
    life.restart(1_000);
    life.pass(HOUR);
    life.reboot(-60_000);
    life.pass(HOUR);
    assert_eq!(life.doubts(), [None, None, None]);
    assert!(life.readings.iter().all(|(reading, _)| life.is_sound(*reading)));
}

#[test]
fn an_hour_ahead_by_a_jump_is_doubted_at_once_and_refuted_by_one_word() {
    for ahead in [400 * DAY, 3_650 * DAY, HOUR, 3 * 60_000] {
        let mut life = Life::new(0);
        let before = life.pass(HOUR);
        life.jump(ahead);
        let wrong = life.pass(HOUR);
        assert!(life.is_sound(before) && !life.is_sound(wrong), "ahead by {ahead}");
        life.jump(0);
        let after = life.pass(HOUR);
        assert!(!life.is_sound(wrong) && !life.is_sound(after));
        life.accept();
        assert!(life.is_sound(before) && !life.is_sound(wrong) && life.is_sound(after));
    }
}

#[test]
fn an_hour_ahead_from_the_start_is_doubted_once_it_is_over() {
    for over in [Life::restart, Life::reboot, Life::jump] {
        let mut life = Life::new(400 * DAY);
        let wrong = life.pass(HOUR);
        assert!(life.is_sound(wrong), "nothing can tell yet");
        over(&mut life, 0);
        let right = life.pass(HOUR);
        assert!(!life.is_sound(wrong) && !life.is_sound(right), "one of them is wrong");
        life.accept();
        assert!(!life.is_sound(wrong) && life.is_sound(right));
        life.reboot(0);
        assert!(life.is_sound(life.reading()), "what was refuted casts no doubt on what follows");
    }
}

#[test]
fn a_wrong_word_is_put_right_by_another() {
    for over in [Life::restart, Life::reboot, Life::jump] {
        let mut life = Life::new(0);
        let before = life.pass(HOUR);
        life.jump(400 * DAY);
        let wrong = life.pass(HOUR);
        life.accept();
        assert!(life.is_sound(wrong) && !life.is_sound(before));
        over(&mut life, 0);
        let after = life.pass(HOUR);
        assert!(!life.is_sound(wrong) && !life.is_sound(after));
        life.accept();
        assert!(life.is_sound(before) && !life.is_sound(wrong) && life.is_sound(after));
    }
}

#[test]
fn a_clock_that_fell_behind_stays_in_doubt_and_what_was_before_is_certain_again() {
    let mut life = Life::new(0);
    let before = life.pass(HOUR);
    life.reboot(-400 * DAY);
    let wrong = life.pass(HOUR);
    assert_eq!(life.doubts(), [Some(Doubt::Later), Some(Doubt::Behind)]);
    assert!(!life.is_sound(before) && !life.is_sound(wrong));
    life.reboot(0);
    let after = life.pass(HOUR);
    life.accept();
    assert!(life.is_sound(before) && !life.is_sound(wrong) && life.is_sound(after));
}

#[test]
fn a_moment_that_no_piece_explains_is_doubted_if_its_machine_told_the_time_otherwise() {
    let mut life = Life::new(0);
    life.pass(HOUR);
    let reading = life.reading();
    let of_a_command = Reading { run: Run([99; 8]), ..reading };
    assert!(life.is_sound(of_a_command), "it goes with the hub of its machine");
    assert!(!life.is_sound(Reading { wall_ms: reading.wall_ms + DAY, ..of_a_command }));
    assert!(life.time().is_sound(None), "older than any piece, and nothing contradicts it");
}

#[test]
fn of_two_hubs_the_one_ahead_is_refuted_by_a_word_on_the_other_ones_machine() {
    let mut life = Life::new(0);
    life.pass(HOUR);
    let (right, machine) = (life.run, (life.boot, life.booted_ms));
    life.reboot(10 * 60_000);
    let ahead = life.pass(HOUR);
    (life.run, life.boot, life.booted_ms, life.ahead_ms) = (right, machine.0, machine.1, 0);
    life.piece(None); // The one that is right sees a later time than its own.
    let behind = life.pass(60_000);
    assert!(!life.is_sound(ahead) && !life.is_sound(behind));
    life.accept();
    assert!(!life.is_sound(ahead) && life.is_sound(behind));
}

#[test]
fn a_clock_is_suspected_beyond_a_minute_outside_of_what_is_certain_and_never_where_nothing_is() {
    let between = trusted(Some(1_000_000), Some(2_000_000));
    assert!(!is_suspect(1_000_000 - 60_000, between) && is_suspect(1_000_000 - 60_001, between));
    assert!(!is_suspect(2_000_000 + 60_000, between) && is_suspect(2_000_000 + 60_001, between));
    assert!(!is_suspect(i64::MIN, None) && !is_suspect(i64::MAX, trusted(Some(0), None)));
    assert!(is_suspect(i64::MIN, between) && is_suspect(i64::MAX, between));
    assert_eq!(trusted(Some(5), Some(3)), Some([3, 3]), "nothing was written after it arrived");
    assert_eq!((trusted(None, Some(3)), trusted(Some(3), None)), (None, None));
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Pass(i64),
    Restart(i64),
    Reboot(i64),
    Jump(i64),
}

fn event() -> impl Strategy<Value = Event> {
    // A clock ahead is what a later right one refutes, whatever came between.
    let ahead = prop_oneof![3 => Just(0), 1 => 200_000..3_650 * DAY];
    prop_oneof![
        (1_000..30 * HOUR).prop_map(Event::Pass),
        ahead.clone().prop_map(Event::Restart),
        ahead.clone().prop_map(Event::Reboot),
        ahead.prop_map(Event::Jump),
    ]
}

proptest! {
    #[test]
    fn after_a_true_word_nothing_that_shows_a_later_time_or_was_told_otherwise_is_certain(
        events in prop::collection::vec(event(), 1..24),
    ) {
        let mut life = Life::new(0);
        for event in events {
            match event {
                Event::Pass(ms) => drop(life.pass(ms)),
                Event::Restart(ahead) => life.restart(ahead),
                Event::Reboot(ahead) => life.reboot(ahead),
                Event::Jump(ahead) if ahead == life.ahead_ms => {}
                Event::Jump(ahead) => life.jump(ahead),
            }
        }
        life.reboot(0);
        let now = life.pass(1_000);
        life.accept();
        prop_assert!(life.is_sound(now));
        for (reading, is_right) in life.readings.clone() {
            let shows_later = now.wall_ms + 120_000 < reading.wall_ms;
            prop_assert!(!shows_later || !life.is_sound(reading), "{reading:?}");
            let is_ahead_of_its_boot = !is_right && reading.is_of_boot(&now);
            prop_assert!(!is_ahead_of_its_boot || !life.is_sound(reading), "{reading:?}");
        }
    }

    #[test]
    fn what_is_said_of_the_clock_reads_back(wall_ms: i64, boot_ms: u64, jump_ms: Option<i64>) {
        let at = Reading { run: Run([1; 8]), boot: BootId([2; 8]), boot_ms, wall_ms };
        let piece = Piece { at, jump_ms, later: vec![PieceName::OLDER] };
        let accept = Accept { at, author: PersonId([3; 16]), doubtful: vec![piece.name()] };
        let read = ClockSaid::from_payload(Piece::KIND, &piece.to_payload().unwrap());
        prop_assert_eq!(read, Ok(ClockSaid::Piece(piece)));
        let read = ClockSaid::from_payload(Accept::KIND, &accept.to_payload().unwrap());
        prop_assert_eq!(read, Ok(ClockSaid::Accept(accept)));
    }
}
