//! Where log lines go: stderr, as text on a terminal and as JSON otherwise. No personal data.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use super::args::Command;

/// The environment's word for how much is logged, such as `info` or `agent=debug`.
const VARIABLE: &str = "ASHUU_LOG";

/// Begins logging; a service says more than a command.
pub(super) fn begin(command: &Command) {
    let level = if matches!(command, Command::Run) { "info" } else { "warn" };
    // The store below us logs a line for each of its own repairs; that is ours to say.
    let default = format!("{level},sled=error");
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_unset| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // In the demo several programs share a process's past; the first to begin has begun for all.
    drop(if io::stderr().is_terminal() {
        builder.with_target(false).try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    });
}
