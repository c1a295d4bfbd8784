//! One table as it stands in two databases, row by row in the order of its keys.

use std::cmp::Ordering;
use std::collections::VecDeque;

use super::ViewFault;
use super::views::View;
use crate::db::{self, Arg, Builder, Conn, Row};
use crate::limits::{VIEW_FAULTS_MAX, VIEW_PAGE_ROWS};
use crate::truth::Fault;
use crate::truth::fault::damaged;

/// What a column holds.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Int,
    Text,
    Bytes,
    Bool,
}

/// One value; the order is the one in which both engines sort keys.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Cell {
    Nothing,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Bool(bool),
    /// Of another kind than the column's, which `SQLite` allows.
    OfAnotherKind,
}

/// A row: its keys, and all its columns.
struct Line {
    keys: Vec<Cell>,
    cells: Vec<Cell>,
}

/// A comparison of one table.
pub(super) struct Compare {
    view: &'static View,
    columns: Vec<(String, Kind)>,
    faults: Vec<ViewFault>,
    left_out: u64,
}

impl Compare {
    /// Reads the columns of the table from the database that was laid out just now.
    pub(super) async fn begin(anew: &mut Conn, view: &'static View) -> Result<Self, Fault> {
        let select = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
        let rows: Vec<(String, String)> =
            db::query_as(select).bind(view.name).fetch_all(anew).await?;
        let columns = rows.into_iter().map(|(name, words)| Ok((name, kind(&words)?)));
        let columns = columns.collect::<Result<_, Fault>>()?;
        Ok(Self { view, columns, faults: Vec::new(), left_out: 0 })
    }

    /// Compares the rows of both.
    pub(super) async fn run(&mut self, live: &mut Conn, anew: &mut Conn) -> Result<(), Fault> {
        let (mut ours, mut theirs) = (Pages::default(), Pages::default());
        loop {
            let order = match (ours.peek(self, live).await?, theirs.peek(self, anew).await?) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(here), Some(due)) => here.keys.cmp(&due.keys),
            };
            match order {
                Ordering::Less => {
                    let here = ours.next();
                    self.note(here.as_ref(), None, "is no row that any entry comes to");
                }
                Ordering::Greater => {
                    let due = theirs.next();
                    self.note(due.as_ref(), None, "is missing");
                }
                Ordering::Equal => {
                    if let (Some(here), Some(due)) = (ours.next(), theirs.next()) {
                        self.compare(&here, &due);
                    }
                }
            }
        }
    }

    /// Returns the faults; the last one says how many there are beyond those named.
    pub(super) fn into_faults(mut self) -> Vec<ViewFault> {
        if 0 < self.left_out {
            let table = self.view.name;
            let what = format!("the view {table} has {} more faults of this kind", self.left_out);
            self.faults.push(ViewFault { table, row: String::new(), column: None, what });
        }
        self.faults
    }

    fn compare(&mut self, here: &Line, due: &Line) {
        for place in 0..self.columns.len() {
            if here.cells.get(place) != due.cells.get(place) {
                let column = self.columns.get(place).map(|(name, _kind)| name.clone());
                self.note(Some(here), column, "is not what the entries come to");
            }
        }
    }

    fn note(&mut self, line: Option<&Line>, column: Option<String>, words: &str) {
        if VIEW_FAULTS_MAX <= self.faults.len() {
            self.left_out += 1;
            return;
        }
        let table = self.view.name;
        let row = line.map(|line| line.keys.iter().map(Cell::shown).collect::<Vec<_>>().join(" "));
        let row = row.unwrap_or_default();
        let what = match &column {
            Some(column) => format!("the view {table}, row {row}: {column} {words}"),
            None => format!("the view {table}, row {row}: {words}"),
        };
        self.faults.push(ViewFault { table, row, column, what });
    }

    async fn page(&self, conn: &mut Conn, after: &[Cell]) -> Result<VecDeque<Line>, Fault> {
        let keys = self.view.keys;
        let mut query = Builder::new("SELECT * FROM ");
        query.push(self.view.name);
        if !after.is_empty() {
            query.push(" WHERE (");
            list(&mut query, keys);
            query.push(") > (");
            let mut values = query.separated();
            for cell in after {
                values.push_bind(cell.arg().ok_or_else(|| damaged("the key of a view's row"))?);
            }
            query.push(")");
        }
        query.push(" ORDER BY ");
        list(&mut query, keys);
        query.push(" LIMIT ").push_bind(VIEW_PAGE_ROWS);
        let rows = query.build().fetch_all(conn).await?;
        Ok(rows.iter().map(|row| self.line(row)).collect())
    }

    fn line(&self, row: &Row) -> Line {
        let cells: Vec<Cell> =
            self.columns.iter().map(|(name, kind)| kind.read(row, name)).collect();
        let place = |key: &&str| self.columns.iter().position(|(name, _kind)| name == key);
        let keys = self.view.keys.iter().filter_map(place).filter_map(|at| cells.get(at).cloned());
        Line { keys: keys.collect(), cells }
    }
}

