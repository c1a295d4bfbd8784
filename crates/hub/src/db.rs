//! The database: a file of `SQLite` or a `PostgreSQL` server, the same words for both.
//!
//! Statements are written once, in words that both engines share (`$1` placeholders); only the
//! layouts under `db/` differ. This module does not know what the tables mean.

mod arg;
mod builder;
mod conn;
mod fault;
mod keeping;
mod layout;
pub mod place;
mod query;
mod row;
mod server;
mod text;

use futures_util::future::BoxFuture;
use sqlx::postgres::PgPool;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

pub use arg::Arg;
pub use builder::{Builder, Separated};
pub use conn::{Conn, Reader, Tx};
pub use fault::{DbFault, is_passing};
pub use keeping::{layout_of, newest_layout};
pub use place::Place;
#[cfg(test)]
pub(crate) use query::asked;
pub use query::{Done, Query, query, query_as, query_scalar, run_script};
pub use row::{FromRow, Row, Value};
pub use text::Sql;

use crate::limits::{BUSY, READERS};

/// What the engine says when something can't be done.
pub type Error = sqlx::Error;

/// A layout: its number, and its tables for each engine.
struct Layout {
    number: i64,
    sqlite: &'static str,
    postgres: &'static str,
    /// What statements alone can't do. It is done once all layouts are applied, so that it always
    /// meets the newest tables.
    then: Option<Step>,
}

/// A step of bringing a database up, in the transaction that does so.
pub(crate) type Step = for<'c> fn(&'c mut Conn) -> BoxFuture<'c, Result<(), Error>>;

/// The layouts, in order; each is applied once.
const LAYOUTS: &[Layout] = &[
    Layout {
        number: 1,
        sqlite: include_str!("../db/sqlite/0001_truth.sql"),
        postgres: include_str!("../db/postgres/0001_truth.sql"),
        then: None,
    },
    Layout {
        number: 2,
        sqlite: include_str!("../db/sqlite/0002_views.sql"),
        postgres: include_str!("../db/postgres/0002_views.sql"),
        then: None,
    },
    Layout {
        number: 3,
        sqlite: include_str!("../db/sqlite/0003_reviews.sql"),
        postgres: include_str!("../db/postgres/0003_reviews.sql"),
        then: None,
    },
    Layout {
        number: 4,
        sqlite: include_str!("../db/sqlite/0004_publications.sql"),
        postgres: include_str!("../db/postgres/0004_publications.sql"),
        then: None,
    },
    Layout {
        number: 5,
        sqlite: include_str!("../db/sqlite/0005_devices.sql"),
        postgres: include_str!("../db/postgres/0005_devices.sql"),
        then: None,
    },
    Layout {
        number: 7,
        sqlite: include_str!("../db/sqlite/0007_named.sql"),
        postgres: include_str!("../db/postgres/0007_named.sql"),
        then: None,
    },
    Layout {
        number: 8,
        sqlite: include_str!("../db/sqlite/0008_search.sql"),
        postgres: include_str!("../db/postgres/0008_search.sql"),
        then: None,
    },
    Layout {
        number: 9,
        sqlite: include_str!("../db/sqlite/0009_branches.sql"),
        postgres: include_str!("../db/postgres/0009_branches.sql"),
        then: Some(crate::truth::upgrade::step),
    },
    Layout {
        number: 10,
        sqlite: include_str!("../db/sqlite/0010_fold_shards.sql"),
        postgres: include_str!("../db/postgres/0010_fold_shards.sql"),
        then: None,
    },
    Layout {
        number: 11,
        sqlite: include_str!("../db/sqlite/0011_cards.sql"),
        postgres: include_str!("../db/postgres/0011_cards.sql"),
        then: None,
    },
    Layout {
        number: 12,
        sqlite: include_str!("../db/sqlite/0012_hub_time.sql"),
        postgres: include_str!("../db/postgres/0012_hub_time.sql"),
        then: None,
    },
];

/// The database of one hub.
#[derive(Clone, Debug)]
pub struct Db(Pools);

