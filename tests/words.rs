//! Words that are said to people, wherever a crate keeps them: each exists in every language, takes
//! the same arguments there, and is used.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pages::{Dictionary, Lang};

const LANGUAGES: [Lang; 3] = [Lang::Ky, Lang::Ru, Lang::En];

/// Ways a template asks for words.
const ASKING: [&str; 3] = ["w.t(\"", "w.n(\"", "w.with(\""];

#[test]
fn all_languages_have_the_same_keys_with_the_same_arguments() {
    for speaker in speakers() {
        let [first, others @ ..] = LANGUAGES;
        for other in others {
            let (known, here) = (keys(&speaker, first), keys(&speaker, other));
            assert_eq!(known, here, "{}, {}", speaker.display(), other.code());
        }
    }
}

#[test]
fn every_key_has_words_in_every_language() {
    for speaker in speakers() {
        for lang in LANGUAGES {
            let words = Dictionary::read(lang, &source(&speaker, lang));
            for key in keys(&speaker, lang).keys() {
                let said = words.n(key, 5);
                assert!(said != *key && !said.is_empty(), "{} {key}", lang.code());
            }
        }
    }
}

#[test]
fn every_key_is_used() {
    for speaker in speakers() {
        let mut texts = texts(&speaker.join("src"));
        texts.extend(texts_if_any(&speaker.join("templates")));
        let quoted: BTreeSet<&str> = texts.iter().flat_map(|text| text.split('"')).collect();
        let keys = keys(&speaker, Lang::Ky).into_keys();
        let unused: Vec<_> = keys.filter(|key| !quoted.contains(key.as_str())).collect();
        assert_eq!(unused, Vec::<String>::new(), "{}", speaker.display());
    }
}

#[test]
fn every_key_that_a_template_asks_for_exists() {
    for speaker in speakers() {
        let known = keys(&speaker, Lang::Ky);
        for text in texts_if_any(&speaker.join("templates")) {
            for asked in ASKING.iter().flat_map(|call| text.split(call).skip(1)) {
                let key = asked.split('"').next().unwrap();
                assert!(known.contains_key(key), "{key} has no words");
            }
        }
    }
}

#[test]
fn there_are_words_to_look_at() {
    assert_eq!(speakers().len(), 2);
    assert!(speakers().iter().all(|speaker| 50 < keys(speaker, Lang::Ky).len()));
}

/// Returns the folders of the crates that say something.
fn speakers() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let folders = fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path());
    folders.filter(|folder| folder.join("words").is_dir()).collect()
}

fn source(speaker: &Path, lang: Lang) -> String {
    fs::read_to_string(speaker.join("words").join(lang.code()).with_extension("ftl")).unwrap()
}

/// Returns each key with the arguments its words take.
fn keys(speaker: &Path, lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last = String::new();
    for line in source(speaker, lang).lines().filter(|line| !line.starts_with('#')) {
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

fn texts_if_any(folder: &Path) -> Vec<String> {
    if folder.is_dir() { texts(folder) } else { Vec::new() }
}

/// Returns the texts of all files below a folder.
fn texts(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(texts(&path));
        } else {
            found.push(fs::read_to_string(path).unwrap());
        }
    }
    found
}
