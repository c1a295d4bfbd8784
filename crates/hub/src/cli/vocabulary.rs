//! `vocabulary`: the files of lists there are, and publishing a new version of one.

use std::path::PathBuf;

use clap::Subcommand;
use record::{Subject, VocabularyView};
use serde_json::{Value as Json, json};

use super::form::{self, Said};
use super::global::Global;
use super::out;
use crate::failure::Failure;
use crate::read::{self, VersionView};
use crate::tables;
use crate::truth::Truth;
use crate::write::publish;

/// Lists, shows and publishes vocabularies: files of lists.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists vocabularies.
    #[command(after_help = "Example:\n  ashuu-hub vocabulary list")]
    List,
    /// Shows the codes of a vocabulary, and who published which version.
    #[command(after_help = "Example:\n  ashuu-hub vocabulary show choices --source > choices.csv")]
    Show {
        /// Its name, such as choices.
        name: String,
        /// This version; the newest, where nothing is said.
        #[arg(long)]
        version: Option<u32>,
        /// Print its source, to begin a new version from.
        #[arg(long)]
        source: bool,
    },
    /// Says whether a file can be published, and what it changes; nothing is written.
    #[command(after_help = "Example:\n  ashuu-hub vocabulary check choices.csv")]
    Check {
        /// The file, named after the vocabulary, such as choices.csv.
        file: PathBuf,
    },
    /// Publishes a file as the next version; every agent gets it at its next contact.
    #[command(after_help = "Example:\n  ashuu-hub vocabulary publish choices.csv")]
    Publish {
        /// The file, named after the vocabulary, such as choices.csv.
        file: PathBuf,
    },
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    let truth = global.open_for_everyone().await?;
    match command {
        Command::List => list(global, &truth).await,
        Command::Show { name, version, source } => {
            if source {
                return form::source_of(global, &truth, (Subject::Vocabulary, &name), version)
                    .await;
            }
            show(global, &truth, &name, version).await
        }
        Command::Check { file } => {
            let source = form::read(Subject::Vocabulary, &file)?;
            form::judged(global, publish::judge(&truth, &source).await, Said::Checked)
        }
        Command::Publish { file } => {
            let source = form::read(Subject::Vocabulary, &file)?;
            form::judged(global, publish::publish(&truth, &source).await, Said::Published)
        }
    }
}

async fn list(global: &Global, truth: &Truth) -> Result<(), Failure> {
    let mut conn = truth.db.read().await?;
    let catalogue = tables::catalogue(&mut conn).await?;
    let mut all = Vec::new();
    for view in catalogue.vocabularies().filter_map(|name| catalogue.vocabulary_view(name, None)) {
        let versions = read::versions(&mut conn, Subject::Vocabulary, &view.name).await?;
        all.push((view, versions));
    }
    let value: Vec<Json> = all.iter().map(|(view, versions)| brief(view, versions)).collect();
    out::say(global, &value, || {
        let line = |(view, versions): &(VocabularyView, Vec<VersionView>)| {
            let codes: usize = view.lists.iter().map(|list| list.codes.len()).sum();
            let (name, version, lists) = (&view.name, view.version, view.lists.len());
            let origin = form::origin(versions);
            format!("{name:<20} version {version:<3} {origin:<10} {lists} lists, {codes} codes")
        };
        all.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

fn brief(view: &VocabularyView, versions: &[VersionView]) -> Json {
    let list = |list: &record::ListView| json!({ "name": list.name, "codes": list.codes.len() });
    json!({
        "name": view.name, "version": view.version, "versions": versions,
        "lists": view.lists.iter().map(list).collect::<Vec<_>>(),
    })
}

async fn show(
    global: &Global,
    truth: &Truth,
    name: &str,
    version: Option<u32>,
) -> Result<(), Failure> {
    let mut conn = truth.db.read().await?;
    let catalogue = tables::catalogue(&mut conn).await?;
    let view = catalogue.vocabulary_view(name, version);
    let view = view.ok_or_else(|| form::none("vocabulary", name, version))?;
    let versions = read::versions(&mut conn, Subject::Vocabulary, name).await?;
    let mut value = serde_json::to_value(&view).map_err(std::io::Error::other)?;
    if let Some(keys) = value.as_object_mut() {
        keys.insert("versions".to_owned(), json!(versions));
    }
    out::say(global, &value, || {
        let mut lines = vec![format!("{} version {}", view.name, view.version)];
        for list in &view.lists {
            lines.push(format!("\n{}", list.name));
            for code in &list.codes {
                let closed = code.valid_to.as_ref();
                let closed = closed.map_or_else(String::new, |to| format!("  until {to}"));
                let label = form::english(&code.label);
                lines.push(format!("  {:<32} {label}{closed}", code.code));
            }
        }
        lines.push(String::new());
        lines.extend(versions.iter().map(form::version_line));
        lines.join("\n")
    })
}
