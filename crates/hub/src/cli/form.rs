//! `form`: the forms there are, what a new version would change, and publishing it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use record::{Difference, FieldView, FormView, Subject, What, Words};
use serde_json::{Value as Json, json};

use super::global::Global;
use super::out;
use crate::failure::Failure;
use crate::print;
use crate::read::{self, VersionView};
use crate::tables;
use crate::truth::Truth;
use crate::write::publish::{self, Judged, NotPublished, Source};

/// Lists, shows, checks and publishes forms.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists forms.
    #[command(after_help = "Example:\n  ashuu-hub form list")]
    List,
    /// Shows a form: its questions, and who published which version.
    #[command(after_help = "Example:\n  ashuu-hub form show incident --source > incident.toml")]
    Show {
        /// Its id, such as incident.
        id: String,
        /// This version; the newest, where nothing is said.
        #[arg(long)]
        version: Option<u32>,
        /// Print its source, to begin a new version from.
        #[arg(long)]
        source: bool,
    },
    /// Says whether a file can be published, and what it changes; nothing is written.
    #[command(after_help = "Example:\n  ashuu-hub form check incident.toml")]
    Check {
        /// The file: TOML, as `form show --source` prints it.
        file: PathBuf,
    },
    /// Publishes a file as the next version; every agent gets it at its next contact.
    #[command(after_help = "Example:\n  ashuu-hub form publish incident.toml")]
    Publish {
        /// The file: TOML, as `form show --source` prints it.
        file: PathBuf,
    },
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    let truth = global.open_for_everyone().await?;
    match command {
        Command::List => list(global, &truth).await,
        Command::Show { id, version, source } => {
            if source {
                return source_of(global, &truth, (Subject::Form, &id), version).await;
            }
            show(global, &truth, &id, version).await
        }
        Command::Check { file } => {
            let source = read(Subject::Form, &file)?;
            judged(global, publish::judge(&truth, &source).await, Said::Checked)
        }
        Command::Publish { file } => {
            let source = read(Subject::Form, &file)?;
            judged(global, publish::publish(&truth, &source).await, Said::Published)
        }
    }
}

async fn list(global: &Global, truth: &Truth) -> Result<(), Failure> {
    let mut conn = truth.db.read().await?;
    let catalogue = tables::catalogue(&mut conn).await?;
    let mut forms = Vec::new();
    for view in catalogue.forms().filter_map(|form| catalogue.form_view(&form.id, None)) {
        let versions = read::versions(&mut conn, Subject::Form, &view.id).await?;
        forms.push((view, versions));
    }
    let value: Vec<Json> = forms.iter().map(|(view, versions)| brief(view, versions)).collect();
    out::say(global, &value, || {
        let line = |(view, versions): &(FormView, Vec<VersionView>)| {
            let (id, version, label) = (&view.id, view.version, english(&view.label));
            format!("{id:<20} version {version:<3} {:<10} {label}", origin(versions))
        };
        forms.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

fn brief(view: &FormView, versions: &[VersionView]) -> Json {
    let fields: usize = view.sections.iter().map(|section| section.fields.len()).sum();
    json!({
        "id": view.id, "version": view.version, "label": view.label, "reach": view.reach,
        "fields": fields, "versions": versions,
    })
}

/// Says where the newest version is from.
pub(super) fn origin(versions: &[VersionView]) -> &'static str {
    match versions.last() {
        Some(VersionView { unread: Some(_), .. }) => "not usable",
        Some(VersionView { shipped: false, .. }) => "published",
        Some(_) | None => "shipped",
    }
}

async fn show(
    global: &Global,
    truth: &Truth,
    id: &str,
    version: Option<u32>,
) -> Result<(), Failure> {
    let mut conn = truth.db.read().await?;
    let catalogue = tables::catalogue(&mut conn).await?;
    let view = catalogue.form_view(id, version).ok_or_else(|| none("form", id, version))?;
    let versions = read::versions(&mut conn, Subject::Form, id).await?;
    let mut value = serde_json::to_value(&view).map_err(std::io::Error::other)?;
    if let Some(keys) = value.as_object_mut() {
        keys.insert("versions".to_owned(), json!(versions));
    }
    out::say(global, &value, || {
        let mut lines =
            vec![format!("{} version {}: {}", view.id, view.version, english(&view.label))];
        for section in &view.sections {
            lines.push(format!("\n{}", english(&section.label)));
            section.fields.iter().for_each(|field| lines.extend(field_lines(field, "  ")));
        }
        lines.push(String::new());
        lines.extend(versions.iter().map(version_line));
        lines.join("\n")
    })
}

fn field_lines(field: &FieldView, indent: &str) -> Vec<String> {
    let star = if field.starred { "*" } else { " " };
    let many = if field.many { " many" } else { "" };
    let label = english(&field.label);
    let line = format!("{indent}{star} {:<28} {}{many}  {label}", field.id, field.shape);
    let deeper = format!("{indent}    ");
    let inner = field.fields.iter().flat_map(|field| field_lines(field, &deeper));
    std::iter::once(line).chain(inner).collect()
}

/// Says when and by whom a version was published.
pub(super) fn version_line(version: &VersionView) -> String {
    let VersionView { version, shipped, published_at, by, unread } = version;
    if *shipped {
        return format!("version {version} came with the program");
    }
    let (at, by) = (published_at.as_deref().unwrap_or_default(), by.as_deref().unwrap_or_default());
    let unread = unread.as_ref().map_or_else(String::new, |why| {
        format!("; this software can't use it ({why}): install newer software")
    });
    format!("version {version} was published {at} by {by}{unread}")
}

/// Prints the text of a version.
pub(super) async fn source_of(
    global: &Global,
    truth: &Truth,
    (subject, name): (Subject, &str),
    version: Option<u32>,
) -> Result<(), Failure> {
    let catalogue = tables::catalogue(&mut *truth.db.read().await?).await?;
    let newest = || catalogue.versions(subject, name).last().map(|it| it.version);
    let number = version.or_else(newest);
    let text = number.and_then(|number| catalogue.text(subject, name, number));
    let text = text.ok_or_else(|| none(&subject.to_string(), name, version))?;
    let value = json!({ "name": name, "version": number, "source": text });
    out::say(global, &value, || text.trim_end_matches('\n').to_owned())
}

/// Says that there is no such thing.
pub(super) fn none(what: &str, name: &str, version: Option<u32>) -> Failure {
    let version = version.map_or_else(String::new, |number| format!(" version {number}"));
    Failure::Refused(format!("there is no {what} {name}{version}: `{what} list` names all"))
}

/// Reads what is to be published.
pub(super) fn read(subject: Subject, file: &Path) -> Result<Source, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let words = format!("can't read {}: {error}", file.display());
        if error.kind() == ErrorKind::NotFound {
            Failure::Usage(words)
        } else if error.kind() == ErrorKind::InvalidData {
            Failure::Refused(format!("{}: save it as UTF-8", file.display()))
        } else {
            Failure::Unavailable(words)
        }
    })?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(Source { subject, file: file.display().to_string(), text })
}

