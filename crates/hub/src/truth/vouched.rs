//! What the hub's own log says of devices: read where the table of devices is not to be believed.

use journal::{Binding, BindingState, DeviceKey, Kind};
use record::Rank;

use super::logs::Log;
use super::{Fault, frames};
use crate::db::Conn;

/// Entries read at once.
const STEP: usize = 500;

/// A binding, and its rank among those that bind one device.
pub(super) struct Vouched {
    pub(super) rank: Rank,
    pub(super) binding: Binding,
}

impl Vouched {
    /// Returns why its device is refused, if it is. Nothing takes a revocation back, so one on any
    /// branch counts, whatever its rank.
    pub(super) fn revoked(&self) -> Option<&str> {
        match &self.binding.state {
            BindingState::Revoked { reason } => Some(reason),
            BindingState::Active => None,
        }
    }
}

/// Returns what one branch of a log of the hub's says of devices, in its order.
pub(super) async fn in_branch(
    conn: &mut Conn,
    hub: &DeviceKey,
    log: &Log,
) -> Result<Vec<Vouched>, Fault> {
    let (mut all, mut from) = (Vec::new(), log.first);
    loop {
        let entries = frames::entries_from(conn, log, from, STEP).await?;
        let Some(last) = entries.last() else { return Ok(all) };
        from = last.entry.header.seq + 1;
        all.extend(entries.iter().filter_map(|arrived| {
            let entry = &arrived.entry;
            let payload = entry.bytes().filter(|_| entry.header.kind == Kind::BINDING)?;
            let binding = Binding::from_payload(payload).ok()?;
            let rank = Rank::of(&log.name, hub, log.start.as_ref(), entry);
            Some(Vouched { rank, binding })
        }));
    }
}