#[derive(Clone, Debug)]
enum Pools {
    /// One writer, many readers: the file takes one writer at a time.
    Sqlite { write: SqlitePool, read: SqlitePool },
    /// Each transaction locks the rows it is about.
    Postgres(PgPool),
}

impl Db {
    /// Opens the database at `place` and brings its layout up to date.
    ///
    /// # Errors
    ///
    /// Returns [`DbFault`] if that is not possible; [`DbFault::Empty`] if none was ever laid out.
    pub async fn open(place: &Place) -> Result<Self, DbFault> {
        if matches!(place, Place::Sqlite(file) if !file.exists()) {
            return Err(DbFault::Empty(place.clone()));
        }
        let db = Self::connect(place).await?;
        match layout::found(&db).await? {
            None => Err(DbFault::Empty(place.clone())),
            Some(found) => layout::bring_up(&db, place, LAYOUTS, &found).await.map(|()| db),
        }
    }

    /// Opens the database at `place`, and lays it out if that was never done; a file is made.
    ///
    /// # Errors
    ///
    /// Returns [`DbFault`] if that is not possible.
    pub async fn make(place: &Place) -> Result<Self, DbFault> {
        Self::make_with(place, LAYOUTS).await
    }

    /// Lays a database out as software did whose newest layout had this number.
    #[cfg(test)]
    pub(crate) async fn make_older(place: &Place, number: i64) -> Result<Self, DbFault> {
        let known = LAYOUTS.iter().filter(|layout| layout.number <= number).count();
        Self::make_with(place, LAYOUTS.get(..known).unwrap_or_default()).await
    }

    async fn make_with(place: &Place, layouts: &[Layout]) -> Result<Self, DbFault> {
        if let Place::Sqlite(file) = place {
            crate::keys::touch_private(file).map_err(Error::Io)?;
        }
        let db = Self::connect(place).await?;
        let found = layout::found(&db).await?;
        layout::bring_up(&db, place, layouts, &found.unwrap_or_default()).await?;
        Ok(db)
    }

    async fn connect(place: &Place) -> Result<Self, DbFault> {
        Ok(Self(match place {
            Place::Postgres(url) => Pools::Postgres(server::connect(place, url).await?),
            Place::Sqlite(file) => {
                let options = SqliteConnectOptions::new()
                    .filename(file)
                    .create_if_missing(false)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(BUSY);
                let write = SqlitePoolOptions::new().max_connections(1);
                let write = write.connect_with(options.clone()).await?;
                let readers = SqlitePoolOptions::new().max_connections(READERS);
                Pools::Sqlite { write, read: readers.connect_lazy_with(options) }
            }
        }))
    }

    /// Begins a write transaction. With `SQLite` only one exists at a time; on a server each one
    /// locks what it is about, before it reads what it decides by.
    ///
    /// # Errors
    ///
    /// Returns an error if another process holds the lock for too long, or the server is gone.
    pub async fn begin(&self) -> Result<Tx, Error> {
        Ok(match &self.0 {
            Pools::Sqlite { write, .. } => write.begin_with("BEGIN IMMEDIATE").await?.into(),
            Pools::Postgres(pool) => pool.begin().await.map_err(server::late)?.into(),
        })
    }

    /// Returns a connection for reading.
    ///
    /// # Errors
    ///
    /// Returns an error if none can be had.
    pub async fn read(&self) -> Result<Reader, Error> {
        Ok(match &self.0 {
            Pools::Sqlite { read, .. } => read.acquire().await?.into(),
            Pools::Postgres(pool) => pool.acquire().await.map_err(server::late)?.into(),
        })
    }

    /// Returns whether a power cut loses what the database calls durable: a server can be told so.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be asked.
    pub async fn is_forgetful(&self) -> Result<bool, Error> {
        match &self.0 {
            Pools::Sqlite { .. } => Ok(false),
            Pools::Postgres(pool) => server::is_forgetful(pool).await,
        }
    }

    /// Closes all connections, so that a file can be copied.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Returns whether it is a server, which takes several writers.
    #[must_use]
    pub const fn is_server(&self) -> bool {
        matches!(self.0, Pools::Postgres(_))
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

#[cfg(test)]
mod tests;
