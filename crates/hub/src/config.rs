//! The configuration: one file, laid over the shipped one, which is also the manual.

use std::path::{Path, PathBuf};

use journal::SiteCode;
use serde::Deserialize;

use crate::backups::Plan;
use crate::db::place::{self, Place};
use crate::truth::devices::limits::Limits as DeviceLimits;
use crate::truth::reviews::Terms;

/// The shipped values.
const SHIPPED: &str = include_str!("../../../config/hub.toml");

/// Where the file is looked for when none is named.
const SYSTEM_FILE: &str = "/etc/ashuu/hub.toml";

/// Where `init` notes the database it was told to use, in the data directory.
const NOTE: &str = "database";

/// The configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// The file can't be read.
    #[error("can't read {file}: {error}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// A key is unknown, or a value is not what it should be.
    #[error("{file}: {error}")]
    Wrong {
        /// The file.
        file: String,
        /// What is wrong, with the line.
        error: String,
    },
    /// The database is of a kind this version does not have.
    #[error("the database must be given as sqlite:FILE or postgres://user:password@host/name")]
    Database,
    /// What is said of copies that are made by themselves does not fit.
    #[error("[backup] {0}")]
    Backup(String),
    /// There is no place for the data.
    #[error("no data directory: give --data, or set `data` in the configuration")]
    NoData,
}

/// What a hub is told by its administrator.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// Where keys and the database live.
    pub data: PathBuf,
    /// The database as `sqlite:FILE` or `postgres://…`; empty is the usual one.
    pub database: String,
    /// What devices connect to; empty is the address of the sync port.
    pub public_address: String,
    /// The site of the hub itself.
    pub site: SiteCode,
    /// Where pages and API are served.
    pub web_listen: String,
    /// Other names they are reached by, without a port.
    pub web_hosts: Vec<String>,
    /// Where devices exchange.
    pub sync_listen: String,
    /// Where figures are served; empty is nowhere.
    pub metrics_listen: String,
    /// How long things may take.
    pub review: Terms,
    /// Copies that are made by themselves; `None` if none are.
    pub backup: Option<Plan>,
    /// Connections of devices at once.
    pub connections: u32,
    /// Seconds for the head of a request.
    pub header_seconds: u64,
    /// Seconds for a whole exchange.
    pub exchange_seconds: u64,
    /// What a device may begin before an administrator must look at it.
    pub devices: DeviceLimits,
}

