//! The architecture as a test: which crate may know which, what the tree holds, how a file opens,
//! and that the pure crates stay pure.
//!
//! It reads manifests and sources as text and does not know what they do. A snapshot that differs
//! is either a mistake or a decision; a decision is recorded under `docs/decisions`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::{Expect, expect};

/// Lines above which a file is two files.
const FILE_LINES_MAX: usize = 600;

/// Crates that are told everything and ask for nothing.
const PURE: [&str; 4] = ["journal", "protocol", "record", "seal"];

/// Modules of the standard library by which a crate could ask.
const BANNED_STD: [&str; 6] = ["env", "fs", "net", "os", "process", "thread"];

/// Words that mean a clock, chance, a runtime, a disk, or an order that differs between runs.
const BANNED_WORDS: [&str; 13] = [
    "async",
    "getrandom",
    "HashMap",
    "HashSet",
    "Instant",
    "now",
    "rand",
    "RandomState",
    "reqwest",
    "sled",
    "sqlx",
    "SystemTime",
    "tokio",
];

#[test]
fn every_mutant_can_still_be_applied() {
    let patches = names(&root().join("tests/mutants"));
    let patches: Vec<&String> = patches.iter().filter(|name| name.ends_with(".patch")).collect();
    assert!(10 < patches.len(), "{patches:?}");
    for patch in patches {
        let path = root().join("tests/mutants").join(patch);
        let mut check = Command::new("git");
        let checked = check.args(["apply", "--check"]).arg(path).current_dir(root()).output();
        let checked = checked.expect("git is installed");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn arrows_between_crates_are_the_ones_that_were_decided() {
    let members = crates();
    let mut arrows = String::new();
    for name in &members {
        let known: Vec<String> = dependencies(name, "dependencies").into_iter().collect();
        let inner: Vec<&String> = known.iter().filter(|to| members.contains(*to)).collect();
        arrows.push_str(&format!("{name:<8} -> {inner:?}\n"));
    }
    expect![[r#"
        agent    -> ["journal", "pages", "protocol", "record", "seal", "store", "terminal"]
        demo     -> ["agent", "hub"]
        hub      -> ["journal", "pages", "protocol", "record", "seal", "terminal"]
        journal  -> []
        pages    -> ["record"]
        protocol -> ["journal"]
        record   -> ["journal"]
        seal     -> []
        store    -> ["journal"]
        terminal -> []
    "#]]
    .assert_eq(&arrows);
}

#[test]
fn a_crate_tests_itself_without_a_new_arrow() {
    let members = crates();
    for name in &members {
        let known = dependencies(name, "dependencies");
        let tested = dependencies(name, "dev-dependencies");
        let new: Vec<_> = tested.intersection(&members).filter(|to| !known.contains(*to)).collect();
        assert!(
            new.is_empty(),
            "the tests of {name} know {new:?}: put them into the tests package"
        );
    }
}

#[test]
fn the_top_of_the_tree_holds_what_it_should_and_nothing_else() {
    let mut names = names(&root());
    names.retain(|name| ![".git", "target"].contains(&name.as_str()));
    check(
        &names,
        &expect![[r#"
            .ci
            .clippy.toml
            .gitignore
            .rustfmt.toml
            Cargo.lock
            Cargo.toml
            LICENSE
            README.md
            config
            crates
            docs
            tests
        "#]],
    );
}

#[test]
fn every_file_opens_with_what_it_is() {
    for (path, text) in sources(&root()) {
        assert!(text.starts_with("//! "), "{} does not open with `//! `", path.display());
    }
}

#[test]
fn no_file_is_two_files() {
    for (path, text) in sources(&root()) {
        let lines = text.lines().count();
        assert!(lines <= FILE_LINES_MAX, "{} has {lines} lines", path.display());
    }
}

#[test]
fn no_module_hides_behind_mod_rs_and_nothing_is_left_to_do() {
    let unfinished = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    for (path, text) in sources(&root()) {
        assert!(!path.ends_with("mod.rs"), "{} should bear its module's name", path.display());
        for word in unfinished {
            assert!(!words(&text).contains(word), "{} says {word}", path.display());
        }
    }
}

#[test]
fn pure_crates_depend_on_nothing_that_could_ask() {
    let allowed: BTreeMap<&str, BTreeSet<String>> =
        PURE.iter().map(|name| (*name, dependencies(name, "dependencies"))).collect();
    let mut lists = String::new();
    for (name, list) in allowed {
        let list: Vec<String> = list.into_iter().collect();
        lists.push_str(&format!("{name}: {}\n", list.join(" ")));
    }
    expect![[r#"
        journal: bincode blake3 ed25519-dalek serde serde_bytes thiserror
        protocol: blake3 journal serde serde_bytes thiserror zstd
        record: blake3 csv jiff journal serde serde_bytes serde_json thiserror toml unicode-normalization uuid
        seal: aead-stream argon2 blake3 chacha20poly1305 thiserror zeroize
    "#]]
    .assert_eq(&lists);
}

#[test]
fn pure_crates_do_no_io_and_read_no_clock() {
    for name in PURE {
        for (path, text) in sources(&root().join("crates").join(name).join("src")) {
            if path.ends_with("tests.rs") {
                continue;
            }
            let asked = asks(product(&text));
            assert!(asked.is_empty(), "{} asks for {asked:?}", path.display());
        }
    }
}

#[test]
fn the_ban_list_finds_what_it_bans() {
    assert_eq!(asks("use std::fs;"), ["std::fs"]);
    assert_eq!(asks("use std::{env, fmt, fs as files};"), ["std::env", "std::fs"]);
    assert_eq!(asks("let at = std::time::Instant::now();"), ["Instant", "now"]);
    assert_eq!(asks("let mut seen = HashSet::new();"), ["HashSet"]);
    assert!(asks("// a clock is read with std::time::Instant\nlet random = operand;").is_empty());
    assert!(asks(product("let a = 1;\n#[cfg(test)]\nmod tests { use std::fs; }")).is_empty());
}

#[test]
fn every_limit_is_written_down_with_its_reason() {
    let page = read(&root().join("docs/limits.md"));
    for name in crates() {
        let path = root().join("crates").join(&name).join("src/limits.rs");
        if !path.exists() {
            continue;
        }
        let source = read(&path);
        let constants =
            source.lines().filter_map(|line| line.split_once("const ")?.1.split_once(':'));
        for (constant, _) in constants.filter(|(name, _)| *name != "_") {
            assert!(
                page.contains(&format!("| `{constant}` |")),
                "{name}: {constant} is not in the page"
            );
        }
    }
}

#[test]
fn the_tests_that_the_architecture_names_exist() {
    let page = read(&root().join("docs/architecture.md"));
    let sources: String = sources(&root()).into_iter().map(|(_, text)| text).collect();
    let names = page.split('`').filter(|word| 3 < word.matches('_').count());
    for name in names {
        assert!(sources.contains(&format!("fn {name}(")), "there is no test {name}");
    }
}

/// Returns what a source asks for that a pure crate may not.
fn asks(source: &str) -> Vec<String> {
    let code: Vec<&str> =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for module in BANNED_STD {
        let direct = code.match_indices("std::").any(|(at, _)| {
            let rest = code.get(at + 5..).unwrap_or_default();
            match rest.strip_prefix('{') {
                Some(group) => words(group.split('}').next().unwrap_or_default()).contains(module),
                None => words(rest.split("::").next().unwrap_or_default()).first() == Some(&module),
            }
        });
        if direct {
            found.push(format!("std::{module}"));
        }
    }
    let present = words(&code);
    // `now` is a fine name for an argument; only its call is a question.
    let named = |word: &&&str| **word != "now" || code.contains("::now(");
    let banned = BANNED_WORDS.iter().filter(|word| present.contains(*word)).filter(named);
    found.extend(banned.map(|word| (*word).to_owned()));
    found
}

/// Returns the part of a source that is built into the product.
fn product(source: &str) -> &str {
    source.split("#[cfg(test)]").next().unwrap_or_default()
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect()
}

fn check(names: &[String], expected: &Expect) {
    expected.assert_eq(&names.iter().map(|name| format!("{name}\n")).collect::<String>());
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package lies in the workspace")
        .to_owned()
}

fn crates() -> BTreeSet<String> {
    names(&root().join("crates")).into_iter().collect()
}

fn dependencies(name: &str, section: &str) -> BTreeSet<String> {
    let path = root().join("crates").join(name).join("Cargo.toml");
    let manifest: toml::Table = read(&path).parse().expect("a manifest is TOML");
    let section = manifest.get(section).and_then(toml::Value::as_table);
    section.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

/// Returns every source of ours below `dir`, with its text.
fn sources(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for name in names(dir) {
        let path = dir.join(&name);
        if path.is_dir() && ![".git", "target"].contains(&name.as_str()) {
            found.extend(sources(&path));
        } else if name.ends_with(".rs") {
            found.push((path.clone(), read(&path)));
        }
    }
    found
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory of the tree").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file of the tree")
}
