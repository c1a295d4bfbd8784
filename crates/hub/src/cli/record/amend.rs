//! `record amend`: changes fields of what the centre itself recorded.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde_json::{Map, Value as Json, json};

use super::super::global::Global;
use super::super::out;
use super::super::review::dots;
use crate::failure::Failure;
use crate::limits::ADD_LINE_BYTES_MAX;
use crate::read;
use crate::truth::Truth;
use crate::write::{self, Amend};

/// Changes fields of a record of the centre.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  echo '{\"hours\": \"12\"}' | ashuu-hub record amend INST-000/2026/HUB-00042"
)]
pub(in crate::cli) struct Args {
    /// The record's id, its reference, or SITE:id.
    pub(super) id: String,
    /// A file with one JSON object of the changed fields; `-` or nothing is stdin.
    file: Option<PathBuf>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// What was shown: the tokens `record show` printed under `seen`; without it, what stands now.
    #[arg(long, value_name = "TOKENS")]
    seen: Option<String>,
}

pub(super) async fn perform(global: &Global, truth: &Truth, args: Args) -> Result<(), Failure> {
    let values = object(args.file.as_deref())?;
    let seen = args.seen.as_deref().map(dots).transpose()?;
    let key = read::find(&mut *truth.db.read().await?, &args.id).await?;
    let author = truth.administrator(&mut *truth.db.read().await?).await?;
    let language = global.language();
    let amend = Amend { values, seen, comment: args.comment, author, language };
    let dot = write::amend(truth, &key, &amend).await?;
    let value = json!({
        "id": key.id.to_string(),
        "site": key.site,
        "dot": dot.map(|dot| dot.to_string()),
        "unchanged": dot.is_none(),
    });
    out::say(global, &value, || match dot {
        Some(_) => format!("{key} is changed."),
        None => format!("{key} says that already; nothing was written."),
    })
}

fn object(file: Option<&Path>) -> Result<Map<String, Json>, Failure> {
    let mut text = String::new();
    match file.filter(|file| *file != Path::new("-")) {
        Some(file) => fs::File::open(file)
            .and_then(|open| open.take(ADD_LINE_BYTES_MAX).read_to_string(&mut text))
            .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?,
        None => io::stdin().take(ADD_LINE_BYTES_MAX).read_to_string(&mut text)?,
    };
    serde_json::from_str(&text).map_err(|error| {
        Failure::Usage(format!("write one JSON object of the changed fields: {error}"))
    })
}
