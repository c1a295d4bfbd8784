//! A hub whose data was put back as it stood on an earlier day, without its knowing.

use serde_json::{Value as Json, json};

use super::lost_end::is_told;
use super::{Forks, SITE, Story, contested, decided_twice, with_seeds};
use crate::rig::{Colony, Hub};

/// Records on which the centre decides.
const RECORDS: usize = 8;

#[test]
fn a_hub_put_back_that_decides_before_it_hears_of_it_learns_what_it_had_decided() {
    with_seeds(|mut story| {
        let (hub, machines, records) = story.begins_reviewed();
        let [first, second] = &machines;
        let hub = story.is_put_back(hub, &machines, &records);

        // The hub doesn't know yet: this stands where its first life had written.
        decides(&hub, &records[3], "accept");
        decides(&hub, &records[6], "return");
        decides(&hub, &records[7], "accept");
        story.exchange(&[first, second]);
        story.exchange(&[first, second]);
        decides(&hub, &records[4], "return");
        decides(&hub, &records[5], "accept");
        story.ends_well(&hub, &[first, second], Forks::Of(2));

        let states = ["accepted", "accepted", "accepted", "accepted", "returned", "accepted"];
        for (record, state) in records.iter().zip(states) {
            assert_eq!(hub.show(record)["review"]["state"], state, "{record}");
        }
        // Two decisions that saw neither each other settle nothing; two equal ones count as one.
        let twice = hub.show(&records[6]);
        assert_eq!((&twice["review"]["state"], decided_twice(&twice)), (&json!("submitted"), true));
        assert_eq!(decisions(&hub, &records[6]), ["accepted", "returned"]);
        let alike = hub.show(&records[7]);
        assert_eq!((&alike["review"]["state"], decided_twice(&alike)), (&json!("accepted"), false));

        // The next decision saw both.
        decides(&hub, &records[6], "accept");
        for machine in &machines {
            machine.sync();
            let shown = machine.show(&records[6]);
            assert_eq!(shown["review"]["state"], "accepted", "{shown}");
            assert!(!decided_twice(&shown) && contested(&shown).is_empty(), "{shown}");
        }
        is_told(&hub);
        newcomers_see_the_same(&story, &hub);
    });
}

#[test]
fn a_hub_put_back_that_hears_of_it_first_has_every_decision_again_and_no_branch() {
    with_seeds(|mut story| {
        let (hub, machines, records) = story.begins_reviewed();
        let [first, second] = &machines;
        let hub = story.is_put_back(hub, &machines, &records);
        story.exchange(&[first, second]);
        for record in records.iter().take(3).chain(&records[6..]) {
            assert_eq!(hub.show(record)["review"]["state"], "accepted", "{record}");
        }

        decides(&hub, &records[3], "accept");
        decides(&hub, &records[4], "return");
        decides(&hub, &records[5], "accept");
        story.ends_well(&hub, &[first, second], Forks::Nowhere);
        let states =
            ["accepted", "accepted", "accepted", "accepted", "returned", "accepted", "accepted"];
        for (record, state) in records.iter().zip(states) {
            let shown = hub.show(record);
            assert_eq!(shown["review"]["state"], state, "{record}");
            assert!(!decided_twice(&shown), "{shown}");
        }
        is_told(&hub);
        newcomers_see_the_same(&story, &hub);
    });
}

impl Story {
    /// Makes a hub, two machines of one site, and records that wait for a decision.
    fn begins_reviewed(&mut self) -> (Hub, [Colony; 2], Vec<String>) {
        let (hub, machines, mut records) = self.begins();
        records.extend(self.incidents(&machines[0], RECORDS - records.len()));
        machines[0].sync();
        machines[1].sync();
        (hub, machines, records)
    }

    /// Copies the hub's data, lets it decide and people write, and puts the copy back.
    fn is_put_back(&mut self, mut hub: Hub, machines: &[Colony; 2], records: &[String]) -> Hub {
        hub.kill();
        let mut copy = hub.copied();
        hub.run();
        for record in records.iter().take(3).chain(&records[6..]) {
            decides(&hub, record, "accept");
        }
        self.writes(&machines[0], 6);
        self.writes(&machines[1], 4);
        let [first, second] = machines;
        self.exchange(&[first, second]);
        self.exchange(&[first, second]);
        hub.kill();
        copy.run();
        copy
    }
}

/// A machine that never saw the first life of the hub must tell the same as those that did.
fn newcomers_see_the_same(story: &Story, hub: &Hub) {
    let newcomer = Colony::enrol_for(hub, SITE, "C. Dootov");
    newcomer.sync();
    assert_eq!(newcomer.sync()["settled"], true);
    for id in &story.written {
        let (here, there) = (newcomer.show(id), hub.show(id));
        assert_eq!(here["state_hash"], there["state_hash"], "{here}\n{there}");
        assert_eq!(here["review"]["state"], there["review"]["state"], "{here}\n{there}");
    }
}

pub(super) fn decides(hub: &Hub, record: &str, decision: &str) {
    let remark = ["--remark", "not complete"];
    let mut command = vec!["review", record, decision];
    command.extend(remark.iter().filter(|_| decision == "return"));
    hub.command(&command).done();
}

/// Returns what the centre decided on a record, in the order of its words.
fn decisions(hub: &Hub, record: &str) -> Vec<String> {
    let history = hub.command(&["record", "history", record]).done().array();
    let kind = |step: &Json| step["kind"].as_str().unwrap().to_owned();
    let mut kinds: Vec<String> = history.iter().map(kind).collect();
    kinds.retain(|kind| ["accepted", "returned"].contains(&kind.as_str()));
    kinds.sort();
    kinds
}
