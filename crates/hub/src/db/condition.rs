//! What keeps a database from taking what is to be written, in words that say what to do; and what
//! can be asked of each engine about it.

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::fault::code;
use super::{Builder, Conn, Db, Error, Pools, query, query_as, query_scalar};
use crate::limits::{PROBE_LOCK_WAIT, PROBE_ROOM_BYTES, PROBE_WAIT};

/// Why a database does not take what is to be written; or what will one day lose it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Trouble {
    /// It follows another server.
    #[error("the database server is a standby: nothing can be written to it")]
    Standby,
    /// It was told to take no writes.
    #[error("the database is read-only: nothing can be written to it")]
    ReadOnly,
    /// A right is missing.
    #[error("the user of the database may not {what} the table {table}")]
    NoRight {
        /// The table.
        table: String,
        /// What for.
        what: String,
    },
    /// A table is missing.
    #[error("the database has no table {0}, or its user may not see it")]
    NoTable(String),
    /// There is no room.
    #[error("the disk of the database is full")]
    Full,
    /// Its files are not what was written.
    #[error("the database is damaged")]
    Damaged,
    /// Statements are ended early.
    #[error("statements are ended after {0} (statement_timeout), whatever the hub asks")]
    TimeLimit(String),
    /// Somebody else holds it.
    #[error("another program holds the table {0} locked")]
    Locked(String),
    /// Nothing comes back.
    #[error("the database has not answered within {0:?}")]
    Silent(Duration),
    /// It can't be reached or used, for a reason of its own.
    #[error("the database can't be used ({0})")]
    Unusable(String),
    /// Another process writes for long; ours waits its turn.
    #[error("another process has been writing to the database for a while")]
    Busy,
    /// A failover loses what was receipted.
    #[error(
        "a server follows this one asynchronously: after a failover records that were receipted \
         may be missing"
    )]
    Asynchronous,
    /// The role would end statements early, and the hub puts that aside.
    #[error("the database's user has a statement_timeout of {0} ms, which the hub puts aside")]
    RoleTimeLimit(String),
}

impl Trouble {
    /// Says what an error means that came when `table` was written.
    pub(crate) fn of(error: &Error, table: &str) -> Self {
        let Some(code) = code(error) else { return Self::Unusable(error.to_string()) };
        // The extended codes of a file's engine hold the plain one in their lowest byte.
        match code.parse::<u32>().ok().filter(|_| code.len() < 5).map(|code| code & 0xff) {
            Some(5 | 6) => return Self::Busy,
            Some(8) => return Self::ReadOnly,
            Some(11 | 26) => return Self::Damaged,
            Some(13) => return Self::Full,
            Some(_) | None => {}
        }
        match code.as_str() {
            "25006" => Self::ReadOnly,
            "42501" => Self::NoRight { table: table.to_owned(), what: "write".to_owned() },
            "42P01" => Self::NoTable(table.to_owned()),
            "53100" => Self::Full,
            "55P03" => Self::Locked(table.to_owned()),
            "57014" => Self::TimeLimit("some time".to_owned()),
            "XX001" | "XX002" => Self::Damaged,
            _other => Self::Unusable(error.to_string()),
        }
    }

    /// Returns whether records are received all the same.
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        matches!(self, Self::Busy | Self::Asynchronous | Self::RoleTimeLimit(_))
    }

    /// Returns whether nothing at all can be written there, now or later.
    #[must_use]
    pub const fn takes_no_writes(&self) -> bool {
        matches!(self, Self::Standby | Self::ReadOnly)
    }

    /// Returns what to do.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Standby => {
                "give the address of the primary in `database`, or of all servers with commas \
                 between; or promote this one"
            }
            Self::ReadOnly => {
                "find out who made it so (default_transaction_read_only, or the file's rights), \
                 and let it take writes"
            }
            Self::NoRight { .. } | Self::NoTable(_) => {
                "GRANT SELECT, INSERT, UPDATE, DELETE on all tables to the hub's user, or make it \
                 their owner"
            }
            Self::Full => {
                "make room there: nothing is lost, devices keep what they have and try again"
            }
            Self::Damaged => {
                "stop the hub and keep the files; `ashuu-hub rebuild --from-truth --to FILE` saves \
                 what can be read, `ashuu-hub restore` makes a hub of a backup"
            }
            Self::TimeLimit(_) => "ALTER ROLE … RESET statement_timeout, and look at the pooler",
            Self::Locked(_) => "see pg_stat_activity for who holds it, and end that",
            Self::Silent(_) => "look at the server, its disk and the network between",
            Self::Unusable(_) => "do what it says, and look at the database and its disk",
            Self::Busy => "wait until it is done; devices wait too",
            Self::Asynchronous => {
                "set synchronous_standby_names on the server, and leave synchronous_commit on"
            }
            Self::RoleTimeLimit(_) => {
                "ALTER ROLE … RESET statement_timeout, if nothing else needs it"
            }
        }
    }
}

