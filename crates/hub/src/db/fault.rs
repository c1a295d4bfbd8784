//! Why a database can't be used, in words that say what to do.

use super::Error;
use super::marks::WasSetBack;
use super::place::Place;
use crate::limits::POSTGRES_CONNECTIONS;

/// The database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DbFault {
    /// The engine says no.
    #[error("the database can't be used: {0}")]
    Sql(#[from] Error),
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
    /// Older software wrote it, and it is too damaged to be brought up.
    #[error(
        "the database has layout {found}, this software reads {known}: use the version that last \
         ran on it"
    )]
    Older {
        /// The layout found.
        found: i64,
        /// The one read here.
        known: i64,
    },
    /// Nothing was ever laid out there.
    #[error("no hub in {0} yet: run `ashuu-hub init` first, or correct `database`")]
    Empty(Place),
    /// The address can't be read.
    #[error(
        "the address of the database can't be read: write postgres://user:password@host:port/name \
         with special characters of the password as %XX"
    )]
    Address,
    /// The address wants a server that only reads.
    #[error(
        "target_session_attrs={0} in the address of the database: the hub writes, so leave it out, \
         or say read-write"
    )]
    Attributes(String),
    /// The server is there, and takes no writes.
    #[error(
        "the server at {place} is a standby or read-only, and the address asks for one that takes \
         writes: give the address of the primary, or promote this one"
    )]
    ReadOnly {
        /// Where.
        place: Place,
    },
    /// Nobody answers.
    #[error("no server answers at {place}: is it running, and is the address right? ({error})")]
    Down {
        /// Where.
        place: Place,
        /// What the system said.
        error: Error,
    },
    /// It is there, and takes no more connections.
    #[error(
        "the server at {place} lets no more connections in: raise max_connections, or the limit of \
         its user; each process of a hub may use {POSTGRES_CONNECTIONS} ({error})"
    )]
    TooMany {
        /// Where.
        place: Place,
        /// What the server said.
        error: Error,
    },
    /// It is there, and does not prove who it is.
    #[error(
        "the server at {place} is not who the address says, as far as its certificate goes: \
         `sslrootcert` must name the certificate of the authority that signed it, which is not the \
         server's own ({error})"
    )]
    Certificate {
        /// Where.
        place: Place,
        /// What is wrong with it.
        error: Error,
    },
    /// The user or the password is wrong.
    #[error(
        "the server at {place} lets nobody in with this user and password: correct `database` \
         in the configuration ({error})"
    )]
    Refused {
        /// Where.
        place: Place,
        /// What the server said.
        error: Error,
    },
    /// There is no such database on the server.
    #[error(
        "the server has no such database as {0}: make it there with `createdb --encoding UTF8 \
         --template template0 NAME`, or correct `database`"
    )]
    NoDatabase(Place),
    /// The user may not make tables.
    #[error(
        "the user of {place} may not make or change tables there: make it the owner of the \
         database, or GRANT CREATE, USAGE ON SCHEMA public ({error})"
    )]
    NotAllowed {
        /// Where.
        place: Place,
        /// What the server said.
        error: Error,
    },
    /// The database can't keep every letter.
    #[error(
        "{place} keeps text as {encoding}: make a database with `createdb --encoding UTF8 \
         --template template0 NAME`"
    )]
    Encoding {
        /// Where.
        place: Place,
        /// How it keeps text.
        encoding: String,
    },
}

impl DbFault {
    /// Says what a server's refusal means.
    pub(super) fn of_server(place: &Place, error: Error) -> Self {
        let (place, error) = (place.clone(), in_words(error));
        match code(&error).as_deref() {
            Some("28P01" | "28000") => Self::Refused { place, error },
            Some("3D000") => Self::NoDatabase(place),
            Some("42501") => Self::NotAllowed { place, error },
            Some("53300") => Self::TooMany { place, error },
            Some("57P03") => Self::Down { place, error },
            Some(_) => Self::Sql(error),
            None if matches!(error, Error::Tls(_)) => Self::Certificate { place, error },
            None if is_connection(&error) => Self::Down { place, error },
            None => Self::Sql(error),
        }
    }
}

/// Says in words what the library says of bytes: a balancer that has no server behind it, or a pooler
/// that is full, takes a connection and closes it, which is no fault of TLS.
pub(super) fn in_words(error: Error) -> Error {
    let is_closed = if let Error::Io(said) = &error {
        let kinds = [std::io::ErrorKind::UnexpectedEof, std::io::ErrorKind::ConnectionReset];
        kinds.contains(&said.kind())
    } else {
        matches!(&error, Error::Protocol(said) if said.contains("SSLRequest: 0x00"))
    };
    if !is_closed {
        return error;
    }
    let words = "the server, or what stands before it, closed the connection";
    Error::Io(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, words))
}

/// Returns whether the same transaction, done again, may succeed: two were in each other's way.
#[must_use]
pub fn is_passing(error: &Error) -> bool {
    // Serialization failure, deadlock; and on servers of several nodes, a statement cut off by one
    // that changed sides (nothing of the transaction stands then either).
    matches!(code(error).as_deref(), Some("40001" | "40P01" | "55P03")) || is_set_back(error)
}

/// Returns whether the database was set back, and the hub has yet to open its next epoch.
fn is_set_back(error: &Error) -> bool {
    let Error::Io(error) = error else { return false };
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<WasSetBack>)
}

/// Returns whether a table is missing.
pub(super) fn is_no_table(error: &Error) -> bool {
    // `SQLite` has one code for all mistakes in a statement.
    let says_so = |error: &Error| {
        let said = error.as_database_error().map(|said| said.message().to_owned());
        said.is_some_and(|said| said.starts_with("no such table"))
    };
    match code(error).as_deref() {
        Some("1") => says_so(error),
        Some(code) => code == "42P01",
        None => false,
    }
}

/// Returns whether two processes made the same table at once.
pub(super) fn is_made_twice(error: &Error) -> bool {
    matches!(code(error).as_deref(), Some("42P07" | "23505"))
}

fn is_connection(error: &Error) -> bool {
    matches!(error, Error::Io(_) | Error::PoolTimedOut | Error::Protocol(_))
}

pub(super) fn code(error: &Error) -> Option<String> {
    error.as_database_error().and_then(|said| said.code()).map(std::borrow::Cow::into_owned)
}
