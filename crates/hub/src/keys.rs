//! The hub's secret key: one file that only its owner reads.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use journal::DeviceSecret;

/// The name of the key's file in the data directory.
const FILE: &str = "hub.key";

/// The name of the file with the format of the data directory.
const FORMAT_FILE: &str = "format";

/// The format of the data directory that this program reads and writes; the database has a layout
/// number of its own.
pub const FORMAT: u32 = 1;

/// The key can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// There is no key here.
    #[error("no hub here yet: run `ashuu-hub init` first, or give --data")]
    NotInitialised,
    /// The file is no key.
    #[error("hub.key is not 32 bytes long: put back the copy made when this hub was set up")]
    Malformed,
    /// The disk says no.
    #[error("can't use {path}: {error}")]
    Disk {
        /// The file or directory.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// A newer program wrote the directory.
    #[error("{path} says format {found}, and this program knows {FORMAT}: install the newer one")]
    Newer {
        /// The file with the number.
        path: String,
        /// What it says.
        found: u32,
    },
    /// The format is no number.
    #[error("{0} is no number: restore it (this program would write \"{FORMAT}\")")]
    NoFormat(String),
    /// The system has no randomness.
    #[error("no randomness from the system: {0}")]
    Random(getrandom::Error),
}

/// Makes `data` and a fresh key in it. An existing key is an error: it would orphan every device.
///
/// # Errors
///
/// Returns [`KeyFault`] if that is not possible.
pub fn create(data: &Path) -> Result<DeviceSecret, KeyFault> {
    let secret = DeviceSecret::from_bytes(&random()?);
    put(data, &secret)?;
    Ok(secret)
}

/// Makes `data`, and a file in it for a key that there was before. An existing key is an error.
///
/// # Errors
///
/// Returns [`KeyFault`] if that is not possible.
pub fn put(data: &Path, secret: &DeviceSecret) -> Result<(), KeyFault> {
    make_data(data)?;
    let path = data.join(FILE);
    write_private(&path, &secret.to_bytes()).map_err(disk(&path))
}

/// Takes a key away that was put there for nothing.
pub fn forget(data: &Path) {
    if let Err(error) = fs::remove_file(data.join(FILE)) {
        tracing::warn!(%error, "the key of a hub that is not there stays: remove hub.key");
    }
}

/// Makes the data directory, for its owner only, and says in it which format it has.
///
/// # Errors
///
/// Returns [`KeyFault`] if that is not possible, or a newer program made it.
pub fn make_data(data: &Path) -> Result<(), KeyFault> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(disk(data))?;
    fs::set_permissions(data, fs::Permissions::from_mode(0o700)).map_err(disk(data))?;
    check_format(data)?;
    let path = data.join(FORMAT_FILE);
    if path.exists() {
        return Ok(());
    }
    write_private(&path, format!("{FORMAT}\n").as_bytes()).map_err(disk(&path))
}

/// Reads the key of the hub whose data directory this is.
///
/// # Errors
///
/// Returns [`KeyFault::NotInitialised`] if there is none, [`KeyFault::Newer`] if a newer program
/// made the directory.
pub fn load(data: &Path) -> Result<DeviceSecret, KeyFault> {
    check_format(data)?;
    let path = data.join(FILE);
    let disk = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            return KeyFault::NotInitialised;
        }
        KeyFault::Disk { path: path.display().to_string(), error }
    };
    let mut bytes = Vec::new();
    File::open(&path).map_err(disk)?.read_to_end(&mut bytes).map_err(disk)?;
    let seed = bytes.try_into().map_err(|_other_length| KeyFault::Malformed)?;
    Ok(DeviceSecret::from_bytes(&seed))
}

/// Checks the format of the data directory; one without a number is of the first format.
///
/// # Errors
///
/// Returns [`KeyFault::Newer`] if a newer program made it.
pub fn check_format(data: &Path) -> Result<(), KeyFault> {
    let path = data.join(FORMAT_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(disk(&path)(error)),
    };
    match text.trim().parse() {
        Ok(found) if found <= FORMAT => Ok(()),
        Ok(found) => Err(KeyFault::Newer { path: path.display().to_string(), found }),
        Err(_no_number) => Err(KeyFault::NoFormat(path.display().to_string())),
    }
}

fn disk(path: &Path) -> impl FnOnce(io::Error) -> KeyFault {
    let path = path.display().to_string();
    move |error| KeyFault::Disk { path, error }
}

/// Returns fresh random bytes.
///
/// # Errors
///
/// Returns [`KeyFault::Random`] if the system has none.
pub fn random<const N: usize>() -> Result<[u8; N], KeyFault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(KeyFault::Random)?;
    Ok(bytes)
}

/// Makes an empty file that only its owner reads, if there is none.
///
/// # Errors
///
/// Returns what the system says.
pub fn touch_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

/// Writes a new file that only its owner reads, and makes it durable.
///
/// # Errors
///
/// Returns what the system says, also if the file is there already.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("hub");
        assert!(matches!(load(&data), Err(KeyFault::NotInitialised)));
        let made = create(&data).unwrap();
        assert_eq!(load(&data).unwrap().public(), made.public());
        assert!(create(&data).is_err());
        assert!(put(&data, &made).is_err(), "it would orphan every device");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&data), mode(&data.join(FILE))), (0o700, 0o600));
    }

    #[test]
    fn a_directory_of_a_newer_format_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("hub");
        create(&data).unwrap();
        fs::write(data.join(FORMAT_FILE), "1").unwrap();
        assert!(load(&data).is_ok());
        fs::remove_file(data.join(FORMAT_FILE)).unwrap();
        assert!(load(&data).is_ok(), "the first hubs wrote none");
        fs::write(data.join(FORMAT_FILE), "7\n").unwrap();
        let words = load(&data).unwrap_err().to_string();
        assert!(words.contains("format 7") && words.contains("install the newer one"), "{words}");
        fs::write(data.join(FORMAT_FILE), "seven").unwrap();
        assert!(matches!(load(&data), Err(KeyFault::NoFormat(_))));
    }
}
