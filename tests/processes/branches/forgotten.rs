//! A hub restored from a backup older than a machine's enrolment: the hub's own word, which another
//! machine of the site holds, lets it in again; whoever was revoked meanwhile stays out.

use serde_json::json;
use tempfile::TempDir;

use super::lost_end::is_told;
use super::{Forks, SITE, Story, with_seeds};
use crate::rig::{Colony, Hub};

const SECRET: &str = "correct horse battery staple\n";

#[test]
fn a_machine_that_a_restored_hub_forgot_is_let_in_again_by_what_another_holds() {
    with_seeds(|mut story| {
        let (hub, first, second) = story.begins_before_the_backup();
        story.writes(&second, 12);
        story.exchange(&[&second]);
        story.exchange(&[&first]);
        let hub = hub.restored();
        let refused = second.command(&["sync"]).ended(4);
        assert!(refused.stdout.contains("not known here"), "{refused:?}");
        story.exchange(&[&first]);
        story.ends_well(&hub.hub, &[&first, &second], Forks::Nowhere);
        is_told(&hub.hub);
    });
}

#[test]
fn a_machine_revoked_after_the_backup_stays_out() {
    with_seeds(|mut story| {
        let (hub, first, stolen) = story.begins_before_the_backup();
        story.writes(&stolen, 4);
        story.exchange(&[&stolen]);
        let key = stolen.status()["device_key"].as_str().unwrap().to_owned();
        hub.hub.command(&["device", "revoke", &key, "--reason", "stolen"]).done();
        story.exchange(&[&first]);
        let hub = hub.restored();
        stolen.command(&["sync"]).ended(4);
        for _round in 0..3 {
            story.exchange(&[&first]);
            stolen.command(&["sync"]).ended(4);
        }
        let of_key = hub.hub.devices().into_iter().find(|device| device["device"] == json!(key));
        assert_eq!(of_key.unwrap()["state"], "revoked");
        hub.hub.assert_sound();
    });
}

#[test]
fn the_only_machine_of_a_site_that_a_restored_hub_forgot_is_let_in_by_the_administrator() {
    with_seeds(|mut story| {
        let hub = Hub::start(&[SITE]);
        let hub = BackedUp { hub, dir: tempfile::tempdir().unwrap() };
        hub.hub.typing(&["backup", &hub.file()], SECRET).done();
        let machine = Colony::enrol_for(&hub.hub, SITE, "A. Asanova");
        story.writes(&machine, 7);
        machine.sync();
        let hub = hub.restored().hub;
        machine.command(&["sync"]).ended(4);
        let waiting = hub.command(&["status"]).done().json()["waiting_devices"].clone();
        let key = waiting[0]["device"].as_str().unwrap().to_owned();
        let unsaid = hub.command(&["device", "approve", &key]).ended(2);
        assert!(unsaid.stderr.contains("--site CODE"), "{unsaid:?}");
        hub.command(&["device", "forget", &key]).done();
        assert_eq!(hub.devices(), Vec::<serde_json::Value>::new());
        machine.command(&["sync"]).ended(4);
        hub.command(&["device", "approve", &key, "--site", SITE]).done();
        let twice = hub.command(&["device", "approve", &key, "--site", SITE]).ended(1);
        assert!(twice.stderr.contains("let in already"), "{twice:?}");
        story.ends_well(&hub, &[&machine], Forks::Nowhere);
    });
}

/// A hub with a backup.
struct BackedUp {
    hub: Hub,
    dir: TempDir,
}

impl Story {
    /// Makes a hub with one machine, takes a backup, and lets another machine in.
    fn begins_before_the_backup(&mut self) -> (BackedUp, Colony, Colony) {
        let hub = Hub::start(&[SITE]);
        let first = Colony::enrol_for(&hub, SITE, "A. Asanova");
        self.writes(&first, 5);
        first.sync();
        let hub = BackedUp { hub, dir: tempfile::tempdir().unwrap() };
        hub.hub.typing(&["backup", &hub.file()], SECRET).done();
        let second = Colony::enrol_for(&hub.hub, SITE, "B. Bekov");
        (hub, first, second)
    }
}

impl BackedUp {
    fn file(&self) -> String {
        self.dir.path().join("hub.backup").to_str().unwrap().to_owned()
    }

    /// Makes a hub of the backup in place of this one.
    fn restored(mut self) -> Self {
        self.hub.kill();
        let mut again = Hub::elsewhere();
        again.takes_the_place_of(&self.hub);
        again.typing(&["restore", &self.file()], SECRET).done();
        again.run();
        Self { hub: again, ..self }
    }
}
