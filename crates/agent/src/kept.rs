//! Small files that are made anew where they are lost: a damaged one keeps nobody from working.

use journal::codec;
use serde::de::DeserializeOwned;
use store::{Fault, Store};

/// Reads a file of at most `bytes_max` bytes under `local/`; `None` if there is none. A damaged one
/// is set aside, which is told, and counts as none.
///
/// # Errors
///
/// Returns [`Fault`] if the disk fails.
pub(crate) fn read<T: DeserializeOwned>(
    store: &Store,
    file: &'static str,
    bytes_max: usize,
) -> Result<Option<T>, Fault> {
    let local = store.local();
    let why = match local.read(file) {
        Ok(None) => return Ok(None),
        Ok(Some(bytes)) => match codec::decode(&bytes, bytes_max) {
            Ok(value) => return Ok(Some(value)),
            Err(error) => error.to_string(),
        },
        Err(fault @ Fault::Damaged(_)) => fault.to_string(),
        Err(fault) => return Err(fault),
    };
    tracing::warn!(file, why, "a file under local/ is damaged, set aside and begun anew");
    if let Err(fault) = local.set_aside(file) {
        tracing::warn!(%fault, file, "the damaged file can't be set aside; it will be written over");
    }
    Ok(None)
}
