//! Turns: what only one transaction at a time may do, in however many processes.
//!
//! A file takes one writer at a time anyway. On a server a transaction locks the rows it is about
//! before it reads what it decides by; where there is no such row, it takes a turn, which is a row
//! made for that. Whoever takes several takes a device's row first, then logs, then turns.

use std::time::Duration;

use super::Fault;
use crate::db::{self, Conn};

/// How often a transaction is tried that another one was in the way of.
const TRIES: u32 = 5;

/// How long it waits before that, times the number of tries.
const PAUSE: Duration = Duration::from_millis(20);

/// What only one transaction at a time may do.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// Begin a log or a branch of one, which gets the next number.
    Logs,
    /// Fold what goes to everyone, which changes how all else is shown.
    Fold,
    /// Write the texts of records to where parts of words are found.
    Texts,
    /// Let a device in, which gets the next letter of its site.
    Letters,
    /// Set entries of a revoked device aside, which count against its room there, or let them in.
    Quarantine,
    /// Say something of the hub's time, which names what was said before. It is taken first of all.
    HubTime,
}

impl Turn {
    /// Waits for the turn; it is held until the transaction ends.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if it takes too long or the database can't be used.
    pub async fn take(self, conn: &mut Conn) -> Result<(), Fault> {
        let key = match self {
            Self::Logs => "turn/logs",
            Self::Fold => FOLD,
            Self::Texts => "turn/texts",
            Self::Letters => "turn/letters",
            Self::Quarantine => "turn/quarantine",
            Self::HubTime => "turn/hub_time",
        };
        let lock = "INSERT INTO meta (key, value) VALUES ($1, $2) \
                    ON CONFLICT (key) DO UPDATE SET value = meta.value";
        db::query(lock).bind(key).bind([].as_slice()).execute(conn).await?;
        Ok(())
    }
}

/// The row that whoever folds shares, or takes.
const FOLD: &str = "turn/fold";

/// Folds a site beside others: while this transaction lasts nobody has the turn to fold.
///
/// # Errors
///
/// Returns [`Fault`] if it takes too long or the database can't be used.
pub async fn share_fold(conn: &mut Conn) -> Result<(), Fault> {
    let select = ["SELECT value FROM meta WHERE key = $1", conn.shared()];
    let found: Option<Vec<u8>> =
        db::query_scalar(select).bind(FOLD).fetch_optional(&mut *conn).await?;
    if found.is_none() {
        // The first one makes the row.
        Turn::Fold.take(conn).await?;
    }
    Ok(())
}

/// Why a transaction did not succeed, which may be that another one was in its way.
pub trait MayPass: std::fmt::Display {
    /// Returns whether the same transaction, done again, may succeed; nothing of it stands.
    fn is_passing(&self) -> bool;
}

impl MayPass for Fault {
    fn is_passing(&self) -> bool {
        Self::is_passing(self)
    }
}

/// Retries a whole transaction that was undone because another one was in its way.
///
/// # Errors
///
/// Returns the first other fault, or this one if it does not pass.
pub async fn retry<T, E, F>(mut work: impl FnMut() -> F) -> Result<T, E>
where
    E: MayPass,
    F: Future<Output = Result<T, E>>,
{
    let mut tries = 1;
    loop {
        match work().await {
            Err(fault) if fault.is_passing() && tries < TRIES => {
                tracing::debug!(%fault, tries, "a transaction is retried");
                tokio::time::sleep(PAUSE * tries).await;
                tries += 1;
            }
            done => return done,
        }
    }
}
