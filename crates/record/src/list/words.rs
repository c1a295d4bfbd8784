//! A label in the reader's language, or in the next one that has it.

use crate::card::Words;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Language {
    /// Kyrgyz.
    Ky,
    /// Russian.
    Ru,
    /// English.
    En,
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
    fn a_missing_label_falls_back_and_says_so() {
        let words = Words { en: Some("cell".into()), ru: Some("камера".into()), ky: None };
        let label = words.in_language(Language::Ky).unwrap();
        assert_eq!(label, Label { text: "камера", language: Language::Ru });
        let words = Words { en: Some("cell".into()), ru: None, ky: None };
        assert_eq!(words.in_language(Language::Ky).unwrap().text, "cell");
        assert_eq!(Words::default().in_language(Language::En), None);
    }
}