fn list(query: &mut Builder, names: &[&'static str]) {
    for (place, name) in names.iter().enumerate() {
        query.push(if place == 0 { "" } else { ", " }).push(name);
    }
}

/// The rows of a table, a page at a time.
#[derive(Default)]
struct Pages {
    rows: VecDeque<Line>,
    after: Vec<Cell>,
    is_at_end: bool,
}

impl Pages {
    async fn peek(&mut self, table: &Compare, conn: &mut Conn) -> Result<Option<&Line>, Fault> {
        if self.rows.is_empty() && !self.is_at_end {
            self.rows = table.page(conn, &self.after).await?;
            match self.rows.back() {
                Some(last) => self.after.clone_from(&last.keys),
                None => self.is_at_end = true,
            }
        }
        Ok(self.rows.front())
    }

    fn next(&mut self) -> Option<Line> {
        self.rows.pop_front()
    }
}

fn kind(words: &str) -> Result<Kind, Fault> {
    Ok(match words {
        "BIGINT" | "INTEGER" => Kind::Int,
        "TEXT" => Kind::Text,
        "BLOB" => Kind::Bytes,
        "BOOLEAN" => Kind::Bool,
        _other => return Err(damaged("the kind of a view's column")),
    })
}

impl Kind {
    /// Reads a column; one that is gone or of another kind is no fault of the database but a
    /// finding.
    fn read(self, row: &Row, name: &str) -> Cell {
        let read = match self {
            Self::Int => row.try_get::<Option<i64>>(name).map(|value| value.map(Cell::Int)),
            Self::Text => row.try_get::<Option<String>>(name).map(|value| value.map(Cell::Text)),
            Self::Bytes => row.try_get::<Option<Vec<u8>>>(name).map(|value| value.map(Cell::Bytes)),
            Self::Bool => row.try_get::<Option<bool>>(name).map(|value| value.map(Cell::Bool)),
        };
        read.map_or(Cell::OfAnotherKind, |value| value.unwrap_or(Cell::Nothing))
    }
}

impl Cell {
    fn arg(&self) -> Option<Arg> {
        Some(match self {
            Self::Int(value) => value.into(),
            Self::Text(value) => value.into(),
            Self::Bytes(value) => value.into(),
            Self::Bool(value) => (*value).into(),
            Self::Nothing | Self::OfAnotherKind => return None,
        })
    }

    fn shown(&self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Text(value) => value.chars().map(plain).collect(),
            Self::Bytes(value) => value.iter().map(|byte| format!("{byte:02x}")).collect(),
            Self::Bool(value) => value.to_string(),
            Self::Nothing | Self::OfAnotherKind => "?".to_owned(),
        }
    }
}

/// Keeps what stands in a row from writing to the terminal.
fn plain(letter: char) -> char {
    if letter.is_control() { '\u{fffd}' } else { letter }
}
