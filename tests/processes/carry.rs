//! Everything that colonies record, carried to the centre and given back: every sample file goes in
//! at its site, and what the centre and the sites export says what was put in, field by field.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};
use tempfile::TempDir;

use crate::data::{self, COURSE, FORMS, SITES};
use crate::rig::{Colony, Hub, Ran};

/// Where courses are made.
const TRAINING_CENTRE: &str = "TRAINING-1";

/// Flat records by their ids.
type Records = BTreeMap<String, Map<String, Json>>;

#[test]
fn every_sample_file_is_carried_to_the_centre_and_given_back_field_by_field() {
    let (hub, colonies) = world();
    for colony in &colonies {
        colony.sync();
    }
    let dir = tempfile::tempdir().unwrap();
    for form in FORMS {
        let given = given(form);
        assert_eq!(from_lines(&hub.command(&["export", form, "--format", "jsonl"])), given);
        let table = dir.path().join(format!("{form}.csv"));
        let out = table.to_str().unwrap();
        hub.command(&["export", form, "--format", "csv", "--out", out]).done();
        assert_table(&table, &given);
    }
    // Part of it: one site, and days that none of its records is of.
    let export = ["export", "search", "--format", "jsonl", "--site", "INST-021"];
    assert_eq!(from_lines(&hub.command(&export)).len(), 200);
    let never = [&export[..], &["--from", "1990-01-01", "--to", "1990-12-31"]].concat();
    assert!(from_lines(&hub.command(&never)).is_empty());
    hub.assert_sound();
}

#[test]
fn a_table_that_one_site_exports_another_takes_and_exports_alike() {
    let hub = Hub::start(&["INST-016", "INST-021"]);
    let [from, to] = ["INST-016", "INST-021"].map(|site| Colony::enrol(&hub, site));
    let dir = tempfile::tempdir().unwrap();
    for form in of_sites() {
        from.command(&["add", form, data::file("INST-016", form).to_str().unwrap()]).done();
        let lines = from.command(&["export", form, "--format", "jsonl"]);
        let table = export(&from, form, &dir);
        let added = to.command(&["add", form, table.to_str().unwrap()]).done();
        assert!(added.stderr.contains("@site and @ref were passed over"), "{}", added.stderr);
        let again = to.command(&["export", form, "--format", "jsonl"]);
        assert_eq!(from_lines(&again), from_lines(&lines), "{form}");
        // What it gave away it knows.
        let repeated = from.command(&["add", form, table.to_str().unwrap(), "--check"]).done();
        assert!(repeated.lines().iter().all(|line| line["unchanged"] == true), "{form}");
    }
}

#[test]
fn a_running_agent_takes_and_gives_the_same_files_and_pages_through_a_pipe() {
    let hub = Hub::start(&["INST-027"]);
    let mut colony = Colony::enrol(&hub, "INST-027");
    colony.run();
    let dir = tempfile::tempdir().unwrap();
    let file = data::file("INST-027", "incident");
    colony.command(&["add", "incident", file.to_str().unwrap()]).done();
    let given: Records = lines(&fs::read_to_string(&file).unwrap());
    let table = export(&colony, "incident", &dir);
    assert_table(&table, &given);
    // Through a pipe a table is one file, with the rows of groups in their cells.
    let piped = colony.command(&["export", "incident", "--format", "csv"]).done();
    assert!(piped.stderr.contains("as JSON"), "{}", piped.stderr);
    colony.kill();
    let other = Colony::enrol(&hub, "INST-027");
    other.typing(&["add", "incident", "--format", "csv", "-"], &piped.stdout).done();
    assert_eq!(from_lines(&other.command(&["export", "incident", "--format", "jsonl"])), given);
}

#[test]
fn a_mistake_in_a_table_is_named_by_file_line_and_column() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let dir = tempfile::tempdir().unwrap();
    colony.add("incident", &fs::read_to_string(data::file("INST-027", "incident")).unwrap());
    let table = export(&colony, "incident", &dir);
    let items = dir.path().join("incident.items.csv");
    let text = fs::read_to_string(&items).unwrap();
    fs::write(&items, text.replacen(",g,", ",pounds,", 1)).unwrap();
    let line = 1 + text.lines().position(|line| line.contains(",g,")).unwrap();
    let checked = colony.command(&["add", "incident", table.to_str().unwrap(), "--check"]).ended(1);
    let words = format!("incident.items.csv line {line}: items[");
    assert!(checked.stderr.contains(&words), "{words} in {}", checked.stderr);
    let refused = checked.lines().into_iter().find(|line| line["errors"].is_array()).unwrap();
    assert_eq!(refused["errors"][0]["file"], "incident.items.csv");
    assert_eq!(refused["errors"][0]["line"], line);
    let own = fs::read_to_string(&table).unwrap();
    fs::write(&table, own.replacen(",kind,", ",sort,", 1)).unwrap();
    let unknown = colony.command(&["add", "incident", table.to_str().unwrap()]).ended(1);
    assert_eq!(unknown.json()["errors"][0]["field"], "sort", "{unknown:?}");
    assert_eq!(colony.list().len(), 120, "nothing came of either");
}

