//! A label in the reader's language, or in the next one that has it.

use serde::{Deserialize, Serialize};

use crate::card::Words;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Kyrgyz.
    Ky,
    /// Russian.
    Ru,
    /// English.
    #[default]
    En,
}

impl Language {
    /// Reads what a system or a browser calls a language: `ru`, `ru-KG`, `ru_RU.UTF-8`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let (name, rest) = tag.trim().split_at_checked(2)?;
        if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return None;
        }
        match name.to_ascii_lowercase().as_str() {
            "ky" => Some(Self::Ky),
            "ru" => Some(Self::Ru),
            "en" => Some(Self::En),
            _other => None,
        }
    }

    /// Reads the first language of an `Accept-Language` header that there are words in.
    #[must_use]
    pub fn from_accept(header: &str) -> Option<Self> {
        let ranges = header.split(',').filter_map(|range| range.split(';').next());
        ranges.into_iter().find_map(Self::from_tag)
    }

    /// Returns its code, as in `--lang`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ky => "ky",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }
}

/// A label as it is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Label<'a> {
    /// The words.
    pub text: &'a str,
    /// Whose words they are: another language than asked for is a label that fell back.
    pub language: Language,
}

impl Words {
    /// Returns the words in that language, falling back ky → ru → en, then to whatever there is.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Option<Label<'_>> {
        let order = match language {
            Language::Ky => [Language::Ky, Language::Ru, Language::En],
            Language::Ru => [Language::Ru, Language::En, Language::Ky],
            Language::En => [Language::En, Language::Ru, Language::Ky],
        };
        order.into_iter().find_map(|language| {
            let text = match language {
                Language::Ky => self.ky.as_deref(),
                Language::Ru => self.ru.as_deref(),
                Language::En => self.en.as_deref(),
            }?;
            Some(Label { text, language })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_tag() {
        for (tag, language) in [
            ("ru", Some(Language::Ru)),
            ("ru_RU.UTF-8", Some(Language::Ru)),
            ("KY-kg", Some(Language::Ky)),
            ("C.UTF-8", None),
            ("rum", None),
            ("", None),
            ("ё", None),
        ] {
            assert_eq!(Language::from_tag(tag), language, "{tag}");
        }
        assert_eq!(Language::from_accept("de-DE, ky;q=0.8, en"), Some(Language::Ky));
    }

    #[test]
    fn a_missing_label_falls_back_and_says_so() {
        let words = Words { en: Some("cell".into()), ru: Some("камера".into()), ky: None };
        let label = words.in_language(Language::Ky).unwrap();
        assert_eq!(label, Label { text: "камера", language: Language::Ru });
        let words = Words { en: Some("cell".into()), ru: None, ky: None };
        assert_eq!(words.in_language(Language::Ky).unwrap().text, "cell");
        assert_eq!(Words::default().in_language(Language::En), None);
    }
}
