//! The file of records with the files of its groups, read side by side.
//!
//! Of a group's file only the places of its rows are kept, less than 100 bytes a row; where the rows stand in
//! the order of the records, as an export writes them, it is read straight through.

use std::io::{Read, Seek};

use csv::Position;

use super::cells::{Cells, RowCells};
use super::header::Headers;
use super::rows::{Rows, TableFault};
use super::{ID, ROW};
use crate::finding::FieldError;
use crate::id::RecordId;

/// A record of a table, or what can't become part of one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
    /// A record, with the rows that belong to it.
    Record {
        /// Its line in the file of records.
        line: u64,
        /// Its cells.
        cells: Cells,
    },
    /// A line that can't be used.
    Wrong {
        /// The group in whose file it stands; none is the file of records.
        group: Option<String>,
        /// Its line.
        line: u64,
        /// What is wrong.
        error: FieldError,
    },
}

/// A file of records, and the files of its groups.
pub struct Table<R, C> {
    records: Rows<R>,
    groups: Vec<Group<C>>,
    waiting: Vec<Entry>,
    state: Phase,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Reading,
    Ended,
}

struct Group<C> {
    name: String,
    rows: Rows<C>,
    /// Sorted by record and place.
    places: Vec<Place>,
    wrong: Vec<Entry>,
}

struct Place {
    record: RecordId,
    /// Its place among the record's rows, where it names one.
    row: Option<u32>,
    line: u64,
    position: Position,
    taken: bool,
    /// Why the row can't be used, and the column.
    fault: Option<Box<(&'static str, String)>>,
}

impl<R, C> std::fmt::Debug for Table<R, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("state", &self.state).finish_non_exhaustive()
    }
}

impl<R: Read, C: Read + Seek> Table<R, C> {
    /// Begins to read; each group's file comes with the group's name.
    ///
    /// # Errors
    ///
    /// A file has no first line, or can't be read; the group is named where it is not the first.
    pub fn open(
        records: R,
        groups: Vec<(String, C)>,
    ) -> Result<Self, (Option<String>, TableFault)> {
        let records = Rows::open(records).map_err(|fault| (None, fault))?;
        let group = |(name, rows): (String, C)| {
            Group::open(name.clone(), rows).map_err(|fault| (Some(name), fault))
        };
        let groups = groups.into_iter().map(group).collect::<Result<_, _>>()?;
        Ok(Self { records, groups, waiting: Vec::new(), state: Phase::Reading })
    }

    /// Returns the columns of all files.
    #[must_use]
    pub fn headers(&self) -> Headers {
        let groups = self.groups.iter();
        Headers {
            own: self.records.columns.clone(),
            groups: groups.map(|group| (group.name.clone(), group.rows.columns.clone())).collect(),
        }
    }

    /// A record is taken with all of its rows or not at all.
    fn record(&mut self, line: u64, own: Vec<(String, String)>) -> Result<Entry, TableFault> {
        let id = own.iter().find(|(column, _cell)| column == ID);
        let id: Option<RecordId> = id.and_then(|(_column, cell)| cell.trim().parse().ok());
        let (mut rows, mut broken) = (Vec::new(), None);
        for group in &mut self.groups {
            let Some(id) = id else { break };
            let wrong_before = group.wrong.len();
            rows.extend(group.take(id)?);
            if wrong_before < group.wrong.len() {
                broken = Some(group.name.clone());
            }
        }
        Ok(match broken {
            None => Entry::Record { line, cells: Cells { own, rows } },
            Some(group) => {
                let words = "a row of this group can't be used, so the record waits for it";
                wrong(None, line, (&group, words.to_owned()))
            }
        })
    }

    /// What no record took, in the order of the lines.
    fn left(&mut self) -> Vec<Entry> {
        let mut left = Vec::new();
        for group in &mut self.groups {
            left.append(&mut group.wrong);
            let name = &group.name;
            let orphan = |place: &Place| {
                let reason = format!("no record of the table has the id {}", place.record);
                wrong(Some(name), place.line, (ID, reason))
            };
            left.extend(group.places.iter().filter(|place| !place.taken).map(orphan));
        }
        left.sort_by_key(|entry| match entry {
            Entry::Wrong { group, line, error: _ } => (group.clone(), *line),
            Entry::Record { line, cells: _ } => (None, *line),
        });
        left
    }

