//! The way to a `PostgreSQL` server: checked once, so that what is wrong is said in clear words; and
//! where an address names several servers, the way on to the one that takes writes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, Postgres};
use sqlx::{Connection as _, Transaction};

use super::fault::{self, DbFault};
use super::hosts::Hosts;
use super::place::Place;
use super::{Error, Marks};
use crate::limits::{BUSY, POSTGRES_CONNECTIONS, POSTGRES_HOST_WAIT, POSTGRES_WAIT};

/// What one address leads to.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) pool: PgPool,
    way: Arc<Way>,
}

/// Which of several servers is spoken to.
#[derive(Debug)]
struct Way {
    place: Place,
    hosts: Hosts,
    current: AtomicUsize,
    /// Connections that are older than this lead to another server.
    since: Mutex<Instant>,
    turn: tokio::sync::Mutex<()>,
}

impl Server {
    /// Connects to the server at `place`.
    pub(super) async fn connect(
        place: &Place,
        url: &str,
        marks: Arc<Marks>,
    ) -> Result<Self, DbFault> {
        let hosts = Hosts::parse(url)?;
        let way = Arc::new(Way {
            place: place.clone(),
            hosts,
            current: AtomicUsize::new(0),
            since: Mutex::new(Instant::now()),
            turn: tokio::sync::Mutex::new(()),
        });
        let options = way.choose().await?;
        let must_write = way.hosts.must_write;
        let mut pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(POSTGRES_WAIT)
            .after_connect(move |conn, _meta| {
                let marks = Arc::clone(&marks);
                Box::pin(async move {
                    set_up(conn, must_write).await?;
                    marks.look_on_server(conn).await
                })
            });
        if 1 < way.hosts.all.len() {
            let way = Arc::clone(&way);
            pool = pool.before_acquire(move |_conn, meta| {
                let moved = way.since.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
                Box::pin(async move { Ok(meta.age <= moved) })
            });
        }
        Ok(Self { pool: pool.connect_lazy_with(options), way })
    }

    /// Returns a connection.
    pub(super) async fn acquire(&self) -> Result<PoolConnection<Postgres>, Error> {
        self.led(|| self.pool.acquire()).await.map_err(late)
    }

    /// Begins a transaction.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, Error> {
        self.led(|| self.pool.begin()).await.map_err(late)
    }

    /// Begins a transaction with words of its own.
    pub(super) async fn begin_with(
        &self,
        begin: &'static str,
    ) -> Result<Transaction<'static, Postgres>, Error> {
        self.led(|| self.pool.begin_with(begin)).await.map_err(late)
    }

    /// Looks for the server that takes writes, and returns whether that is another one than before.
    pub(super) async fn go_on(&self) -> bool {
        let way = &self.way;
        if way.hosts.all.len() < 2 {
            return false;
        }
        // Whoever looks already looks for all.
        let Ok(_turn) = way.turn.try_lock() else { return false };
        let before = way.current.load(Ordering::Relaxed);
        match way.choose().await {
            Ok(options) => {
                let now = way.current.load(Ordering::Relaxed);
                if now != before {
                    tracing::warn!(from = before + 1, to = now + 1, "another server takes writes");
                    self.pool.set_connect_options(options);
                    *way.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
                }
                now != before
            }
            Err(fault) => {
                tracing::warn!(%fault, "none of the servers takes writes");
                false
            }
        }
    }

    /// Says why no connection is to be had; `None` where one is.
    pub(super) async fn why_none(&self) -> Option<DbFault> {
        self.way.choose().await.err()
    }

    /// Returns whether the server forgets in a power cut what it called durable.
    pub(super) async fn is_forgetful(&self) -> Result<bool, Error> {
        let fsync: String = sqlx::query_scalar("SHOW fsync").fetch_one(&self.pool).await?;
        Ok(fsync == "off")
    }

    /// Waits for a connection, and where it does not come soon looks for another server meanwhile:
    /// the pool takes up the new address by itself as long as it tries.
    async fn led<T, A>(&self, ask: impl Fn() -> A) -> Result<T, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        if self.way.hosts.all.len() < 2 {
            return ask().await;
        }
        let mut asked = std::pin::pin!(ask());
        let (answered, has_moved) = match tokio::time::timeout(POSTGRES_HOST_WAIT, &mut asked).await
        {
            Ok(Err(error)) => (Err(error), self.go_on().await),
            Ok(answered) => (answered, false),
            Err(_late) => tokio::join!(asked, self.go_on()),
        };
        if answered.is_err() && has_moved { ask().await } else { answered }
    }
}

