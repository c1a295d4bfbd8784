//! What stands around every page: navigation, the language switch, the banner.

use crate::dictionary::Dictionary;
use crate::lang::Lang;

/// Which part of the pages one is in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// The sites.
    Sites,
    /// The records.
    Records,
    /// The forms and lists.
    Forms,
    /// None of them.
    Elsewhere,
}

/// What every page needs besides its own values.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language it is shown in.
    pub lang: Lang,
    /// Its path and query, without `lang`.
    pub here: String,
}

impl Frame {
    /// Returns the words of the page.
    #[must_use]
    pub fn words(&self) -> &'static Dictionary {
        Dictionary::of(self.lang)
    }

    /// Returns every language with the address of this page in it, and whether it is shown in it.
    pub(crate) fn languages(&self) -> Vec<(Lang, String, bool)> {
        let joint = if self.here.contains('?') { '&' } else { '?' };
        let link = |lang: Lang| format!("{}{joint}lang={}", self.here, lang.code());
        Lang::ALL.map(|lang| (lang, link(lang), lang == self.lang)).to_vec()
    }
}
