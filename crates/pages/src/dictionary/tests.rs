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

/// Returns every text in quotes of the templates and the code.
fn quoted() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("templates"), root.join("src")];
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
fn every_file_is_sound_and_every_key_has_words() {
    for (lang, source) in SOURCES {
        assert!(FluentResource::try_new(source.to_owned()).is_ok(), "{}", lang.code());
        for key in keys(source).keys() {
            assert_ne!(&Dictionary::of(lang).n(key, 5), key, "{} {key}", lang.code());
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
fn every_key_that_is_asked_for_exists() {
    let known = keys(SOURCES[0].1);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for entry in fs::read_dir(root).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for call in ["w.t(\"", "w.n(\"", "w.with(\""] {
            for asked in text.split(call).skip(1) {
                let key = asked.split('"').next().unwrap();
                assert!(known.contains_key(key), "{key} has no words");
            }
        }
    }
}

#[test]
fn counted_things_follow_the_language() {
    let said = |lang, n| Dictionary::of(lang).n("records-count", n);
    assert_eq!(said(Lang::En, 1), "1 record");
    assert_eq!(said(Lang::En, 12_345), "12,345 records");
    assert_eq!(said(Lang::Ru, 1), "1 запись");
    assert_eq!(said(Lang::Ru, 23), "23 записи");
    assert_eq!(said(Lang::Ru, 11), "11 записей");
    assert_eq!(said(Lang::Ky, 2), "2 жазуу");
}
