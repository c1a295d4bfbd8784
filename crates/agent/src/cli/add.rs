//! `add`: reads lines, has them judged and saved in chunks, and says what became of each.
//!
//! Where this process has the data, reading, judging and saving run side by side, so the next
//! chunk is judged while the disk makes the last one durable. What is printed is durable.

mod lines;
mod tally;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::{fs, io, thread};

use self::lines::Chunks;
use self::tally::Tally;
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
    pub(super) check: bool,
}

/// Adds records and returns the exit code.
pub(super) fn add(session: &Session<'_>, task: &Task, screen: &Screen) -> Result<u8, Problem> {
    let then = if task.check { Then::Check } else { Then::Save };
    let batch = |lines: Vec<Line>| Batch { form: task.form.clone(), lines, then };
    let chunks = Chunks::new(input(task.file.as_deref())?);
    let mut tally = Tally::new(screen, then);
    let done = match session.desk() {
        Some(desk) => side_by_side(desk, chunks, &batch, &mut |done| tally.count(&done)),
        None => one_by_one(session, chunks, &batch, &mut |done| tally.count(&done)),
    };
    tally.finish();
    done?;
    Ok(if tally.has_refused() { Cause::Refused.exit_code() } else { 0 })
}

/// What is done with each chunk's outcomes.
type Told<'a> = &'a mut dyn FnMut(Vec<Outcome>);

fn one_by_one(
    session: &Session<'_>,
    chunks: impl Iterator<Item = Result<Vec<Line>, Problem>>,
    batch: &dyn Fn(Vec<Line>) -> Batch,
    told: Told<'_>,
) -> Result<(), Problem> {
    // Also without a line the form must be one.
    let mut chunks = chunks.peekable();
    if chunks.peek().is_none() {
        session.execute(Request::Add(batch(Vec::new())))?;
    }
    for chunk in chunks {
        let Response::Added(outcomes) = session.execute(Request::Add(batch(chunk?)))? else {
            return Err(Problem::new(Cause::Internal, "an answer to another question"));
        };
        told(outcomes);
    }
    Ok(())
}

fn side_by_side(
    desk: &Desk,
    chunks: impl Iterator<Item = Result<Vec<Line>, Problem>> + Send,
    batch: &(dyn Fn(Vec<Line>) -> Batch + Sync),
    told: Told<'_>,
) -> Result<(), Problem> {
    desk.read(&batch(Vec::new()))?;
    thread::scope(|scope| {
        let (read, judged) = (sync_channel(CHUNKS_WAITING), sync_channel(CHUNKS_WAITING));
        let (to_judge, from_disk) = read;
        let (to_save, ready) = judged;
        scope.spawn(move || pass_on(chunks, &to_judge));
        scope.spawn(move || judge(desk, &from_disk, batch, &to_save));
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
    desk: &Desk,
    chunks: &Receiver<Result<Vec<Line>, Problem>>,
    batch: &dyn Fn(Vec<Line>) -> Batch,
    next: &SyncSender<Result<crate::desk::Ready, Problem>>,
) {
    let judged = chunks.iter().map(|chunk| desk.read(&batch(chunk?)));
    pass_on(judged, next);
}

fn input(file: Option<&Path>) -> Result<Box<dyn Read + Send>, Problem> {
    let Some(file) = file.filter(|file| *file != Path::new("-")) else {
        return Ok(Box::new(io::stdin()));
    };
    let opened = fs::File::open(file).map_err(|error| super::unreadable(file, &error))?;
    Ok(Box::new(opened))
}
