//! `kill -9` in the middle of things: what was acknowledged is there, once.
//!
//! A kill proves nothing about power; see the tests of `store` for that. The moments vary with
//! what was acknowledged or forwarded, never with a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value as Json;

use crate::data;
use crate::link::Link;
use crate::rig::{Colony, Hub, seeds, within};

mod agent;
mod hub;

/// How often each program is killed, for each seed that is played.
const KILLS: u32 = 50;

/// How many of these must have fallen into the middle, else the test shows nothing.
const KILLS_IN_THE_MIDDLE: u32 = 15;

/// How long a moment is waited for; what it is about has ended before, or hangs.
const MOMENT: Duration = Duration::from_secs(20);

/// What a person wants saved, and what became of it: asked, then perhaps acknowledged.
#[derive(Debug, Default)]
struct Word {
    asked: BTreeSet<String>,
    acknowledged: BTreeSet<String>,
}

/// An import under way.
struct Import {
    process: Child,
    typing: JoinHandle<Option<ChildStdin>>,
    listening: JoinHandle<()>,
    heard: Arc<Mutex<Vec<String>>>,
}

/// Whether the end of what is typed is seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Seen,
    /// The pipe stays open: a program that has read everything waits for more.
    Open,
}

impl Import {
    /// Starts `command` and types `text` into it.
    fn begin(mut command: Command, text: String, end: End) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let (mut stdin, stdout) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        // A program that dies doesn't read to the end.
        let typing = thread::spawn(move || {
            stdin.write_all(text.as_bytes()).ok();
            (end == End::Open).then_some(stdin)
        });
        let heard = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&heard);
        let listening = thread::spawn(move || listen(stdout, &shared));
        Self { process, typing, listening, heard }
    }

    /// Returns how many lines were acknowledged until now.
    fn heard(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    fn is_over(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    /// Kills what is left, and returns the ids that were acknowledged.
    fn cut(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        // The pipe's end comes back with the thread, so that no program saw it before.
        drop(self.typing.join().unwrap());
        self.listening.join().unwrap();
        Arc::into_inner(self.heard).unwrap().into_inner().unwrap()
    }
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

/// Returns a token of somebody who decides.
fn reviewer(hub: &Hub) -> String {
    let made = hub.command(&["token", "add", "reviewer", "--role", "reviewer"]).done().json();
    made["token"].as_str().unwrap().to_owned()
}

/// Saves so many incidents, and returns their ids.
fn incidents(colony: &Colony, count: u32) -> BTreeSet<String> {
    let incidents: Vec<Json> = (0..count).map(|_| data::incident()).collect();
    data::ids(&colony.add("incident", &data::lines(&incidents)))
}

/// Returns flat records as JSON lines, or as a table every second time.
fn text(number: u32, records: &[Json]) -> (&'static str, String) {
    if number.is_multiple_of(2) { ("jsonl", data::lines(records)) } else { ("csv", table(records)) }
}

/// No value of these records holds what a table must quote.
fn table(records: &[Json]) -> String {
    let cell = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let columns: Vec<&String> = records[0].as_object().unwrap().keys().collect();
    let head = columns.iter().map(|column| (*column).clone()).collect::<Vec<_>>().join(",");
    let row = |record: &Json| {
        columns.iter().map(|column| cell(&record[column.as_str()])).collect::<Vec<_>>().join(",")
    };
    records.iter().fold(head, |text, record| format!("{text}\n{}", row(record))) + "\n"
}

/// Returns how often each remark stands in a record's history.
fn remarks(history: &[Json]) -> BTreeMap<String, u32> {
    let mut counted = BTreeMap::new();
    for remark in history.iter().filter_map(|step| step["remark"].as_str()) {
        *counted.entry(remark.to_owned()).or_default() += 1;
    }
    counted
}

/// Fails unless what was acknowledged was said once on both sides, and nothing twice.
fn assert_said_once(word: &Word, ids: &BTreeSet<String>, (colony, hub): (&Colony, &Hub)) {
    let mut said = BTreeMap::new();
    for id in ids {
        let there = remarks(&hub.command(&["record", "history", id]).done().array());
        let here = remarks(&colony.command(&["history", id]).done().array());
        assert_eq!(here, there, "both sides tell the same of {id}");
        said.extend(there);
    }
    let lost: Vec<_> = word.acknowledged.iter().filter(|one| !said.contains_key(*one)).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), word.acknowledged.len());
    let twice: Vec<_> = word.asked.iter().filter(|one| 1 < *said.get(*one).unwrap_or(&0)).collect();
    assert!(twice.is_empty(), "{twice:?} stand there twice");
}

/// Fails unless both sides hold the same records, in the same state, and every entry once.
fn assert_alike(colony: &Colony, hub: &Hub, in_many: usize) {
    let (here, there) = (colony.list(), hub.list());
    assert_eq!(data::ids(&here), data::ids(&there));
    assert_references_are_unique(&here);
    assert!(here.iter().all(|item| item["custody"] != "saved" && item["custody"] != "sent"));
    for item in there.iter().step_by(in_many) {
        let id = item["id"].as_str().unwrap();
        let (here, there) = (colony.show(id), hub.show(id));
        assert_eq!(here["state_hash"], there["state_hash"], "{id}");
        assert_eq!(there["entries"], here["entries"], "{id}");
        assert!(item["form"] == "incident" || there["entries"] == 1, "{id} was stored once");
    }
    colony.assert_sound();
    hub.assert_sound();
}

fn assert_references_are_unique(list: &[Json]) {
    let references: BTreeSet<&str> =
        list.iter().map(|item| item["ref"].as_str().unwrap()).collect();
    assert_eq!(references.len(), list.len(), "two records bear one reference");
}
