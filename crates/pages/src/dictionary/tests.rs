//! What is read of a file of words, and how things are counted.

use super::*;

#[test]
fn every_file_is_sound() {
    let files = [
        include_str!("../../words/ky.ftl"),
        include_str!("../../words/ru.ftl"),
        include_str!("../../words/en.ftl"),
    ];
    for file in files {
        assert!(FluentResource::try_new(file.to_owned()).is_ok(), "{file}");
    }
}

#[test]
fn counted_things_follow_the_language() {
    let said = |lang, n| Dictionary::of(lang).n("records-count", n);
    assert_eq!(said(Lang::En, 1), "1 record");
    assert_eq!(said(Lang::En, 12_345), "12,345 records");
    assert_eq!(said(Lang::Ru, 1), "1 запись");
    assert_eq!(said(Lang::Ru, 23), "23 записи");
    assert_eq!(said(Lang::Ru, 11), "11 записей");
    assert_eq!(said(Lang::Ky, 2), "2 жазуу");
}
