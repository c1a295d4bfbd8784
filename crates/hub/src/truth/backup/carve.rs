//! Finding rows of a damaged file page by page, where the pages that led to them are gone.
//!
//! A page of rows says itself what it is. Which table it was of does not stand on it, so this is only
//! for rows that prove themselves by a signature: what is found and does not is no row. Pages that are
//! newer in the file beside, which the engine has not brought over yet, are read from there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::item::Cell;
use super::tables::{Kind, Table};
use crate::limits::BACKUP_ITEM_BYTES_MAX;

/// What a page of rows begins with.
const ROWS: u8 = 13;

/// Bytes before the pages of the file beside, and before each of them.
const BESIDE_HEAD: u64 = 32;
const BESIDE_PAGE_HEAD: u64 = 24;

/// The pages of a file.
#[derive(Debug)]
pub(super) struct Pages {
    file: File,
    beside: Option<File>,
    /// Where the newest page of a number stands in the file beside.
    newer: BTreeMap<u32, u64>,
    bytes: u32,
    /// Bytes of a page that the engine uses.
    usable: usize,
    count: u32,
}

impl Pages {
    /// Opens a file; `None` if even its first bytes say nothing.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        let file = File::open(path)?;
        let mut head = [0; 5];
        file.read_exact_at(&mut head, 16)?;
        let [high, low, _, _, reserved] = head;
        let bytes = match u16::from_be_bytes([high, low]) {
            1 => 65_536,
            bytes => u32::from(bytes),
        };
        let reserved = u32::from(reserved);
        if bytes < 512 || !bytes.is_power_of_two() || bytes - 480 < reserved {
            return Ok(None);
        }
        let usable = usize::try_from(bytes - reserved).unwrap_or_default();
        let count = u32::try_from(file.metadata()?.len() / u64::from(bytes)).unwrap_or(u32::MAX);
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        let beside = match File::open(name) {
            Ok(beside) => Some(beside),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let mut pages = Self { file, beside, newer: BTreeMap::new(), bytes, usable, count };
        pages.note_newer()?;
        Ok(Some(pages))
    }

    /// Notes which pages stand in the file beside.
    fn note_newer(&mut self) -> io::Result<()> {
        let Some(beside) = &self.beside else { return Ok(()) };
        let step = BESIDE_PAGE_HEAD + u64::from(self.bytes);
        let end = beside.metadata()?.len();
        let mut at = BESIDE_HEAD;
        while at + step <= end {
            let mut number = [0; 4];
            beside.read_exact_at(&mut number, at)?;
            let number = u32::from_be_bytes(number);
            self.newer.insert(number, at + BESIDE_PAGE_HEAD);
            self.count = self.count.max(number);
            at += step;
        }
        Ok(())
    }

    /// Returns all rows that may be of a table.
    pub(super) fn rows<'p>(&'p self, table: &'p Table) -> impl Iterator<Item = Vec<Cell>> + 'p {
        (1..=self.count).flat_map(|number| self.rows_of(number, table))
    }

    fn rows_of(&self, number: u32, table: &Table) -> Vec<Vec<Cell>> {
        let Some(page) = self.page(number) else { return Vec::new() };
        let head = page.get(if number == 1 { 100 } else { 0 }..).unwrap_or_default();
        let [ROWS, _, _, high, low, ..] = head else { return Vec::new() };
        let count = usize::from(u16::from_be_bytes([*high, *low]));
        let places = head.get(8..).unwrap_or_default().chunks_exact(2).take(count);
        let row = |place: &[u8]| {
            let place = usize::from(u16::from_be_bytes(place.try_into().ok()?));
            let payload = self.payload(page.get(place..)?)?;
            values(&payload, table)
        };
        places.filter_map(row).collect()
    }

    /// Returns all bytes of a row, of which the page may hold the first only.
    fn payload(&self, cell: &[u8]) -> Option<Vec<u8>> {
        let (length, rest) = number(cell)?;
        let (_row, rest) = number(rest)?;
        let length = usize::try_from(length).ok().filter(|it| *it <= BACKUP_ITEM_BYTES_MAX)?;
        let most = self.usable.checked_sub(35)?;
        if length <= most {
            return rest.get(..length).map(<[u8]>::to_vec);
        }
        let least = ((self.usable - 12) * 32 / 255).checked_sub(23)?;
        let kept = least + (length - least) % (self.usable - 4);
        let kept = if kept <= most { kept } else { least };
        let mut payload = rest.get(..kept)?.to_vec();
        let mut next = u32::from_be_bytes(rest.get(kept..kept + 4)?.try_into().ok()?);
        while payload.len() < length {
            let page = self.page(next).filter(|_| next != 0)?;
            next = u32::from_be_bytes(page.get(..4)?.try_into().ok()?);
            let want = (length - payload.len()).min(self.usable - 4);
            payload.extend_from_slice(page.get(4..4 + want)?);
        }
        Some(payload)
    }

    /// Returns a page; `None` if it can't be read.
    fn page(&self, number: u32) -> Option<Vec<u8>> {
        let mut page = vec![0; usize::try_from(self.bytes).ok()?];
        let read = match (self.newer.get(&number), &self.beside) {
            (Some(at), Some(beside)) => beside.read_exact_at(&mut page, *at),
            (_, _) => {
                let at = u64::from(number.checked_sub(1)?) * u64::from(self.bytes);
                self.file.read_exact_at(&mut page, at)
            }
        };
        read.is_ok().then_some(page)
    }
}

/// Reads the values of a row, if they are those of a table.
fn values(payload: &[u8], table: &Table) -> Option<Vec<Cell>> {
    let (length, _) = number(payload)?;
    let (head, mut body) = payload.split_at_checked(usize::try_from(length).ok()?)?;
    let (_length, mut kinds) = number(head)?;
    let mut cells = Vec::new();
    for column in table.columns {
        if kinds.is_empty() && !cells.is_empty() {
            cells.push(Cell::Nothing); // A column that is younger than the row.
            continue;
        }
        let (kind, rest) = number(kinds)?;
        kinds = rest;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 => 8,
            7 | 10 | 11 => return None,
            bytes => (bytes - 12) / 2,
        };
        let (value, rest) = body.split_at_checked(usize::try_from(size).ok()?)?;
        body = rest;
        cells.push(match (kind, column.1) {
            (0, _) => Cell::Nothing,
            (1..=6 | 8 | 9, Kind::Int) => Cell::Int(integer(kind, value)),
            (12.., Kind::Bytes) if kind % 2 == 0 => Cell::Bytes(value.to_vec()),
            _other => return None,
        });
    }
    (kinds.is_empty() && body.is_empty()).then_some(cells)
}

fn integer(kind: u64, bytes: &[u8]) -> i64 {
    let sign = bytes.first().is_some_and(|first| 0x80 <= *first);
    let begin: i64 = if sign { -1 } else { i64::from(kind == 9) };
    bytes.iter().fold(begin, |value, byte| (value << 8) | i64::from(*byte))
}

/// Reads a number as the engine writes it: seven bits a byte, of the ninth all.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (place, byte) in bytes.iter().enumerate().take(9) {
        let rest = bytes.get(place + 1..).unwrap_or_default();
        if place == 8 {
            return Some(((value << 8) | u64::from(*byte), rest));
        }
        value = (value << 7) | u64::from(*byte & 0x7f);
        if *byte < 0x80 {
            return Some((value, rest));
        }
    }
    None
}
