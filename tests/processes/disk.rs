//! A disk that refuses, and a process that dies at any call it makes to it.
//!
//! The faults are put in by `strace`, so the program under test is the real one.

use crate::data;
use crate::rig::{Colony, Hub, Ran, run};
use crate::strace::{strace_works, traced};

/// By which calls a save reaches the disk, and what else it does on the way.
const CALLS: [&str; 5] = ["pwrite64", "fdatasync", "openat", "write", "close"];

/// Calls of one kind after which a save has long ended.
const CALLS_MAX: u32 = 40;

#[test]
fn a_disk_that_refuses_is_named_and_nothing_is_called_saved() {
    if !strace_works() {
        return;
    }
    let (_hub, colony) = colony();
    let faults = ["fdatasync:error=EIO", "pwrite64:error=ENOSPC", "fdatasync:error=ENOSPC"];
    for (series, fault) in (1..).zip(faults) {
        let lines = data::lines(&data::searches(series, 3));
        let ran = import(&colony, &format!("inject={fault}"), &lines);
        assert_ne!(ran.code, Some(0), "{fault}");
        assert_eq!(acknowledged(&ran), 0, "{fault}: {}", ran.stdout);
        assert!(!ran.stderr.is_empty(), "{fault}: nothing was said");
        colony.assert_sound();
        // The disk is well again: the same file goes in, once.
        colony.add("search", &lines);
        assert_eq!(colony.list().len(), 3 * series as usize, "{fault}");
    }
    colony.assert_sound();
}

#[test]
fn an_agent_killed_at_any_call_of_a_save_keeps_what_it_acknowledged() {
    if !strace_works() {
        return;
    }
    let (hub, colony) = colony();
    let (mut series, mut killed) = (0, 0);
    for call in CALLS {
        for when in 1..=CALLS_MAX {
            let known = 2 * series as usize;
            series += 1;
            let lines = data::lines(&data::searches(series, 2));
            let fault = format!("inject={call}:signal=KILL:when={when}");
            let ran = import(&colony, &fault, &lines);
            let listed = colony.list().len();
            assert!(known + acknowledged(&ran) <= listed, "{fault} lost what was acknowledged");
            colony.add("search", &lines);
            assert_eq!(colony.list().len(), known + 2, "{fault}: once each");
            if ran.code == Some(0) {
                break;
            }
            killed += 1;
        }
    }
    assert!(CALLS.len() <= killed, "only {killed} saves were killed");
    colony.assert_sound();
    colony.sync();
    assert_eq!(data::ids(&hub.list()), data::ids(&colony.list()));
    hub.assert_sound();
}

fn colony() -> (Hub, Colony) {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    (hub, colony)
}

/// Imports under a fault that strace puts in.
fn import(colony: &Colony, fault: &str, lines: &str) -> Ran {
    let traced_calls = format!("trace={}", CALLS.join(","));
    run(&mut traced(colony, &["-f", "-e", &traced_calls, "-e", fault]), lines)
}

fn acknowledged(ran: &Ran) -> usize {
    ran.stdout.lines().filter(|line| line.contains("\"id\"") && line.ends_with('}')).count()
}
