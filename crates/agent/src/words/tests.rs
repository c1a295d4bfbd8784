//! Every word exists in every language, takes the same arguments, and is used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::*;

const SOURCES: [(Lang, &str); 3] = [
    (Lang::Ky, include_str!("../../words/ky.ftl")),
    (Lang::Ru, include_str!("../../words/ru.ftl")),
    (Lang::En, include_str!("../../words/en.ftl")),
];

/// Returns each key with the arguments its words take.
fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            last = line.split(" =").next().unwrap().to_owned();
            assert!(!keys.contains_key(&last), "{last} stands twice");
            keys.insert(last.clone(), BTreeSet::new());
        }
        for part in line.split('$').skip(1) {
            let name = part.split(|c: char| !c.is_ascii_lowercase()).next().unwrap();
            keys.get_mut(&last).unwrap().insert(name.to_owned());
        }
    }
    keys
}

/// Returns every text in quotes of the code.
fn quoted() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(path).unwrap();
                found.extend(text.split('"').map(str::to_owned));
            }
        }
    }
    found
}

#[test]
fn all_languages_have_the_same_keys_with_the_same_arguments() {
    let [(_, first), others @ ..] = SOURCES;
    for (lang, other) in others {
        assert_eq!(keys(first), keys(other), "ky and {}", lang.code());
    }
}

#[test]
fn every_key_has_words_in_every_language() {
    for (lang, source) in SOURCES {
        for key in keys(source).keys() {
            let said = words(lang).n(key, 5);
            assert!(said != *key && !said.is_empty(), "{} {key}", lang.code());
        }
    }
}

#[test]
fn every_key_is_used() {
    let quoted = quoted();
    let unused: Vec<_> =
        keys(SOURCES[0].1).into_keys().filter(|key| !quoted.contains(key)).collect();
    assert_eq!(unused, Vec::<String>::new());
}

#[test]
fn columns_stand_under_each_other_in_every_alphabet() {
    let mut table = table::Table::default();
    table.push(vec!["Тяжесть".to_owned(), String::new(), "3".to_owned()]);
    table.push(vec!["Ref".to_owned(), String::new(), "four".to_owned()]);
    assert_eq!(table.lines(2), ["  Тяжесть  3", "  Ref      four"]);
}
