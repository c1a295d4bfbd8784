//! What is told to a person when something can't be done: one shape for the terminal and for HTTP.
//!
//! On a terminal it is words and an exit code, over HTTP a problem document (RFC 9457) and a
//! status. A fault's paths stay in the words of the terminal and the log.

use serde::{Deserialize, Serialize};
use store::{AppendError, Fault};

use crate::config::ConfigError;
use crate::identity::IdentityError;
use crate::request::FieldReason;

/// What every problem's type begins with.
const TYPE_PREFIX: &str = "urn:ashuu:problem:";

/// Why something could not be done.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    /// Whose fault it is.
    pub cause: Cause,
    /// What happened and what to do.
    pub detail: String,
    /// What is wrong with each field.
    pub errors: Vec<FieldReason>,
}

/// Whose fault a problem is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The command is not one.
    Usage,
    /// The input is refused.
    Refused,
    /// There is no such record, form or page.
    NotFound,
    /// The name fits two records.
    Ambiguous,
    /// The caller has no valid token.
    Unauthorized,
    /// The address asked for is not served here.
    Misdirected,
    /// The body is larger than it may be.
    TooLarge,
    /// The device is not enrolled.
    NotEnrolled,
    /// The hub could not be reached, or refused.
    Hub,
    /// What is held is not what was written.
    Unsound,
    /// Another process holds the data directory.
    Locked,
    /// The disk or another process prevents it.
    Unavailable,
    /// This program is at fault.
    Internal,
}

/// A problem as it travels.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Document {
    /// Names the cause.
    #[serde(rename = "type")]
    pub kind: String,
    /// The cause in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: String,
    /// What is wrong with each field.
    #[serde(default)]
    pub errors: Vec<FieldReason>,
}

impl Cause {
    const ALL: [Self; 13] = [
        Self::Usage,
        Self::Refused,
        Self::NotFound,
        Self::Ambiguous,
        Self::Unauthorized,
        Self::Misdirected,
        Self::TooLarge,
        Self::NotEnrolled,
        Self::Hub,
        Self::Unsound,
        Self::Locked,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Returns the exit code of a command that ends so.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Refused | Self::NotFound | Self::Ambiguous | Self::TooLarge => 1,
            Self::Usage => 2,
            Self::NotEnrolled => 3,
            Self::Hub => 4,
            Self::Unsound => 5,
            Self::Unauthorized
            | Self::Misdirected
            | Self::Locked
            | Self::Unavailable
            | Self::Internal => 75,
        }
    }

    /// Returns the HTTP status of an answer that says so.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Usage => 400,
            Self::Unauthorized => 401,
            Self::NotFound => 404,
            Self::Ambiguous => 409,
            Self::TooLarge => 413,
            Self::Misdirected => 421,
            Self::Refused => 422,
            Self::Unsound | Self::Internal => 500,
            Self::Hub => 502,
            Self::NotEnrolled | Self::Locked | Self::Unavailable => 503,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::NotFound => "not-found",
            Self::Ambiguous => "ambiguous",
            Self::Unauthorized => "unauthorized",
            Self::Misdirected => "misdirected",
            Self::TooLarge => "too-large",
            Self::NotEnrolled => "not-enrolled",
            Self::Hub => "hub",
            Self::Unsound => "unsound",
            Self::Locked => "locked",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Usage => "the request is malformed",
            Self::Refused => "the input was refused",
            Self::NotFound => "there is nothing of that name",
            Self::Ambiguous => "the name fits more than one record",
            Self::Unauthorized => "a token is needed",
            Self::Misdirected => "this address is not served here",
            Self::TooLarge => "the body is too large",
            Self::NotEnrolled => "this device is not enrolled",
            Self::Hub => "the hub could not be reached or refused",
            Self::Unsound => "what is held is damaged",
            Self::Locked => "another process holds the data",
            Self::Unavailable => "not possible now; try again later",
            Self::Internal => "this program is at fault",
        }
    }
}

impl Problem {
    /// A problem in these words.
    #[must_use]
    pub fn new(cause: Cause, detail: impl Into<String>) -> Self {
        Self { cause, detail: detail.into(), errors: Vec::new() }
    }

    /// A refusal of these fields.
    #[must_use]
    pub fn refused(errors: Vec<FieldReason>) -> Self {
        let detail = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Self { cause: Cause::Refused, detail, errors }
    }

    /// Returns the problem as it travels.
    #[must_use]
    pub fn document(&self) -> Document {
        Document {
            kind: format!("{TYPE_PREFIX}{}", self.cause.name()),
            title: self.cause.title().to_owned(),
            status: self.cause.status(),
            detail: self.detail.clone(),
            errors: self.errors.clone(),
        }
    }
}

impl From<Document> for Problem {
    fn from(document: Document) -> Self {
        let name = document.kind.strip_prefix(TYPE_PREFIX).unwrap_or_default();
        let cause = Cause::ALL.into_iter().find(|cause| cause.name() == name);
        let Document { detail, errors, .. } = document;
        Self { cause: cause.unwrap_or(Cause::Internal), detail, errors }
    }
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        Self::new(Cause::Usage, error.to_string())
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let cause = match fault {
            Fault::Damaged(_) => Cause::Unsound,
            Fault::Locked(_) => Cause::Locked,
            Fault::LocalName(_) | Fault::Panicked(_) => Cause::Internal,
            Fault::Io { .. }
            | Fault::Newer { .. }
            | Fault::NoFormat(_)
            | Fault::Rebuilding
            | Fault::Views(_)
            | Fault::Entropy(_)
            | Fault::Stopped => Cause::Unavailable,
        };
        Self::new(cause, fault.to_string())
    }
}

impl From<AppendError<Self>> for Problem {
    fn from(error: AppendError<Self>) -> Self {
        match error {
            AppendError::Refused(problem) => problem,
            AppendError::TooLarge(_) => Self::new(Cause::TooLarge, error.to_string()),
            AppendError::Closed(_) => Self::new(Cause::Unsound, error.to_string()),
            AppendError::NotOurs(_) => Self::new(Cause::Internal, error.to_string()),
            AppendError::NotSaved(_) => Self::new(Cause::Unavailable, error.to_string()),
        }
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Disk(fault) => fault.into(),
            IdentityError::Damaged { .. }
            | IdentityError::Missing { .. }
            | IdentityError::NoEntropy(_)
            | IdentityError::Log(_) => Self::new(Cause::Unavailable, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_back_as_it_travelled() {
        for cause in Cause::ALL {
            let told = Problem::from(Problem::new(cause, "words").document());
            assert_eq!((told.cause, told.detail.as_str()), (cause, "words"));
        }
    }
}
