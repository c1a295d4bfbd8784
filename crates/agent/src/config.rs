//! The configuration file: one, whole, and the same text as its documentation.
//!
//! A missing key takes the shipped value; an unknown one is refused, by name, file and line. What
//! the values mean for sync or the web is not known here.

mod hours;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io};

use serde::Deserialize;

pub use hours::{Hours, MalformedHours};

use crate::limits::{BACKOFF_MAX, BACKOFF_MIN, POLL_MAX, POLL_MIN};

/// The file we ship is the default; a default that can differ from its documentation will.
const SHIPPED: &str = include_str!("../../../config/agent.toml");

/// The name of the file that is compiled in, for messages.
const SHIPPED_NAME: &str = "config/agent.toml";

/// Where an installed agent's file is.
const INSTALLED: &str = "/etc/ashuu/agent.toml";

/// The environment's word for which file to read.
const VARIABLE: &str = "ASHUU_AGENT_CONFIG";

/// Everything an operator may choose.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// The local pages and API.
    pub web: WebConfig,
    /// The way to the hub.
    pub sync: SyncConfig,
}

/// The local pages and API.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// Where they listen.
    pub listen: SocketAddr,
    /// Other names they may be asked for by.
    pub hosts: Vec<String>,
}

/// The way to the hub.
#[derive(Clone, Debug)]
pub struct SyncConfig {
    /// The hub's address, where it isn't that of the enrolment.
    pub hub: Option<String>,
    /// How long to wait with nothing to send.
    pub poll: Duration,
    /// The longest first wait after a failure.
    pub min_backoff: Duration,
    /// The longest wait.
    pub max_backoff: Duration,
    /// Bytes a day, both ways together.
    pub max_bytes_per_day: Option<u64>,
    /// The hours in which to sync.
    pub hours: Option<Hours>,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file says something that is not known or not possible.
    #[error("{file}, line {line}: {what}")]
    Malformed {
        /// The file.
        file: String,
        /// The line.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A value is well written but can't be used.
    #[error("{key} in {file}: {what}")]
    Unusable {
        /// The file.
        file: String,
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// Neither file, flag nor environment says where the data are.
    #[error("no data directory: give --data DIR, or set `data` in the configuration")]
    NoData,
}

/// One file, in which anything may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layer {
    data: Option<String>,
    #[serde(default)]
    web: WebLayer,
    #[serde(default)]
    sync: SyncLayer,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebLayer {
    listen: Option<SocketAddr>,
    hosts: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SyncLayer {
    hub: Option<String>,
    poll_seconds: Option<u64>,
    min_backoff_ms: Option<u64>,
    max_backoff_seconds: Option<u64>,
    max_bytes_per_day: Option<u64>,
    hours: Option<String>,
}

impl Config {
    /// Reads the file that `file`, the environment or the installation names, else the shipped one.
    ///
    /// `data`, from the command line, wins over what the file says.
    ///
    /// # Errors
    ///
    /// Returns a [`ConfigError`] if the file cannot be read or says anything unknown.
    pub fn load(file: Option<&Path>, data: Option<&Path>) -> Result<Self, ConfigError> {
        let named = file.map(Path::to_owned).or_else(|| env::var_os(VARIABLE).map(PathBuf::from));
        let installed = || Some(PathBuf::from(INSTALLED)).filter(|path| path.exists());
        let Some(path) = named.or_else(installed) else {
            return Self::parse(SHIPPED_NAME, "", data);
        };
        let text = fs::read_to_string(&path)
            .map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
        Self::parse(&path.display().to_string(), &text, data)
    }

    /// Reads `text`, whose missing keys take the shipped values; `file` is its name in messages.
    ///
    /// # Errors
    ///
    /// Returns a [`ConfigError`] if it says anything unknown.
    pub fn parse(file: &str, text: &str, data: Option<&Path>) -> Result<Self, ConfigError> {
        let own = Layer::read(file, text)?;
        let shipped = Layer::read(SHIPPED_NAME, SHIPPED)?;
        let data = match data {
            Some(data) => data.to_owned(),
            None => data_directory(own.data.or(shipped.data))?,
        };
        let web = own.web.over(shipped.web).ok_or_else(incomplete)?;
        if !web.listen.ip().is_loopback() {
            let what = "must be a loopback address such as 127.0.0.1:7710 until there are accounts";
            let (file, what) = (file.to_owned(), what.to_owned());
            return Err(ConfigError::Unusable { file, key: "[web] listen", what });
        }
        let hours = own.sync.hours.as_deref().or(shipped.sync.hours.as_deref());
        let hours = hours.filter(|hours| !hours.is_empty()).map(str::parse).transpose().map_err(
            |error: MalformedHours| ConfigError::Unusable {
                file: file.to_owned(),
                key: "[sync] hours",
                what: error.to_string(),
            },
        )?;
        let sync = own.sync.over(shipped.sync, hours).ok_or_else(incomplete)?;
        sync.check(file)?;
        Ok(Self { data, web, sync })
    }
}

impl SyncConfig {
    /// A wait of nothing would ask the hub without a pause, one without an end never again.
    fn check(&self, file: &str) -> Result<(), ConfigError> {
        let longest = self.max_backoff.max(BACKOFF_MIN);
        let bounds = [
            ("[sync] poll_seconds", self.poll, POLL_MIN, POLL_MAX),
            ("[sync] max_backoff_seconds", self.max_backoff, BACKOFF_MIN, BACKOFF_MAX),
            ("[sync] min_backoff_ms", self.min_backoff, BACKOFF_MIN, longest),
        ];
        let outside =
            |(_, value, min, max): &(_, Duration, Duration, Duration)| value < min || max < value;
        let Some((key, value, min, max)) = bounds.into_iter().find(outside) else { return Ok(()) };
        let what = format!("{value:?} is not between {min:?} and {max:?}");
        Err(ConfigError::Unusable { file: file.to_owned(), key, what })
    }
}

impl Layer {
    fn read(file: &str, text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let what = error.message().to_owned();
            ConfigError::Malformed { file: file.to_owned(), line, what }
        })
    }
}

impl WebLayer {
    fn over(self, shipped: Self) -> Option<WebConfig> {
        Some(WebConfig {
            listen: self.listen.or(shipped.listen)?,
            hosts: self.hosts.or(shipped.hosts)?,
        })
    }
}

impl SyncLayer {
    fn over(self, shipped: Self, hours: Option<Hours>) -> Option<SyncConfig> {
        let bytes = self.max_bytes_per_day.or(shipped.max_bytes_per_day)?;
        Some(SyncConfig {
            hub: self.hub.or(shipped.hub).filter(|hub| !hub.is_empty()),
            poll: Duration::from_secs(self.poll_seconds.or(shipped.poll_seconds)?),
            min_backoff: Duration::from_millis(self.min_backoff_ms.or(shipped.min_backoff_ms)?),
            max_backoff: Duration::from_secs(
                self.max_backoff_seconds.or(shipped.max_backoff_seconds)?,
            ),
            max_bytes_per_day: Some(bytes).filter(|&bytes| bytes != 0),
            hours,
        })
    }
}

fn incomplete() -> ConfigError {
    let what = "the shipped file lacks a key".to_owned();
    ConfigError::Malformed { file: SHIPPED_NAME.to_owned(), line: 1, what }
}

fn data_directory(named: Option<String>) -> Result<PathBuf, ConfigError> {
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        return Ok(PathBuf::from(named));
    }
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || set("HOME").map(|home| home.join(".local/share"));
    let share = set("XDG_DATA_HOME").or_else(home).ok_or(ConfigError::NoData)?;
    Ok(share.join("ashuu-agent"))
}

#[cfg(test)]
mod tests;
