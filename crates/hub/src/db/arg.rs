//! The values a statement is given: the few kinds that both engines keep alike.
//!
//! A missing value keeps its kind, because `PostgreSQL` wants to know it.

use sqlx::error::BoxDynError;
use sqlx::{Arguments as _, postgres::PgArguments, sqlite::SqliteArguments};

/// One value of a statement.
#[derive(Clone, Debug)]
pub enum Arg {
    /// A whole number.
    Int(Option<i64>),
    /// A text.
    Text(Option<String>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
    /// Yes or no.
    Bool(Option<bool>),
}

/// Returns the values as `SQLite` takes them.
pub(super) fn for_sqlite(args: Vec<Arg>) -> Result<SqliteArguments, BoxDynError> {
    let mut all = SqliteArguments::default();
    all.reserve(args.len(), 0);
    for arg in args {
        match arg {
            Arg::Int(value) => all.add(value),
            Arg::Text(value) => all.add(value.map(storable)),
            Arg::Bytes(value) => all.add(value),
            Arg::Bool(value) => all.add(value),
        }?;
    }
    Ok(all)
}

/// Returns the values as `PostgreSQL` takes them.
pub(super) fn for_postgres(args: Vec<Arg>) -> Result<PgArguments, BoxDynError> {
    let mut all = PgArguments::default();
    all.reserve(args.len(), 0);
    for arg in args {
        match arg {
            Arg::Int(value) => all.add(value),
            Arg::Text(value) => all.add(value.map(storable)),
            Arg::Bytes(value) => all.add(value),
            Arg::Bool(value) => all.add(value),
        }?;
    }
    Ok(all)
}

/// Returns a text as both engines keep it. `PostgreSQL` takes no U+0000 in a text, and a device may
/// write one; what it wrote stands in its entry unchanged.
fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

/// Makes [`Arg`] of a type, of a reference to it, and of an option of either.
macro_rules! args {
    ($($kind:ident($own:ty): $($type:ty),+;)+) => {$($(
        impl From<$type> for Arg {
            fn from(value: $type) -> Self {
                Self::$kind(Some(<$own>::from(value)))
            }
        }

        impl From<Option<$type>> for Arg {
            fn from(value: Option<$type>) -> Self {
                Self::$kind(value.map(<$own>::from))
            }
        }
    )+)+};
}

args! {
    Int(i64): i64, i32, u32, u16, u8;
    Text(String): String, &str, &String;
    Bytes(Vec<u8>): Vec<u8>, &[u8];
    Bool(bool): bool;
}

impl From<&i64> for Arg {
    fn from(value: &i64) -> Self {
        (*value).into()
    }
}

impl From<&Vec<u8>> for Arg {
    fn from(value: &Vec<u8>) -> Self {
        value.as_slice().into()
    }
}

impl<const N: usize> From<[u8; N]> for Arg {
    fn from(value: [u8; N]) -> Self {
        value.as_slice().into()
    }
}

impl<const N: usize> From<&[u8; N]> for Arg {
    fn from(value: &[u8; N]) -> Self {
        value.as_slice().into()
    }
}

impl From<&Option<String>> for Arg {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}

impl From<&Option<Vec<u8>>> for Arg {
    fn from(value: &Option<Vec<u8>>) -> Self {
        Self::Bytes(value.clone())
    }
}
