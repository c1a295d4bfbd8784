//! Says what became of each line, and in the end of all.

use std::sync::atomic::Ordering;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use record::table::IGNORED_KEYS;
use terminal::PATIENCE;

use super::super::screen::Screen;
use super::source::About;
use crate::request::{LineResult, Outcome, Then};

/// What became of the lines so far.
pub(super) struct Tally<'a> {
    screen: &'a Screen,
    then: Then,
    about: About,
    began: Instant,
    bar: Option<ProgressBar>,
    good: u64,
    repeated: u64,
    refused: u64,
    /// The first and the last reference given.
    references: Option<(String, String)>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(screen: &'a Screen, then: Then, about: About) -> Self {
        let (good, repeated, refused) = (0, 0, 0);
        let began = Instant::now();
        Self { screen, then, about, began, bar: None, good, repeated, refused, references: None }
    }

    pub(super) fn count(&mut self, outcomes: Vec<Outcome>) {
        for outcome in outcomes {
            self.count_one(outcome);
        }
        if self.bar.is_none() && PATIENCE < self.began.elapsed() {
            self.bar = Some(bar(self.about.bytes));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.about.read.load(Ordering::Relaxed));
            bar.set_message(format!("{} lines", self.good + self.repeated + self.refused));
        }
    }

    fn count_one(&mut self, mut outcome: Outcome) {
        match &mut outcome.result {
            LineResult::Saved(saved) if saved.unchanged => self.repeated += 1,
            LineResult::Saved(saved) => {
                self.good += 1;
                let reference = saved.reference.clone();
                let first = self.references.take().map(|(first, _last)| first);
                self.references = Some((first.unwrap_or_else(|| reference.clone()), reference));
            }
            LineResult::Valid { valid: _, unchanged: true } => self.repeated += 1,
            LineResult::Valid { valid: _, unchanged: false } => self.good += 1,
            LineResult::Refused { errors } => {
                self.refused += 1;
                for error in errors {
                    let file = error.file.as_ref().and_then(|group| self.about.files.get(group));
                    error.file = file.cloned();
                    let at = error.line.unwrap_or(outcome.line);
                    let file = error.file.as_ref().map(|file| format!("{file} "));
                    self.say(&format!("{}line {at}: {error}", file.unwrap_or_default()));
                }
            }
        }
        if self.screen.is_json() {
            self.screen.json(&outcome);
        }
    }

    /// Says something without leaving parts of the bar on the terminal.
    fn say(&self, words: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.screen.say(words)),
            None => self.screen.say(words),
        }
    }

    pub(super) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let verb = match self.then {
            Then::Save => "saved",
            Then::Check => "valid",
        };
        let mut words = format!("{} {verb}", self.good);
        match &self.references {
            Some((first, last)) if first == last => words.push_str(&format!(" as {first}")),
            Some((first, last)) => words.push_str(&format!(" as {first} to {last}")),
            None => {}
        }
        if self.repeated != 0 {
            words.push_str(&format!(", {} there already", self.repeated));
        }
        if self.refused != 0 {
            words.push_str(&format!(", {} refused", self.refused));
        }
        if self.about.was_exported.load(Ordering::Relaxed) {
            let keys = IGNORED_KEYS.join(" and ");
            self.screen.say(&format!("{keys} were passed over: records are given their own here"));
        }
        if self.screen.is_json() {
            self.screen.say(&words);
        } else {
            self.screen.out(&words);
        }
    }

    pub(super) const fn has_refused(&self) -> bool {
        self.refused != 0
    }
}

/// A bar where the end is known, else a sign that it moves.
fn bar(bytes: Option<u64>) -> ProgressBar {
    let (bar, template) = match bytes {
        Some(bytes) => (ProgressBar::new(bytes), "{bar:32} {percent}% {msg}"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
    };
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_malformed| ProgressStyle::default_spinner()))
}
