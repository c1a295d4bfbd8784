//! An interface that comes up: the agent hears of it from the kernel and exchanges at once.
//!
//! The test runs itself again in a network namespace of its own, where interfaces can come and go
//! without anybody else hearing of it.

use std::process::Command;
use std::time::Duration;

use serde_json::Value as Json;

use crate::rig::{Colony, Hub, eventually, within};

/// The test that runs inside.
const INSIDE: &str = "interface::inside_a_network_of_its_own";

#[test]
fn an_interface_that_comes_up_starts_an_exchange_and_one_that_flaps_no_storm() {
    let own = std::env::current_exe().unwrap();
    let may = Command::new("unshare").args(["--net", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        #[expect(clippy::print_stderr, reason = "whoever reads the result has to know")]
        {
            eprintln!("skipped: a network namespace needs root and util-linux");
        }
        return;
    }
    let mut inside = Command::new("unshare");
    inside.arg("--net").arg(own).args(["--exact", INSIDE, "--ignored", "--nocapture"]);
    let ran = inside.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let complained = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}{complained}");
}

#[test]
#[ignore = "it changes interfaces: the test above runs it in a network of its own"]
fn inside_a_network_of_its_own() {
    ip("link set lo up");
    let hub = Hub::start(&["INST-027"]);
    let mut colony = Colony::enrol(&hub, "INST-027");
    colony.sync();
    let before = colony.status()["last_contact"].clone();
    colony.run();
    let first = eventually("the first exchange", || contact(&colony, &before));
    // Nothing else would begin one: the next poll is minutes away.
    let quiet = within(Duration::from_secs(3), || contact(&colony, &first));
    assert_eq!(quiet, None, "something else began an exchange");
    ip("link add up0 type veth peer name far0");
    ip("link set far0 up");
    ip("link set up0 up");
    let second = eventually("an exchange", || contact(&colony, &first));
    for _ in 0..5 {
        ip("link set up0 down");
        ip("link set up0 up");
    }
    let storm = within(Duration::from_secs(5), || contact(&colony, &second));
    assert_eq!(storm, None, "an interface that flaps began an exchange again");
}

/// Returns when the hub was last heard of, if that is another time than `before`.
fn contact(colony: &Colony, before: &Json) -> Option<Json> {
    Some(colony.status()["last_contact"].clone()).filter(|at| at != before && !at.is_null())
}

fn ip(arguments: &str) {
    let done = Command::new("ip").args(arguments.split(' ')).output().unwrap();
    assert!(done.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&done.stderr));
}
