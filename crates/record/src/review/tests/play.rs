//! Reviews nobody thought of: any walk through the table, any acts in any order.

use proptest::prelude::*;

use super::*;

/// A review played act by act by people who see all that was done before.
#[derive(Debug, Default)]
struct Played {
    acts: Vec<Act>,
    live: Vec<Dot>,
    next: u64,
}

impl Played {
    fn decision(&self) -> Option<Dot> {
        review(&self.acts, self.live.clone()).decision.map(|act| act.dot)
    }

    fn take(&mut self, step: Step) {
        self.next += 1;
        let seen: Vec<Dot> =
            self.live.iter().copied().chain(self.acts.iter().map(|act| act.dot)).collect();
        let answers = self.decision();
        let by_site =
            |action| of_site(self.next, ReviewEntry { answers, ..saying(action, "said") });
        let by_centre = |action| centre(self.next, saying(action, "said"));
        let act = match step {
            Step::Submit | Step::Change => {
                self.live = vec![dot(1, self.next)];
                return;
            }
            Step::Accept => by_centre(Action::Accept),
            Step::Return => by_centre(returned()),
            Step::Hold => by_centre(Action::Hold),
            Step::Duplicate => by_centre(Action::Duplicate { of: key(2) }),
            Step::NotReportable => by_centre(Action::NotReportable),
            Step::Reopen => by_centre(Action::Reopen),
            Step::GrantRecall => by_centre(Action::GrantRecall),
            Step::Comment => by_site(Action::Comment),
            Step::Resubmit => by_site(Action::Resubmit),
            Step::AskRecall => by_site(Action::AskRecall),
            Step::Seen => by_site(Action::Seen),
        };
        let entry = ReviewEntry { seen, ..act.entry };
        self.acts.push(Act { entry, ..act });
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    prop::sample::select(Step::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn people_who_see_everything_walk_through_the_table(steps in prop::collection::vec(any_step(), 0..20)) {
        let mut played = Played::default();
        let mut state = ReviewState::Draft;
        for step in steps {
            let Some(next) = state.after(step) else { continue };
            if state == ReviewState::Draft && next == ReviewState::Draft {
                continue;
            }
            state = next;
            played.take(step);
            let review = review(&played.acts, played.live.clone());
            prop_assert_eq!(review.state, state, "after {:?}", step);
            prop_assert_eq!(&review.remarked, &BTreeSet::new());
        }
    }

    #[test]
    fn acts_come_to_the_same_in_any_order_and_any_number_of_times(
        (acts, shuffled) in any_acts().prop_flat_map(|acts| {
            let twice: Vec<Act> = acts.iter().chain(&acts).cloned().collect();
            (Just(acts), Just(twice).prop_shuffle())
        }),
        live in prop::collection::btree_set((1_u8..3, 1_u64..6), 0..4),
    ) {
        let live: Vec<Dot> = live.into_iter().map(|(log, seq)| dot(log, seq)).collect();
        let backwards: Vec<Dot> = live.iter().rev().copied().collect();
        prop_assert_eq!(review(&acts, live), review(&shuffled, backwards));
    }

    #[test]
    fn a_decision_that_saw_the_last_ones_settles_it(acts in any_acts()) {
        let seen = review(&acts, []).to_see();
        let settles = centre(100, after(&seen, saying(Action::Hold, "?")));
        let acts: Vec<Act> = acts.into_iter().chain([settles.clone()]).collect();
        let settled = review(&acts, []);
        prop_assert_eq!(settled.decisions, [&settles]);
        prop_assert_eq!(settled.state, ReviewState::OnHold);
    }
}

/// Acts of anybody about anything, which nobody checked before they were written.
fn any_acts() -> impl Strategy<Value = Vec<Act>> {
    let any_dot =
        || (prop::sample::select(vec![1_u8, 2, HUB]), 1_u64..8).prop_map(|(l, s)| dot(l, s));
    let actions = vec![
        Action::Accept,
        returned(),
        Action::Hold,
        Action::Reopen,
        Action::Comment,
        Action::Resubmit,
        Action::AskRecall,
        Action::GrantRecall,
        Action::Seen,
    ];
    let act = (
        any_dot(),
        1_u32..3,
        prop::sample::select(actions),
        prop::option::of(any_dot()),
        prop::collection::vec(any_dot(), 0..3),
    );
    let act = act.prop_map(|(dot, epoch, action, answers, seen)| {
        let side = match (dot.log.0[0], dot.seq % 3) {
            (HUB, _) => Side::Centre { epoch },
            (_, 0) => Side::Stranger,
            (_, _) => Side::Site,
        };
        let entry = ReviewEntry { seen, answers, ..saying(action, &dot.to_string()) };
        Act { dot, side, claimed_ms: i64::from(epoch), entry }
    });
    prop::collection::vec(act, 0..8).prop_map(|acts| {
        // A dot names one entry for ever.
        let mut named = std::collections::BTreeMap::new();
        named.extend(acts.into_iter().map(|act| (act.dot, act)));
        named.into_values().collect()
    })
}
