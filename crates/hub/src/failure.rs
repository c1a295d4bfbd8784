//! Why a command did not do what it was asked, and the exit code that says so.

use crate::config::ConfigFault;
use crate::db::{self, DbFault};
use crate::keys::KeyFault;
use crate::truth::Fault;

/// A command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Some input was refused; what was valid is saved.
    #[error("{0}")]
    Refused(String),
    /// The command was used wrongly.
    #[error("{0}")]
    Usage(String),
    /// There is no hub here.
    #[error("no hub here yet: run `ashuu-hub init` first, or give --data")]
    NotInitialised,
    /// There is no hub in the database.
    #[error("{0}")]
    NoHub(String),
    /// Verification found something; it was said already.
    #[error("verification found something wrong")]
    Found,
    /// The disk or another process prevents it.
    #[error("{0}")]
    Unavailable(String),
}

impl Failure {
    /// The exit code of wrong usage.
    pub(crate) const USAGE: u8 = 2;

    /// Returns the exit code.
    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => Self::USAGE,
            Self::NotInitialised | Self::NoHub(_) => 3,
            Self::Found => 5,
            Self::Unavailable(_) => 75,
        }
    }
}

impl From<ConfigFault> for Failure {
    fn from(fault: ConfigFault) -> Self {
        Self::Usage(fault.to_string())
    }
}

impl From<KeyFault> for Failure {
    fn from(fault: KeyFault) -> Self {
        match fault {
            KeyFault::NotInitialised => Self::NotInitialised,
            KeyFault::Malformed
            | KeyFault::Disk { .. }
            | KeyFault::Newer { .. }
            | KeyFault::NoFormat(_)
            | KeyFault::Random(_) => Self::Unavailable(fault.to_string()),
        }
    }
}

impl From<DbFault> for Failure {
    fn from(fault: DbFault) -> Self {
        match fault {
            DbFault::Empty(_) | DbFault::NoDatabase(_) => Self::NoHub(fault.to_string()),
            DbFault::Sql(_)
            | DbFault::Newer { .. }
            | DbFault::Older { .. }
            | DbFault::Address
            | DbFault::Attributes(_)
            | DbFault::ReadOnly { .. }
            | DbFault::Down { .. }
            | DbFault::TooMany { .. }
            | DbFault::Certificate { .. }
            | DbFault::Refused { .. }
            | DbFault::NotAllowed { .. }
            | DbFault::Encoding { .. } => Self::Unavailable(fault.to_string()),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotInitialised => Self::NotInitialised,
            Fault::Codec(error) => Self::Refused(error.to_string()),
            Fault::Sql(_)
            | Fault::OtherHub
            | Fault::Damaged(_)
            | Fault::Moved
            | Fault::Scratch(..)
            | Fault::Busy
            | Fault::Random(_) => Self::Unavailable(fault.to_string()),
        }
    }
}

impl From<db::Error> for Failure {
    fn from(error: db::Error) -> Self {
        Fault::Sql(error).into()
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}
