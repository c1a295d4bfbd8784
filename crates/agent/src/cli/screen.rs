//! What a person or a script sees: results on stdout, words about them on stderr.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

use super::args::{Global, Language};
use super::words;
use crate::problem::Problem;
use crate::request::{Request, Response};
use pages::Lang;

/// Prints. A reader who went away is no reason to stop what is being saved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    style: Style,
    lang: Lang,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    Words,
    Json,
}

impl Screen {
    pub(super) fn new(global: &Global) -> Self {
        let style = if global.json { Style::Json } else { Style::Words };
        Self { style, lang: language(global.lang) }
    }

    /// Returns the language of words.
    pub(super) const fn lang(&self) -> Lang {
        self.lang
    }

    /// Returns the request, to be answered in words where a person reads the answer.
    pub(super) fn as_asked(&self, request: Request) -> Request {
        if request.has_words() && !self.is_json() {
            return Request::InWords { of: Box::new(request) };
        }
        request
    }

    pub(super) fn is_json(&self) -> bool {
        self.style == Style::Json
    }

    /// Prints a result.
    pub(super) fn out(&self, line: &str) {
        print_line(line);
    }

    /// Prints a result as one line of JSON.
    pub(super) fn json<T: Serialize>(&self, value: &T) {
        match serde_json::to_string(value) {
            Ok(line) => self.out(&line),
            Err(error) => tracing::error!(%error, "a result can't be printed"),
        }
    }

    /// Says something to a person.
    pub(super) fn say(&self, words: &str) {
        print(&mut io::stderr().lock(), words);
    }

    /// Says why something could not be done.
    pub(super) fn problem(&self, problem: &Problem) {
        if self.is_json() && !problem.errors.is_empty() {
            self.json(&json!({ "errors": problem.errors }));
        }
        if problem.errors.is_empty() {
            self.say(&format!("ashuu-agent: {}", problem.detail));
        }
        for error in &problem.errors {
            self.say(&format!("ashuu-agent: {error}"));
        }
    }

    /// Prints what was answered.
    pub(super) fn response(&self, response: &Response, saved_as: &str) {
        if !self.is_json() {
            return words::response(self, response, saved_as);
        }
        match response {
            Response::Added(outcomes) => outcomes.iter().for_each(|outcome| self.json(outcome)),
            Response::Saved(saved) => self.json(saved),
            Response::Listed(rows) | Response::History(rows) | Response::Tasks(rows) => {
                self.json(rows);
            }
            Response::Words(told) => self.json(told),
            Response::Exported(page) => self.json(page),
            Response::Shown(json)
            | Response::Status(json)
            | Response::Verified(json)
            | Response::Kept(json)
            | Response::Synced(json) => self.json(json),
        }
    }
}

/// Returns the language asked for, else the one of the environment, else English.
fn language(asked: Option<Language>) -> Lang {
    match asked {
        Some(Language::En) => Lang::En,
        Some(Language::Ru) => Lang::Ru,
        Some(Language::Ky) => Lang::Ky,
        None => {
            let named = std::env::var("LANG").unwrap_or_default();
            named.get(..2).and_then(Lang::from_code).unwrap_or_default()
        }
    }
}

/// Prints a line on stdout.
pub(super) fn print_line(line: &str) {
    print(&mut io::stdout().lock(), line);
}

fn print(stream: &mut impl Write, line: &str) {
    if let Err(error) = writeln!(stream, "{line}").and_then(|()| stream.flush()) {
        tracing::debug!(%error, "nobody reads what is printed");
    }
}
