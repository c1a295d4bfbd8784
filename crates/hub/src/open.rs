//! From a configuration to the hub it names.

use std::sync::Arc;

use crate::config::Config;
use crate::db::Db;
use crate::failure::Failure;
use crate::keys;
use crate::truth::{Truth, epoch};

/// The file of what was committed last, in the data directory.
const SEEN: &str = "seen";

/// Forgets what an earlier life of the hub had committed last: a hub that is restored knows that it
/// lost that.
pub(crate) fn forget_seen(config: &Config) -> std::io::Result<()> {
    match std::fs::remove_file(config.data.join(SEEN)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Opens the hub that a configuration names.
pub(crate) async fn open(config: &Config) -> Result<Truth, Failure> {
    let secret = keys::load(&config.data)?;
    let place = config.database_place()?;
    let db = Db::open(&place).await?;
    let seen = config.data.join(SEEN);
    let [a, b, c, d, e, f, g, h, ..] = secret.public().0;
    // Without the file a loss is still noticed while a process lives, and by what devices bring.
    if let Err(error) = db.marks().keep_in(&seen, [a, b, c, d, e, f, g, h]) {
        tracing::warn!(%error, "what is committed last can't be noted in the data directory");
    }
    let truth = Truth {
        review: config.review,
        bounds: config.devices,
        scratch: config.data.clone(),
        ..Truth::open(db, Arc::new(secret)).await?
    };
    epoch::look(&truth).await?;
    Ok(truth)
}
