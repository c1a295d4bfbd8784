//! What a device lists: the rows that the agent's own projection makes of the entries on its disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent::{Projection, Records};
use journal::{DeviceKey, EntryId, LogName};
use record::{Act, RecordKey, State};
use store::Projector;

use crate::pen;
use crate::rows::Rows;
use crate::shelf::Shelf;

/// The rows of one device, and how far each branch is folded into them.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    hub: DeviceKey,
    projection: Arc<Projection>,
    pub(crate) rows: Rows,
    folded: BTreeMap<(LogName, EntryId), usize>,
    /// Whether further branches are left out, as a mutant does.
    pub(crate) only_first: bool,
}

impl Listing {
    pub(crate) fn new(hub: DeviceKey) -> Result<Self, String> {
        let projection = Arc::new(Projection::new(hub, pen::catalogues()?));
        let folded = BTreeMap::new();
        Ok(Self { hub, projection, rows: Rows::default(), folded, only_first: false })
    }

    /// Folds what is new on these shelves.
    pub(crate) fn fold<'a>(
        &mut self,
        shelves: impl IntoIterator<Item = &'a Shelf>,
    ) -> Result<(), String> {
        for shelf in shelves {
            let branches = if self.only_first { 1 } else { usize::MAX };
            for branch in shelf.branches().iter().take(branches) {
                let Some(name) = branch.name() else { continue };
                let folded = self.folded.entry((shelf.log.clone(), name)).or_default();
                for entry in branch.entries.iter().skip(*folded) {
                    let (log, first) = (&shelf.log, branch.beginning.as_deref());
                    let projected = self.projection.project(log, first, entry, &mut self.rows);
                    projected.map_err(|fault| fault.to_string())?;
                    *folded += 1;
                }
            }
        }
        Ok(())
    }

    pub(crate) const fn records(&self) -> Records<'_, Rows> {
        Records(&self.rows)
    }

    /// Returns a record's fold and the acts about it, if it is listed.
    pub(crate) fn record(&self, key: &RecordKey) -> Result<Option<(State, Vec<Act>)>, String> {
        let state = self.records().state(key).map_err(|fault| fault.to_string())?;
        let acts = self.records().acts(key).map_err(|fault| fault.to_string())?;
        Ok(state.map(|state| (state, acts)))
    }

    pub(crate) const fn hub(&self) -> &DeviceKey {
        &self.hub
    }
}
