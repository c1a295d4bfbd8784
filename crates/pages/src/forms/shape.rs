//! What an answer is, in words: a form's file says `choice:unit`, a person reads "one of: unit".

use crate::dictionary::Dictionary;

use super::FormPage;

/// What an answer is.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Answer {
    pub(super) words: String,
    /// The list or form it comes from: its name and its address.
    pub(super) from: Option<(String, Option<String>)>,
}

/// Returns what an answer of this shape is; a shape that is not known stands as the file says it.
pub(super) fn answer(w: &Dictionary, page: &FormPage<'_>, shape: &str) -> Answer {
    let plain = |words| Answer { words, from: None };
    if let Some((kind, name)) = shape.split_once(':') {
        let (key, from) = match kind {
            "choice" => ("type-choice", (name.to_owned(), page.lists.get(name).cloned())),
            "ref" => {
                let label = page.forms.get(name).and_then(|label| w.lang.pick(label));
                let address = label.map(|_known| format!("/forms/{name}"));
                ("type-reference", (label.unwrap_or(name).to_owned(), address))
            }
            _other => return plain(shape.to_owned()),
        };
        return Answer { words: w.t(key), from: Some(from) };
    }
    let (kind, bounds) = shape.split_once('(').unwrap_or((shape, ""));
    let bounds = bounds.trim_end_matches(')');
    plain(match (kind, bounds.parse::<u64>(), bounds.split_once("..")) {
        ("text", Ok(max), _) => w.n("type-text", max),
        ("int", _, Some((min, max))) => w.with("type-int", &format!("{min}–{max}")),
        ("bool", ..) => w.t("type-bool"),
        ("decimal", ..) => w.t("type-decimal"),
        ("date", ..) => w.t("type-date"),
        ("datetime", ..) => w.t("type-datetime"),
        ("group", ..) => w.t("type-group"),
        ("computed", ..) => w.t("type-computed"),
        _other => shape.to_owned(),
    })
}
