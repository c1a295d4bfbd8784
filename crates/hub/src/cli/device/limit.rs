//! `device limit`: how many epochs and branches one device may begin.

use clap::Args as ClapArgs;
use serde_json::json;

use super::{Failure, Global, out, pick_to_change};
use crate::truth::Truth;
use crate::truth::devices::limits::{self, Begun, Limits, Raised};

/// Says how many epochs and branches a device may begin.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Limit {
    /// Its name, or the first digits of its key.
    device: String,
    /// Epochs in all; each is a loss of memory, or a move.
    #[arg(long, value_name = "N")]
    epochs: Option<u32>,
    /// Branches beyond the first of each log; all of them may be of one log.
    #[arg(long, value_name = "N")]
    branches: Option<u32>,
    /// Epochs in 24 hours.
    #[arg(long, value_name = "N")]
    per_day: Option<u32>,
}

pub(super) async fn perform(global: &Global, truth: &Truth, args: Limit) -> Result<(), Failure> {
    let Limit { device, epochs, branches, per_day } = args;
    let raised = Raised { epochs, epochs_per_day: per_day, branches };
    let mut tx = truth.db.begin().await?;
    let device = pick_to_change(&mut tx, &device).await?;
    if raised != Raised::default() {
        limits::set(&mut tx, &device.key, raised).await?;
    }
    let Limits { epochs, epochs_per_day, branches, branches_per_log } =
        truth.bounds.with(limits::of(&mut tx, &device.key).await?);
    let now_ms = truth.clock.now_ms();
    let Begun { epochs: begun, epochs_today, branches: forks } =
        limits::begun(&mut tx, &device.key, now_ms).await?;
    tx.commit().await?;
    if raised != Raised::default() {
        tracing::info!(device = %device.key.short(), epochs, epochs_per_day, branches,
            "what a device may begin was set");
    }
    let value = json!({
        "device": device.key.to_string(),
        "epochs": {"limit": epochs, "begun": begun},
        "per_day": {"limit": epochs_per_day, "begun": epochs_today},
        "branches": {"limit": branches, "of_one_log": branches_per_log, "begun": forks},
    });
    out::say(global, &value, || {
        format!(
            "{} may begin {epochs} epochs in all (it has begun {begun}), {epochs_per_day} in 24 \
             hours ({epochs_today}), and {branches} branches beyond the first of each log \
             ({forks}), {branches_per_log} of one log.",
            device.name
        )
    })
}
