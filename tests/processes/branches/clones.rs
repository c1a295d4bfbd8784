//! One disk in two machines that both go on.

use std::thread;

use serde_json::Value as Json;

use super::{Forks, Story, with_seeds};
use crate::rig::{Colony, Hub, eventually};

/// Turns of each machine that take turns.
const TURNS: usize = 4;

#[test]
fn a_machine_and_its_copy_hide_nothing_of_each_other() {
    with_seeds(|mut story| {
        let (hub, [machine, sibling], shared) = story.begins();
        let double = machine.cloned();
        story.writes(&machine, 15);
        story.amends(&machine, &shared[..2]);
        story.writes(&double, 12);
        story.amends(&double, &shared[1..]);
        story.exchange(&[&machine, &double]);
        story.exchange(&[&machine, &double]);

        // By now each lives on in an epoch of its own.
        story.writes(&machine, 7);
        story.writes(&double, 6);
        story.ends_well(&hub, &[&machine, &double, &sibling], Forks::Of(2));
    });
}

#[test]
fn a_machine_and_its_copy_that_take_turns_hide_nothing_of_each_other() {
    with_seeds(|mut story| {
        let (hub, [machine, sibling], shared) = story.begins();
        let double = machine.cloned();
        story.amends(&machine, &shared);
        story.amends(&double, &shared);
        for _turn in 0..TURNS {
            for one in [&machine, &double] {
                story.writes(one, 3);
                one.command(&["sync"]);
            }
        }
        story.ends_well(&hub, &[&machine, &double, &sibling], Forks::Of(2));
    });
}

#[test]
fn a_machine_and_its_copy_that_run_at_the_same_time_hide_nothing_of_each_other() {
    with_seeds(|mut story| {
        let (hub, [mut machine, sibling], _shared) = story.begins();
        let mut double = machine.cloned();
        story.diverge(&machine, &double);
        machine.run();
        double.run();
        for count in [11, 6] {
            let mut halves = [&machine, &double].map(|one| (one, story.about(count)));
            story.saves_at_once(&mut halves);
        }
        for one in [&machine, &double] {
            one.settles();
        }
        story.ends_well(&hub, &[&machine, &double, &sibling], Forks::Of(2));
        for one in [&machine, &double] {
            let said = || one.said().contains("its next epoch was opened").then_some(());
            eventually("its log to say what was met", said);
        }
        assert_running_on(&hub, &[&machine, &double]);
    });
}

impl Story {
    /// Lets both write at one place before either hears of the other.
    fn diverge(&mut self, machine: &Colony, double: &Colony) {
        for one in [machine, double] {
            self.writes(one, 1);
        }
    }

    /// Saves records on machines at the same time, each through its own local API.
    fn saves_at_once(&mut self, machines: &mut [(&Colony, usize)]) {
        let batches: Vec<_> =
            machines.iter().map(|(machine, count)| (*machine, self.searches(*count))).collect();
        let save = |machine: &Colony, searches: &[Json]| {
            for search in searches {
                let answer = machine.post("search", search);
                assert_eq!(answer.status, 201, "{}", answer.body);
            }
        };
        thread::scope(|scope| {
            for (machine, searches) in &batches {
                scope.spawn(move || save(machine, searches));
            }
        });
        let ids = batches.iter().flat_map(|(_, searches)| searches);
        self.written.extend(ids.map(|search| search["@id"].as_str().unwrap().to_owned()));
    }
}

/// Fails unless each of the processes goes on as one machine among others.
fn assert_running_on(hub: &Hub, machines: &[&Colony]) {
    let before = hub.list().len();
    for machine in machines {
        let answer = machine.post("incident", &crate::data::incident());
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    hub.holds(before + machines.len());
}
