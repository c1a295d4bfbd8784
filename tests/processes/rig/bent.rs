//! A wall clock that is off, by libfaketime; the clock that counts since the start goes on as it is.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;

/// By how much a clock is off. It can be changed while programs that go by it run.
#[derive(Clone, Debug)]
pub(crate) struct Bent {
    library: PathBuf,
    dir: Arc<TempDir>,
}

impl Bent {
    /// Returns a clock that is right; `None` where the library is missing, which is said.
    pub(crate) fn new() -> Option<Self> {
        let library =
            fs::read_dir("/usr/lib").ok().into_iter().flatten().flatten().find_map(|dir| {
                let library = dir.path().join("faketime/libfaketime.so.1");
                library.exists().then_some(library)
            });
        let Some(library) = library else {
            #[expect(
                clippy::print_stderr,
                reason = "a test that shows nothing must not look like one"
            )]
            {
                eprintln!("skipped: there is no libfaketime: install the package `faketime`");
            }
            return None;
        };
        let bent = Self { library, dir: Arc::new(super::directory()) };
        bent.by("+0");
        Some(bent)
    }

    /// Sets how far it is off: `+400d`, `-20y`, or an instant.
    pub(crate) fn by(&self, off: &str) {
        let next = self.dir.path().join("next");
        fs::write(&next, format!("{off}\n")).unwrap();
        fs::rename(next, self.file()).unwrap();
    }

    pub(super) fn bend(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", self.file())
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("off")
    }
}
