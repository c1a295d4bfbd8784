//! Whether the hub was set back lately, which people must look after.

use terminal::Check;

use crate::clock::{self, rfc3339};
use crate::truth::{Truth, epoch};

/// Looks for the last time that the hub had lost what it signed.
pub(super) async fn set_back(truth: &Truth) -> Result<Check, String> {
    let words = |fault: &dyn std::fmt::Display| fault.to_string();
    let mut conn = truth.db.read().await.map_err(|error| words(&error))?;
    let last = epoch::lately(&mut conn, clock::wall_ms()).await.map_err(|fault| words(&fault))?;
    Ok(match last {
        None => Check::ok("set back", "this hub has what it signed"),
        Some(last) => Check::warn(
            "set back",
            format!(
                "noticed {}: {}; epoch {} was opened",
                rfc3339(last.at_ms),
                last.words,
                last.count
            ),
            "let every site have contact: what machines hold comes back by itself; then look \
             through what the centre decided since the backup, and find out why it happened",
        ),
    })
}
