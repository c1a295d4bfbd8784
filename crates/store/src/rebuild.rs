//! Making the views anew because a person wants it, not because anything was found wrong.

use std::collections::BTreeMap;
use std::sync::mpsc::{SyncSender, sync_channel};

use crate::fault::Fault;
use crate::project::Projector;
use crate::replay::{all_beside, catch_up, catch_up_beside};
use crate::shared::Shared;
use crate::store::Store;
use crate::views::Digest;

/// Who wants the views made anew, and is told the outcome.
pub(crate) type Asker = SyncSender<Result<Rebuilt, Fault>>;

/// Hashes of all rows of the views, before and after they were made anew.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rebuilt {
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

impl Store {
    /// Makes the views anew from the journal; whoever writes meanwhile waits.
    ///
    /// # Errors
    ///
    /// Returns why they can't be made; then [`Store::state`] says more.
    pub fn rebuild(&self) -> Result<Rebuilt, Fault> {
        let (answer, answered) = sync_channel(1);
        self.on_storage_thread(move |batch| batch.askers.push(answer))?;
        answered.recv().map_err(|_ended| Fault::Stopped)?
    }
}

/// Makes the views anew, between two groups.
pub(crate) fn rebuild(shared: &Shared, projector: &dyn Projector) -> Result<Rebuilt, Fault> {
    let views = &shared.views;
    let before = views.digest();
    views.empty(shared.views_version(projector))?;
    let done = catch_up(shared, views, projector, BTreeMap::new());
    let all = all_beside(shared);
    done.and_then(|_| catch_up_beside(shared, views, projector, &all))
        .inspect_err(|fault| views.fail(fault))?;
    views.complete();
    Ok(Rebuilt { before: words(before), after: words(views.digest()) })
}

fn words(digest: Digest) -> String {
    format!("{:016x}{:016x}", digest.rows, digest.sum)
}
