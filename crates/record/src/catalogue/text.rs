//! What two versions of a source differ in, place by place, as people who publish look at it.
//!
//! It compares what is written, not what it means, so it names every key a file may have.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::publication::Subject;

/// One difference between two versions.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Difference {
    /// The field, `section ID`, `rule ID` or `LIST/CODE`; empty for the form itself.
    pub place: String,
    /// What became of it.
    pub what: What,
    /// The key that changed, such as `label.ru`.
    pub key: Option<String>,
    /// What it was.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

/// What became of a place.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// One of its keys is another.
    Changed,
}

/// A place and its keys.
type Places = Vec<(String, BTreeMap<String, String>)>;

/// Returns what two sources of one form or vocabulary differ in; nothing where one is none.
#[must_use]
pub fn difference(subject: Subject, old: &str, new: &str) -> Vec<Difference> {
    let places = match subject {
        Subject::Form => form,
        Subject::Vocabulary => vocabulary,
    };
    let (old, new) = (numbered(places(old)), numbered(places(new)));
    let before: BTreeMap<&str, &BTreeMap<String, String>> =
        old.iter().map(|(place, keys)| (place.as_str(), keys)).collect();
    let mut found = Vec::new();
    for (place, keys) in &new {
        match before.get(place.as_str()) {
            None => found.push(whole(place, What::Added, keys)),
            Some(before) => changed(&mut found, place, before, keys),
        }
    }
    let is_gone = |place: &str| !new.iter().any(|(other, _)| other == place);
    for (place, keys) in old.iter().filter(|(place, _)| is_gone(place)) {
        found.push(whole(place, What::Removed, keys));
    }
    found
}

/// Gives places of one name, such as rules with one id, their numbers.
fn numbered(places: Places) -> Places {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let number = |(place, keys): (String, _)| {
        let count = seen.entry(place.clone()).or_default();
        *count += 1;
        let name = if *count == 1 { place } else { format!("{place} ({count})") };
        (name, keys)
    };
    places.into_iter().map(number).collect()
}

fn whole(place: &str, what: What, keys: &BTreeMap<String, String>) -> Difference {
    let words = ["label.en", "label_en", "name_en", "say.en"];
    let label = words.iter().find_map(|key| keys.get(*key)).cloned();
    let (from, to) = if what == What::Added { (None, label) } else { (label, None) };
    Difference { place: place.to_owned(), what, key: None, from, to }
}

fn changed(
    found: &mut Vec<Difference>,
    place: &str,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) {
    let keys = new.keys().chain(old.keys().filter(|key| !new.contains_key(*key)));
    for key in keys.filter(|key| old.get(*key) != new.get(*key)) {
        found.push(Difference {
            place: place.to_owned(),
            what: What::Changed,
            key: Some(key.clone()),
            from: old.get(key).cloned(),
            to: new.get(key).cloned(),
        });
    }
}

fn form(text: &str) -> Places {
    let Ok(mut table) = text.parse::<toml::Table>() else { return Vec::new() };
    let sections = tables(table.remove("section"));
    let rules = tables(table.remove("rule"));
    table.remove("version");
    let mut places = vec![(String::new(), flat(&table))];
    for mut section in sections {
        let fields = tables(section.remove("field"));
        let id = id(&section);
        places.push((format!("section {id}"), flat(&section)));
        for mut field in fields {
            field.insert("section".to_owned(), toml::Value::String(id.clone()));
            places.push((self::id(&field), flat(&field)));
        }
    }
    places.extend(rules.iter().map(|rule| (format!("rule {}", id(rule)), flat(rule))));
    places
}

fn tables(value: Option<toml::Value>) -> Vec<toml::Table> {
    let Some(toml::Value::Array(values)) = value else { return Vec::new() };
    let table = |value| if let toml::Value::Table(table) = value { Some(table) } else { None };
    values.into_iter().filter_map(table).collect()
}

fn id(table: &toml::Table) -> String {
    table.get("id").and_then(toml::Value::as_str).unwrap_or_default().to_owned()
}

/// The keys of a table; those of a table in it after a point.
fn flat(table: &toml::Table) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => {
                let inner = flat(inner).into_iter();
                keys.extend(inner.map(|(name, value)| (format!("{key}.{name}"), value)));
            }
            toml::Value::String(text) => {
                keys.insert(key.clone(), text.clone());
            }
            toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Array(_) => {
                keys.insert(key.clone(), value.to_string());
            }
        }
    }
    keys.remove("id");
    keys
}

fn vocabulary(text: &str) -> Places {
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let Ok(header) = rows.headers().cloned() else { return Vec::new() };
    let place = |row: &csv::StringRecord| {
        let cell = |name: &str| row.get(header.iter().position(|column| column == name)?);
        let code = cell("code").unwrap_or_default();
        cell("list").map_or_else(|| code.to_owned(), |list| format!("{list}/{code}"))
    };
    let keys = |row: &csv::StringRecord| {
        let cells = header.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty());
        let own = cells.filter(|(name, _)| !["list", "code"].contains(name));
        own.map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    rows.records().filter_map(Result::ok).map(|row| (place(&row), keys(&row))).collect()
}
