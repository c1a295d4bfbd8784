//! The database: one writer, many readers, and the layout it must have.
//!
//! Statements are written once, in words that other engines share (`$1` placeholders); only the
//! layouts under `db/` differ. Every write transaction takes its lock at its start, so that several processes
//! (a running hub and its command line) may share the file.

use std::path::Path;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::limits::{BUSY, READERS};

/// The engine all SQL here is for.
pub type Engine = sqlx::Sqlite;

/// One connection: what every function that reads or writes takes.
pub type Conn = <Engine as sqlx::Database>::Connection;

/// A write transaction; it is undone unless committed.
pub type Tx = sqlx::Transaction<'static, Engine>;

/// A connection for reading.
pub type Reader = sqlx::pool::PoolConnection<Engine>;

/// The layouts, in order; each is applied once.
const LAYOUTS: &[(i64, &str)] = &[
    (1, include_str!("../db/sqlite/0001_truth.sql")),
    (2, include_str!("../db/sqlite/0002_views.sql")),
];

/// The database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DbFault {
    /// The engine says no.
    #[error("the database can't be used: {0}")]
    Sql(#[from] sqlx::Error),
    /// Newer software wrote it.
    #[error(
        "the database has layout {found}, this software knows {known}: install the newer version"
    )]
    Newer {
        /// The layout found.
        found: i64,
        /// The newest one known here.
        known: i64,
    },
}

/// The database of one hub.
#[derive(Clone, Debug)]
pub struct Db {
    write: SqlitePool,
    read: SqlitePool,
}

impl Db {
    /// Opens the database in `file`, makes it if it is not there, and brings its layout up to date.
    ///
    /// # Errors
    ///
    /// Returns [`DbFault`] if that is not possible.
    pub async fn open(file: &Path) -> Result<Self, DbFault> {
        crate::keys::touch_private(file).map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone());
        let write = write.await?;
        let readers = SqlitePoolOptions::new().max_connections(READERS);
        let read = readers.connect_lazy_with(options);
        let db = Self { write, read };
        db.lay_out().await?;
        Ok(db)
    }

    /// Begins a write transaction; only one exists at a time.
    ///
    /// # Errors
    ///
    /// Returns an error if another process holds the lock for too long.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        self.write.begin_with("BEGIN IMMEDIATE").await
    }

    /// Returns a connection for reading.
    ///
    /// # Errors
    ///
    /// Returns an error if none can be had.
    pub async fn read(&self) -> Result<Reader, sqlx::Error> {
        self.read.acquire().await
    }

    /// Closes all connections, so that the file can be copied.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    async fn lay_out(&self) -> Result<(), DbFault> {
        let mut tx = self.begin().await?;
        let table = "CREATE TABLE IF NOT EXISTS layout (number BIGINT NOT NULL PRIMARY KEY)";
        sqlx::query(table).execute(&mut *tx).await?;
        let found: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) FROM layout")
            .fetch_one(&mut *tx)
            .await?;
        let known = LAYOUTS.iter().map(|(number, _)| *number).max().unwrap_or(0);
        if known < found {
            return Err(DbFault::Newer { found, known });
        }
        for (number, text) in LAYOUTS.iter().filter(|(number, _)| found < *number) {
            sqlx::raw_sql(*text).execute(&mut *tx).await?;
            let insert = "INSERT INTO layout (number) VALUES ($1)";
            sqlx::query(insert).bind(number).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Returns a number as the database keeps it.
#[must_use]
pub fn to_db(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Returns a number that the database kept.
#[must_use]
pub fn from_db(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
