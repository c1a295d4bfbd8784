//! Shows that the tests notice broken rules: `cargo run -p tests --bin mutants [NAME…]`.
//!
//! Each `*.patch` beside this file breaks one rule of the real code, and says in its first lines
//! which command must fail and what it must say, and what must be built before that, if anything.
//! Each is applied to a copy of the tree under the target directory, the command runs there, and
//! the change is taken back. Ends with 1 if a mutant survives. Programs that were built on the way
//! are broken ones: build the workspace anew before anything else is run with them.

#![expect(clippy::print_stdout, reason = "the report is what it is for")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

/// A broken rule.
struct Mutant {
    name: String,
    patch: PathBuf,
    /// The arguments of `cargo` that must succeed before; none if nothing must.
    needs: Vec<String>,
    /// The arguments of `cargo` that must fail.
    command: Vec<String>,
    /// What the failure must say.
    law: String,
}

/// What became of it.
enum Fate {
    Killed,
    Survived,
    /// It proves nothing: it does not apply, does not build, or fails for another reason.
    Unclear(String),
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> io::Result<bool> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = tests.parent().unwrap_or(tests);
    let target = root.join("target");
    let tree = target.join("mutants");
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let mut all_killed = true;
    copy(root, &tree)?;
    for mutant in mutants(&tests.join("mutants"))? {
        if !asked.is_empty() && !asked.contains(&mutant.name) {
            continue;
        }
        let fate = try_out(&mutant, &tree, &target)?;
        let told = match &fate {
            Fate::Killed => "killed",
            Fate::Survived => "SURVIVED",
            Fate::Unclear(why) => why,
        };
        println!("{}: {told}", mutant.name);
        all_killed &= matches!(fate, Fate::Killed);
    }
    Ok(all_killed)
}

fn try_out(mutant: &Mutant, tree: &Path, target: &Path) -> io::Result<Fate> {
    let apply = |reverse: &[&str]| {
        let patch = mutant.patch.as_os_str();
        let mut git = Command::new("git");
        git.arg("apply").args(reverse).arg(patch).current_dir(tree);
        // The tree lies inside of a repository, whose root the paths are not meant from.
        git.env("GIT_CEILING_DIRECTORIES", target).output()
    };
    let applied = apply(&[])?;
    if !applied.status.success() {
        return Ok(Fate::Unclear(format!("does not apply: {}", words(&applied))));
    }
    let cargo = |args: &[String]| {
        Command::new("cargo").args(args).env("CARGO_TARGET_DIR", target).current_dir(tree).output()
    };
    let built = if mutant.needs.is_empty() { None } else { Some(cargo(&mutant.needs)?) };
    let ran = match built.filter(|built| !built.status.success()) {
        Some(built) => built,
        None => cargo(&mutant.command)?,
    };
    let reversed = apply(&["-R"])?;
    if !reversed.status.success() {
        return Err(io::Error::other(format!("{} can't be taken back", mutant.name)));
    }
    let said = words(&ran);
    Ok(if ran.status.success() {
        Fate::Survived
    } else if said.contains(&mutant.law) {
        Fate::Killed
    } else {
        let lines: Vec<&str> = said.lines().rev().take(5).collect();
        Fate::Unclear(format!("fails without saying {:?}: {lines:?}", mutant.law))
    })
}

fn words(output: &Output) -> String {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    said.concat()
}

/// Reads every patch with what its first lines say.
fn mutants(folder: &Path) -> io::Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for entry in fs::read_dir(folder)? {
        let patch = entry?.path();
        if patch.extension().is_none_or(|extension| extension != "patch") {
            continue;
        }
        let text = fs::read_to_string(&patch)?;
        let found = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let line = |name: &str| {
            found(name).map(str::trim).ok_or_else(|| {
                io::Error::other(format!("{} has no line {name:?}", patch.display()))
            })
        };
        let split = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let needs = found("Needs: cargo ").map(split).unwrap_or_default();
        let command = split(line("Killed-by: cargo ")?);
        let law = line("Says: ")?.to_owned();
        mutants.push(Mutant { name, patch, needs, command, law });
    }
    mutants.sort_by(|one, two| one.name.cmp(&two.name));
    Ok(mutants)
}

/// Copies the tree as it is on the disk; what is the same already keeps its time.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if name == "target" || name == ".git" {
            continue;
        }
        let there = to.join(name);
        if entry.is_dir() {
            copy(&entry, &there)?;
            continue;
        }
        let bytes = fs::read(&entry)?;
        if fs::read(&there).ok().as_ref() != Some(&bytes) {
            fs::write(&there, bytes)?;
        }
    }
    Ok(())
}
