//! `add`: reads lines, has them judged and saved in chunks, and says what became of each.
//!
//! Where this process has the data, reading, judging and saving run side by side, so the next
//! chunk is judged while the disk makes the last one durable. What is printed is durable.

mod lines;
mod source;
mod table;
mod tally;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use pages::Lang;

use self::source::{Chunks, Source};
use self::tally::Tally;
use super::args::TextFormat;
use super::screen::Screen;
use super::session::Session;
use crate::desk::Desk;
use crate::limits::CHUNKS_WAITING;
use crate::problem::{Cause, Problem};
use crate::request::{Batch, Line, Outcome, Request, Response, Then};

/// What is to be added.
pub(super) struct Task {
    pub(super) form: String,
    pub(super) file: Option<PathBuf>,
    pub(super) format: Option<TextFormat>,
    pub(super) check: bool,
}

/// Adds records and returns the exit code.
pub(super) fn add(session: &Session<'_>, task: &Task, screen: &Screen) -> Result<u8, Problem> {
    let then = if task.check { Then::Check } else { Then::Save };
    let Source { chunks, headers, about } = Source::open(task.file.as_deref(), task.format)?;
    let batch = |lines: Vec<Line>| Batch { form: task.form.clone(), lines, then, headers: None };
    // Also without a line the form must be one, and the columns its fields.
    let first = Batch { headers, ..batch(Vec::new()) };
    let mut tally = Tally::new(screen, then, about);
    let done = match session.desk() {
        Some(desk) => {
            let reading = (desk, session.lang(), &first);
            side_by_side(reading, chunks, &batch, &mut |done| tally.count(done))
        }
        None => one_by_one((session, first), chunks, &batch, &mut |done| tally.count(done)),
    };
    tally.finish();
    done?;
    Ok(if tally.has_refused() { Cause::Refused.exit_code() } else { 0 })
}

/// What is done with each chunk's outcomes.
type Told<'a> = &'a mut dyn FnMut(Vec<Outcome>);

fn one_by_one(
    (session, first): (&Session<'_>, Batch),
    chunks: Chunks,
    batch: &dyn Fn(Vec<Line>) -> Batch,
    told: Told<'_>,
) -> Result<(), Problem> {
    session.execute(Request::Add(first))?;
    for chunk in chunks {
        let Response::Added(outcomes) = session.execute(Request::Add(batch(chunk?)))? else {
            return Err(Problem::new(Cause::Internal, "an answer to another question"));
        };
        told(outcomes);
    }
    Ok(())
}

fn side_by_side(
    (desk, lang, first): (&Desk, Lang, &Batch),
    chunks: Chunks,
    batch: &(dyn Fn(Vec<Line>) -> Batch + Sync),
    told: Told<'_>,
) -> Result<(), Problem> {
    desk.read(first, lang)?;
    thread::scope(|scope| {
        let (read, judged) = (sync_channel(CHUNKS_WAITING), sync_channel(CHUNKS_WAITING));
        let (to_judge, from_disk) = read;
        let (to_save, ready) = judged;
        scope.spawn(move || pass_on(chunks, &to_judge));
        scope.spawn(move || judge((desk, lang), &from_disk, batch, &to_save));
        for chunk in ready {
            told(desk.write(chunk?)?);
        }
        Ok(())
    })
}

/// Reads ahead until nobody wants more.
fn pass_on<T>(items: impl Iterator<Item = T>, next: &SyncSender<T>) {
    for item in items {
        if next.send(item).is_err() {
            return;
        }
    }
}

fn judge(
    (desk, lang): (&Desk, Lang),
    chunks: &Receiver<Result<Vec<Line>, Problem>>,
    batch: &dyn Fn(Vec<Line>) -> Batch,
    next: &SyncSender<Result<crate::desk::Ready, Problem>>,
) {
    let judged = chunks.iter().map(|chunk| desk.read(&batch(chunk?), lang));
    pass_on(judged, next);
}
