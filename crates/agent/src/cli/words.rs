//! Answers in words, for a terminal. Scripts read `--json`.

use super::screen::Screen;
use crate::request::{Request, Response};
use crate::words::{self, words};

/// Returns what to say of a record that the request writes, once it is saved.
pub(super) const fn saved_as(request: &Request) -> &'static str {
    if matches!(request, Request::Resubmit { .. }) {
        "resubmitted"
    } else if matches!(request, Request::Recall { .. }) {
        "recall-asked"
    } else if matches!(request, Request::Comment { .. }) {
        "commented"
    } else {
        "saved"
    }
}

/// Prints what was answered.
pub(super) fn response(screen: &Screen, response: &Response, saved_as: &str) {
    let (w, lang) = (words(screen.lang()), screen.lang());
    match response {
        Response::Saved(saved) if saved.unchanged => {
            screen.out(&w.with("saved-unchanged", &saved.reference));
        }
        Response::Saved(saved) => screen.out(&w.with(saved_as, &saved.reference)),
        Response::Words(told) => {
            lines(screen, &told.lines);
            if let Some(beside) = &told.beside {
                screen.say(beside);
            }
        }
        Response::Status(status) => lines(screen, &words::status(lang, status)),
        Response::Verified(report) => lines(screen, &words::verified(lang, report)),
        Response::Synced(report) => lines(screen, &words::synced(lang, report)),
        // These come in words, or have been said already.
        Response::Added(_)
        | Response::Listed(_)
        | Response::Exported(_)
        | Response::Shown(_)
        | Response::History(_)
        | Response::Kept(_)
        | Response::Tasks(_) => {}
    }
}

fn lines(screen: &Screen, lines: &[String]) {
    lines.iter().for_each(|line| screen.out(line));
}
