//! How services learn that the hub is to stop.

use tokio::sync::watch;

/// Waits until the hub is to stop.
pub(crate) async fn stopping(mut stopped: watch::Receiver<bool>) {
    // An error says that the sender is gone, which is a stop too.
    drop(stopped.wait_for(|stopped| *stopped).await);
}
