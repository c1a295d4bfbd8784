//! Where a database is: a file of `SQLite`, or a `PostgreSQL` server. Its password is never shown.

use std::path::PathBuf;

/// Where a database is.
#[derive(Clone, Eq, PartialEq)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A server and a database there, as `postgres://user:password@host:port/name`.
    Postgres(String),
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Place({self})")
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Self::Postgres(url) => f.write_str(&without_passwords(url)),
        }
    }
}

impl Place {
    /// Reads `sqlite:FILE` or `postgres://…`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("sqlite", file) if !file.is_empty() => Some(Self::Sqlite(file.into())),
            ("postgres" | "postgresql", rest) if rest.starts_with("//") => {
                Some(Self::Postgres(text.to_owned()))
            }
            _other => None,
        }
    }
}

/// Returns a text without the passwords in the addresses of servers in it.
#[must_use]
pub fn without_passwords(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let end = after.find(|c: char| c.is_whitespace() || "\"'`".contains(c));
        let (address, further) = after.split_at(end.unwrap_or(after.len()));
        shown.push_str(before);
        shown.push_str("://");
        shown.push_str(&without_password(address));
        rest = further;
    }
    shown.push_str(rest);
    shown
}

/// Returns what stands behind `://` without the password, wherever that may stand in it.
fn without_password(address: &str) -> String {
    // The last `@`: a password may have one that nobody escaped.
    let place = match address.rsplit_once('@') {
        Some((who, place)) => {
            let user = who.split_once(':').map_or(who, |(user, _password)| user);
            format!("{user}@{place}")
        }
        None => address.to_owned(),
    };
    let Some((place, options)) = place.split_once('?') else { return place };
    let shown: Vec<&str> =
        options.split('&').filter(|option| !option.starts_with("password=")).collect();
    if shown.is_empty() { place.to_owned() } else { format!("{place}?{}", shown.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://hub:s3cret@db:5432/ashuu", "postgres://hub@db:5432/ashuu"),
            ("postgres://hub:a@b:c@db/ashuu", "postgres://hub@db/ashuu"),
            ("postgres://hub:a/b?c@db/ashuu", "postgres://hub@db/ashuu"),
            ("postgres:///ashuu?host=/run/x&password=s3cret", "postgres:///ashuu?host=/run/x"),
            ("postgres:///ashuu?password=s3cret", "postgres:///ashuu"),
            ("postgres://db/ashuu", "postgres://db/ashuu"),
        ] {
            let place = Place::parse(url).unwrap();
            assert_eq!(place.to_string(), shown);
            assert_eq!(format!("{place:?}"), format!("Place({shown})"));
            let line = format!("3 | database = \"{url}\" # {url} ");
            assert_eq!(without_passwords(&line), line.replace(url, shown));
        }
    }

    #[test]
    fn another_kind_of_database_is_none() {
        for text in ["", "hub.db", "sqlite:", "postgres:x", "mysql://db/ashuu"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
