//! A hub whose database lost its last transactions while its data directory, or its process, knows
//! better: it learns that by itself, before any machine tells it.

use std::fs;

use serde_json::{Value as Json, json};

use super::hubs::decides;
use super::{Forks, SITE, Story, with_seeds};
use crate::rig::{Colony, Hub, eventually};
use crate::server::{self, Server};

/// Records on which the centre decides.
const RECORDS: usize = 6;

#[test]
fn a_database_put_back_is_noticed_at_the_start_and_nothing_of_either_life_is_lost() {
    with_seeds(|mut story| {
        let (mut hub, machines, records) = story.begins_with(RECORDS);
        let [first, second] = &machines;
        hub.kill();
        let copy = hub.database_copied();
        hub.run();
        for record in &records[..3] {
            decides(&hub, record, "accept");
        }
        story.writes(first, 6);
        story.exchange(&[first, second]);
        story.exchange(&[first, second]);
        hub.kill();
        hub.database_put_back(copy);

        hub.run();
        let told = set_backs(&hub);
        assert_eq!((told.len(), &told[0]["count"]), (1, &json!(2)), "{told:?}");
        for record in &records[3..] {
            decides(&hub, record, "accept");
        }
        story.ends_well(&hub, &[first, second], Forks::Nowhere);
        all_are(&hub, &machines, &records, "accepted");
        is_told(&hub);
        assert_eq!(set_backs(&hub).len(), 1, "one loss is answered for once");
    });
}

#[test]
fn one_flipped_bit_in_what_was_written_ahead_loses_no_decision() {
    if server::is_chosen() {
        return; // A server looks after its own files.
    }
    with_seeds(|mut story| {
        let (mut hub, machines, records) = story.begins_with(RECORDS);
        let [first, second] = &machines;
        let ahead = hub.data().join("hub.db-wal");
        let before = usize::try_from(fs::metadata(&ahead).unwrap().len()).unwrap();
        for record in &records[..3] {
            decides(&hub, record, "accept");
        }
        story.exchange(&[first, second]);
        hub.kill();
        let mut bytes = fs::read(&ahead).unwrap();
        // In the first page that was written since.
        bytes[before + 100] ^= 1;
        fs::write(&ahead, bytes).unwrap();

        hub.run();
        assert!(!set_backs(&hub).is_empty(), "the hub lost its last transactions unawares");
        for record in &records[3..] {
            decides(&hub, record, "accept");
        }
        story.ends_well(&hub, &[first, second], Forks::Nowhere);
        all_are(&hub, &machines, &records, "accepted");
    });
}

#[test]
fn a_standby_promoted_without_its_last_transactions_is_noticed_by_both_hubs_that_run() {
    let server = Server::start();
    let mut story = Story::new(0);
    let hub = Hub::start_on(&server.database(), &[SITE]);
    let beside = hub.beside();
    let machines = ["A. Asanova", "B. Bekov"].map(|it| Colony::enrol_for(&hub, SITE, it));
    let [first, second] = &machines;
    let records = story.incidents(first, RECORDS);
    story.exchange(&[first, second, first]);
    server.kill();
    let behind = server.copied_data();
    server.restart();
    is_ready(&[&hub, &beside]);

    for record in &records[..3] {
        decides(&hub, record, "accept");
    }
    story.writes(second, 6);
    story.exchange(&[first, second]);
    story.exchange(&[first, second]);
    server.kill();
    server.put_data_back(&behind);
    server.restart();
    is_ready(&[&hub, &beside]);

    let told = eventually("the loss to be noticed", || {
        Some(set_backs(&hub)).filter(|told| !told.is_empty())
    });
    assert_eq!(told.len(), 1, "two processes answer for one loss once: {told:?}");
    for record in &records[3..] {
        decides(&beside, record, "accept");
    }
    // A newcomer vouches for nobody wrong, and the others go on.
    let third = Colony::enrol_for(&beside, SITE, "C. Dootov");
    story.writes(&third, 2);
    story.ends_well(&hub, &[first, second, &third], Forks::Nowhere);
    all_are(&hub, &machines, &records, "accepted");
    assert_eq!(set_backs(&beside).len(), 1);
    beside.assert_sound();
}

impl Story {
    /// Makes a hub, two machines of one site, and so many records that wait for a decision.
    fn begins_with(&mut self, count: usize) -> (Hub, [Colony; 2], Vec<String>) {
        let (hub, machines, mut records) = self.begins();
        records.extend(self.incidents(&machines[0], count - records.len()));
        machines[0].sync();
        machines[1].sync();
        (hub, machines, records)
    }
}

fn is_ready(hubs: &[&Hub]) {
    for hub in hubs {
        eventually("the hub to be ready", || (hub.ask("/readyz", "").status == 200).then_some(()));
    }
}

/// Returns what the hub says of how often it was set back.
fn set_backs(hub: &Hub) -> Vec<Json> {
    hub.command(&["status"]).done().json()["set_backs"].as_array().unwrap().clone()
}

/// Fails unless everybody at the centre is told that the hub was set back.
pub(super) fn is_told(hub: &Hub) {
    let doctor = hub.command(&["doctor"]).stdout;
    assert!(doctor.contains("let every site have contact"), "{doctor}");
    let verified = hub.command(&["verify"]).done().json();
    assert!(!verified["set_backs"].as_array().unwrap().is_empty(), "{verified}");
    let page = hub.ask("/sites", "");
    assert!(page.body.contains("This hub had lost part of what it signed"), "{}", page.body);
}

fn all_are(hub: &Hub, machines: &[Colony], records: &[String], state: &str) {
    for record in records {
        assert_eq!(hub.show(record)["review"]["state"], state, "{record} at the hub");
        for machine in machines {
            assert_eq!(machine.show(record)["review"]["state"], state, "{record} at a machine");
        }
    }
}
