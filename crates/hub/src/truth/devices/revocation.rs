//! Devices that are refused from now on: by the administrator, or by rule.

use journal::{Binding, BindingState, DeviceKey};
use record::EntryRule;

use super::{Device, DeviceState, bind, binding, find};
use crate::db::Conn;
use crate::truth::{Fault, Truth};

/// Refuses a device from now on, and says so to its site; returns whether it was let in before.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn revoke(
    truth: &Truth,
    conn: &mut Conn,
    device: &Device,
    reason: String,
) -> Result<bool, Fault> {
    let Some(binding) = binding(conn, device).await? else { return Ok(false) };
    let binding = Binding { state: BindingState::Revoked { reason }, ..binding };
    bind(truth, conn, &binding, truth.clock.now()).await?;
    Ok(true)
}

/// Refuses a device with whose key somebody forges: two entries have one name.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn revoke_forged(truth: &Truth, conn: &mut Conn, key: &DeviceKey) -> Result<(), Fault> {
    let Some(device) = find(conn, key).await? else { return Ok(()) };
    if device.state == DeviceState::Active {
        let reason = EntryRule::Forged.words();
        revoke(truth, conn, &device, reason.to_owned()).await?;
        tracing::error!(device = %key.short(), reason, "a device was revoked by rule");
    }
    Ok(())
}
