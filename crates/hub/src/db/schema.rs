//! Reading a file whose list of tables is damaged: the list of a new file of the same layout is put
//! into a copy of it.
//!
//! The engine finds no table without that list. It stands on pages of its own, and two files that were
//! laid out by the same statements have the same list on the same pages; so what is left of it tells
//! whether the two are alike.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// Where a page's own head begins on the first page, behind the file's.
const FILE_HEAD: usize = 100;

/// What a page begins with that leads to others.
const LEADS: u8 = 5;

/// What a file begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Puts the list of tables of `fresh` into `copy`, which is made of `damaged`; returns whether the two
/// are alike, so that it can be read by it.
pub(super) fn transplant(fresh: &Path, damaged: &Path, copy: &Path) -> io::Result<bool> {
    let from = File::open(fresh)?;
    let old = File::open(damaged)?;
    let mut head = [0; 2];
    from.read_exact_at(&mut head, 16)?;
    let bytes = usize::from(u16::from_be_bytes(head));
    let first = page(&from, 1, bytes)?;
    let Some(leaves) = leaves(&first) else { return Ok(false) };
    let mut alike = 0;
    for number in &leaves {
        let fresh = page(&from, *number, bytes)?;
        // A file that was cut off has no such page.
        alike += usize::from(page(&old, *number, bytes).is_ok_and(|old| old == fresh));
    }
    if 2 * alike <= leaves.len() {
        return Ok(false);
    }
    copied(damaged, copy)?;
    let to = OpenOptions::new().write(true).open(copy)?;
    for number in leaves {
        to.write_all_at(&page(&from, number, bytes)?, at(number, bytes))?;
    }
    // How many pages there are, and which are free, is the file's own to say.
    let keeps_head = page(&old, 1, bytes).is_ok_and(|old| old.starts_with(MAGIC));
    let begin = if keeps_head { FILE_HEAD } else { 0 };
    let rest = first.get(begin..).unwrap_or_default();
    to.write_all_at(rest, u64::try_from(begin).unwrap_or_default())?;
    to.sync_all().map(|()| true)
}

/// Returns the pages that the first one leads to.
fn leaves(first: &[u8]) -> Option<Vec<u32>> {
    let head = first.get(FILE_HEAD..)?;
    let [LEADS, _, _, high, low, _, _, _, last @ ..] = head else { return None };
    let count = usize::from(u16::from_be_bytes([*high, *low]));
    let number = |bytes: &[u8]| Some(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?));
    let places = head.get(12..)?.chunks_exact(2).take(count);
    let mut leaves = vec![number(last)?];
    for place in places {
        let place = usize::from(u16::from_be_bytes(place.try_into().ok()?));
        leaves.push(number(first.get(place..)?)?);
    }
    Some(leaves)
}

/// Copies a file and what the engine has not brought into it yet.
fn copied(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    match fs::copy(beside(from), beside(to)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn page(file: &File, number: u32, bytes: usize) -> io::Result<Vec<u8>> {
    let mut page = vec![0; bytes];
    file.read_exact_at(&mut page, at(number, bytes))?;
    Ok(page)
}

fn at(number: u32, bytes: usize) -> u64 {
    u64::from(number.saturating_sub(1)) * u64::try_from(bytes).unwrap_or_default()
}
