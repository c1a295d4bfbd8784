//! What colonies record: the sample files, and records made for one test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value as Json, json};

/// The sites that sample files are of.
pub(crate) const SITES: [&str; 3] = ["INST-016", "INST-021", "INST-027"];

/// The form of what goes to every site, and is made at the centre.
pub(crate) const COURSE: &str = "course";

/// The forms that sample files are of: what others name stands before them.
pub(crate) const FORMS: [&str; 8] = [
    COURSE,
    "staff_member",
    "incident",
    "search",
    "training_session",
    "prevention_activity",
    "nil_report",
    "medicine_check",
];

/// Returns where the sample file of a form is, of a site unless it is of every site.
pub(crate) fn file(site: &str, form: &str) -> PathBuf {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    data.join(if form == COURSE { format!("{form}.jsonl") } else { format!("{site}.{form}.jsonl") })
}

/// Returns the sample records of a site and form.
pub(crate) fn records(site: &str, form: &str) -> Vec<Json> {
    let text = fs::read_to_string(file(site, form)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns an incident without anything special.
pub(crate) fn incident() -> Json {
    json!({
        "kind": "DRONE_SIGHTING", "occurred_at": "2025-08-21T01:27:49+06:00", "severity": 2,
        "location_type": "reception", "title": "A drone over the yard",
        "narrative": "It came from the river and went back."
    })
}

/// Returns `count` searches with ids of their own, which `series` tells from others'.
pub(crate) fn searches(series: u32, count: u32) -> Vec<Json> {
    let search = |number: u32| {
        json!({
            "@id": format!("0193a7c0-5b1e-7cc3-{:04x}-{number:012x}", 0x8000 | series),
            "at": format!("2025-06-07T10:{:02}:{:02}+06:00", number / 60 % 60, number % 60),
            "place": "cell", "target": "cell",
            "kind": "routine", "count": number % 40 + 1, "result": "nothing"
        })
    };
    (1..=count).map(search).collect()
}

/// Returns the records as a file holds them.
pub(crate) fn lines(records: &[Json]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// Returns the ids of listed records; fails if one stands twice.
pub(crate) fn ids(list: &[Json]) -> BTreeSet<String> {
    let ids: BTreeSet<String> =
        list.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), list.len(), "a record is listed twice");
    ids
}

/// Returns the bytes of an id, as entries hold it.
pub(crate) fn id_bytes(id: &str) -> Vec<u8> {
    let digits = id.replace('-', "");
    (0..16).map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap()).collect()
}

/// What people call the sample records that others name, by their ids.
static NAMES: LazyLock<BTreeMap<String, Json>> = LazyLock::new(|| {
    let staff = SITES.map(|site| (records(site, "staff_member"), "service_no"));
    let all = staff.into_iter().chain([(records("", COURSE), "code")]);
    let named = |record: Json, by| (record["@id"].as_str().unwrap().to_owned(), record[by].clone());
    all.flat_map(|(records, by)| records.into_iter().map(move |record| named(record, by))).collect()
});

/// Fails unless a record shown says what was put in. Rows have got names meanwhile, what it says
/// of others is told by their ids, and what the form computes stands there too.
pub(crate) fn assert_same(given: &Json, shown: &Json) {
    let fields = given.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with('@'));
    for (name, value) in fields {
        assert_eq!(as_given(&shown["values"][name], value), *value, "{name} of {}", shown["id"]);
    }
}

/// Returns a value with the fields that were given, and with others called as people call them.
fn as_given(shown: &Json, given: &Json) -> Json {
    match (shown, given) {
        (Json::Array(rows), Json::Array(given)) => {
            let nothing = Json::Null;
            let given = given.iter().chain(std::iter::repeat(&nothing));
            rows.iter().zip(given).map(|(row, given)| as_given(row, given)).collect()
        }
        (Json::Object(fields), Json::Object(given)) => {
            let kept = fields.iter().filter_map(|(name, value)| {
                Some((name.clone(), as_given(value, given.get(name)?)))
            });
            Json::Object(kept.collect())
        }
        (Json::String(text), _) => NAMES.get(text).unwrap_or(shown).clone(),
        _ => shown.clone(),
    }
}
