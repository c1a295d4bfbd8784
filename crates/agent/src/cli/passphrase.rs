//! Asks for a passphrase: of a file, of a person at the terminal, of whoever writes to stdin.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::backup::Passphrase;
use crate::limits::PASSPHRASE_BYTES_MAX;
use crate::problem::{Cause, Problem};

/// How often a person is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Asking {
    /// Once: what was sealed tells whether it is right.
    Once,
    /// Twice: a slip of the finger would seal it for good.
    Twice,
}

/// Returns the passphrase: the first line of the file, or of stdin.
pub(super) fn passphrase(file: Option<&Path>, asking: Asking) -> Result<Passphrase, Problem> {
    let unreadable = |error: io::Error| {
        Problem::new(Cause::Unavailable, format!("the passphrase can't be read: {error}"))
    };
    let text = match file {
        Some(file) => fs::File::open(file).and_then(first_line).map_err(|error| {
            Problem::new(Cause::Usage, format!("cannot read {}: {error}", file.display()))
        })?,
        None if io::stdin().is_terminal() => {
            let first = ask("Passphrase: ").map_err(unreadable)?;
            if asking == Asking::Twice && first != ask("The same again: ").map_err(unreadable)? {
                return Err(Problem::new(Cause::Usage, "the two passphrases differ"));
            }
            first
        }
        None => first_line(io::stdin()).map_err(unreadable)?,
    };
    if text.is_empty() {
        let words = "the passphrase is empty: write it into --passphrase-file, or to stdin";
        return Err(Problem::new(Cause::Usage, words));
    }
    Ok(Passphrase(text))
}

fn first_line(from: impl io::Read) -> io::Result<String> {
    let mut line = String::new();
    io::BufReader::new(from.take(PASSPHRASE_BYTES_MAX)).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks at the terminal, which shows nothing of what is typed.
fn ask(prompt: &str) -> io::Result<String> {
    let (stdin, mut stderr) = (io::stdin(), io::stderr());
    stderr.write_all(prompt.as_bytes())?;
    stderr.flush()?;
    let shown = tcgetattr(&stdin)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden)?;
    let line = first_line(stdin.lock());
    tcsetattr(&stdin, OptionalActions::Now, &shown)?;
    stderr.write_all(b"\n")?;
    line
}