/// One file; what it does not say is taken from the shipped one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct File {
    data: Option<String>,
    database: Option<String>,
    public_address: Option<String>,
    site: Option<SiteCode>,
    web: Web,
    sync: Listen,
    metrics: Listen,
    review: Review,
    backup: Backup,
    limits: Limits,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Listen {
    listen: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Web {
    listen: Option<String>,
    hosts: Option<Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Review {
    due_days: Option<u32>,
    late_hours: Option<[u32; 4]>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Backup {
    to: Option<String>,
    daily: Option<String>,
    keep: Option<u32>,
    passphrase_file: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    connections: Option<u32>,
    header_seconds: Option<u64>,
    exchange_seconds: Option<u64>,
    device_epochs: Option<u32>,
    device_epochs_per_day: Option<u32>,
    device_branches: Option<u32>,
    device_branches_per_log: Option<u32>,
}

impl Config {
    /// Reads the configuration: `file` if named, else the system's if there is one; `data` wins.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigFault`], which names the file, and the key and line in it.
    pub fn load(file: Option<&Path>, data: Option<&Path>) -> Result<Self, ConfigFault> {
        let system = Path::new(SYSTEM_FILE);
        let file = file.or_else(|| system.exists().then_some(system));
        let own = match file {
            Some(path) => {
                let file = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|error| ConfigFault::Unreadable { file: file.clone(), error })?;
                parse(&file, &text)?
            }
            None => File::default(),
        };
        Self::over(own, data)
    }

    /// Returns where the database is: as configured, as `init` was told, or the usual one.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigFault::Database`] if it is of another kind.
    pub fn database_place(&self) -> Result<Place, ConfigFault> {
        let noted = || std::fs::read_to_string(self.data.join(NOTE)).unwrap_or_default();
        let words = if self.database.is_empty() { noted() } else { self.database.clone() };
        match Place::parse(words.trim()) {
            None if words.trim().is_empty() => Ok(Place::Sqlite(self.data.join("hub.db"))),
            None => Err(ConfigFault::Database),
            Some(Place::Sqlite(file)) => Ok(Place::Sqlite(self.data.join(file))),
            Some(place) => Ok(place),
        }
    }

    /// Notes the database `init` was told to use, so that every later command finds it.
    ///
    /// # Errors
    ///
    /// Returns what the system says if the note can't be written.
    pub fn note_database(&self) -> std::io::Result<()> {
        if self.database.is_empty() {
            return Ok(());
        }
        // The address of a server may hold a password.
        let note = self.data.join(NOTE);
        crate::keys::touch_private(&note)?;
        std::fs::write(note, &self.database)
    }

    /// Lays what a file says over the shipped values.
    fn over(own: File, data: Option<&Path>) -> Result<Self, ConfigFault> {
        let shipped = parse("the shipped configuration", SHIPPED)?;
        let data = match (data, own.data.filter(|data| !data.is_empty())) {
            (Some(data), _) => data.to_owned(),
            (None, Some(data)) => data.into(),
            (None, None) => usual_data().ok_or(ConfigFault::NoData)?,
        };
        Ok(Self {
            data,
            database: pick("database", own.database, shipped.database)?,
            public_address: pick("public_address", own.public_address, shipped.public_address)?,
            site: pick("site", own.site, shipped.site)?,
            web_listen: pick("listen", own.web.listen, shipped.web.listen)?,
            web_hosts: pick("hosts", own.web.hosts, shipped.web.hosts)?,
            sync_listen: pick("listen", own.sync.listen, shipped.sync.listen)?,
            metrics_listen: pick("listen", own.metrics.listen, shipped.metrics.listen)?,
            review: Terms {
                due_days: pick("due_days", own.review.due_days, shipped.review.due_days)?,
                late_hours: pick("late_hours", own.review.late_hours, shipped.review.late_hours)?,
            },
            backup: plan(own.backup, shipped.backup)?,
            connections: pick("connections", own.limits.connections, shipped.limits.connections)?,
            header_seconds: pick(
                "header_seconds",
                own.limits.header_seconds,
                shipped.limits.header_seconds,
            )?,
            exchange_seconds: pick(
                "exchange_seconds",
                own.limits.exchange_seconds,
                shipped.limits.exchange_seconds,
            )?,
            devices: devices(&own.limits, &shipped.limits)?,
        })
    }
}

/// When copies are made, and where.
fn plan(own: Backup, shipped: Backup) -> Result<Option<Plan>, ConfigFault> {
    let to = pick("to", own.to, shipped.to)?;
    let daily = pick("daily", own.daily, shipped.daily)?;
    let keep = pick("keep", own.keep, shipped.keep)?;
    let passphrase_file = pick("passphrase_file", own.passphrase_file, shipped.passphrase_file)?;
    if to.is_empty() {
        return Ok(None);
    }
    let wrong = |error: &str| ConfigFault::Backup(error.to_owned());
    let daily = minutes(&daily).ok_or_else(|| wrong("`daily` must be a time, as \"02:30\""))?;
    if keep == 0 {
        return Err(wrong("`keep` must be 1 at least: the last copy is never removed"));
    }
    if passphrase_file.is_empty() {
        return Err(wrong("`to` is set, so `passphrase_file` must name the file that seals them"));
    }
    Ok(Some(Plan { to: to.into(), daily, keep, passphrase_file: passphrase_file.into() }))
}

/// Reads `HH:MM` as minutes of the day.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u32>().ok().filter(|_| is_number)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(60 * hours + minutes)
}

/// What a device may begin.
fn devices(own: &Limits, shipped: &Limits) -> Result<DeviceLimits, ConfigFault> {
    let epochs = pick("device_epochs", own.device_epochs, shipped.device_epochs)?;
    let per_day = (own.device_epochs_per_day, shipped.device_epochs_per_day);
    let epochs_per_day = pick("device_epochs_per_day", per_day.0, per_day.1)?;
    let branches = pick("device_branches", own.device_branches, shipped.device_branches)?;
    let per_log = (own.device_branches_per_log, shipped.device_branches_per_log);
    let branches_per_log = pick("device_branches_per_log", per_log.0, per_log.1)?;
    Ok(DeviceLimits { epochs, epochs_per_day, branches, branches_per_log })
}

fn parse(file: &str, text: &str) -> Result<File, ConfigFault> {
    toml::from_str(text).map_err(|error| ConfigFault::Wrong {
        file: file.to_owned(),
        // It shows the line, and the address of a server may hold a password.
        error: place::without_passwords(error.to_string().trim_end()),
    })
}

fn pick<T>(key: &str, own: Option<T>, shipped: Option<T>) -> Result<T, ConfigFault> {
    own.or(shipped).ok_or_else(|| ConfigFault::Wrong {
        file: "the shipped configuration".to_owned(),
        error: format!("`{key}` is missing"),
    })
}

/// The usual place for a person's programs to keep data.
fn usual_data() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || set("HOME").map(|home| home.join(".local/share"));
    Some(set("XDG_DATA_HOME").or_else(home)?.join("ashuu-hub"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ConfigFault> {
        Config::over(parse("hub.toml", text)?, Some(Path::new("/data")))
    }

    #[test]
    fn what_a_file_does_not_say_is_as_shipped() {
        let config = read("[web]\nlisten = \"127.0.0.1:0\"\n").unwrap();
        assert_eq!(config.web_listen, "127.0.0.1:0");
        assert_eq!(config.sync_listen, "127.0.0.1:7701");
        assert_eq!(config.site.as_str(), "INST-000");
        assert_eq!(config.review, Terms::default());
        assert_eq!(config.devices, DeviceLimits::default());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_name_and_line() {
        let words = read("data = \"/x\"\n\n[sync]\nlisen = \"a\"\n").unwrap_err().to_string();
        assert!(words.starts_with("hub.toml: "), "{words}");
        assert!(words.contains("line 4"), "{words}");
        assert!(words.contains("lisen"), "{words}");
    }

    #[test]
    fn copies_are_made_where_a_folder_is_named_and_nothing_is_left_to_chance() {
        assert_eq!(read("").unwrap().backup, None);
        let said = |more: &str| {
            read(&format!("[backup]\nto = \"/srv\"\npassphrase_file = \"/root/p\"\n{more}"))
        };
        let plan = said("daily = \"23:05\"\nkeep = 3\n").unwrap().backup.unwrap();
        assert_eq!((plan.daily, plan.keep), (23 * 60 + 5, 3));
        assert_eq!(
            (plan.to.to_str(), plan.passphrase_file.to_str()),
            (Some("/srv"), Some("/root/p"))
        );
        for daily in ["24:00", "2:30", "12:60", "noon", "12", "-1:00", "12:00:00"] {
            let words = said(&format!("daily = \"{daily}\"\n")).unwrap_err().to_string();
            assert!(words.contains("daily"), "{words}");
        }
        assert!(said("keep = 0\n").unwrap_err().to_string().contains("keep"));
        let words = read("[backup]\nto = \"/srv\"\n").unwrap_err().to_string();
        assert!(words.contains("passphrase_file"), "{words}");
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_with_its_line() {
        let words = read("[limits]\nconnections = \"many\"\n").unwrap_err().to_string();
        assert!(words.contains("line 2"), "{words}");
    }
}
