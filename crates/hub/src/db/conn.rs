//! Connections: what every function that reads or writes takes, on either engine.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::Error;

/// One connection: what every function that reads or writes takes.
#[derive(Debug)]
pub struct Conn(Kind);

#[derive(Debug)]
enum Kind {
    SqliteTx(Transaction<'static, Sqlite>),
    SqliteRead(PoolConnection<Sqlite>),
    PostgresTx(Transaction<'static, Postgres>),
    PostgresRead(PoolConnection<Postgres>),
}

/// The connection of an engine.
pub(super) enum Engine<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// Every new connection passes here once, of either engine, before anything is asked over it: an
/// error turns it away.
#[expect(clippy::unused_async, reason = "what is asked here is asked of the engine")]
pub(super) async fn admit(engine: Engine<'_>) -> Result<(), Error> {
    match engine {
        Engine::Sqlite(_) | Engine::Postgres(_) => Ok(()),
    }
}

/// A write transaction; it is undone unless committed.
#[derive(Debug)]
pub struct Tx(Conn);

/// A connection for reading.
#[derive(Debug)]
pub struct Reader(Conn);

impl Conn {
    pub(super) fn engine(&mut self) -> Engine<'_> {
        match &mut self.0 {
            Kind::SqliteTx(tx) => Engine::Sqlite(tx),
            Kind::SqliteRead(conn) => Engine::Sqlite(conn),
            Kind::PostgresTx(tx) => Engine::Postgres(tx),
            Kind::PostgresRead(conn) => Engine::Postgres(conn),
        }
    }
}

impl Conn {
    /// Returns what a statement ends with so that nobody changes the rows it reads until the
    /// transaction ends; of a file there is one writer anyway.
    pub(crate) const fn shared(&self) -> &'static str {
        match self.0 {
            Kind::SqliteTx(_) | Kind::SqliteRead(_) => "",
            Kind::PostgresTx(_) | Kind::PostgresRead(_) => "FOR SHARE",
        }
    }
}

impl Tx {
    /// Makes what was written durable and seen by others.
    ///
    /// # Errors
    ///
    /// Returns an error if that is not possible; then nothing was written.
    pub async fn commit(self) -> Result<(), Error> {
        match self.0.0 {
            Kind::SqliteTx(tx) => tx.commit().await,
            Kind::PostgresTx(tx) => tx.commit().await,
            // Not made here: only a transaction becomes one.
            Kind::SqliteRead(_) | Kind::PostgresRead(_) => Ok(()),
        }
    }
}

impl From<Transaction<'static, Sqlite>> for Tx {
    fn from(tx: Transaction<'static, Sqlite>) -> Self {
        Self(Conn(Kind::SqliteTx(tx)))
    }
}

impl From<Transaction<'static, Postgres>> for Tx {
    fn from(tx: Transaction<'static, Postgres>) -> Self {
        Self(Conn(Kind::PostgresTx(tx)))
    }
}

impl From<PoolConnection<Sqlite>> for Reader {
    fn from(conn: PoolConnection<Sqlite>) -> Self {
        Self(Conn(Kind::SqliteRead(conn)))
    }
}

impl From<PoolConnection<Postgres>> for Reader {
    fn from(conn: PoolConnection<Postgres>) -> Self {
        Self(Conn(Kind::PostgresRead(conn)))
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

impl Deref for Reader {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}
