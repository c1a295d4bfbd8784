//! Stepping aside for devices, where they and the fold write into one file.

use std::time::Duration;

use tokio::sync::Notify;

/// How long no frame may have come before the fold begins.
const QUIET: Duration = Duration::from_millis(50);

/// How long the fold waits for that.
const QUIET_AT_MOST: Duration = Duration::from_secs(1);

/// Steps aside between two batches while frames are coming.
pub(super) async fn let_pass(kept: &Notify) {
    if tokio::time::timeout(Duration::ZERO, kept.notified()).await.is_ok() {
        quiet(kept).await;
    }
}

/// Waits until no frame came for a moment: a device on a bad link wants its receipt first.
pub(super) async fn quiet(kept: &Notify) {
    let wait = async { while tokio::time::timeout(QUIET, kept.notified()).await.is_ok() {} };
    // Past the limit views would lag behind a hub that is never quiet.
    match tokio::time::timeout(QUIET_AT_MOST, wait).await {
        Ok(()) | Err(_) => {}
    }
}