/// A table, and whether its rows are ever changed or removed.
pub type Needed = (&'static str, &'static [&'static str]);

impl Db {
    /// Says whether the server takes writes at all, and whether it is set as the hub needs it.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be asked.
    pub(crate) async fn condition(&self, conn: &mut Conn) -> Result<Vec<Trouble>, Error> {
        if !self.is_server() {
            return Ok(Vec::new());
        }
        let asked = "SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on', \
                     current_setting('statement_timeout'), \
                     (SELECT reset_val FROM pg_settings WHERE name = 'statement_timeout'), \
                     (current_setting('synchronous_standby_names') = '' \
                      OR current_setting('synchronous_commit') = 'local') \
                     AND EXISTS (SELECT 1 FROM pg_stat_replication \
                                 WHERE COALESCE(state, 'streaming') <> 'backup')";
        let (standby, read_only, limit, of_role, forgets): (bool, bool, String, String, bool) =
            query_as(asked).fetch_one(conn).await?;
        let found = [
            standby.then_some(Trouble::Standby),
            (read_only && !standby).then_some(Trouble::ReadOnly),
            (limit != "0").then_some(Trouble::TimeLimit(limit)),
            (of_role != "0").then_some(Trouble::RoleTimeLimit(of_role)),
            forgets.then_some(Trouble::Asynchronous),
        ];
        Ok(found.into_iter().flatten().collect())
    }

    /// Names each right on a table that the server's user lacks.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be asked.
    pub(crate) async fn missing_rights(
        &self,
        conn: &mut Conn,
        needed: &[Needed],
    ) -> Result<Vec<Trouble>, Error> {
        if !self.is_server() {
            return Ok(Vec::new());
        }
        let pairs = needed.iter().flat_map(|(table, rights)| rights.iter().map(|it| (*table, *it)));
        let mut asked = Builder::new("SELECT name, what, to_regclass(name) IS NULL FROM (");
        asked.push_values(pairs, |values, (table, right)| {
            values.push_bind(table).push_bind(right);
        });
        asked.push(
            ") AS needed (name, what) WHERE to_regclass(name) IS NULL \
             OR NOT has_table_privilege(to_regclass(name)::oid, what) ORDER BY name, what",
        );
        let rows: Vec<(String, String, bool)> = asked.build_as().fetch_all(conn).await?;
        let mut found = Vec::new();
        for (table, what, is_missing) in rows {
            let trouble =
                if is_missing { Trouble::NoTable(table) } else { Trouble::NoRight { table, what } };
            if !found.contains(&trouble) {
                found.push(trouble);
            }
        }
        Ok(found)
    }

    /// Makes a wait for a lock short for the rest of a transaction.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be told.
    pub(crate) async fn wait_little(&self, conn: &mut Conn) -> Result<(), Error> {
        if self.is_server() {
            let wait = "SELECT set_config('lock_timeout', $1, TRUE)";
            let millis = format!("{}ms", PROBE_LOCK_WAIT.as_millis());
            query(wait).bind(millis).fetch_all(conn).await?;
        }
        Ok(())
    }

    /// Finds out whether there is room where the database is. A row that is undone says little: it
    /// takes the place of another one, and of a file's engine never leaves memory.
    ///
    /// # Errors
    ///
    /// Returns an error if that can't be found out, or there is none.
    pub(crate) async fn has_room(&self, conn: &mut Conn) -> Result<bool, Error> {
        if self.is_server() {
            let little = "SELECT set_config('work_mem', '64kB', TRUE), \
                          set_config('temp_tablespaces', '', TRUE)";
            query(little).fetch_all(conn).await?;
            // It is put into a file of the server's, which is gone when it is counted.
            let count = "SELECT COUNT(*) FROM generate_series(1, 50000)";
            query_scalar::<i64>(count).fetch_one(conn).await?;
            return Ok(true);
        }
        let Some(file) = self.file().await? else { return Ok(true) };
        let found = rustix::fs::statvfs(&file).map_err(|error| Error::Io(error.into()))?;
        Ok(PROBE_ROOM_BYTES <= found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Returns the file of a database that is one.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be asked.
    pub(crate) async fn file(&self) -> Result<Option<std::path::PathBuf>, Error> {
        if self.is_server() {
            return Ok(None);
        }
        let file = "SELECT file FROM pragma_database_list WHERE name = 'main'";
        let file: String = query_scalar(file).fetch_one(&mut *self.read().await?).await?;
        Ok(Some(file.into()))
    }

    /// Says why no connection was to be had: the pool says only that it took too long.
    pub(crate) async fn why_none(&self, error: &Error) -> Trouble {
        match &self.pools {
            Pools::Sqlite { .. } if matches!(error, Error::PoolTimedOut) => Trouble::Busy,
            Pools::Sqlite { .. } => Trouble::of(error, "meta"),
            Pools::Postgres(server) => match server.why_none().await {
                Some(super::DbFault::ReadOnly { .. }) => Trouble::Standby,
                Some(fault) => Trouble::Unusable(fault.to_string()),
                None => Trouble::of(error, "meta"),
            },
        }
    }

    /// Goes on to another server, where the address names several.
    pub(crate) async fn look_elsewhere(&self) {
        if let Pools::Postgres(server) = &self.pools {
            let has_moved = server.go_on().await;
            tracing::debug!(has_moved, "looked for another server");
        }
    }

    /// Has a file's engine read all of it, over a connection that remembers nothing of it; of a
    /// server that is its administrator's to do.
    pub(crate) async fn is_damaged(&self) -> bool {
        let Pools::Sqlite { read, .. } = &self.pools else { return false };
        let looked = async {
            let mut conn = SqliteConnection::connect_with(&read.connect_options()).await?;
            let said = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut conn).await;
            conn.close().await?;
            said
        };
        match looked.await {
            Ok(said) => {
                let said: String = said;
                said != "ok"
            }
            Err(error) => Trouble::of(&error, "meta") == Trouble::Damaged,
        }
    }

    /// How long a probe of this database may take.
    pub(crate) const fn silence(&self) -> Trouble {
        match self.pools {
            Pools::Sqlite { .. } => Trouble::Busy,
            Pools::Postgres(_) => Trouble::Silent(PROBE_WAIT),
        }
    }
}
