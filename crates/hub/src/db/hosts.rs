//! Addresses of `PostgreSQL` servers: one, or several of which one takes writes.
//!
//! The client library knows one server an address, so several are taken apart here, in the two
//! forms that `PostgreSQL`'s own programs read: `//h1:p1,h2:p2/name`, and `?host=h1,h2&port=p1,p2`.

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;

use super::fault::DbFault;

/// The servers of one address, in the order in which they are tried.
pub(super) struct Hosts {
    pub(super) all: Vec<PgConnectOptions>,
    /// Whether a server that takes no writes is passed over.
    pub(super) must_write: bool,
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The options hold a password.
        f.debug_struct("Hosts").field("count", &self.all.len()).finish_non_exhaustive()
    }
}

impl Hosts {
    /// Reads an address.
    pub(super) fn parse(url: &str) -> Result<Self, DbFault> {
        let parts = Parts::of(url)?;
        let hosts = parts.hosts()?;
        let must_write = 1 < hosts.len() || parts.wants_writes()?;
        let options = |(host, port): &(Option<&str>, Option<&str>)| {
            let options = PgConnectOptions::from_str(&parts.url(*host, *port));
            let options = options.map_err(|_unreadable| DbFault::Address)?;
            // What a pooler does not know it refuses; numbers with a point stand in no table here.
            Ok(options.application_name("ashuu-hub").extra_float_digits(None))
        };
        let all = hosts.iter().map(options).collect::<Result<Vec<_>, DbFault>>()?;
        Ok(Self { all, must_write })
    }
}

/// A host and its port, as far as they are named.
type Named<'u> = (Option<&'u str>, Option<&'u str>);

/// An address, taken apart as far as the hosts go.
struct Parts<'u> {
    scheme: &'u str,
    user: Option<&'u str>,
    hosts: &'u str,
    path: &'u str,
    /// What stands behind `?`, without what is read here.
    rest: Vec<&'u str>,
    named_hosts: Option<&'u str>,
    named_ports: Option<&'u str>,
    attributes: Option<&'u str>,
}

impl<'u> Parts<'u> {
    fn of(url: &'u str) -> Result<Self, DbFault> {
        let (scheme, rest) = url.split_once("://").ok_or(DbFault::Address)?;
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match address.find('/') {
            Some(place) => address.split_at(place),
            None => (address, ""),
        };
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (Some(user), hosts),
            None => (None, authority),
        };
        let (rest, named_hosts, named_ports, attributes) = (Vec::new(), None, None, None);
        let mut parts =
            Self { scheme, user, hosts, path, rest, named_hosts, named_ports, attributes };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("host" | "hostaddr", value)) => parts.named_hosts = Some(value),
                Some(("port", value)) => parts.named_ports = Some(value),
                Some(("target_session_attrs", value)) => parts.attributes = Some(value),
                Some(_) | None => parts.rest.push(pair),
            }
        }
        Ok(parts)
    }

    /// Returns the hosts with their ports; those behind `?` win over those before.
    fn hosts(&self) -> Result<Vec<Named<'u>>, DbFault> {
        let Some(named) = self.named_hosts.filter(|named| !named.is_empty()) else {
            let hosts = self.hosts.split(',');
            let hosts: Vec<_> = hosts.map(|host| (Some(host), self.named_ports)).collect();
            let is_broken = 1 < hosts.len() && hosts.iter().any(|(host, _)| *host == Some(""));
            return if is_broken { Err(DbFault::Address) } else { Ok(hosts) };
        };
        let hosts = list(named);
        let ports = self.named_ports.map(list).unwrap_or_default();
        if hosts.contains(&"") || (1 < ports.len() && ports.len() != hosts.len()) {
            return Err(DbFault::Address);
        }
        let port = |place: usize| ports.get(place).or_else(|| ports.first()).copied();
        Ok(hosts.into_iter().enumerate().map(|(place, host)| (Some(host), port(place))).collect())
    }

    /// Returns whether the address itself asks for a server that takes writes.
    fn wants_writes(&self) -> Result<bool, DbFault> {
        match self.attributes {
            None | Some("any") => Ok(false),
            Some("read-write" | "primary") => Ok(true),
            Some(other) => Err(DbFault::Attributes(other.to_owned())),
        }
    }

    /// Writes the address of one host.
    fn url(&self, host: Option<&str>, port: Option<&str>) -> String {
        let mut pairs: Vec<String> = self.rest.iter().map(|pair| (*pair).to_owned()).collect();
        let inline = if self.named_hosts.is_some() {
            pairs.extend(host.map(|host| format!("host={host}")));
            // A name without a host can't have a user before it.
            if self.hosts.is_empty() || self.hosts.contains(',') { "localhost" } else { self.hosts }
        } else {
            host.unwrap_or_default()
        };
        pairs.extend(port.map(|port| format!("port={port}")));
        let user = self.user.map(|user| format!("{user}@")).unwrap_or_default();
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        format!("{}://{user}{inline}{}{query}", self.scheme, self.path)
    }
}