    fn step(&mut self) -> Result<Option<Entry>, TableFault> {
        if self.state == Phase::Reading {
            if let Some(row) = self.records.next()? {
                return match row.fault {
                    None => self.record(row.line, row.cells).map(Some),
                    Some(reason) => Ok(Some(wrong(None, row.line, ("", reason)))),
                };
            }
            self.state = Phase::Ended;
            self.waiting = self.left();
            self.waiting.reverse();
        }
        Ok(self.waiting.pop())
    }
}

impl<R: Read, C: Read + Seek> Iterator for Table<R, C> {
    type Item = Result<Entry, TableFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            self.state = Phase::Ended; // After a fault the end: nothing after it can be trusted.
            self.waiting.clear();
        }
        step.transpose()
    }
}

impl<C: Read + Seek> Group<C> {
    fn open(name: String, input: C) -> Result<Self, TableFault> {
        let mut rows = Rows::open(input)?;
        let (mut places, mut refused): (Vec<Place>, Vec<Entry>) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let Some(position) = rows.position().cloned() else { continue };
            let record = match record(&row.cells) {
                Ok(record) => record,
                Err(error) => {
                    refused.push(wrong(Some(&name), row.line, error));
                    continue;
                }
            };
            let number = number(&row.cells);
            let fault = row.fault.map(|reason| ("", reason));
            let fault = fault.or_else(|| number.as_ref().err().cloned()).map(Box::new);
            let (line, row) = (row.line, number.ok().flatten());
            places.push(Place { record, row, line, position, taken: false, fault });
        }
        // The sort is stable: rows without a number keep the order of the file, after the others.
        places.sort_by_key(|place| (place.record, place.row.is_none(), place.row));
        let mut before = None;
        for place in &mut places {
            let here = place.row.map(|row| (place.record, row));
            if here.is_some() && before == here {
                let words = "another row of the record has the same `@row`";
                place.fault.get_or_insert_with(|| Box::new((ROW, words.to_owned())));
            }
            before = here;
        }
        Ok(Self { name, rows, places, wrong: refused })
    }

    /// Returns the rows of a record, in their order; notes those that can't be used.
    fn take(&mut self, id: RecordId) -> Result<Vec<RowCells>, TableFault> {
        let first = self.places.partition_point(|place| place.record < id);
        let mut found = Vec::new();
        for place in self.places.iter_mut().skip(first) {
            if place.record != id {
                break;
            }
            place.taken = true;
            if let Some(fault) = &place.fault {
                let (column, reason) = fault.as_ref().clone();
                self.wrong.push(wrong(Some(&self.name), place.line, (column, reason)));
                continue;
            }
            let Some(row) = self.rows.at(&place.position)? else { break };
            let mut cells = row.cells;
            cells.retain(|(column, _cell)| column != ID && column != ROW);
            found.push(RowCells { group: self.name.clone(), line: row.line, cells });
        }
        Ok(found)
    }
}

/// Returns which record a row belongs to.
fn record(cells: &[(String, String)]) -> Result<RecordId, (&'static str, String)> {
    let id = cell(cells, ID).unwrap_or_default();
    id.parse().map_err(|malformed: crate::id::MalformedId| {
        (ID, format!("the row has to name its record: {malformed}"))
    })
}

/// Returns the place of a row in its record, where it names one.
fn number(cells: &[(String, String)]) -> Result<Option<u32>, (&'static str, String)> {
    let Some(number) = cell(cells, ROW) else { return Ok(None) };
    number.parse().map(Some).map_err(|_no_number| {
        (ROW, "write the row's place as a whole number from 1, or leave it empty".to_owned())
    })
}

fn cell<'a>(cells: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = cells.iter().find(|(column, _cell)| column == name);
    found.map(|(_column, cell)| cell.trim())
}

fn wrong(group: Option<&str>, line: u64, (field, reason): (&str, String)) -> Entry {
    let error = FieldError { field: field.to_owned(), reason };
    Entry::Wrong { group: group.map(str::to_owned), line, error }
}
