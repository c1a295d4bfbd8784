//! The languages people read.

use record::{Language, Words};

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Lang {
    /// Kyrgyz.
    Ky,
    /// Russian.
    Ru,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// All of them, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Ky, Self::Ru, Self::En];

    /// Returns the code, as in `lang=`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ky => "ky",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// Returns the language's own name for itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ky => "Кыргызча",
            Self::Ru => "Русский",
            Self::En => "English",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// Reads the first language of an `Accept-Language` header that there are pages in.
    #[must_use]
    pub fn from_accept(header: &str) -> Option<Self> {
        let ranges = header.split(',').filter_map(|range| range.split(';').next());
        ranges.map(str::trim).find_map(|range| Self::from_code(range.get(..2)?))
    }

    /// Returns the words in this language, or the nearest one people read.
    #[must_use]
    pub fn pick(self, words: &Words) -> Option<&str> {
        let (ky, ru, en) = (&words.ky, &words.ru, &words.en);
        let order = match self {
            Self::Ky => [ky, ru, en],
            Self::Ru => [ru, en, ky],
            Self::En => [en, ru, ky],
        };
        order.into_iter().flatten().map(String::as_str).find(|text| !text.is_empty())
    }
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Ky => Self::Ky,
            Lang::Ru => Self::Ru,
            Lang::En => Self::En,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_of_the_browser_that_we_have_is_taken() {
        assert_eq!(Lang::from_accept("de-DE, ru-KG;q=0.8, en;q=0.5"), Some(Lang::Ru));
        assert_eq!(Lang::from_accept("ky"), Some(Lang::Ky));
        assert_eq!(Lang::from_accept("é"), None);
    }

    #[test]
    fn a_label_that_is_missing_falls_back() {
        let words = Words { ru: Some("Место".to_owned()), ..Words::default() };
        assert_eq!(Lang::ALL.map(|lang| lang.pick(&words)), [Some("Место"); 3]);
        assert_eq!(Lang::Ky.pick(&Words::default()), None);
    }
}
