//! `backup`, `restore` and `rebuild`.

use std::path::PathBuf;

use serde_json::{Value as Json, json};
use terminal::{Asking, Bar, Waiting};
use tokio::runtime::Runtime;

use super::screen::Screen;
use super::session::Session;
use crate::backup::{self, Passphrase};
use crate::config::Config;
use crate::problem::{Cause, Problem};
use crate::request::{Request, Response, Upkeep};

/// A sealed file, and where its passphrase stands.
#[derive(clap::Args, Debug)]
pub(crate) struct Sealed {
    /// The file
    file: PathBuf,
    /// Read the passphrase from the first line of this file [default: asked, or stdin]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Sealed {
    fn passphrase(&self, asking: Asking) -> Result<Passphrase, Problem> {
        let text = terminal::passphrase(self.passphrase_file.as_deref(), asking);
        text.map(Passphrase).map_err(|fault| {
            let cause = if fault.is_usage() { Cause::Usage } else { Cause::Unavailable };
            Problem::new(cause, fault.to_string())
        })
    }
}

/// Writes a copy of everything on this machine.
pub(super) fn backup(
    runtime: &Runtime,
    config: &Config,
    sealed: &Sealed,
    screen: &Screen,
) -> Result<u8, Problem> {
    let file = std::path::absolute(&sealed.file).map_err(|error| {
        Problem::new(Cause::Usage, format!("{}: {error}", sealed.file.display()))
    })?;
    let passphrase = sealed.passphrase(Asking::Twice)?;
    let session = Session::begin(runtime, config, screen.lang())?;
    let told = if let Some(desk) = session.desk() {
        let mut bar = Bar::begin();
        let tally = desk.backup(&file, &passphrase, &mut |done, total| bar.show(done, total))?;
        drop(bar);
        json!({
            "file": file, "bytes": tally.bytes, "frames": tally.frames, "entries": tally.entries,
        })
    } else {
        let waiting = Waiting::begin();
        let asked = Upkeep::Backup { file: file.clone(), passphrase };
        let answer = session.execute(Request::Keep(asked));
        drop(waiting);
        kept(answer?)?
    };
    if screen.is_json() {
        screen.json(&told);
    } else {
        let number = |key: &str| told.get(key).and_then(Json::as_u64).unwrap_or(0);
        let (entries, bytes) = (number("entries"), number("bytes"));
        let file = file.display();
        screen.out(&format!("{entries} entries and the keys in {file}, {bytes} bytes, sealed"));
        screen.say("without the passphrase nobody can read it: keep both, and apart");
    }
    Ok(0)
}

/// Makes a machine of a backup, in an empty data directory.
pub(super) fn restore(config: &Config, sealed: &Sealed, screen: &Screen) -> Result<u8, Problem> {
    let passphrase = sealed.passphrase(Asking::Once)?;
    let mut bar = Bar::begin();
    let mut progress = |done, total| bar.show(done, total);
    let restored = backup::restore(&config.data, &sealed.file, &passphrase, &mut progress)?;
    drop(bar);
    let (identity, tally) = (&restored.identity, restored.tally);
    let (name, site) = (&identity.enrolment.name, &identity.enrolment.site);
    let made = crate::desk::at(restored.made_ms).to_string();
    if screen.is_json() {
        screen.json(&json!({
            "device": name, "device_key": identity.device().to_string(), "site": site.to_string(),
            "epoch": identity.epoch.to_string(), "epoch_count": restored.epoch_count,
            "made_at": made, "frames": tally.frames, "entries": tally.entries,
        }));
        return Ok(0);
    }
    let data = config.data.display();
    screen.out(&format!(
        "{name} of {site} stands in {data}, as of {made}: {} entries",
        tally.entries
    ));
    screen.out(&format!(
        "epoch {} was opened: what this machine wrote after the backup is not here",
        restored.epoch_count
    ));
    screen.say("run `ashuu-agent sync`; never start the old copy again beside this one");
    Ok(0)
}

/// Makes the views anew from the journal.
pub(super) fn rebuild(runtime: &Runtime, config: &Config, screen: &Screen) -> Result<u8, Problem> {
    let session = Session::begin(runtime, config, screen.lang())?;
    let waiting = Waiting::begin();
    let answer = session.execute(Request::Keep(Upkeep::Rebuild));
    drop(waiting);
    let told = kept(answer?)?;
    if screen.is_json() {
        screen.json(&told);
    } else {
        let hash = |key: &str| told.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        screen.out(&format!("before {}", hash("before")));
        screen.out(&format!("after  {}", hash("after")));
        screen.say(if hash("before") == hash("after") {
            "the views were what the journal gives"
        } else {
            "the views were not what the journal gives, and are now"
        });
    }
    Ok(0)
}

fn kept(response: Response) -> Result<Json, Problem> {
    let Response::Kept(told) = response else {
        return Err(Problem::new(Cause::Internal, "not as this agent speaks"));
    };
    Ok(told)
}
