//! What the hub publishes: used by the next request, the same whatever came first, and nothing is
//! lost where this software does not know it.

use record::{Catalogue, Change, FormVersion, Publication, RecordKey, Subject, Value, Write};

use super::foreign::Foreign;
use super::*;

fn shipped(subject: Subject, name: &str) -> String {
    let catalogue = Catalogue::shipped().unwrap();
    let version = catalogue.versions(subject, name).last().unwrap().version;
    catalogue.text(subject, name, version).unwrap().to_owned()
}

/// The search form with one more question, which must be answered.
fn with_question() -> Publication {
    let question = "\n[[section.field]]\nid = \"weather\"\ntype = \"text(200)\"\nstarred = true\n\
                    class = \"open\"\nlabel = { en = \"Weather\" }\n";
    let mut text = shipped(Subject::Form, "search");
    let rules = text.find("[[rule]]").unwrap_or(text.len());
    text.insert_str(rules, question);
    publication(Subject::Form, "search", text)
}

/// The choices with another word for a cell.
fn with_chambers() -> Publication {
    let text = shipped(Subject::Vocabulary, "choices");
    let text = text.replace("location_type,cell,Cell,", "location_type,cell,Chamber,");
    publication(Subject::Vocabulary, "choices", text)
}

fn publication(subject: Subject, name: &str, text: String) -> Publication {
    let (name, author) = (name.to_owned(), PersonId([1; 16]));
    Publication { subject, name, version: 2, vocabularies: Vec::new(), author, text }
}

fn publish(hub: &mut Foreign, machine: &Machine, publication: &Publication) {
    hub.send(machine, Publication::KIND, publication.to_payload().unwrap());
}

/// A search of another device of the site, written by both publications.
fn by_a_sibling(id: &str) -> Vec<u8> {
    let field = |field: &str, value| Write {
        path: record::Path::field(field),
        value,
        replaces: Vec::new(),
    };
    let change = Change {
        record: RecordKey { site: "INST-027".parse().unwrap(), id: id.parse().unwrap() },
        form: FormVersion { id: "search".to_owned(), version: 2 },
        lists: vec![("choices".to_owned(), 2)],
        author: PersonId([8; 16]),
        reason: None,
        urgent: false,
        seen: Vec::new(),
        writes: vec![
            field("at", Value::DateTime("2026-11-21T03:10:00+06:00".parse().unwrap())),
            field("place", Value::Code("cell".to_owned())),
            field("weather", Value::Text("fog".to_owned())),
            field("moon", Value::Opaque { tag: 201, bytes: vec![7] }),
        ],
    };
    change.to_payload().unwrap()
}

fn titles(machine: &Machine) -> Vec<String> {
    let rows = machine.list(Filter::default());
    rows.iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect()
}

impl Machine {
    /// Does `work` while the views are being made anew, and waits until they are.
    pub(crate) fn while_rebuilding<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut hub = Foreign::new(9, self, "CENTRE");
        publish(&mut hub, self, &with_chambers());
        let desk = self.desk();
        std::thread::scope(|scope| {
            let (rebuilding, done) = desk.catalogues.hold_while(|| {
                let rebuilding = scope.spawn(|| desk.store.rebuild());
                while desk.store.state() != StoreState::Rebuilding {
                    std::thread::yield_now();
                }
                (rebuilding, work())
            });
            rebuilding.join().unwrap().unwrap();
            done
        })
    }
}

#[test]
fn lines_that_are_read_while_the_views_are_made_anew_wait_for_them() {
    let machine = Machine::new();
    let line = search(Some(ID), "2026-11-20T03:10:00+06:00");
    let lines = vec![Line { number: 1, text: LineText::Text(line) }];
    let batch = Batch { form: "search".to_owned(), lines, then: Then::Save, headers: None };
    let desk = machine.shared();
    let (done, is_done) = std::sync::mpsc::channel();
    machine.while_rebuilding(|| {
        std::thread::spawn(move || {
            let added = desk.read(&batch, Lang::En).and_then(|ready| desk.write(ready));
            done.send(added).unwrap();
        });
        let early = is_done.recv_timeout(std::time::Duration::from_millis(200));
        assert!(early.is_err(), "{early:?}");
    });
    assert_eq!(saved(&is_done.recv().unwrap().unwrap()[0]).id, ID);
}

const OTHER: &str = "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7ab";

#[test]
fn what_is_published_is_used_by_the_next_request() {
    let machine = Machine::new();
    let line = search(Some(ID), "2026-11-20T03:10:00+06:00");
    machine.add("search", &[&line]);
    let mut hub = Foreign::new(9, &machine, "CENTRE");
    publish(&mut hub, &machine, &with_question());

    let unanswered = search(Some(OTHER), "2026-11-21T03:10:00+06:00");
    let refused = machine.add("search", &[&unanswered]);
    assert_eq!(reasons(&refused[0]), ["weather: it is required: fill it in"]);
    let answered = unanswered.replacen('{', "{\"weather\":\"fog\",", 1);
    machine.add("search", &[&answered]);
    let (old, new) = (machine.show(ID), machine.show(OTHER));
    assert_eq!((&old["form_version"], &new["form_version"]), (&json!(1), &json!(2)));
    assert_eq!((&old["values"].get("weather"), &new["values"]["weather"]), (&None, &json!("fog")));
    assert!(!old["findings"].to_string().contains("weather"), "an old record is not asked anew");
    assert_eq!(machine.status()["findings"], json!([]));
    // The old record is corrected without an answer to what was not asked then.
    machine.amend(ID, json!({"count": 4}), None);
    assert_eq!(machine.show(ID)["values"]["count"], 4);
}

