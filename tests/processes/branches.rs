//! One log with several lives: a disk set back, a machine copied, a hub's data put back.
//!
//! Each test plays one such story on real programs and ends with one law, [`Story::ends_well`]:
//! what anybody wrote on any branch is listed by the hub and by every machine of the site, all say
//! the same of it, and people are told that the log has branches. A seed varies how much is
//! written and who comes first.

mod clones;
mod forgotten;
mod hubs;
mod lost_end;
mod set_back;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use world::Chance;

use crate::data;
use crate::rig::{Colony, Hub, seeds};

const SITE: &str = "INST-027";

/// Exchanges of every machine after which the site is at rest: one to bring what it has, one to
/// open the next epoch, one to fetch what others brought, and one to spare.
const ROUNDS: usize = 4;

/// Who wrote what, on every branch.
#[derive(Debug)]
struct Story {
    chance: Chance,
    /// The number that tells one batch of records from others.
    series: u32,
    written: BTreeSet<String>,
    /// Titles given to records, each without seeing the others.
    titles: BTreeMap<String, BTreeSet<String>>,
}

/// The branches that must be named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Forks {
    Nowhere,
    /// In one log, with so many branches.
    Of(usize),
}

/// Plays a story with every seed that is asked for.
fn with_seeds(play: impl Fn(Story)) {
    for seed in 0..seeds() {
        play(Story::new(seed));
    }
}

impl Story {
    fn new(seed: u32) -> Self {
        let (written, titles) = (BTreeSet::new(), BTreeMap::new());
        Self { chance: Chance::new(seed.into()), series: 0, written, titles }
    }

    /// Makes a hub, two machines of one site, and a few records that all of them have.
    fn begins(&mut self) -> (Hub, [Colony; 2], Vec<String>) {
        let hub = Hub::start(&[SITE]);
        let officers = ["A. Asanova", "B. Bekov"];
        let machines = officers.map(|officer| Colony::enrol_for(&hub, SITE, officer));
        let shared = self.incidents(&machines[0], 3);
        self.writes(&machines[0], 5);
        self.writes(&machines[1], 3);
        for machine in machines.iter().chain(&machines) {
            machine.sync();
        }
        (hub, machines, shared)
    }

    /// Returns about so many: at the least one, and up to a fifth more or less.
    fn about(&mut self, count: usize) -> usize {
        (count - count / 5 + self.chance.below(count / 5 * 2 + 1)).max(1)
    }

    /// Saves about so many records in a few batches, and returns how many.
    fn writes(&mut self, machine: &Colony, count: usize) -> usize {
        let all = self.about(count);
        let mut left = all;
        while 0 < left {
            let now = (1 + self.chance.below(left)).min(left);
            left -= now;
            let searches = self.searches(now);
            self.written.extend(data::ids(&machine.add("search", &data::lines(&searches))));
        }
        all
    }

    /// Returns so many records that nobody else wrote.
    fn searches(&mut self, count: usize) -> Vec<Json> {
        self.series += 1;
        data::searches(self.series, u32::try_from(count).unwrap())
    }

    /// Saves so many records that can be amended, and returns their ids.
    fn incidents(&mut self, machine: &Colony, count: usize) -> Vec<String> {
        let ids: Vec<String> =
            (0..count).map(|_| machine.add_one("incident", &data::incident())).collect();
        self.written.extend(ids.iter().cloned());
        ids
    }

    /// Gives each of these records a title that nobody else gives, or one that others may give too.
    /// No life of a log may amend one record twice.
    fn amends(&mut self, machine: &Colony, ids: &[String]) {
        for id in ids {
            self.series += 1;
            let title = match self.chance.below(3) {
                0 => "The same for all".to_owned(),
                _ => format!("Title {}", self.series),
            };
            machine.amend(id, &json!({ "title": title }));
            self.titles.entry(id.clone()).or_default().insert(title);
        }
    }

    /// Lets machines exchange in some order; what comes of it is looked at in the end.
    fn exchange(&mut self, machines: &[&Colony]) {
        let mut left = machines.to_vec();
        while !left.is_empty() {
            let next = left.swap_remove(self.chance.below(left.len()));
            next.command(&["sync"]);
        }
    }

    /// Fails unless everything written is known everywhere, and the branches are named.
    fn ends_well(&mut self, hub: &Hub, machines: &[&Colony], forks: Forks) {
        for _round in 0..ROUNDS {
            self.exchange(machines);
        }
        for machine in machines {
            let told = machine.sync();
            assert_eq!(told["settled"], true, "{told}");
            assert_eq!((&told["sent"], &told["received"]), (&json!(0), &json!(0)), "at rest");
        }
        assert_eq!(data::ids(&hub.holds(self.written.len())), self.written);
        for machine in machines {
            let listed = machine.list();
            assert_eq!(data::ids(&listed), self.written);
            for item in &listed {
                let custody = item["custody"].as_str().unwrap();
                assert!(["held", "reviewed"].contains(&custody), "{item}");
            }
            assert_eq!(machine.waiting(), 0);
            assert_eq!(machine.status()["stranded"], json!([]));
        }
        self.all_say_the_same(hub, machines);
        named_at_the_centre(hub, forks);
        for machine in machines {
            named_at_the_site(machine, forks);
        }
    }