#[test]
fn what_the_centre_says_of_a_course_every_site_hears_wherever_it_was_made() {
    let hub = Hub::start(&["INST-016"]);
    let school =
        ["site", "add", TRAINING_CENTRE, "--name-en", "School", "--kind", "training_centre"];
    hub.command(&school).done();
    let [school, colony] = [TRAINING_CENTRE, "INST-016"].map(|site| Colony::enrol(&hub, site));
    let course = school.add_one(COURSE, &data::records(TRAINING_CENTRE, COURSE)[0]);
    school.sync();
    hub.command(&["void", &course, "--reason", "given up"]).done();
    for site in [&colony, &school] {
        site.sync();
        assert_eq!(site.show(&course)["voided"], "given up");
        assert_eq!(site.show(&course)["state_hash"], hub.show(&course)["state_hash"]);
    }
    hub.assert_sound();
}

/// Three colonies and a training centre, with every sample file added where it belongs.
fn world() -> (Hub, Vec<Colony>) {
    let hub = Hub::start(&SITES);
    let centre =
        ["site", "add", TRAINING_CENTRE, "--name-en", "School", "--kind", "training_centre"];
    hub.command(&centre).done();
    let school = Colony::enrol(&hub, TRAINING_CENTRE);
    let courses = data::file(TRAINING_CENTRE, COURSE);
    school.command(&["add", COURSE, courses.to_str().unwrap()]).done();
    school.sync();
    let mut colonies = vec![school];
    for site in SITES {
        let colony = Colony::enrol(&hub, site);
        // The courses are here before the sessions that name them.
        colony.sync();
        for form in of_sites() {
            colony.command(&["add", form, data::file(site, form).to_str().unwrap()]).done();
        }
        colonies.push(colony);
    }
    (hub, colonies)
}

/// The forms whose records are made at a site.
fn of_sites() -> impl Iterator<Item = &'static str> {
    FORMS.into_iter().filter(|form| *form != COURSE)
}

/// Returns what was put in of a form, at all sites.
fn given(form: &str) -> Records {
    let read = |site| lines(&fs::read_to_string(data::file(site, form)).unwrap());
    if form == COURSE {
        return read(TRAINING_CENTRE);
    }
    SITES.into_iter().flat_map(read).collect()
}

/// Exports a table into a directory, and returns its file of records.
fn export(colony: &Colony, form: &str, dir: &TempDir) -> PathBuf {
    let table = dir.path().join(format!("{form}.csv"));
    let to = table.to_str().unwrap();
    colony.command(&["export", form, "--format", "csv", "--to", to]).done();
    table
}

/// Returns exported records without what says where they are from.
fn from_lines(ran: &Ran) -> Records {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut records = lines(&ran.stdout);
    for record in records.values_mut() {
        assert!(record.shift_remove("@site").is_some() && record.shift_remove("@ref").is_some());
    }
    records
}

fn lines(text: &str) -> Records {
    let record = |line: &str| {
        let record: Map<String, Json> = serde_json::from_str(line).unwrap();
        (record["@id"].as_str().unwrap().to_owned(), record)
    };
    let records: Vec<_> = text.lines().map(record).collect();
    let count = records.len();
    let records: Records = records.into_iter().collect();
    assert_eq!(records.len(), count, "a record stands there twice");
    records
}

/// Fails unless a table says what was put in. It is read as anybody would read it.
fn assert_table(table: &Path, given: &Records) {
    let own = rows(table);
    assert_eq!(own.len(), given.len(), "{}", table.display());
    for row in own {
        let record = &given[&row["@id"]];
        for (name, value) in record.iter().filter(|(_, value)| !is_group(value)) {
            assert_eq!(row[name], cell(value), "{name} of {}", row["@id"]);
        }
        let filled = row.iter().filter(|(name, cell)| !name.starts_with('@') && !cell.is_empty());
        assert!(filled.clone().all(|(name, _)| record.contains_key(name)), "{:?}", row);
    }
    let mut groups: BTreeMap<(&str, &str), &Json> = BTreeMap::new();
    for (id, record) in given {
        let named = record.iter().filter(|(_, value)| is_group(value));
        groups.extend(named.map(|(name, value)| ((name.as_str(), id.as_str()), value)));
    }
    let names: std::collections::BTreeSet<&str> = groups.keys().map(|(name, _)| *name).collect();
    for name in names {
        let rows = rows(&table.with_extension(format!("{name}.csv")));
        let count: usize = groups
            .iter()
            .filter(|((group, _), _)| *group == name)
            .map(|(_, rows)| rows.as_array().unwrap().len())
            .sum();
        assert_eq!(rows.len(), count, "{name}");
        for row in rows {
            let place: usize = row["@row"].parse().unwrap();
            let given = &groups[&(name, row["@id"].as_str())][place - 1];
            for (column, value) in given.as_object().unwrap() {
                assert_eq!(row[column], cell(value), "{name}.{column} of {}", row["@id"]);
            }
        }
    }
}

fn is_group(value: &Json) -> bool {
    value.as_array().is_some_and(|rows| rows.iter().any(Json::is_object))
}

/// Returns a value as it stands in a cell; no sample text has a `;` inside a list.
fn cell(value: &Json) -> String {
    match value {
        Json::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(";"),
        Json::String(text) => text.clone(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => json!(value).to_string(),
    }
}

fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}
