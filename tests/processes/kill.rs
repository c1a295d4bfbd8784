//! `kill -9` in the middle of things: what was acknowledged is there, once.
//!
//! A kill proves nothing about power; see the tests of `store` for that. The moments vary with
//! what was acknowledged or forwarded, never with a clock.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value as Json;

use crate::data;
use crate::link::Link;
use crate::rig::{Colony, Hub, within};

/// How often each program is killed.
const KILLS: u32 = 50;

/// How many of these must have fallen into the middle, else the test shows nothing.
const KILLS_IN_THE_MIDDLE: u32 = 25;

/// Lines of one import: three rounds of saving.
const LINES: u32 = 1_100;

/// Records of one exchange.
const BATCH: u32 = 100;

/// When an import is interrupted.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// When so many lines were acknowledged.
    Acknowledged(usize),
    /// When so many bytes were read of the file.
    Read(usize),
}

#[test]
fn an_agent_killed_while_importing_keeps_every_line_it_acknowledged() {
    let hub = Hub::start(&["INST-027"]);
    let mut colony = Colony::enrol(&hub, "INST-027");
    let mut acknowledged = BTreeSet::new();
    let mut in_the_middle = 0;
    for kill in 0..KILLS {
        let searches = data::searches(kill, LINES);
        let moment = match kill % 2 {
            0 => Moment::Acknowledged(kill as usize * 23 % 560),
            _ => Moment::Read(kill as usize * 3_671 % 180_000),
        };
        let import = colony.prepare(&["add", "search"]);
        // Every third time the import goes through a process that serves, and that one dies.
        let heard = if kill % 3 == 2 {
            colony.run();
            interrupt(import, &searches, moment, || colony.kill())
        } else {
            interrupt(import, &searches, moment, || ())
        };
        in_the_middle += u32::from(heard.len() < LINES as usize);
        acknowledged.extend(heard);
    }
    assert!(KILLS_IN_THE_MIDDLE <= in_the_middle, "only {in_the_middle} kills were in the middle");

    let kept = data::ids(&colony.list());
    let lost: Vec<_> = acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), acknowledged.len());
    colony.assert_sound();
    // What was cut short is imported again: nothing doubles, nothing is missing.
    let last = data::searches(KILLS - 1, LINES);
    colony.add("search", &data::lines(&last));
    colony.sync();
    let (here, there) = (data::ids(&colony.list()), data::ids(&hub.list()));
    assert_eq!(here, there);
    assert!(acknowledged.is_subset(&there));
    assert!(last.iter().all(|search| there.contains(search["@id"].as_str().unwrap())));
    assert_references_are_unique(&colony.list());
    colony.assert_sound();
    hub.assert_sound();
}

#[test]
fn a_hub_killed_while_syncing_holds_everything_once() {
    let mut hub = Hub::start(&["INST-027"]);
    let link = Link::to(&hub.sync_address());
    let colony = Colony::enrol_by(&hub, "INST-027", &link.address());
    let batch = |number| data::lines(&data::searches(number, BATCH));
    let before = link.up_bytes();
    colony.add("search", &batch(KILLS));
    colony.sync();
    let whole = link.up_bytes() - before;
    link.throttle(60_000);
    let mut in_the_middle = 0;
    for kill in 0..KILLS {
        colony.add("search", &batch(kill));
        let mut exchange = colony.prepare(&["sync"]);
        exchange.stdout(Stdio::null()).stderr(Stdio::null());
        let before = link.up_bytes();
        let mut exchange = exchange.spawn().unwrap();
        // From the first byte to the last, when it has read all and begins to answer.
        let enough = whole * u64::from(kill % 11) / 10;
        within(Duration::from_secs(10), || {
            let reached = enough <= link.up_bytes() - before;
            (reached || exchange.try_wait().unwrap().is_some()).then_some(())
        });
        hub.kill();
        in_the_middle += u32::from(!exchange.wait().unwrap().success());
        hub.run();
    }
    assert!(KILLS_IN_THE_MIDDLE <= in_the_middle, "only {in_the_middle} kills were in the middle");

    link.throttle(0);
    colony.sync();
    let listed = hub.holds(((KILLS + 1) * BATCH) as usize);
    assert_eq!(data::ids(&listed), data::ids(&colony.list()));
    assert!(colony.list().iter().all(|item| item["custody"] == "held"));
    for item in listed.iter().step_by(97) {
        let id = item["id"].as_str().unwrap();
        let (here, there) = (colony.show(id), hub.show(id));
        assert_eq!(there["entries"], 1, "{id} was stored once");
        assert_eq!(here["state_hash"], there["state_hash"]);
    }
    colony.assert_sound();
    hub.assert_sound();
}

/// Imports until the moment has come, kills, and returns the ids that were acknowledged.
fn interrupt(
    mut import: Command,
    records: &[Json],
    moment: Moment,
    kill_other: impl FnOnce(),
) -> Vec<String> {
    import.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut import = import.spawn().unwrap();
    let (stdin, stdout) = (import.stdin.take().unwrap(), import.stdout.take().unwrap());
    let text = data::lines(records).into_bytes();
    let typed = match moment {
        Moment::Acknowledged(_) => text.len(),
        Moment::Read(bytes) => bytes.min(text.len()),
    };
    let typing = thread::spawn(move || type_in(stdin, &text[..typed]));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listening = {
        let heard = Arc::clone(&heard);
        thread::spawn(move || listen(stdout, &heard))
    };
    within(Duration::from_secs(20), || {
        let reached = match moment {
            Moment::Acknowledged(count) => count <= heard.lock().unwrap().len(),
            Moment::Read(_) => typing.is_finished(),
        };
        (reached || import.try_wait().unwrap().is_some()).then_some(())
    });
    kill_other();
    import.kill().unwrap();
    import.wait().unwrap();
    // The pipe's end comes back with the thread: the program never saw the end of its input.
    drop(typing.join().unwrap());
    listening.join().unwrap();
    Arc::into_inner(heard).unwrap().into_inner().unwrap()
}

fn type_in(mut stdin: ChildStdin, text: &[u8]) -> Option<ChildStdin> {
    stdin.write_all(text).is_ok().then_some(stdin)
}

/// Takes down the id of every line that was acknowledged whole.
fn listen(stdout: ChildStdout, heard: &Mutex<Vec<String>>) {
    let mut stdout = BufReader::new(stdout);
    let mut line = String::new();
    while matches!(stdout.read_line(&mut line), Ok(1..)) && line.ends_with('\n') {
        let answer: Json = serde_json::from_str(&line).unwrap();
        heard.lock().unwrap().extend(answer["id"].as_str().map(str::to_owned));
        line.clear();
    }
}

fn assert_references_are_unique(list: &[Json]) {
    let references: BTreeSet<&str> =
        list.iter().map(|item| item["ref"].as_str().unwrap()).collect();
    assert_eq!(references.len(), list.len(), "two records bear one reference");
}
