//! A look at whether a record that came now would be kept: tried, and undone.

use terminal::Check;

use crate::db::Trouble;
use crate::truth::{Truth, probe};

/// Tries what receiving does; a line for each thing that stands in the way.
pub(super) async fn all(truth: &Truth) -> Vec<Check> {
    let found = probe::probe(&truth.db).await;
    let is_well = found.iter().all(Trouble::is_warning);
    let well = is_well.then(|| Check::ok("receiving", "a record that came now would be kept"));
    let told = found.into_iter().map(|trouble| {
        let (what, remedy) = (trouble.to_string(), trouble.remedy());
        if trouble.is_warning() {
            let check = if trouble == Trouble::Asynchronous { "replication" } else { "database" };
            Check::warn(check, what, remedy)
        } else {
            Check::fail("receiving", what, remedy)
        }
    });
    well.into_iter().chain(told).collect()
}
