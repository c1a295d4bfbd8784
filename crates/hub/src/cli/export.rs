//! `export`: writes the records of a form as JSON lines or as a table, page by page.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indicatif::ProgressBar;
use record::table::{Layout, RecordWriter, TableWriter};
use serde_json::json;
use terminal::Out;

use super::global::Global;
use crate::failure::Failure;
use crate::print;
use crate::read::{Exporter, Query};

/// Gives records of one form away.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  ashuu-hub export incident --format csv --from 2026-11-01 --to 2026-11-30 --out incident.csv\n\n\
                  Rows of groups are written beside a table: incident.items.csv beside incident.csv."
)]
pub(super) struct Args {
    /// The form's id, such as incident.
    form: String,
    /// What to write.
    #[arg(long)]
    format: Format,
    /// The first day or time of the record's own date.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last day or time; a file is named by --out.
    #[arg(long, visible_alias = "until", value_name = "DATE")]
    to: Option<String>,
    /// The site's code.
    #[arg(long)]
    site: Option<String>,
    /// The region's code.
    #[arg(long)]
    region: Option<String>,
    /// The state of the review.
    #[arg(long)]
    state: Option<String>,
    /// Words that all occur in it.
    #[arg(long)]
    query: Option<String>,
    /// Writes this file, whole or not at all; without it to stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A format of records.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Format {
    /// A table, with a file of its own for each group.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// A workbook; not there yet.
    Xlsx,
    /// Columns for statistics; not there yet.
    Parquet,
}

pub(super) async fn perform(global: &Global, args: Args) -> Result<(), Failure> {
    let Args { form, format, from, to, site, region, state, query: text, out: file } = args;
    let truth = global.open().await?;
    let mut conn = truth.db.snapshot().await?;
    let query = Query { site, region, from, to, state, text, ..Query::default() };
    let mut export = Exporter::begin(&mut conn, &form, query).await?;
    let mut sink = begin(format, export.layout(), file.as_deref())?;
    let (mut written, bar) = (0_u64, bar());
    while let Some(records) = export.page(&mut conn).await? {
        for record in &records {
            sink.write(record)?;
            written += 1;
        }
        bar.set_message(format!("{written} records"));
        bar.tick();
    }
    let names = terminal::finish(sink.into_files())?;
    bar.finish_and_clear();
    print::remark(&format!("{written} records exported"));
    if global.json && !names.is_empty() {
        print::line(&json!({ "records": written, "files": names }).to_string())?;
    }
    Ok(())
}

fn begin(
    format: Format,
    layout: Layout,
    file: Option<&Path>,
) -> Result<RecordWriter<Out>, Failure> {
    match format {
        Format::Xlsx | Format::Parquet => {
            let words = "this format is not there yet: take --format csv or --format jsonl";
            Err(Failure::Usage(words.to_owned()))
        }
        Format::Jsonl => Ok(RecordWriter::Lines(Out::begin(file)?)),
        Format::Csv => {
            let Some(file) = file else { return Ok(in_one_file(layout)?) };
            let beside = |(group, _columns): &(String, Vec<String>)| Out::beside(file, group);
            let beside = layout.groups.iter().map(beside).collect::<io::Result<Vec<Out>>>()?;
            let own = Out::begin(Some(file))?;
            Ok(RecordWriter::Table(TableWriter::begin(layout, own, beside)?))
        }
    }
}

fn in_one_file(layout: Layout) -> io::Result<RecordWriter<Out>> {
    let groups: Vec<&str> = layout.groups.iter().map(|(group, _columns)| group.as_str()).collect();
    if !groups.is_empty() {
        print::remark(&format!(
            "the rows of {} stand in their cells as JSON; with --out FILE they get files of their own",
            groups.join(", ")
        ));
    }
    let table = TableWriter::begin(layout.in_one_file(), Out::begin(None)?, Vec::new())?;
    Ok(RecordWriter::Table(table))
}

fn bar() -> ProgressBar {
    if io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() }
}
