//! A row of an answer, read by the names or places of its columns.

use sqlx::postgres::{PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row as _, Type};

use super::Error;

/// A row of an answer.
pub struct Row(pub(super) Engine);

pub(super) enum Engine {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What a column can be read as: numbers (`i64`), texts, bytes, yes or no, and options of them.
pub trait Value:
    Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>
{
}

impl<T> Value for T where
    T: Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>
{
}

/// What a whole row can be read as: a tuple of its columns.
pub trait FromRow: Sized {
    /// Reads a row.
    ///
    /// # Errors
    ///
    /// Returns an error if a column is of another kind.
    fn from_row(row: &Row) -> Result<Self, Error>;
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").finish_non_exhaustive()
    }
}

impl Row {
    /// Reads the column of this name.
    ///
    /// # Errors
    ///
    /// Returns an error if there is none or it is of another kind.
    pub fn try_get<T: Value>(&self, name: &str) -> Result<T, Error> {
        match &self.0 {
            Engine::Sqlite(row) => row.try_get(name),
            Engine::Postgres(row) => row.try_get(name),
        }
    }

    /// Reads the column at this place, from 0 on.
    ///
    /// # Errors
    ///
    /// Returns an error if there is none or it is of another kind.
    pub fn at<T: Value>(&self, place: usize) -> Result<T, Error> {
        match &self.0 {
            Engine::Sqlite(row) => row.try_get(place),
            Engine::Postgres(row) => row.try_get(place),
        }
    }
}

macro_rules! tuples {
    ($(($($name:ident $place:literal),+);)+) => {$(
        impl<$($name: Value),+> FromRow for ($($name,)+) {
            fn from_row(row: &Row) -> Result<Self, Error> {
                Ok(($(row.at::<$name>($place)?,)+))
            }
        }
    )+};
}

tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
}
