//! A statement with its values, and how its answer is read.
//!
//! Statements are prepared once for each connection and kept by their text.

use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Postgres, SqlStr, Sqlite};

use super::Error;
use super::arg::{self, Arg};
use super::conn::{Conn, Engine};
use super::row::{self, FromRow, Row, Value};
use super::text::Sql;

/// A statement with its values; `T` is what a row of its answer is read as.
#[derive(Debug)]
pub struct Query<T> {
    sql: Sql,
    args: Vec<Arg>,
    read: fn(Row) -> Result<T, Error>,
}

/// What a statement without an answer did.
#[derive(Clone, Copy, Debug)]
pub struct Done(u64);

/// Makes a statement; its answer, if it has one, is rows.
pub fn query(sql: impl Into<Sql>) -> Query<Row> {
    Query::new(sql.into(), Vec::new(), Ok)
}

/// Makes a statement whose answer is tuples.
pub fn query_as<T: FromRow>(sql: impl Into<Sql>) -> Query<T> {
    Query::new(sql.into(), Vec::new(), |row| T::from_row(&row))
}

/// Makes a statement whose answer is its first column.
pub fn query_scalar<T: Value>(sql: impl Into<Sql>) -> Query<T> {
    Query::new(sql.into(), Vec::new(), |row| row.at(0))
}

/// Does several statements without values, one after the other.
///
/// # Errors
///
/// Returns an error if one of them can't be done.
pub async fn run_script(conn: &mut Conn, script: &'static str) -> Result<(), Error> {
    match conn.engine() {
        Engine::Sqlite(conn) => sqlx::raw_sql(script).execute(conn).await.map(drop),
        Engine::Postgres(conn) => sqlx::raw_sql(script).execute(conn).await.map(drop),
    }
}

impl Done {
    /// Returns how many rows it touched.
    #[must_use]
    pub const fn rows_affected(self) -> u64 {
        self.0
    }
}

impl<T> Query<T> {
    pub(super) const fn new(sql: Sql, args: Vec<Arg>, read: fn(Row) -> Result<T, Error>) -> Self {
        Self { sql, args, read }
    }

    /// Adds the next value.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Arg>) -> Self {
        self.args.push(value.into());
        self
    }

    /// Does the statement and returns how many rows it touched.
    ///
    /// # Errors
    ///
    /// Returns an error if the database refuses it or can't be reached.
    pub async fn execute(self, conn: &mut Conn) -> Result<Done, Error> {
        let Self { sql, args, .. } = self;
        match conn.engine() {
            Engine::Sqlite(conn) => {
                let (text, args) = for_sqlite(sql, args)?;
                let done = sqlx::query_with::<Sqlite, _>(text, args).execute(conn).await?;
                Ok(Done(done.rows_affected()))
            }
            Engine::Postgres(conn) => {
                let (text, args) = for_postgres(sql, args)?;
                let done = sqlx::query_with::<Postgres, _>(text, args).execute(conn).await?;
                Ok(Done(done.rows_affected()))
            }
        }
    }

    /// Returns the first row of the answer, if it has one.
    ///
    /// # Errors
    ///
    /// Returns an error if the database refuses it or can't be reached.
    pub async fn fetch_optional(self, conn: &mut Conn) -> Result<Option<T>, Error> {
        let Self { sql, args, read } = self;
        let row = match conn.engine() {
            Engine::Sqlite(conn) => {
                let (text, args) = for_sqlite(sql, args)?;
                let row = sqlx::query_with::<Sqlite, _>(text, args).fetch_optional(conn).await?;
                row.map(row::Engine::Sqlite)
            }
            Engine::Postgres(conn) => {
                let (text, args) = for_postgres(sql, args)?;
                let row = sqlx::query_with::<Postgres, _>(text, args).fetch_optional(conn).await?;
                row.map(row::Engine::Postgres)
            }
        };
        row.map(|row| read(Row(row))).transpose()
    }

    /// Returns the first row of the answer.
    ///
    /// # Errors
    ///
    /// Returns an error if there is none, or the database refuses it or can't be reached.
    pub async fn fetch_one(self, conn: &mut Conn) -> Result<T, Error> {
        self.fetch_optional(conn).await?.ok_or(Error::RowNotFound)
    }

    /// Returns all rows of the answer.
    ///
    /// # Errors
    ///
    /// Returns an error if the database refuses it or can't be reached.
    pub async fn fetch_all(self, conn: &mut Conn) -> Result<Vec<T>, Error> {
        let Self { sql, args, read } = self;
        match conn.engine() {
            Engine::Sqlite(conn) => {
                let (text, args) = for_sqlite(sql, args)?;
                let rows = sqlx::query_with::<Sqlite, _>(text, args).fetch_all(conn).await?;
                rows.into_iter().map(|row| read(Row(row::Engine::Sqlite(row)))).collect()
            }
            Engine::Postgres(conn) => {
                let (text, args) = for_postgres(sql, args)?;
                let rows = sqlx::query_with::<Postgres, _>(text, args).fetch_all(conn).await?;
                rows.into_iter().map(|row| read(Row(row::Engine::Postgres(row)))).collect()
            }
        }
    }
}

#[cfg(test)]
std::thread_local! {
    static ASKED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Returns how many statements this thread made.
#[cfg(test)]
pub(crate) fn asked() -> u64 {
    ASKED.get()
}

fn for_sqlite(sql: Sql, args: Vec<Arg>) -> Result<(SqlStr, SqliteArguments), Error> {
    #[cfg(test)]
    ASKED.set(ASKED.get() + 1);
    Ok((sql.for_sqlite(), arg::for_sqlite(args).map_err(Error::Encode)?))
}

fn for_postgres(sql: Sql, args: Vec<Arg>) -> Result<(SqlStr, PgArguments), Error> {
    #[cfg(test)]
    ASKED.set(ASKED.get() + 1);
    Ok((sql.for_postgres(), arg::for_postgres(args).map_err(Error::Encode)?))
}