impl Way {
    /// Returns the first server that can be used, beginning with the present one.
    async fn choose(&self) -> Result<PgConnectOptions, DbFault> {
        let (count, from) = (self.hosts.all.len(), self.current.load(Ordering::Relaxed));
        let mut worst = DbFault::Address;
        for (tried, place) in (from..count).chain(0..from).enumerate() {
            let Some(options) = self.hosts.all.get(place) else { continue };
            match check(&self.place, options, self.hosts.must_write).await {
                Ok(()) => {
                    self.current.store(place, Ordering::Relaxed);
                    return Ok(options.clone());
                }
                // A server that is there and takes no writes says more than one that is not.
                Err(fault) if tried == 0 || matches!(fault, DbFault::ReadOnly { .. }) => {
                    worst = fault;
                }
                Err(fault) => tracing::debug!(%fault, host = place + 1, "a server is passed over"),
            }
        }
        Err(worst)
    }
}

/// Says what it means that no connection was to be had in time.
fn late(error: Error) -> Error {
    if matches!(error, Error::PoolTimedOut) {
        let words = format!("no connection to the server within {POSTGRES_WAIT:?}: is it up?");
        return Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, words));
    }
    fault::in_words(error)
}

/// A wait for a row ends some time, as that for the writer of a file does; a statement sees what was
/// committed before it; what is called durable is on the server's disk; and what a role or a pooler
/// has set against long statements does not cut off a backup.
async fn set_up(conn: &mut PgConnection, must_write: bool) -> Result<(), Error> {
    sqlx::raw_sql("SET statement_timeout = 0").execute(&mut *conn).await?;
    let wait = "SELECT set_config('lock_timeout', $1, FALSE)";
    sqlx::query(wait).bind(format!("{}ms", BUSY.as_millis())).execute(&mut *conn).await?;
    let modes = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; \
                 SET idle_in_transaction_session_timeout = 0; \
                 SELECT CASE current_setting('synchronous_commit') WHEN 'off' \
                 THEN set_config('synchronous_commit', 'on', FALSE) END";
    sqlx::raw_sql(modes).execute(&mut *conn).await?;
    if must_write && !takes_writes(conn).await? {
        let words = "this server is a standby or read-only: another one is looked for";
        return Err(Error::Io(std::io::Error::new(std::io::ErrorKind::ReadOnlyFilesystem, words)));
    }
    Ok(())
}

async fn takes_writes(conn: &mut PgConnection) -> Result<bool, Error> {
    let asked = "SELECT NOT pg_is_in_recovery() \
                 AND current_setting('default_transaction_read_only') = 'off'";
    sqlx::query_scalar(asked).fetch_one(conn).await
}

/// Connects once outside the pool, which would only say that it took too long.
async fn check(place: &Place, options: &PgConnectOptions, must_write: bool) -> Result<(), DbFault> {
    match tokio::time::timeout(POSTGRES_WAIT, checked(place, options, must_write)).await {
        Ok(checked) => checked,
        Err(_late) => Err(DbFault::of_server(place, Error::PoolTimedOut)),
    }
}

async fn checked(
    place: &Place,
    options: &PgConnectOptions,
    must_write: bool,
) -> Result<(), DbFault> {
    let said = |error| DbFault::of_server(place, error);
    let mut conn = PgConnection::connect_with(options).await.map_err(said)?;
    sqlx::raw_sql("SET statement_timeout = 0").execute(&mut conn).await.map_err(said)?;
    let encoding: String =
        sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut conn).await.map_err(said)?;
    let is_passed_over = must_write && !takes_writes(&mut conn).await.map_err(said)?;
    conn.close().await.map_err(said)?;
    if encoding != "UTF8" {
        return Err(DbFault::Encoding { place: place.clone(), encoding });
    }
    if is_passed_over {
        return Err(DbFault::ReadOnly { place: place.clone() });
    }
    Ok(())
}