/// Takes a list apart, however its commas are written.
fn list(text: &str) -> Vec<&str> {
    text.split(',').flat_map(|part| part.split("%2C")).flat_map(|part| part.split("%2c")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Vec<(String, u16)> {
        let hosts = Hosts::parse(url).unwrap();
        let place = |options: &PgConnectOptions| {
            let socket = options.get_socket().map(|path| path.display().to_string());
            (socket.unwrap_or_else(|| options.get_host().to_owned()), options.get_port())
        };
        hosts.all.iter().map(place).collect()
    }

    fn named(hosts: &[(&str, u16)]) -> Vec<(String, u16)> {
        hosts.iter().map(|(host, port)| ((*host).to_owned(), *port)).collect()
    }

    #[test]
    fn several_hosts_are_read_in_order_in_both_forms() {
        for (url, hosts) in [
            ("postgres://u:p@a:1,b:2/db", &[("a", 1), ("b", 2)][..]),
            ("postgresql://u@a:1,b,c:3/db?sslmode=disable", &[("a", 1), ("b", 5432), ("c", 3)]),
            ("postgres:///db?host=a,b&port=1,2", &[("a", 1), ("b", 2)]),
            ("postgres://u@/db?host=a%2Cb&port=7", &[("a", 7), ("b", 7)]),
            ("postgres://u@localhost/db?host=/run/a,/run/b", &[("/run/a", 5432), ("/run/b", 5432)]),
            ("postgres://u@[::1]:1,[::2]:2/db", &[("[::1]", 1), ("[::2]", 2)]),
        ] {
            assert_eq!(read(url), named(hosts), "{url}");
            assert!(Hosts::parse(url).unwrap().must_write, "{url}");
        }
    }

    #[test]
    fn one_host_stays_what_it_was() {
        for (url, hosts) in [
            ("postgres://u:p%2Cq@a:1/db", &[("a", 1)][..]),
            ("postgres://u@localhost/db?host=/run/x", &[("/run/x", 5432)]),
            ("postgres://u@a/db?port=9&sslmode=disable", &[("a", 9)]),
        ] {
            assert_eq!(read(url), named(hosts), "{url}");
            assert!(!Hosts::parse(url).unwrap().must_write, "{url}");
        }
        let options = Hosts::parse("postgres://u:p@a:1,b:2/db?dbname=x").unwrap();
        let one = options.all.first().unwrap();
        assert_eq!((one.get_username(), one.get_database()), ("u", Some("x")));
    }

    #[test]
    fn what_a_server_must_be_is_honoured_or_refused() {
        let read = |url: &str| Hosts::parse(url).map(|hosts| hosts.must_write);
        assert!(read("postgres://a/db?target_session_attrs=read-write").unwrap());
        assert!(read("postgres://a/db?target_session_attrs=primary").unwrap());
        assert!(!read("postgres://a/db?target_session_attrs=any").unwrap());
        for wish in ["standby", "read-only", "prefer-standby", "fast"] {
            let fault = read(&format!("postgres://a/db?target_session_attrs={wish}"));
            assert!(matches!(fault, Err(DbFault::Attributes(said)) if said == wish));
        }
        for url in ["postgres://a,,b/db", "postgres:///db?host=a,b,c&port=1,2", "postgres:x"] {
            assert!(matches!(Hosts::parse(url), Err(DbFault::Address)), "{url}");
        }
    }
}
