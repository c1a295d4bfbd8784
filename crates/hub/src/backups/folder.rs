//! The folder of copies: how they are named, and which of them go.

use std::fs;
use std::io;
use std::path::Path;

use journal::DeviceKey;

use crate::clock;
use crate::truth::backup::DAMAGED;

/// Digits of the time in a name, down to the millisecond: a clock that was set may show one twice.
const DIGITS: usize = 17;

/// What the name of a copy ends with.
const KIND: &str = ".backup";

/// Names a copy after its hub and time, so that names stand in order of time.
pub(super) fn name(hub: &DeviceKey, now_ms: i64) -> String {
    let at: String = clock::rfc3339(now_ms).chars().filter(char::is_ascii_digit).take(14).collect();
    format!("{}{at}{:03}{KIND}", prefix(hub), now_ms.rem_euclid(1_000))
}

/// Removes this hub's oldest copies beyond `keep`, never `newest`; returns how many.
pub(super) fn thin(folder: &Path, hub: &DeviceKey, newest: &str, keep: u32) -> io::Result<usize> {
    let mut names = copies(folder, hub, KIND)?;
    names.retain(|name| name != newest);
    let kept = usize::try_from(keep).unwrap_or(usize::MAX).saturating_sub(1);
    remove(folder, names, kept)
}

/// Keeps one copy of something damaged: there will be another one at each try.
pub(super) fn thin_damaged(folder: &Path, hub: &DeviceKey, newest: &Path) -> io::Result<usize> {
    let mut names = copies(folder, hub, &format!("{KIND}{DAMAGED}"))?;
    names.retain(|name| newest.file_name().is_none_or(|newest| newest != name.as_str()));
    remove(folder, names, 0)
}

fn remove(folder: &Path, names: Vec<String>, kept: usize) -> io::Result<usize> {
    let over = names.len().saturating_sub(kept);
    for name in names.iter().take(over) {
        fs::remove_file(folder.join(name))?;
    }
    Ok(over)
}

/// Returns the names of this hub's copies, the oldest first.
fn copies(folder: &Path, hub: &DeviceKey, kind: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let stem = name.strip_prefix(&prefix(hub)).and_then(|rest| rest.strip_suffix(kind));
        let is_time = stem.is_some_and(|stem| {
            stem.len() == DIGITS && stem.bytes().all(|byte| byte.is_ascii_digit())
        });
        if is_time && entry.file_type()?.is_file() {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn prefix(hub: &DeviceKey) -> String {
    format!("ashuu-hub-{}-", hub.short())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUB: DeviceKey = DeviceKey([7; 32]);

    fn lay(folder: &Path, names: &[String]) {
        for name in names {
            fs::write(folder.join(name), "").unwrap();
        }
    }

    fn left(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn the_newest_are_kept_and_nothing_that_is_not_ours_goes() {
        let dir = tempfile::tempdir().unwrap();
        let days =
            |count: i64| (0..count).map(|day| name(&HUB, day * 86_400_000)).collect::<Vec<_>>();
        let foreign = name(&DeviceKey([8; 32]), 0);
        let others = [foreign, "notes.backup".to_owned(), format!("{}x.backup", prefix(&HUB))];
        lay(dir.path(), &days(5));
        lay(dir.path(), &others);
        let newest = name(&HUB, 4 * 86_400_000);
        assert_eq!(thin(dir.path(), &HUB, &newest, 2).unwrap(), 3);
        let mut kept = [&days(5)[3..], &others].concat();
        kept.sort_unstable();
        assert_eq!(left(dir.path()), kept);
    }

    #[test]
    fn the_one_just_made_stays_also_where_the_clock_fell_to_1970() {
        let dir = tempfile::tempdir().unwrap();
        let (old, newest) = (name(&HUB, 1_796_070_600_000), name(&HUB, 1_000));
        lay(dir.path(), &[old, newest.clone()]);
        assert_eq!(thin(dir.path(), &HUB, &newest, 1).unwrap(), 1);
        assert_eq!(left(dir.path()), [newest]);
    }

    #[test]
    fn of_damaged_ones_the_last_is_kept_and_no_good_one_goes_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let good = name(&HUB, 1_000);
        let bad: Vec<String> =
            (2..5).map(|at| format!("{}{DAMAGED}", name(&HUB, at * 1_000_000))).collect();
        lay(dir.path(), std::slice::from_ref(&good));
        lay(dir.path(), &bad);
        let newest = dir.path().join(&bad[2]);
        assert_eq!(thin_damaged(dir.path(), &HUB, &newest).unwrap(), 2);
        let mut kept = [good, bad[2].clone()];
        kept.sort_unstable();
        assert_eq!(left(dir.path()), kept);
    }
}
