//! Connections: what every function that reads or writes takes, on either engine.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::{Error, Mark, Marks};

/// One connection: what every function that reads or writes takes.
#[derive(Debug)]
pub struct Conn {
    kind: Kind,
    /// What is written here that a later connection must find.
    marks: Vec<Mark>,
}

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

/// A write transaction; it is undone unless committed.
#[derive(Debug)]
pub struct Tx {
    conn: Conn,
    marks: Option<Arc<Marks>>,
}

/// A connection for reading.
#[derive(Debug)]
pub struct Reader(Conn);

impl Conn {
    pub(super) fn engine(&mut self) -> Engine<'_> {
        match &mut self.kind {
            Kind::SqliteTx(tx) => Engine::Sqlite(tx),
            Kind::SqliteRead(conn) => Engine::Sqlite(conn),
            Kind::PostgresTx(tx) => Engine::Postgres(tx),
            Kind::PostgresRead(conn) => Engine::Postgres(conn),
        }
    }
}

impl Conn {
    /// Notes something that is written here: once it is committed, every later connection must find
    /// it, or the database was set back.
    pub(crate) fn mark(&mut self, mark: Mark) {
        self.marks.push(mark);
    }

    /// Returns what a statement ends with so that nobody changes the rows it reads until the
    /// transaction ends; of a file there is one writer anyway.
    pub(crate) const fn shared(&self) -> &'static str {
        match self.kind {
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
        match self.conn.kind {
            Kind::SqliteTx(tx) => tx.commit().await?,
            Kind::PostgresTx(tx) => tx.commit().await?,
            // Not made here: only a transaction becomes one.
            Kind::SqliteRead(_) | Kind::PostgresRead(_) => return Ok(()),
        }
        if let Some(marks) = self.marks {
            marks.committed(self.conn.marks);
        }
        Ok(())
    }

    pub(super) fn marked_in(self, marks: Arc<Marks>) -> Self {
        Self { marks: Some(marks), ..self }
    }
}

impl From<Kind> for Conn {
    fn from(kind: Kind) -> Self {
        Self { kind, marks: Vec::new() }
    }
}

impl From<Transaction<'static, Sqlite>> for Tx {
    fn from(tx: Transaction<'static, Sqlite>) -> Self {
        Self { conn: Kind::SqliteTx(tx).into(), marks: None }
    }
}

impl From<Transaction<'static, Postgres>> for Tx {
    fn from(tx: Transaction<'static, Postgres>) -> Self {
        Self { conn: Kind::PostgresTx(tx).into(), marks: None }
    }
}

impl From<PoolConnection<Sqlite>> for Reader {
    fn from(conn: PoolConnection<Sqlite>) -> Self {
        Self(Kind::SqliteRead(conn).into())
    }
}

impl From<PoolConnection<Postgres>> for Reader {
    fn from(conn: PoolConnection<Postgres>) -> Self {
        Self(Kind::PostgresRead(conn).into())
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
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
