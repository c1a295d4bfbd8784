//! An older version's data, and older programs in one exchange with today's.
//!
//! The older version held the further branches of a forked log aside and listed the first one
//! only. Its data lies in `tests/fixtures`; its programs are looked for where `ASHUU_OLD_BIN` says.

mod fixtures;
mod mixed;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::data;
use crate::rig::{Colony, Hub, Version};

const SITE: &str = "INST-027";

/// What an older hub and its machines were told, and what they showed of it.
#[derive(Debug)]
struct Before {
    /// Every record that was written, on whatever branch.
    written: BTreeSet<String>,
    /// Those that the hub listed.
    listed: BTreeSet<String>,
    /// What the centre decided.
    states: BTreeMap<String, String>,
    /// Titles that the branches gave to one record.
    titles: BTreeMap<String, BTreeSet<String>>,
}

/// An older hub with two machines and a copy of one, which wrote one log twice.
#[derive(Debug)]
struct Older {
    hub: Hub,
    author: Colony,
    double: Colony,
    sibling: Colony,
    before: Before,
}

impl Older {
    /// Writes, publishes and decides with an older version's programs.
    fn on(database: &str) -> Self {
        let hub = Hub::start_older(database, &[SITE]);
        let [author, sibling] = ["A. Asanova", "B. Bekov"].map(|officer| {
            let machine = Colony::of_version(Version::Older, &hub.sync_address());
            machine.enrols(&hub, SITE, officer);
            machine
        });
        let shared: Vec<String> =
            (0..4).map(|_| author.add_one("incident", &data::incident())).collect();
        crate::publish::publish_question(&hub);
        for machine in [&author, &sibling] {
            machine.sync();
        }
        let double = author.cloned();
        let third = author.cloned();
        let mut titles = BTreeMap::<String, BTreeSet<String>>::new();
        for (series, machine, title) in
            [(1, &author, "One"), (2, &double, "Two"), (3, &third, "Three")]
        {
            machine.add("search", &data::lines(&data::searches(series, series + 4)));
            machine.amend(&shared[0], &json!({"title": title, "camera": "3"}));
            titles.entry(shared[0].clone()).or_default().insert(title.to_owned());
            machine.sync();
        }
        // By now each is in an epoch of its own.
        for (series, machine) in [(4, &author), (5, &double)] {
            machine.sync();
            machine.add("search", &data::lines(&data::searches(series, 2)));
            machine.sync();
        }
        hub.command(&["review", &shared[1], "accept"]).done();
        hub.command(&["review", &shared[2], "return", "--remark", "not complete"]).done();
        for machine in [&sibling, &author, &double, &sibling] {
            machine.sync();
        }
        let listed = data::ids(&hub.list());
        let mut written = listed.clone();
        for machine in [&author, &double, &third] {
            written.extend(data::ids(&machine.list()));
        }
        assert!(
            listed.len() < written.len(),
            "nothing is hidden: this version is not the older one"
        );
        let states = [(1, "accepted"), (2, "returned"), (3, "submitted")];
        let states = states.map(|(place, state)| (shared[place].clone(), state.to_owned())).into();
        let before = Before { written, listed, states, titles };
        Self { hub, author, double, sibling, before }
    }
}

impl Before {
    fn to_json(&self) -> Json {
        let Self { written, listed, states, titles } = self;
        json!({"written": written, "listed": listed, "states": states, "titles": titles})
    }

    fn from_json(json: &Json) -> Self {
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        let all = |value: &Json| value.as_array().unwrap().iter().map(text).collect();
        let by_id = |key: &str| json[key].as_object().unwrap().clone().into_iter();
        Self {
            written: all(&json["written"]),
            listed: all(&json["listed"]),
            states: by_id("states").map(|(id, state)| (id, text(&state))).collect(),
            titles: by_id("titles").map(|(id, titles)| (id, all(&titles))).collect(),
        }
    }

    /// Fails unless a hub of today lists all of it, and says of it what was decided and written.
    fn assert_whole_at(&self, hub: &Hub) {
        assert_eq!(data::ids(&hub.holds(self.written.len())), self.written);
        self.assert_shown(|id| hub.show(id));
        let verified = hub.command(&["verify"]).done().json();
        assert_eq!(
            (&verified["ok"], &verified["faults"]),
            (&json!(true), &json!([])),
            "{verified}"
        );
        let forks = verified["forks"].as_array().unwrap();
        assert_eq!(forks.len(), 1, "{forks:?}");
        assert_eq!(forks[0]["branches"].as_array().unwrap().len(), 3, "{forks:?}");
    }

    /// Fails unless a machine of today that followed all of it lists all of it.
    fn assert_whole_on(&self, machine: &Colony) {
        assert_eq!(data::ids(&machine.list()), self.written);
        self.assert_shown(|id| machine.show(id));
    }

    fn assert_shown(&self, show: impl Fn(&str) -> Json) {
        for (id, state) in &self.states {
            assert_eq!(show(id)["review"]["state"], **state, "{id}");
        }
        for (id, titles) in &self.titles {
            let shown = show(id);
            let values = shown["conflicts"][0]["values"].as_array().unwrap().iter();
            let values = values.map(|value| value["value"].as_str().unwrap().to_owned());
            assert_eq!(values.collect::<BTreeSet<_>>(), *titles, "{shown}");
        }
    }
}
