//! What looking after a database needs of the engine itself: one look at all of it, and the
//! engine's own check of its files.

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::{Conn, Db, Error, LAYOUTS, Pools, Trouble, Tx, query_scalar};

impl Db {
    /// Begins a transaction that sees everything as it is now, however long it takes, and keeps
    /// nobody from writing.
    ///
    /// # Errors
    ///
    /// Returns an error if none can be had.
    pub async fn snapshot(&self) -> Result<Tx, Error> {
        let mut tx: Tx = match &self.pools {
            Pools::Sqlite { read, .. } => read.begin().await?.into(),
            Pools::Postgres(server) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                server.begin_with(begin).await?.into()
            }
        };
        // The engines take their look with the first statement; that of a file must touch it.
        let first = match &self.pools {
            Pools::Sqlite { .. } => "SELECT COUNT(*) FROM sqlite_schema",
            Pools::Postgres(_) => "SELECT CAST(1 AS BIGINT)",
        };
        query_scalar::<i64>(first).fetch_one(&mut tx).await?;
        Ok(tx)
    }

    /// Has the engine check its own files, where that is for us to ask.
    ///
    /// # Errors
    ///
    /// Returns an error if the database can't be read.
    pub async fn engine_faults(&self) -> Result<Vec<String>, Error> {
        self.checked("PRAGMA quick_check(20)").await
    }

    /// Has the engine check its own files and what it finds rows by, where that is for us to ask. A
    /// file so damaged that this can't be done is a finding.
    ///
    /// # Errors
    ///
    /// Returns an error if the database can't be read for another reason.
    pub async fn engine_faults_in_full(&self) -> Result<Vec<String>, Error> {
        self.checked("PRAGMA integrity_check(20)").await
    }

    async fn checked(&self, check: &'static str) -> Result<Vec<String>, Error> {
        match self.pragma(check).await {
            Err(error) if Trouble::of(&error, "") == Trouble::Damaged => {
                Ok(vec![error.to_string()])
            }
            checked => checked,
        }
    }

    async fn pragma(&self, check: &'static str) -> Result<Vec<String>, Error> {
        match &self.pools {
            Pools::Sqlite { read, .. } => {
                // One that remembers no page of it.
                let mut conn = SqliteConnection::connect_with(&read.connect_options()).await?;
                let said: Vec<String> = sqlx::query_scalar(check).fetch_all(&mut conn).await?;
                conn.close().await?;
                Ok(said.into_iter().filter(|line| line != "ok").collect())
            }
            Pools::Postgres(_) => Ok(Vec::new()), // The server's administrator looks after its files.
        }
    }
}

/// Returns the number of the newest layout that the database has.
///
/// # Errors
///
/// Returns an error if the database can't be read.
pub async fn layout_of(conn: &mut Conn) -> Result<i64, Error> {
    query_scalar("SELECT COALESCE(MAX(number), 0) FROM layout").fetch_one(conn).await
}

/// Returns the number of the newest layout that this program knows.
#[must_use]
pub fn newest_layout() -> i64 {
    LAYOUTS.iter().map(|layout| layout.number).max().unwrap_or(0)
}
