//! The way to a `PostgreSQL` server: checked once, so that what is wrong is said in clear words.

use std::str::FromStr as _;
use std::sync::Arc;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};

use super::fault::DbFault;
use super::place::Place;
use super::{Error, Marks};
use crate::limits::{BUSY, POSTGRES_CONNECTIONS, POSTGRES_WAIT};

/// Connects to the server at `place`.
pub(super) async fn connect(
    place: &Place,
    url: &str,
    marks: Arc<Marks>,
) -> Result<PgPool, DbFault> {
    let options = PgConnectOptions::from_str(url).map_err(|_unreadable| DbFault::Address)?;
    let options = options.application_name("ashuu-hub");
    check(place, &options).await?;
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(POSTGRES_WAIT)
        .after_connect(move |conn, _meta| {
            let marks = Arc::clone(&marks);
            Box::pin(async move {
                set_up(conn).await?;
                marks.look_on_server(conn).await
            })
        });
    Ok(pool.connect_lazy_with(options))
}

/// Returns whether the server forgets in a power cut what it called durable.
pub(super) async fn is_forgetful(pool: &PgPool) -> Result<bool, Error> {
    let fsync: String = sqlx::query_scalar("SHOW fsync").fetch_one(pool).await?;
    Ok(fsync == "off")
}

/// Says what it means that no connection was to be had in time.
pub(super) fn late(error: Error) -> Error {
    if matches!(error, Error::PoolTimedOut) {
        let words = format!("no connection to the server within {POSTGRES_WAIT:?}: is it up?");
        return Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, words));
    }
    error
}

/// A wait for a row ends some time, as that for the writer of a file does; a statement sees what was
/// committed before it; and what is called durable is on the server's disk.
async fn set_up(conn: &mut PgConnection) -> Result<(), Error> {
    let wait = "SELECT set_config('lock_timeout', $1, FALSE)";
    sqlx::query(wait).bind(format!("{}ms", BUSY.as_millis())).execute(&mut *conn).await?;
    let modes = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; \
                 SELECT CASE current_setting('synchronous_commit') WHEN 'off' \
                 THEN set_config('synchronous_commit', 'on', FALSE) END";
    sqlx::raw_sql(modes).execute(conn).await.map(drop)
}

/// Connects once outside the pool, which would only say that it took too long.
async fn check(place: &Place, options: &PgConnectOptions) -> Result<(), DbFault> {
    let said = |error| DbFault::of_server(place, error);
    let connect = PgConnection::connect_with(options);
    let mut conn = match tokio::time::timeout(POSTGRES_WAIT, connect).await {
        Ok(connected) => connected.map_err(said)?,
        Err(_late) => return Err(said(Error::PoolTimedOut)),
    };
    let encoding: String =
        sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut conn).await.map_err(said)?;
    conn.close().await.map_err(said)?;
    if encoding != "UTF8" {
        return Err(DbFault::Encoding { place: place.clone(), encoding });
    }
    Ok(())
}
