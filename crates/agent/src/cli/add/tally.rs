//! Says what became of each line, and in the end of all.

use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::super::patience::PATIENCE;
use super::super::screen::Screen;
use crate::request::{LineResult, Outcome, Then};

/// What became of the lines so far.
pub(super) struct Tally<'a> {
    screen: &'a Screen,
    then: Then,
    began: Instant,
    bar: Option<ProgressBar>,
    good: u64,
    repeated: u64,
    refused: u64,
    /// The first and the last reference given.
    references: Option<(String, String)>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(screen: &'a Screen, then: Then) -> Self {
        let (good, repeated, refused) = (0, 0, 0);
        let began = Instant::now();
        Self { screen, then, began, bar: None, good, repeated, refused, references: None }
    }

    pub(super) fn count(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            self.count_one(outcome);
        }
        if self.bar.is_none() && PATIENCE < self.began.elapsed() {
            let style = ProgressStyle::with_template("{spinner} {pos} lines, {per_sec}");
            let style = style.unwrap_or_else(|_malformed| ProgressStyle::default_spinner());
            self.bar = Some(ProgressBar::new_spinner().with_style(style));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.good + self.repeated + self.refused);
        }
    }

    fn count_one(&mut self, outcome: &Outcome) {
        match &outcome.result {
            LineResult::Saved(saved) if saved.unchanged => self.repeated += 1,
            LineResult::Saved(saved) => {
                self.good += 1;
                let reference = saved.reference.clone();
                let first = self.references.take().map(|(first, _last)| first);
                self.references = Some((first.unwrap_or_else(|| reference.clone()), reference));
            }
            LineResult::Valid { valid: _ } => self.good += 1,
            LineResult::Refused { errors } => {
                self.refused += 1;
                for error in errors {
                    self.screen.say(&format!("line {}: {error}", outcome.line));
                }
            }
        }
        if self.screen.is_json() {
            self.screen.json(outcome);
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
