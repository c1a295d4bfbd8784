//! The desk over a real store: what is asked, and what is then there.

mod amended;
mod exported;
mod foreign;
mod imported;
mod named;
mod published;
mod reviewed;
mod told;

use journal::DeviceSecret;
use record::PersonId;
use serde_json::{Map, json};
use tempfile::TempDir;

use super::*;
use crate::identity::Enrolment;
use crate::request::{Amend, Batch, Filter, Line, LineResult, LineText, Outcome, Saved, Then};

pub(crate) const ID: &str = "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa";

/// A machine of one site, enrolled, in a directory that goes with it.
pub(crate) struct Machine {
    dir: TempDir,
    desk: Option<Arc<Desk>>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self::enrolled(|enrolment| enrolment)
    }

    /// A machine that was enrolled a little differently.
    pub(crate) fn enrolled(change: impl FnOnce(Enrolment) -> Enrolment) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let hub = DeviceSecret::from_bytes(&[9; 32]).public();
        pin(dir.path(), &hub).unwrap();
        let store = open_store(dir.path(), hub, &catalogues().unwrap()).unwrap();
        let (_secret, _epoch) = Identity::prepare(&store).unwrap();
        let enrolment = Enrolment {
            hub,
            address: "127.0.0.1:1".to_owned(),
            site: "INST-027".parse().unwrap(),
            predecessors: Vec::new(),
            name: "office".to_owned(),
            letter: "A".to_owned(),
            publishes: false,
            administrator: PersonId([7; 16]),
            administrator_name: "Аида".to_owned(),
            enrolled_ms: 0,
        };
        Identity::enrolled(&store, &change(enrolment)).unwrap();
        drop(store);
        let desk = Some(Arc::new(Desk::open(dir.path()).unwrap()));
        Self { dir, desk }
    }

    fn desk(&self) -> &Desk {
        self.desk.as_ref().unwrap()
    }

    pub(crate) fn shared(&self) -> Arc<Desk> {
        Arc::clone(self.desk.as_ref().unwrap())
    }

    /// Stops, has something done to the directory, and starts again.
    fn restart_after(&mut self, change: impl FnOnce(&Path)) {
        self.desk = None;
        change(self.dir.path());
        self.desk = Some(Arc::new(Desk::open(self.dir.path()).unwrap()));
    }

    fn restart(&mut self) {
        self.restart_after(|_data| ());
    }

    fn status(&self) -> serde_json::Value {
        let answer = self.desk().execute(Request::Status).unwrap();
        let Response::Status(status) = answer else { panic!("{answer:?}") };
        status
    }

    pub(crate) fn add(&self, form: &str, lines: &[&str]) -> Vec<Outcome> {
        let line = |(number, text): (u64, &&str)| Line {
            number,
            text: LineText::Text((*text).to_owned()),
        };
        let lines = (1..).zip(lines).map(line).collect();
        let batch = Batch { form: form.to_owned(), lines, then: Then::Save, headers: None };
        let answer = self.desk().execute(Request::Add(batch)).unwrap();
        let Response::Added(outcomes) = answer else { panic!("{answer:?}") };
        outcomes
    }

    pub(crate) fn show(&self, id: &str) -> serde_json::Value {
        let answer = self.desk().execute(Request::Show { id: id.to_owned() }).unwrap();
        let Response::Shown(record) = answer else { panic!("{answer:?}") };
        record
    }

    fn history(&self, id: &str) -> Vec<serde_json::Value> {
        let answer = self.desk().execute(Request::History { id: id.to_owned() }).unwrap();
        let Response::History(items) = answer else { panic!("{answer:?}") };
        items
    }

    fn list(&self, filter: Filter) -> Vec<serde_json::Value> {
        let answer = self.desk().execute(Request::List(filter)).unwrap();
        let Response::Listed(rows) = answer else { panic!("{answer:?}") };
        rows
    }

    pub(crate) fn list_all(&self) -> Vec<serde_json::Value> {
        self.list(Filter::default())
    }

    fn amend(&self, id: &str, values: serde_json::Value, seen: Option<Vec<String>>) -> Saved {
        self.try_amend(id, values, seen).unwrap()
    }

    fn try_amend(
        &self,
        id: &str,
        values: serde_json::Value,
        seen: Option<Vec<String>>,
    ) -> Result<Saved, Problem> {
        let values = values.as_object().unwrap().clone();
        let amend = Amend { id: id.to_owned(), seen, values, comment: Some("why".to_owned()) };
        let answer = self.desk().execute(Request::Amend(amend))?;
        let Response::Saved(saved) = answer else { panic!("{answer:?}") };
        Ok(saved)
    }
}

