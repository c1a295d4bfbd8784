//! A table as numbered lines, in chunks: each a record with its rows, or what is wrong with one.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use record::table::{Entry, Headers, Table, TableFault};

use super::source::{About, Counted};
use crate::limits::{CHUNK_BYTES, CHUNK_LINES};
use crate::problem::{Cause, Problem};
use crate::request::{FieldReason, Line, LineText};

/// Chunks of the records of a table.
pub(super) struct Chunks {
    table: Table<Counted<Box<dyn Read + Send>>, File>,
    name: String,
    /// What stopped the reading, after what came before it.
    fault: Option<TableFault>,
}

impl Chunks {
    /// Begins to read an input of that name, and the files of its groups.
    pub(super) fn open(
        (input, name): (Counted<Box<dyn Read + Send>>, String),
        groups: Vec<(String, File)>,
        about: &About,
    ) -> Result<Self, Problem> {
        let table = Table::open(input, groups).map_err(|(group, fault)| {
            let file = group.and_then(|group| about.files.get(&group));
            problem(file.unwrap_or(&name), fault)
        })?;
        Ok(Self { table, name, fault: None })
    }

    pub(super) fn headers(&self) -> Headers {
        self.table.headers()
    }

    fn chunk(&mut self) -> Vec<Line> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while lines.len() < CHUNK_LINES && bytes < CHUNK_BYTES {
            match self.table.next() {
                None => break,
                Some(Err(fault)) => {
                    self.fault = Some(fault);
                    break;
                }
                Some(Ok(entry)) => {
                    let line = line(entry);
                    if let LineText::Cells(cells) = &line.text {
                        bytes += cells.bytes();
                    }
                    lines.push(line);
                }
            }
        }
        lines
    }
}

impl Iterator for Chunks {
    type Item = Result<Vec<Line>, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.fault.is_none() {
            let lines = self.chunk();
            if !lines.is_empty() {
                return Some(Ok(lines));
            }
        }
        self.fault.take().map(|fault| Err(problem(&self.name, fault)))
    }
}

fn line(entry: Entry) -> Line {
    match entry {
        Entry::Record { line, cells } => Line { number: line, text: LineText::Cells(cells) },
        Entry::Wrong { group, line, error } => {
            let mut reason = FieldReason::from(error);
            reason.line = group.is_some().then_some(line);
            reason.file = group;
            Line { number: line, text: LineText::Wrong(reason) }
        }
    }
}

fn problem(file: &str, fault: TableFault) -> Problem {
    match fault {
        TableFault::Io(error) => super::super::unreadable(Path::new(file), &error),
        TableFault::Endless(_) | TableFault::NotUtf8 | TableFault::Empty => {
            Problem::new(Cause::Refused, format!("{file}: {fault}"))
        }
    }
}
