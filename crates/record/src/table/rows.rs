//! The lines of one file: texts by column, with their place.
//!
//! A file is read one record at a time, never whole: a quote that nobody closed ends it in words
//! instead of filling the memory.

use std::io::{self, BufRead as _, BufReader, Read, Seek, SeekFrom};

use csv::{ByteRecord, Position, ReaderBuilder, StringRecord, Terminator};

use crate::limits::{TABLE_AHEAD_BYTES, TABLE_LINE_BYTES_MAX};

/// A table can't be read on.
#[derive(Debug, thiserror::Error)]
pub enum TableFault {
    /// The bytes don't come.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A line has no end.
    #[error(
        "line {0} does not end within 1 MiB: close the quote that is opened there; nothing after it was read"
    )]
    Endless(u64),
    /// The first line is no text.
    #[error("the first line is not UTF-8 text: save the file as \"CSV UTF-8\"")]
    NotUtf8,
    /// There is no first line.
    #[error("the file is empty: its first line names the columns")]
    Empty,
}

/// One line of a file: its cells that are not empty, as far as they can be read.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: Vec<(String, String)>,
    /// Why the line can't be used.
    pub(super) fault: Option<String>,
}

/// The lines of a file.
pub(super) struct Rows<R> {
    reader: csv::Reader<Bounded<R>>,
    pub(super) columns: Vec<String>,
    record: ByteRecord,
}

/// A reader that gives no more bytes than one line may have, until it is allowed more. Its last
/// line ends as the others do, so that lines can be counted.
struct Bounded<R> {
    inner: BufReader<R>,
    left: u64,
    ended: bool,
}

impl<R: Read> Rows<R> {
    pub(super) fn open(input: R) -> Result<Self, TableFault> {
        let mut inner =
            BufReader::with_capacity(usize::try_from(TABLE_AHEAD_BYTES).unwrap_or(0), input);
        let delimiter = delimiter(inner.fill_buf()?);
        let bounded = Bounded { inner, left: TABLE_LINE_BYTES_MAX, ended: false };
        let mut builder = ReaderBuilder::new();
        // A line ends with LF; that CR may stand before it is seen to below.
        builder.terminator(Terminator::Any(b'\n'));
        builder.has_headers(false).flexible(true).delimiter(delimiter);
        let mut rows = Self {
            reader: builder.from_reader(bounded),
            columns: vec![],
            record: ByteRecord::new(),
        };
        if !rows.advance()? {
            return Err(TableFault::Empty);
        }
        let header = StringRecord::from_byte_record(rows.record.clone());
        let header = header.map_err(|_not_utf8| TableFault::NotUtf8)?;
        rows.columns = header.iter().map(|name| name.trim().to_owned()).collect();
        // Spreadsheets write empty columns after the last one.
        while rows.columns.pop_if(|name| name.is_empty()).is_some() {}
        Ok(rows)
    }

    /// Returns the next line that is not empty.
    pub(super) fn next(&mut self) -> Result<Option<Row>, TableFault> {
        while self.advance()? {
            let line = self.line();
            let (cells, fault) = self.cells();
            if !cells.is_empty() || fault.is_some() {
                return Ok(Some(Row { line, cells, fault }));
            }
        }
        Ok(None)
    }

    /// Returns where the line that was read last begins.
    pub(super) fn position(&self) -> Option<&Position> {
        self.record.position()
    }

    fn advance(&mut self) -> Result<bool, TableFault> {
        self.reader.get_mut().left = TABLE_LINE_BYTES_MAX + TABLE_AHEAD_BYTES;
        let line = self.reader.position().line();
        let more = self.reader.read_byte_record(&mut self.record).map_err(fault)?;
        if self.reader.get_ref().left == 0 {
            return Err(TableFault::Endless(line));
        }
        Ok(more)
    }

    /// Returns where the line begins: what was read ends where the next one begins.
    fn line(&self) -> u64 {
        let inside = self.record.iter().flatten().filter(|byte| **byte == b'\n').count();
        let lines = u64::try_from(inside).unwrap_or(u64::MAX).saturating_add(1);
        self.reader.position().line().saturating_sub(lines)
    }

    fn cells(&self) -> (Vec<(String, String)>, Option<String>) {
        let (mut cells, mut fault) = (Vec::new(), None);
        for (place, bytes) in self.record.iter().enumerate() {
            let Ok(text) = std::str::from_utf8(bytes) else {
                let words = "the line is not UTF-8 text: save the file as \"CSV UTF-8\"";
                fault = Some(words.to_owned());
                continue;
            };
            let is_last = place + 1 == self.record.len();
            let text = text.strip_suffix('\r').filter(|_text| is_last).unwrap_or(text);
            match self.columns.get(place) {
                _ if text.trim().is_empty() => {}
                Some(column) => cells.push((column.clone(), text.to_owned())),
                None => fault = Some(self.miscounted()),
            }
        }
        if !cells.is_empty() && self.record.len() < self.columns.len() {
            fault = Some(self.miscounted());
        }
        (cells, fault)
    }

    fn miscounted(&self) -> String {
        let (cells, columns) = (self.record.len(), self.columns.len());
        format!(
            "the line has {cells} cells, the first line names {columns} columns: put quotes around a text with commas or line breaks"
        )
    }
}

impl<R: Read + Seek> Rows<R> {
    /// Returns the line at a place that [`Rows::position`] gave.
    pub(super) fn at(&mut self, position: &Position) -> Result<Option<Row>, TableFault> {
        self.reader.seek(position.clone()).map_err(fault)?;
        self.next()
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = self.inner.by_ref().take(self.left).read(buffer)?;
        if read == 0 && 0 < self.left && !self.ended {
            self.ended = true;
            read = (&b"\n"[..]).read(buffer)?;
        }
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

impl<R: Seek> Seek for Bounded<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.ended = false;
        self.inner.seek(to)
    }
}

/// Spreadsheets of many countries put `;` between cells; the names of columns have neither.
fn delimiter(begin: &[u8]) -> u8 {
    let first = begin.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |sign: u8| first.iter().filter(|byte| **byte == sign).count();
    let signs = [b',', b';', b'\t'];
    signs.into_iter().rev().max_by_key(|sign| count(*sign)).unwrap_or(b',')
}

fn fault(error: csv::Error) -> TableFault {
    let words = error.to_string();
    if let csv::ErrorKind::Io(error) = error.into_kind() {
        return TableFault::Io(error);
    }
    TableFault::Io(io::Error::other(words))
}
