//! Opening the data directory: forms first, then the hub's key, then the store.
//!
//! The rows of the store follow from entries and from whose word counts, so the hub's key must be
//! known before the first entry is projected. It is pinned in a file of its own at enrolment.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use journal::DeviceKey;
use store::{Fault, Opening, Options, RealDisk, Store};
use tracing::{error, info, warn};

use crate::backup;
use crate::catalogues::Catalogues;
use crate::identity::Identity;
use crate::problem::{Cause, Problem};
use crate::projector::Projection;
use crate::sync::Ledger;

const PIN_FILE: &str = "hub.key";

/// Pins the hub's key; durable when this returns.
///
/// # Errors
///
/// Returns a [`Problem`] if the disk fails.
pub fn pin(data: &Path, hub: &DeviceKey) -> Result<(), Problem> {
    let path = data.join(PIN_FILE);
    let failed = |error: io::Error| {
        Problem::new(Cause::Unavailable, format!("cannot write {}: {error}", path.display()))
    };
    let beside = data.join(format!("{PIN_FILE}.tmp"));
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside);
    let mut file = file.map_err(failed)?;
    file.write_all(format!("{hub}\n").as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&beside, &path).map_err(failed)?;
    File::open(data).and_then(|dir| dir.sync_all()).map_err(failed)
}

/// Opens the store of a device that is, or is about to be, enrolled with `hub`.
///
/// # Errors
///
/// Returns a [`Fault`] if it can't be opened.
pub fn open_store(
    data: &Path,
    hub: DeviceKey,
    catalogues: &Arc<Catalogues>,
) -> Result<Store, Fault> {
    let projection = Arc::new(Projection::new(hub, Arc::clone(catalogues)));
    let options = Options::default();
    let (store, opening) = Store::open(data, Arc::new(RealDisk), projection, &options)?;
    tell(&opening);
    Ok(store)
}

/// Returns the forms and lists.
pub(crate) fn catalogues() -> Result<Arc<Catalogues>, Problem> {
    let shipped = Catalogues::new();
    shipped.map(Arc::new).map_err(|error| Problem::new(Cause::Internal, error.to_string()))
}

/// Opens the store of a device that is enrolled.
pub(super) fn enrolled_store(data: &Path, catalogues: &Arc<Catalogues>) -> Result<Store, Problem> {
    if backup::is_unfinished(data) {
        let words = format!(
            "a restore into {} did not finish: empty the directory and restore again",
            data.display()
        );
        return Err(Problem::new(Cause::Unavailable, words));
    }
    let path = data.join(PIN_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(unpinned(data, &path)),
        Err(error) => return Err(unreadable(&path, &error.to_string())),
    };
    let hub = text.trim().parse();
    let hub: DeviceKey = hub.map_err(|_malformed| unreadable(&path, "it holds no key"))?;
    Ok(open_store(data, hub, catalogues)?)
}

/// Returns the identity in whose epoch this machine goes on: the next one where the present one has
/// lost its end, which is told.
pub(super) fn continued(
    identity: Identity,
    store: &Store,
    ledger: &Ledger,
) -> Result<Identity, Problem> {
    let Some(why) = identity.lost_memory(store, ledger)? else {
        return Ok(identity);
    };
    let next = identity.next_epoch(store)?;
    let (count, device) = (next.epoch_count(store)?, next.device().short());
    error!(why, device, count, "this machine lost records it had saved; its next epoch was opened");
    Ok(next)
}

pub(super) fn not_enrolled(data: &Path) -> Problem {
    let words = format!(
        "{} is not enrolled: ask the centre for a code and run `ashuu-agent enrol CODE`",
        data.display()
    );
    Problem::new(Cause::NotEnrolled, words)
}

/// A machine that was enrolled has a pinned key.
fn unpinned(data: &Path, pin: &Path) -> Problem {
    if !data.join("local/enrolment").exists() {
        return not_enrolled(data);
    }
    let words = format!(
        "{} is missing, and this machine is enrolled: write the hub's key there as \
         `ashuu-hub status` prints it, or restore the file from a backup",
        pin.display()
    );
    Problem::new(Cause::Unavailable, words)
}

fn unreadable(path: &Path, why: &str) -> Problem {
    Problem::new(Cause::Unavailable, format!("cannot read {}: {why}", path.display()))
}

/// Says what was found amiss; what can be mended has been.
fn tell(opening: &Opening) {
    if let Some(why) = &opening.rebuilt {
        warn!(why, "the views are rebuilt from the journal; no record is lost by that");
    }
    if let Some(aside) = &opening.quarantined {
        warn!(aside = %aside.display(), "the views that could not be used are set aside");
    }
    if opening.torn_bytes != 0 {
        info!(bytes = opening.torn_bytes, "a write that was cut short and never saved is dropped");
    }
    for damage in &opening.damage {
        error!(?damage, "acknowledged entries are lost: run `ashuu-agent verify`");
    }
    for place in &opening.unreadable {
        error!(?place, "a place of the journal can't be read: run `ashuu-agent verify`");
    }
}
