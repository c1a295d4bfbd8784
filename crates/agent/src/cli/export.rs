//! `export`: writes the records of a form as JSON lines or as a table, page by page.

use std::io;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use record::table::{Layout, RecordWriter, TableWriter};
use serde_json::json;
use terminal::{Out, PATIENCE};

use super::args::{ExportArgs, TextFormat};
use super::screen::Screen;
use super::session::Session;
use crate::problem::{Cause, Problem};
use crate::request::{Exported, Page, Request, Response};

/// Exports what is asked for.
pub(super) fn export(
    session: &Session<'_>,
    task: &ExportArgs,
    screen: &Screen,
) -> Result<(), Problem> {
    let format = task.format.or_else(|| task.to.as_deref().and_then(TextFormat::of));
    let format = format.ok_or_else(|| {
        Problem::new(Cause::Usage, "say what to write: --format csv or --format jsonl")
    })?;
    let mut page = ask(session, task, None)?;
    let all = page.all;
    let unwritten = |error: io::Error| unwritable(task, &error);
    let mut sink = begin(task, format, &page.layout).map_err(unwritten)?;
    if format == TextFormat::Csv && task.to.is_none() && !page.layout.groups.is_empty() {
        let groups: Vec<&str> = page.layout.groups.iter().map(|(name, _)| name.as_str()).collect();
        screen.say(&format!("the rows of {} stand in their cells as JSON; with --to FILE they get files of their own", groups.join(", ")));
    }
    let (mut written, mut seen, began) = (0_u64, 0, Instant::now());
    let mut bar: Option<ProgressBar> = None;
    loop {
        for record in &page.records {
            sink.write(record).map_err(unwritten)?;
            written += 1;
        }
        seen += page.seen;
        if PATIENCE < began.elapsed() {
            bar.get_or_insert_with(|| progress(all)).set_position(seen);
        }
        let Some(after) = page.next.take() else { break };
        page = ask(session, task, Some(after))?;
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let names = terminal::finish(sink.into_files()).map_err(unwritten)?;
    screen.say(&format!("{written} records exported"));
    if screen.is_json() && !names.is_empty() {
        screen.json(&json!({ "records": written, "files": names }));
    }
    Ok(())
}

fn ask(
    session: &Session<'_>,
    task: &ExportArgs,
    after: Option<String>,
) -> Result<Exported, Problem> {
    let page = Request::Export(Page { filter: task.filter(), after });
    let Response::Exported(page) = session.execute(page)? else {
        return Err(Problem::new(Cause::Internal, "an answer to another question"));
    };
    Ok(page)
}

fn begin(task: &ExportArgs, format: TextFormat, layout: &Layout) -> io::Result<RecordWriter<Out>> {
    let file = task.to.as_deref();
    match format {
        TextFormat::Jsonl => Ok(RecordWriter::Lines(Out::begin(file)?)),
        TextFormat::Csv => {
            let layout = match file {
                Some(_) => layout.clone(),
                None => layout.clone().in_one_file(),
            };
            let beside = |(group, _columns): &(String, Vec<String>)| {
                file.map(|file| Out::beside(file, group))
            };
            let beside = layout.groups.iter().filter_map(beside);
            let beside = beside.collect::<io::Result<Vec<Out>>>()?;
            let own = Out::begin(file)?;
            Ok(RecordWriter::Table(TableWriter::begin(layout, own, beside)?))
        }
    }
}

fn progress(all: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:32} {percent}% {pos} of {len} records");
    let style = style.unwrap_or_else(|_malformed| ProgressStyle::default_spinner());
    ProgressBar::new(all).with_style(style)
}

fn unwritable(task: &ExportArgs, error: &io::Error) -> Problem {
    let file = task.to.as_ref().map_or_else(|| "stdout".into(), |file| file.to_string_lossy());
    Problem::new(Cause::Unavailable, format!("cannot write {file}: {error}; nothing was replaced"))
}
