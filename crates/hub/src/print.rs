//! Lines on stdout and stderr.

use std::io::{self, Write as _};

use crate::failure::Failure;

/// Writes a line to stdout. A reader that went away is no failure.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes words for people to stderr.
pub(crate) fn remark(text: &str) {
    let mut stderr = io::stderr().lock();
    // Nobody is left to be told when stderr is gone.
    drop(writeln!(stderr, "{text}"));
}