#[test]
fn a_list_stands_in_the_order_of_instants_and_not_of_their_texts() {
    let machine = Machine::new();
    let times = ["2026-11-20T23:30:00-05:00", "2026-11-21T08:00:00+06:00"];
    machine.add("search", &times.map(|at| search(None, at)).each_ref().map(String::as_str));
    let listed = machine.list_all();
    let listed: Vec<&str> = listed.iter().map(|row| row["occurred_at"].as_str().unwrap()).collect();
    assert_eq!(listed, [times[1], times[0]]);
    let [day, noon] = ["2026-11-21", "2026-11-20T18:00:00Z"].map(time::instant);
    assert_eq!(day, noon, "a day begins at midnight here");
}

#[test]
fn a_lost_epoch_goes_on_in_the_next_one_and_a_lost_key_is_named() {
    for lose in [(|file| std::fs::remove_file(file).unwrap()) as fn(&Path), |file| {
        std::fs::write(file, "no epoch").unwrap();
    }] {
        let mut machine = Machine::new();
        machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
        machine.restart_after(|data| lose(&data.join("local/epoch")));
        let later = machine.add("search", &[&search(None, "2026-11-21T03:10:00+06:00")]);
        assert!(saved(&later[0]).reference.contains("/A2-"), "{later:?}");
        assert_eq!(machine.list_all().len(), 2);
    }
    for file in ["local/device.key", "hub.key"] {
        let mut machine = Machine::new();
        machine.desk = None;
        std::fs::remove_file(machine.dir.path().join(file)).unwrap();
        let problem = Desk::open(machine.dir.path()).unwrap_err();
        assert_ne!(problem.cause, Cause::NotEnrolled);
        assert!(problem.detail.contains("missing"), "{problem}");
    }
}

#[test]
fn a_damaged_local_file_is_set_aside_and_keeps_nobody_from_working() {
    let mut machine = Machine::new();
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    machine.restart_after(|data| {
        for file in ["arrivals", "proved", "underway"] {
            std::fs::write(data.join("local").join(file), "no such file was written").unwrap();
        }
    });
    assert_eq!(machine.show(ID)["custody"], "saved");
    let local = machine.dir.path().join("local");
    for file in ["arrivals.damaged", "proved.damaged", "underway.damaged"] {
        assert!(local.join(file).exists(), "{file}");
    }
}

/// A search that is complete, as a line.
pub(crate) fn search(id: Option<&str>, at: &str) -> String {
    let mut line = json!({
        "at": at, "place": "cell", "target": "cell", "kind": "routine", "count": 3,
        "result": "nothing",
    });
    if let (Some(id), Some(object)) = (id, line.as_object_mut()) {
        object.insert("@id".to_owned(), json!(id));
    }
    line.to_string()
}

fn saved(outcome: &Outcome) -> &Saved {
    let LineResult::Saved(saved) = &outcome.result else { panic!("{outcome:?}") };
    saved
}

fn reasons(outcome: &Outcome) -> Vec<String> {
    let LineResult::Refused { errors } = &outcome.result else { panic!("{outcome:?}") };
    errors.iter().map(ToString::to_string).collect()
}
