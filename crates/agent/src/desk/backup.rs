//! Looking after what is kept: copying it, making the views anew, looking for what is amiss.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::Desk;
use crate::backup::{self, Passphrase, Source, Tally};
use crate::problem::{Cause, Problem};
use crate::request::Upkeep;

impl Desk {
    /// Does what is asked.
    pub(super) fn upkeep(&self, asked: Upkeep) -> Result<Json, Problem> {
        match asked {
            Upkeep::Backup { file, passphrase } => {
                let tally = self.backup(&file, &passphrase, &mut |_done, _total| ())?;
                Ok(json!({
                    "file": file, "bytes": tally.bytes, "frames": tally.frames,
                    "entries": tally.entries,
                }))
            }
            Upkeep::Rebuild => {
                let rebuilt = self.store.rebuild()?;
                Ok(json!({"before": rebuilt.before, "after": rebuilt.after}))
            }
            Upkeep::Doctor { hub } => {
                let checks = self.doctor(hub.as_deref());
                serde_json::to_value(checks).map_err(|error| {
                    Problem::new(Cause::Internal, format!("the checks can't be told: {error}"))
                })
            }
        }
    }

    /// Writes a copy of everything here into a new file.
    pub(crate) fn backup(
        &self,
        file: &Path,
        passphrase: &Passphrase,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Tally, Problem> {
        let source = Source { store: &self.store, hub: self.identity().enrolment.hub };
        backup::write(source, file, passphrase, progress)
    }
}
