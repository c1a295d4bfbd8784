//! The text of a statement: only ever made of what stands in this program.
//!
//! No value and no word of a person gets into it, so nothing can be smuggled in. The one place
//! where a text is called safe is here.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

/// A statement's text, with `$1`, `$2` … for its values.
#[derive(Clone, Debug)]
pub struct Sql(Text);

#[derive(Clone, Debug)]
enum Text {
    Whole(&'static str),
    Joined(String),
    Pieces(Vec<Piece>),
}

/// A piece of a text that is built as it goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    Words(&'static str),
    /// The next value.
    Value,
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self(Text::Whole(text))
    }
}

/// Parts that belong together, with a space between: a list of columns is written once that way.
impl<const N: usize> From<[&'static str; N]> for Sql {
    fn from(parts: [&'static str; N]) -> Self {
        Self(Text::Joined(parts.join(" ")))
    }
}

impl From<Vec<Piece>> for Sql {
    fn from(pieces: Vec<Piece>) -> Self {
        Self(Text::Pieces(pieces))
    }
}

impl Sql {
    /// Returns the text as `SQLite` reads it: it looks long for a value by name, so where the
    /// order says which one is meant, none is named.
    pub(super) fn for_sqlite(self) -> SqlStr {
        match self.0 {
            Text::Whole(text) => text.into_sql_str(),
            Text::Joined(text) => AssertSqlSafe(text).into_sql_str(),
            Text::Pieces(pieces) => {
                AssertSqlSafe(written(&pieces, |text, _| text.push('?'))).into_sql_str()
            }
        }
    }

    /// Returns the text as `PostgreSQL` reads it.
    pub(super) fn for_postgres(self) -> SqlStr {
        let number = |text: &mut String, place| {
            // Writing to a string does not fail.
            let _written = write!(text, "${place}");
        };
        match self.0 {
            Text::Whole(text) => text.into_sql_str(),
            Text::Joined(text) => AssertSqlSafe(text).into_sql_str(),
            Text::Pieces(pieces) => AssertSqlSafe(written(&pieces, number)).into_sql_str(),
        }
    }
}

fn written(pieces: &[Piece], value: impl Fn(&mut String, usize)) -> String {
    let mut text = String::new();
    let mut place = 0;
    for piece in pieces {
        match piece {
            Piece::Words(words) => text.push_str(words),
            Piece::Value => {
                place += 1;
                value(&mut text, place);
            }
        }
    }
    text
}
