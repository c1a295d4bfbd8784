//! The hub's secret key: one file that only its owner reads.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use journal::DeviceSecret;

/// The name of the key's file in the data directory.
const FILE: &str = "hub.key";

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
    let disk = |path: &Path| {
        let path = path.display().to_string();
        move |error| KeyFault::Disk { path, error }
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(disk(data))?;
    fs::set_permissions(data, fs::Permissions::from_mode(0o700)).map_err(disk(data))?;
    let secret = DeviceSecret::from_bytes(&random()?);
    let path = data.join(FILE);
    write_private(&path, &secret.to_bytes()).map_err(disk(&path))?;
    Ok(secret)
}

/// Reads the key of the hub whose data directory this is.
///
/// # Errors
///
/// Returns [`KeyFault::NotInitialised`] if there is none.
pub fn load(data: &Path) -> Result<DeviceSecret, KeyFault> {
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
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&data), mode(&data.join(FILE))), (0o700, 0o600));
    }
}
