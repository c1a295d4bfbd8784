//! What is said to people on a terminal: the words of `words/<lang>.ftl`, in aligned lines.
//!
//! Labels of fields and choices are those of the forms; here are only the words around them. It
//! knows nothing of where a record is kept, nor of the terminal.

mod history;
mod list;
mod record;
mod refusal;
mod status;
mod table;
mod tasks;

use std::sync::LazyLock;

use pages::{Dictionary, Lang};

pub(crate) use self::history::history;
pub(crate) use self::list::list;
pub(crate) use self::record::{Around, record};
pub(crate) use self::refusal::refusal;
pub(crate) use self::status::{status, synced, verified};
pub(crate) use self::tasks::task;

static KY: LazyLock<Dictionary> =
    LazyLock::new(|| Dictionary::read(Lang::Ky, include_str!("../words/ky.ftl")));
static RU: LazyLock<Dictionary> =
    LazyLock::new(|| Dictionary::read(Lang::Ru, include_str!("../words/ru.ftl")));
static EN: LazyLock<Dictionary> =
    LazyLock::new(|| Dictionary::read(Lang::En, include_str!("../words/en.ftl")));

/// Returns the words of a language.
pub(crate) fn words(lang: Lang) -> &'static Dictionary {
    match lang {
        Lang::Ky => &KY,
        Lang::Ru => &RU,
        Lang::En => &EN,
    }
}

#[cfg(test)]
mod tests;
