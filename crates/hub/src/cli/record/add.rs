//! `record add`: reads lines of JSON or a table, has them saved in chunks, and says what became of
//! each.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args as ClapArgs, ValueEnum};
use record::{Catalogue, Form, Language, message};
use serde_json::json;

use super::super::global::Global;
use super::super::out;
use super::table;
use crate::failure::Failure;
use crate::limits::{ADD_LINE_BYTES_MAX, ADD_LINES};
use crate::print;
use crate::tables;
use crate::truth::Truth;
use crate::write::{self, Added, Line, Then};

/// Makes records at the centre.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  ashuu-hub record add course courses.jsonl\n  ashuu-hub record add course courses.csv"
)]
pub(in crate::cli) struct Args {
    /// The form's id, such as course.
    form: String,
    /// A file with a JSON object a line, or a table; `-` or nothing is stdin.
    file: Option<PathBuf>,
    /// What the file holds [default: by its extension, else jsonl].
    #[arg(long)]
    format: Option<Format>,
    /// Say what would become of each line, and write nothing.
    #[arg(long)]
    check: bool,
}

/// A format of records as text.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Format {
    /// A table, with a file of its own for each group.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// What is read.
enum Source {
    Lines(Lines),
    Table(Box<table::Lines>, Arc<Form>),
}

pub(super) async fn perform(global: &Global, truth: &Truth, args: Args) -> Result<(), Failure> {
    let language = global.language();
    let then = if args.check { Then::Check } else { Then::Save };
    let mut lines = Source::open(truth, &args, language).await?;
    let (mut good, mut repeated, mut refused) = (0_u64, 0_u64, 0_u64);
    loop {
        let chunk = lines.chunk()?;
        // Also without a line the form must be one.
        if chunk.is_empty() && 0 < good + repeated + refused {
            break;
        }
        let is_last = chunk.is_empty();
        for (number, added) in write::add(truth, &args.form, &chunk, (then, language)).await? {
            match &added {
                Added::Saved { unchanged: true, .. } => repeated += 1,
                Added::Saved { .. } => good += 1,
                Added::Refused(_) => refused += 1,
            }
            say(global, (number, then), &added)?;
        }
        if is_last {
            break;
        }
    }
    let (done, others) = match then {
        Then::Save => ("saved", "the others are saved"),
        Then::Check => ("good", "nothing was written"),
    };
    print::remark(&format!("{good} {done}, {repeated} saved before, {refused} refused"));
    if refused == 0 {
        return Ok(());
    }
    Err(Failure::Refused(format!("{refused} of the lines were refused; {others}")))
}

impl Source {
    async fn open(truth: &Truth, args: &Args, language: Language) -> Result<Self, Failure> {
        let file = args.file.as_deref().filter(|file| *file != Path::new("-"));
        let named = file.and_then(Path::extension);
        let is_csv = named.is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        match args.format.unwrap_or(if is_csv { Format::Csv } else { Format::Jsonl }) {
            Format::Jsonl => Ok(Self::Lines(Lines { input: input(file)?, number: 0, language })),
            Format::Csv => {
                let catalogue = tables::catalogue(&mut *truth.db.read().await?).await?;
                let form = catalogue.newest(&args.form);
                let form = form.ok_or_else(|| unknown(&catalogue, &args.form))?;
                Ok(Self::Table(Box::new(table::Lines::open(file, &form)?), form))
            }
        }
    }

    fn chunk(&mut self) -> Result<Vec<Line>, Failure> {
        match self {
            Self::Lines(lines) => lines.chunk(),
            Self::Table(lines, form) => lines.chunk(form),
        }
    }
}

fn unknown(catalogue: &Catalogue, form: &str) -> Failure {
    let known: Vec<&str> = catalogue.forms().map(|form| form.id.as_str()).collect();
    Failure::Refused(format!("there is no form {form}: the forms are {}", known.join(", ")))
}

fn say(global: &Global, (line, then): (u64, Then), added: &Added) -> Result<(), Failure> {
    match added {
        Added::Saved { .. } if then == Then::Check => {
            if !global.json {
                return Ok(());
            }
            out::say(global, &json!({ "line": line, "valid": true }), String::new)
        }
        Added::Saved { id, reference, unchanged } if global.json => {
            let mut value = json!({ "line": line, "id": id.to_string(), "ref": reference });
            if let Some(object) = value.as_object_mut().filter(|_object| *unchanged) {
                object.insert("unchanged".to_owned(), json!(true));
            }
            out::say(global, &value, String::new)
        }
        Added::Refused(errors) => {
            for error in errors {
                let field = Some(error.field.as_str()).filter(|field| !field.is_empty());
                let field = field.map(|field| format!("{field}: ")).unwrap_or_default();
                print::remark(&format!("line {line}: {field}{}", error.reason));
            }
            if global.json {
                return out::say(global, &json!({ "line": line, "errors": errors }), String::new);
            }
            Ok(())
        }
        Added::Saved { reference, .. } => print::line(&format!("line {line}: {reference}")),
    }
}

/// Lines of input, some at a time.
struct Lines {
    input: BufReader<Box<dyn io::Read + Send>>,
    number: u64,
    language: Language,
}

impl Lines {
    /// Returns the next lines; none at the end. Empty ones are passed over.
    fn chunk(&mut self) -> Result<Vec<Line>, Failure> {
        let mut chunk = Vec::new();
        while chunk.len() < ADD_LINES {
            let mut bytes = Vec::new();
            let limit = ADD_LINE_BYTES_MAX + 1;
            if self.input.by_ref().take(limit).read_until(b'\n', &mut bytes)? == 0 {
                break;
            }
            self.number += 1;
            let text = if limit <= u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
                self.skip_line(&bytes)?;
                Err(message::line_too_long(self.language, ADD_LINE_BYTES_MAX))
            } else {
                String::from_utf8(bytes).map_err(|_error| message::line_not_utf8(self.language))
            };
            if !matches!(&text, Ok(text) if text.trim().is_empty()) {
                chunk.push(Line { number: self.number, text });
            }
        }
        Ok(chunk)
    }

    /// Passes over the rest of a line that is too long.
    fn skip_line(&mut self, read: &[u8]) -> Result<(), Failure> {
        if read.last() != Some(&b'\n') {
            self.input.skip_until(b'\n')?;
        }
        Ok(())
    }
}

fn input(file: Option<&Path>) -> Result<BufReader<Box<dyn io::Read + Send>>, Failure> {
    let Some(file) = file.filter(|file| *file != Path::new("-")) else {
        return Ok(BufReader::new(Box::new(io::stdin())));
    };
    let opened = File::open(file)
        .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", file.display())))?;
    Ok(BufReader::new(Box::new(opened)))
}
