//! Writes flat records line by line: as JSON, or as the files of a table.

use std::io::{self, Write};

use serde_json::{Map, Value as Json};

use super::layout::{Layout, append_line};

/// Writes records in one format or the other.
#[derive(Debug)]
pub enum RecordWriter<W> {
    /// One JSON object a line.
    Lines(W),
    /// A table.
    Table(TableWriter<W>),
}

/// Writes records as the lines of a table's files.
#[derive(Debug)]
pub struct TableWriter<W> {
    layout: Layout,
    own: W,
    groups: Vec<W>,
    line: Vec<u8>,
}

impl<W: Write> RecordWriter<W> {
    /// Writes a record, as [`super::Export`] makes it.
    ///
    /// # Errors
    ///
    /// Returns why it can't be written.
    pub fn write(&mut self, flat: &Map<String, Json>) -> io::Result<()> {
        match self {
            Self::Lines(file) => {
                serde_json::to_writer(&mut *file, flat)?;
                file.write_all(b"\n")
            }
            Self::Table(table) => table.write(flat),
        }
    }

    /// Ends; returns the files, that of the records first.
    pub fn into_files(self) -> Vec<W> {
        match self {
            Self::Lines(file) => vec![file],
            Self::Table(table) => table.into_files(),
        }
    }
}

impl<W: Write> TableWriter<W> {
    /// Begins with the first line of each file; `groups` are in the order of the layout's, and a
    /// group without a file is left out.
    ///
    /// # Errors
    ///
    /// Returns why nothing can be written.
    pub fn begin(layout: Layout, own: W, groups: Vec<W>) -> io::Result<Self> {
        let mut table = Self { layout, own, groups, line: Vec::new() };
        send(&mut table.own, &table.layout.columns, &mut table.line)?;
        for (file, (_name, columns)) in table.groups.iter_mut().zip(&table.layout.groups) {
            send(file, columns, &mut table.line)?;
        }
        Ok(table)
    }

    /// Writes a record, as [`super::Export`] makes it.
    ///
    /// # Errors
    ///
    /// Returns why it can't be written.
    pub fn write(&mut self, flat: &Map<String, Json>) -> io::Result<()> {
        let sheet = self.layout.sheet(flat);
        send(&mut self.own, &sheet.own, &mut self.line)?;
        for (file, rows) in self.groups.iter_mut().zip(&sheet.groups) {
            for row in rows {
                send(file, row, &mut self.line)?;
            }
        }
        Ok(())
    }

    /// Ends; returns the files in the order they came.
    pub fn into_files(self) -> Vec<W> {
        let Self { own, groups, .. } = self;
        [own].into_iter().chain(groups).collect()
    }
}

fn send(file: &mut impl Write, cells: &[String], line: &mut Vec<u8>) -> io::Result<()> {
    line.clear();
    append_line(line, cells.iter().map(String::as_str));
    file.write_all(line)
}
