//! The database: a file of `SQLite` or a `PostgreSQL` server, the same words for both.
//!
//! Statements are written once, in words that both engines share (`$1` placeholders); only the
//! layouts under `db/` differ. This module does not know what the tables mean.

mod arg;
mod builder;
mod condition;
mod conn;
mod fault;
mod hosts;
mod keeping;
mod layout;
mod marks;
pub mod place;
mod query;
mod row;
mod schema;
mod server;
mod text;

use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

pub use arg::Arg;
pub use builder::{Builder, Separated};
pub use condition::{Needed, Trouble};
pub use conn::{Conn, Reader, Tx};
pub use fault::{DbFault, is_passing};
pub use keeping::{layout_of, newest_layout};
pub use marks::{Mark, Marked, Marks};
pub use place::Place;
#[cfg(test)]
pub(crate) use query::asked;
pub use query::{Done, Query, query, query_as, query_scalar, run_script};
pub use row::{FromRow, Row, Value};
pub use text::Sql;

use crate::limits::{BUSY, READERS};
use server::Server;

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
        sqlite: include_str!("../db/sqlite/0012_set_backs.sql"),
        postgres: include_str!("../db/postgres/0012_set_backs.sql"),
        then: None,
    },
    Layout {
        number: 13,
        sqlite: include_str!("../db/sqlite/0013_hub_time.sql"),
        postgres: include_str!("../db/postgres/0013_hub_time.sql"),
        then: None,
    },
];

/// The database of one hub.
#[derive(Clone, Debug)]
pub struct Db {
    pools: Pools,
    marks: Arc<Marks>,
}

#[derive(Clone, Debug)]
enum Pools {
    /// One writer, many readers: the file takes one writer at a time.
    Sqlite { write: SqlitePool, read: SqlitePool },
    /// Each transaction locks the rows it is about.
    Postgres(Server),
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

    /// Opens a database that may be damaged, to read of it what can be read: nothing is laid out. Says
    /// what could not even be asked. In `scratch`, an empty folder, a copy of a file may be made.
    ///
    /// # Errors
    ///
    /// Returns [`DbFault`] if nothing can be read, or an older program laid it out.
    pub async fn open_damaged(
        place: &Place,
        scratch: &Path,
    ) -> Result<(Self, Vec<String>), DbFault> {
        let Place::Sqlite(file) = place else { return Self::open_as_it_is(place).await };
        if !file.exists() {
            return Err(DbFault::Empty(place.clone()));
        }
        let fault = match Self::open_as_it_is(place).await {
            Ok((db, unread)) if db.lists_its_tables().await => return Ok((db, unread)),
            Ok((db, _unread)) => {
                db.close().await;
                Error::Io(std::io::Error::other("the list of its tables is damaged")).into()
            }
            Err(fault) => fault,
        };
        let (fresh, copy) = (scratch.join("fresh.db"), scratch.join("copy.db"));
        Self::make(&Place::Sqlite(fresh.clone())).await?.close().await;
        if !schema::transplant(&fresh, file, &copy).map_err(Error::Io)? {
            return Err(fault);
        }
        tracing::warn!(
            "the list of tables is damaged: that of a new database of this layout is used"
        );
        Self::open_as_it_is(&Place::Sqlite(copy)).await
    }

    /// Returns whether the engine finds its tables.
    async fn lists_its_tables(&self) -> bool {
        let listed = async {
            let mut conn = self.read().await?;
            let count = "SELECT COUNT(*) FROM sqlite_schema";
            query_scalar::<i64>(count).fetch_one(&mut conn).await
        };
        listed.await.is_ok_and(|count| 0 < count)
    }

    async fn open_as_it_is(place: &Place) -> Result<(Self, Vec<String>), DbFault> {
        let db = Self::connect(place).await?;
        let known = newest_layout();
        match layout::found(&db).await {
            Ok(None) => Err(DbFault::Empty(place.clone())),
            Ok(Some(found)) if known < found.iter().copied().max().unwrap_or(0) => {
                Err(DbFault::Newer { found: found.into_iter().max().unwrap_or(0), known })
            }
            Ok(Some(found)) if !found.contains(&known) => {
                Err(DbFault::Older { found: found.into_iter().max().unwrap_or(0), known })
            }
            Ok(Some(_)) => Ok((db, Vec::new())),
            Err(error) if matches!(place, Place::Sqlite(_)) => {
                Ok((db, vec![format!("layout: can't be read ({error})")]))
            }
            Err(error) => Err(error.into()),
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
        let marks = Arc::new(Marks::default());
        let pools = match place {
            Place::Postgres(url) => {
                Pools::Postgres(Server::connect(place, url, Arc::clone(&marks)).await?)
            }
            Place::Sqlite(file) => {
                let options = SqliteConnectOptions::new()
                    .filename(file)
                    .create_if_missing(false)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(BUSY);
                let seen = Arc::clone(&marks);
                let write = SqlitePoolOptions::new().max_connections(1).after_connect(
                    move |conn, _meta| {
                        let seen = Arc::clone(&seen);
                        Box::pin(async move { seen.look_in_file(conn).await })
                    },
                );
                let write = write.connect_with(options.clone()).await?;
                let readers = SqlitePoolOptions::new().max_connections(READERS);
                Pools::Sqlite { write, read: readers.connect_lazy_with(options) }
            }
        };
        Ok(Self { pools, marks })
    }

    /// Returns what was committed last.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Begins a write transaction. With `SQLite` only one exists at a time; on a server each one
    /// locks what it is about, before it reads what it decides by.
    ///
    /// # Errors
    ///
    /// Returns an error if another process holds the lock for too long, the server is gone, or the
    /// database was set back and the hub has not yet opened its next epoch.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let tx = self.begin_after_set_back().await?;
        // Known since the connection was made, at the latest.
        if self.marks.is_gone() {
            return Err(Error::Io(std::io::Error::other(marks::WasSetBack)));
        }
        Ok(tx)
    }

    /// Begins a write transaction in which the hub opens its next epoch.
    ///
    /// # Errors
    ///
    /// Returns an error if another process holds the lock for too long, or the server is gone.
    pub(crate) async fn begin_after_set_back(&self) -> Result<Tx, Error> {
        let tx: Tx = match &self.pools {
            Pools::Sqlite { write, .. } => write.begin_with("BEGIN IMMEDIATE").await?.into(),
            Pools::Postgres(server) => server.begin().await?.into(),
        };
        Ok(tx.marked_in(Arc::clone(&self.marks)))
    }

    /// Returns a connection for reading.
    ///
    /// # Errors
    ///
    /// Returns an error if none can be had.
    pub async fn read(&self) -> Result<Reader, Error> {
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => read.acquire().await?.into(),
            Pools::Postgres(server) => server.acquire().await?.into(),
        })
    }

    /// Returns whether a power cut loses what the database calls durable: a server can be told so.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be asked.
    pub async fn is_forgetful(&self) -> Result<bool, Error> {
        match &self.pools {
            Pools::Sqlite { .. } => Ok(false),
            Pools::Postgres(server) => server.is_forgetful().await,
        }
    }

    /// Closes all connections, so that a file can be copied.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(server) => server.pool.close().await,
        }
    }

    /// Returns whether it is a server, which takes several writers.
    #[must_use]
    pub const fn is_server(&self) -> bool {
        matches!(self.pools, Pools::Postgres(_))
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
