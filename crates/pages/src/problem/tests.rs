//! Troubles as HTML: every one says what happened and what to do, in the reader's language.

use super::*;
use crate::Lang;

fn page(lang: Lang, trouble: Trouble, details: &[(&str, &str)]) -> String {
    let detail = |(field, reason): &(&str, &str)| ((*field).to_owned(), (*reason).to_owned());
    let details = details.iter().map(detail).collect();
    let page =
        ProblemPage { trouble, details, choices: Vec::new(), record: None, written: Vec::new() };
    problem_page(&Frame { lang, here: "/x".to_owned() }, &page).unwrap()
}

#[test]
fn a_trouble_is_told_in_the_readers_language() {
    for (lang, words) in
        [(Lang::Ky, "Жазуу өзгөрдү"), (Lang::Ru, "Запись изменилась"), (Lang::En, "has changed")]
    {
        assert!(page(lang, Trouble::Stale, &[]).contains(words), "{words}");
    }
}

#[test]
fn a_field_is_called_what_its_form_calls_it_and_an_unknown_one_as_it_is() {
    let html = page(Lang::Ru, Trouble::Refused, &[("due", "x<b>"), ("items<b>", "y"), ("id", "z")]);
    assert!(html.contains("<strong>Срок</strong>: x&#60;b&#62;"));
    assert!(html.contains("<strong>items&#60;b&#62;</strong>: y"));
    assert!(html.contains("<li>z</li>"));
}

#[test]
fn what_somebody_wrote_is_given_back() {
    let written = vec![("remark".to_owned(), "weigh <b>".to_owned())];
    let (details, choices) = (Vec::new(), Vec::new());
    let page = ProblemPage { trouble: Trouble::Refused, details, choices, record: None, written };
    let html = problem_page(&Frame { lang: Lang::En, here: "/x".to_owned() }, &page).unwrap();
    assert!(
        html.contains(
            "<dt>Remark for the institution</dt><dd class=\"text\">weigh &#60;b&#62;</dd>"
        )
    );
}
