//! From a configuration to the hub it names.

use std::sync::Arc;

use crate::config::Config;
use crate::db::Db;
use crate::failure::Failure;
use crate::keys;
use crate::truth::Truth;

/// Opens the hub that a configuration names.
pub(crate) async fn open(config: &Config) -> Result<Truth, Failure> {
    let secret = keys::load(&config.data)?;
    let place = config.database_place()?;
    let db = Db::open(&place).await?;
    Ok(Truth {
        review: config.review,
        bounds: config.devices,
        scratch: config.data.clone(),
        ..Truth::open(db, Arc::new(secret)).await?
    })
}