    /// Fails unless every record stands alike at the hub and on every machine.
    fn all_say_the_same(&self, hub: &Hub, machines: &[&Colony]) {
        for id in &self.written {
            let there = hub.show(id);
            self.assert_titled(id, &there);
            for machine in machines {
                let here = machine.show(id);
                assert_eq!(here["state_hash"], there["state_hash"], "{here}\n{there}");
                assert_eq!(here["values"], there["values"], "{id}");
                assert_eq!(contested(&here), contested(&there), "{id}");
                let state = |shown: &Json| shown["review"]["state"].clone();
                assert_eq!(state(&here), state(&there), "{here}\n{there}");
                assert_eq!(decided_twice(&here), decided_twice(&there), "{here}\n{there}");
            }
        }
    }

    /// Fails unless a record shows the titles of all its lives.
    fn assert_titled(&self, id: &str, shown: &Json) {
        let Some(titles) = self.titles.get(id) else { return };
        let given: BTreeSet<String> = match shown["values"]["title"].as_str() {
            Some(title) => BTreeSet::from([title.to_owned()]),
            None => contested(shown).remove("title").unwrap_or_default(),
        };
        assert_eq!(given, *titles, "{shown}");
    }
}

/// Returns which values stand against each other, by field.
fn contested(shown: &Json) -> BTreeMap<String, BTreeSet<String>> {
    let field = |conflict: &Json| {
        let values = conflict["values"].as_array().unwrap().iter();
        let values = values.map(|value| value["value"].as_str().unwrap().to_owned());
        (conflict["field"].as_str().unwrap().to_owned(), values.collect())
    };
    shown["conflicts"].as_array().unwrap().iter().map(field).collect()
}

/// Whether a record says that the centre decided it twice.
fn decided_twice(shown: &Json) -> bool {
    shown["review"]["decided_twice"].as_array().is_some_and(|twice| !twice.is_empty())
}

/// Fails unless the hub's commands and its page name the forks, and it holds nothing unsound.
fn named_at_the_centre(hub: &Hub, forks: Forks) {
    let status = hub.command(&["status"]).done().json();
    assert_eq!(status["not_folded"], 0, "{status}");
    assert_named(&status["forks"], forks);
    let verified = hub.command(&["verify"]).done().json();
    assert_eq!((&verified["ok"], &verified["faults"]), (&json!(true), &json!([])), "{verified}");
    assert_eq!(verified["forks"], status["forks"]);
    let doctor = hub.command(&["doctor"]).stdout;
    let page = hub.ask(&format!("/sites/{SITE}"), "");
    assert_eq!(page.status, 200);
    assert_eq!(doctor.contains("branches"), forks != Forks::Nowhere, "{doctor}");
    // The page is about the site's devices: a lane of the hub's own is not its matter.
    let is_theirs = |fork: &Json| fork["device"] != status["hub"];
    let is_told = status["forks"].as_array().unwrap().iter().any(is_theirs);
    assert_eq!(page.body.contains("branches"), is_told, "{}", page.body);
}

/// Fails unless a machine names the forks, and finds nothing else.
fn named_at_the_site(machine: &Colony, forks: Forks) {
    assert_named(&machine.status()["forks"], forks);
    let verified = machine.command(&["verify"]);
    assert!([Some(0), Some(5)].contains(&verified.code), "{verified:?}");
    for fault in verified.json()["faults"].as_array().unwrap() {
        let what = fault["what"].as_str().unwrap();
        assert!(what.contains("fork") || what.contains("branch"), "{fault}");
        assert_ne!(forks, Forks::Nowhere, "{fault}");
    }
    let doctor = machine.command(&["doctor"]).stdout;
    assert_eq!(doctor.contains("branches"), forks != Forks::Nowhere, "{doctor}");
}

/// Fails unless each fork says where it is and how many entries each branch has of its own.
fn assert_named(named: &Json, forks: Forks) {
    let named = named.as_array().unwrap();
    let Forks::Of(branches) = forks else {
        assert!(named.is_empty(), "{named:?}");
        return;
    };
    assert_eq!(named.len(), 1, "{named:?}");
    for part in ["device", "epoch", "lane", "seq"] {
        assert!(!named[0][part].is_null(), "{named:?}");
    }
    let counted = named[0]["branches"].as_array();
    let counted = counted.unwrap_or_else(|| panic!("no branches: {named:?}"));
    assert_eq!(counted.len(), branches, "{named:?}");
    assert!(counted.iter().all(|branch| 0 < branch["entries"].as_u64().unwrap()), "{named:?}");
}
