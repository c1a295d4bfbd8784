//! Opening a hub's next epoch, in each of its lanes, before anything else is written.

use std::collections::BTreeSet;
use std::sync::Arc;

use journal::{DeviceSecret, Epoch, Lane, Run};

use crate::db::{self, Tx};
use crate::keys;
use crate::truth::lanes::Lanes;
use crate::truth::{EPOCH, Fault, logs};

/// The epoch that was opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    pub(super) epoch: Epoch,
    /// Which of the hub's epochs it is, from 1.
    pub(super) count: u32,
    /// In how many lanes.
    pub(super) lanes: usize,
}

/// Opens the next epoch: its name in place of the old one, and the first entry of every lane that
/// the hub ever wrote.
pub(super) async fn open_next(
    tx: &mut Tx,
    secret: &Arc<DeviceSecret>,
    site: journal::SiteCode,
) -> Result<Opened, Fault> {
    let epoch = Epoch(keys::random().map_err(Fault::random)?);
    db::query("UPDATE meta SET value = $2 WHERE key = $1")
        .bind(EPOCH)
        .bind(epoch.0.as_slice())
        .execute(tx)
        .await?;
    let run = Run(keys::random().map_err(Fault::random)?);
    let hub = secret.public();
    let held = logs::of_device(tx, &hub).await?;
    let written: BTreeSet<Lane> = held.into_iter().map(|held| held.log.lane).collect();
    let lanes = Lanes::new(Arc::clone(secret), epoch, site, run);
    for lane in &written {
        lanes.append(tx, lane, Vec::new()).await?;
    }
    let count = lanes.count(tx).await?;
    Ok(Opened { epoch, count, lanes: written.len() })
}
