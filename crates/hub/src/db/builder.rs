//! A statement that is built as it goes: filters that may be there, rows as many as there are.

use super::arg::Arg;
use super::query::Query;
use super::row::{FromRow, Row, Value};
use super::text::Piece;

/// A statement that grows.
#[derive(Clone, Debug)]
pub struct Builder {
    pieces: Vec<Piece>,
    args: Vec<Arg>,
}

/// One of many rows, or a list of values, that grows.
#[derive(Debug)]
pub struct Separated<'b> {
    builder: &'b mut Builder,
    is_first: bool,
}

impl Builder {
    /// Begins a statement.
    #[must_use]
    pub fn new(words: &'static str) -> Self {
        Self { pieces: vec![Piece::Words(words)], args: Vec::new() }
    }

    /// Adds words of the statement.
    pub fn push(&mut self, words: &'static str) -> &mut Self {
        self.pieces.push(Piece::Words(words));
        self
    }

    /// Adds a value.
    pub fn push_bind(&mut self, value: impl Into<Arg>) -> &mut Self {
        self.pieces.push(Piece::Value);
        self.args.push(value.into());
        self
    }

    /// Begins a list of values with a comma between.
    pub fn separated(&mut self) -> Separated<'_> {
        Separated { builder: self, is_first: true }
    }

    /// Adds `(…), (…)`: `row` adds the values of each.
    pub fn push_tuples<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut row: impl FnMut(&mut Separated<'_>, T),
    ) -> &mut Self {
        for (index, item) in items.into_iter().enumerate() {
            self.push(if index == 0 { "(" } else { ", (" });
            row(&mut self.separated(), item);
            self.push(")");
        }
        self
    }

    /// Adds `VALUES (…), (…)`: `row` adds the values of each.
    pub fn push_values<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        row: impl FnMut(&mut Separated<'_>, T),
    ) -> &mut Self {
        self.push("VALUES ").push_tuples(items, row)
    }

    /// Returns the statement; its answer is rows.
    #[must_use]
    pub fn build(self) -> Query<Row> {
        Query::new(self.pieces.into(), self.args, Ok)
    }

    /// Returns the statement; its answer is tuples.
    #[must_use]
    pub fn build_as<T: FromRow>(self) -> Query<T> {
        Query::new(self.pieces.into(), self.args, |row| T::from_row(&row))
    }

    /// Returns the statement; its answer is the first column.
    #[must_use]
    pub fn build_scalar<T: Value>(self) -> Query<T> {
        Query::new(self.pieces.into(), self.args, |row| row.at(0))
    }
}

impl Separated<'_> {
    /// Adds a value.
    pub fn push_bind(&mut self, value: impl Into<Arg>) -> &mut Self {
        if !self.is_first {
            self.builder.push(", ");
        }
        self.is_first = false;
        self.builder.push_bind(value);
        self
    }
}