/// What was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Said {
    Checked,
    Published,
}

/// Says what a source would be, or has become.
pub(super) fn judged(
    global: &Global,
    judged: Result<Judged, NotPublished>,
    said: Said,
) -> Result<(), Failure> {
    let judged = match judged {
        Ok(judged) => judged,
        Err(NotPublished::View(error)) => return Err(error.into()),
        Err(NotPublished::Objections(objections)) => {
            let words: Vec<String> = objections.iter().map(ToString::to_string).collect();
            if global.json {
                let value = json!({ "ok": false, "errors": objections });
                print::line(&value.to_string())?;
            }
            return Err(Failure::Refused(words.join("\n")));
        }
    };
    let mut value = serde_json::to_value(&judged).map_err(std::io::Error::other)?;
    if let Some(keys) = value.as_object_mut() {
        keys.insert("ok".to_owned(), json!(true));
    }
    out::say(global, &value, || words(&judged, said))
}

fn words(judged: &Judged, said: Said) -> String {
    let Judged { name, version, unchanged, differences, remarks } = judged;
    let mut lines: Vec<String> = differences.iter().map(difference).collect();
    lines.extend(remarks.iter().map(|remark| format!("could be better: {remark}")));
    lines.push(match (unchanged, said) {
        (true, _) => format!("{name} is version {version} already: nothing differs"),
        (false, Said::Checked) => format!("{name} can be published as version {version}"),
        (false, Said::Published) => {
            format!("{name} version {version} is published: agents get it at their next contact")
        }
    });
    lines.join("\n")
}

fn difference(difference: &Difference) -> String {
    let Difference { place, what, key, from, to } = difference;
    let or_form =
        |place: &str| if place.is_empty() { "the form".to_owned() } else { place.to_owned() };
    let (place, text) = (or_form(place), |text: &Option<String>| text.clone().unwrap_or_default());
    match what {
        What::Added => format!("+ {place}  {}", text(to)),
        What::Removed => format!("- {place}  {}", text(from)),
        What::Changed => {
            let key = key.as_deref().unwrap_or_default();
            format!("~ {place}  {key}: {} -> {}", text(from), text(to))
        }
    }
}

/// Returns the words in English, or whatever there is.
pub(super) fn english(words: &Words) -> &str {
    words.in_language(record::Language::En).map_or("", |label| label.text)
}
