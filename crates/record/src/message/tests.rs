//! Every message has its words in three languages, and each tells what there is to tell.

use std::collections::BTreeSet;

use super::*;

fn told(text: &str) -> BTreeSet<&str> {
    let placed = text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0));
    placed.filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')).collect()
}

#[test]
fn every_message_has_its_words_and_arguments_in_three_languages() {
    let messages = read(SOURCE).unwrap();
    for (name, arguments) in ALL {
        let words = messages.get(*name).unwrap_or_else(|| panic!("{name} has no words"));
        let wanted: BTreeSet<&str> = arguments.iter().copied().collect();
        for (language, text) in [("en", &words.en), ("ru", &words.ru), ("ky", &words.ky)] {
            let text = text.as_deref().filter(|text| !text.trim().is_empty());
            let text = text.unwrap_or_else(|| panic!("{name} has no words in {language}"));
            assert_eq!(told(text), wanted, "{name} in {language}");
        }
    }
}

#[test]
fn no_words_are_left_over() {
    let known: BTreeSet<&str> = ALL.iter().map(|(name, _)| *name).collect();
    let messages = read(SOURCE).unwrap();
    let left: Vec<&String> = messages.keys().filter(|key| !known.contains(key.as_str())).collect();
    assert_eq!(left, Vec::<&String>::new());
}

#[test]
fn what_is_told_stands_in_the_words_as_it_is() {
    let said = text_too_long(Language::Ru, 121, 120);
    assert_eq!(said, "в тексте 121 символов: сократите до 120");
    assert_eq!(not_unique(Language::En, "{count}").matches("{count}").count(), 1);
}
