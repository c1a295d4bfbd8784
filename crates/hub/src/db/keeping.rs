//! What looking after a database needs of the engine itself: one look at all of it, and the
//! engine's own check of its files.

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::{Conn, Db, Error, LAYOUTS, Pools, Tx, query_scalar};

impl Db {
    /// Begins a transaction that sees everything as it is now, however long it takes, and keeps
    /// nobody from writing.
    ///
    /// # Errors
    ///
    /// Returns an error if none can be had.
    pub async fn snapshot(&self) -> Result<Tx, Error> {
        let mut tx: Tx = match &self.0 {
            Pools::Sqlite { read, .. } => read.begin().await?.into(),
            Pools::Postgres(server) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                server.begin_with(begin).await?.into()
            }
        };
        // The engines take their look with the first statement.
        layout_of(&mut tx).await?;
        Ok(tx)
    }

    /// Has the engine check its own files, where that is for us to ask.
    ///
    /// # Errors
    ///
    /// Returns an error if the database can't be read.
    pub async fn engine_faults(&self) -> Result<Vec<String>, Error> {
        match &self.0 {
            Pools::Sqlite { read, .. } => {
                // One that remembers no page of it.
                let mut conn = SqliteConnection::connect_with(&read.connect_options()).await?;
                let said: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(20)")
                    .fetch_all(&mut conn)
                    .await?;
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