#[test]
fn records_keep_their_labels_and_lists_are_the_same_whatever_came_first() {
    let orders: [[usize; 3]; 3] = [[0, 1, 2], [2, 1, 0], [1, 2, 0]];
    let mut seen = Vec::new();
    for order in orders {
        let mut machine = Machine::new();
        machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
        let mut hub = Foreign::new(9, &machine, "CENTRE");
        let mut gate = Foreign::new(3, &machine, "INST-027");
        for step in order {
            match step {
                0 => publish(&mut hub, &machine, &with_chambers()),
                1 => publish(&mut hub, &machine, &with_question()),
                _ => gate.send(&machine, Change::KIND, by_a_sibling(OTHER)),
            }
        }
        let listed = titles(&machine);
        assert!(listed[0].contains("Cell") && listed[1].contains("Chamber"), "{listed:?}");
        machine.restart_after(|data| std::fs::remove_dir_all(data.join("sled")).unwrap());
        machine.desk().store().settled().unwrap();
        assert_eq!(titles(&machine), listed, "the rows made anew are the same");
        let mut record = machine.show(OTHER);
        record["custody"] = json!(null);
        seen.push((listed, record));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
}

#[test]
fn what_has_not_come_yet_is_shown_as_far_as_it_is_known_and_amended_without_loss() {
    let machine = Machine::new();
    let mut gate = Foreign::new(3, &machine, "INST-027");
    gate.send(&machine, Change::KIND, by_a_sibling(OTHER));
    let record = machine.show(OTHER);
    assert_eq!(record["values"]["weather"], "fog");
    assert_eq!(record["values"]["moon"], json!({"@tag": 201, "@bytes": "07"}));
    let rules = record["findings"].as_array().unwrap().iter();
    let rules: Vec<&str> = rules.map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"unknown_form") && rules.contains(&"unknown_field"), "{rules:?}");

    machine.amend(OTHER, json!({"count": 4}), None);
    let amended = machine.show(OTHER);
    assert_eq!((&amended["form_version"], &amended["lists"]), (&json!(2), &json!({"choices": 2})));
    for field in ["weather", "moon", "place"] {
        assert_eq!(amended["values"][field], record["values"][field], "{field}");
    }
}

#[test]
fn a_form_this_software_can_not_read_is_kept_and_the_one_before_goes_on() {
    let machine = Machine::new();
    let mut hub = Foreign::new(9, &machine, "CENTRE");
    let text = format!("telepathy = true\n{}", shipped(Subject::Form, "search"));
    publish(&mut hub, &machine, &publication(Subject::Form, "search", text));
    let saved = machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    assert_eq!(super::saved(&saved[0]).id, ID);
    assert_eq!(machine.show(ID)["form_version"], 1);
    let check = machine.desk().forms_check();
    assert!(check.what.contains("form search version 2"), "{check:?}");
}

#[test]
fn only_the_hub_publishes() {
    let machine = Machine::new();
    let mut gate = Foreign::new(3, &machine, "INST-027");
    publish(&mut gate, &machine, &with_question());
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    assert_eq!(machine.show(ID)["form_version"], 1);
    assert_eq!(machine.status()["findings"][0]["rule"], "not_its_word");
}

#[test]
fn a_form_may_use_a_list_that_is_published_with_it_in_whatever_order_they_come() {
    let mut seen = Vec::new();
    for list_first in [true, false] {
        let mut machine = Machine::new();
        let mut hub = Foreign::new(9, &machine, "CENTRE");
        let mut gate = Foreign::new(3, &machine, "INST-027");
        gate.send(&machine, Change::KIND, by_a_sibling(OTHER));
        let wards = Publication {
            version: 1,
            ..publication(Subject::Vocabulary, "wards", "code,label_en\ncell,Ward\n".to_owned())
        };
        let text = shipped(Subject::Form, "search");
        let form = text.replacen("choice:location_type", "choice:wards", 1);
        let form = publication(Subject::Form, "search", form);
        let order = if list_first { [&wards, &form] } else { [&form, &wards] };
        for publication in order {
            publish(&mut hub, &machine, publication);
        }
        let listed = titles(&machine);
        assert!(listed[0].contains("Ward"), "{listed:?}");
        machine.restart_after(|data| std::fs::remove_dir_all(data.join("sled")).unwrap());
        machine.desk().store().settled().unwrap();
        assert_eq!(titles(&machine), listed);
        seen.push(listed);
    }
    assert_eq!(seen[0], seen[1]);
}
