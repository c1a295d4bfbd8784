//! Asks for a passphrase: of a file, of a person at the terminal, of whoever writes to stdin.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::limits::{PASSPHRASE_BYTES_MAX, PASSPHRASE_CHARS_MIN};

/// How often a person is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asking {
    /// Once: what was sealed tells whether it is right.
    Once,
    /// Twice: a slip of the finger would seal it for good.
    Twice,
}

/// There is no passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseFault {
    /// The file named for it can't be read.
    #[error("can't read {}: {error}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// What was typed twice differs.
    #[error("the two passphrases differ")]
    Differ,
    /// Nothing was typed or written.
    #[error("the passphrase is empty: write it into --passphrase-file, or to stdin")]
    Empty,
    /// It can be guessed.
    #[error(
        "the passphrase is too short: {PASSPHRASE_CHARS_MIN} characters at least, best some words \
         that don't belong together"
    )]
    Short,
    /// The terminal or stdin can't be read.
    #[error("the passphrase can't be read: {0}")]
    Stdin(#[from] io::Error),
}

impl PassphraseFault {
    /// Returns whether whoever called can set it right with other words.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        match self {
            Self::File { .. } | Self::Differ | Self::Empty | Self::Short => true,
            Self::Stdin(_) => false,
        }
    }
}

/// Returns the passphrase: the first line of the file, or of stdin.
///
/// # Errors
///
/// Fails if nothing can be read, or nothing stands there.
pub fn passphrase(file: Option<&Path>, asking: Asking) -> Result<String, PassphraseFault> {
    let text = match file {
        Some(file) => fs::File::open(file)
            .and_then(first_line)
            .map_err(|error| PassphraseFault::File { file: file.to_owned(), error })?,
        None if io::stdin().is_terminal() => {
            let first = ask("Passphrase: ")?;
            if asking == Asking::Twice && first != ask("The same again: ")? {
                return Err(PassphraseFault::Differ);
            }
            first
        }
        None => first_line(io::stdin())?,
    };
    if text.is_empty() {
        return Err(PassphraseFault::Empty);
    }
    if asking == Asking::Twice {
        check_length(&text)?;
    }
    Ok(text)
}

/// Refuses a passphrase that is too short to seal anything with.
///
/// # Errors
///
/// Fails if it is.
pub fn check_length(passphrase: &str) -> Result<(), PassphraseFault> {
    if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(PassphraseFault::Short);
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_the_first_line_of_its_file_and_an_empty_one_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("phrase");
        let read = || passphrase(Some(&file), Asking::Twice);
        let missing = read().unwrap_err();
        assert!(missing.is_usage() && missing.to_string().contains("phrase"), "{missing}");
        fs::write(&file, "long and secret \r\nnot this\n").unwrap();
        assert_eq!(read().unwrap(), "long and secret ");
        fs::write(&file, "\nnot this\n").unwrap();
        assert!(matches!(read(), Err(PassphraseFault::Empty)));
    }

    #[test]
    fn a_short_passphrase_opens_what_is_there_and_seals_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("phrase");
        for (text, is_taken) in
            [("elevenchars", false), ("twelve chars", true), ("двенадцать б", true)]
        {
            fs::write(&file, text).unwrap();
            assert_eq!(passphrase(Some(&file), Asking::Once).unwrap(), text);
            let sealing = passphrase(Some(&file), Asking::Twice);
            assert_eq!(sealing.is_ok(), is_taken, "{text}");
            if let Err(short) = sealing {
                assert!(short.is_usage() && short.to_string().contains("12"), "{short}");
            }
        }
    }

    #[test]
    fn a_file_without_an_end_of_line_is_not_read_without_end() {
        let endless = first_line(io::repeat(b'a')).unwrap();
        assert_eq!(u64::try_from(endless.len()).unwrap(), PASSPHRASE_BYTES_MAX);
    }
}
