//! What the pages of forms and lists show.

use record::{Catalogue, Subject, Version, What};

use super::*;

fn frame(lang: Lang) -> Frame {
    Frame { lang, here: "/forms/incident".to_owned() }
}

fn form_html(lang: Lang, view: &FormView, differences: &[Difference]) -> String {
    let (lists, forms) = (BTreeMap::new(), BTreeMap::new());
    let page = FormPage { view, differences, versions: &[], lists, forms };
    form_page(&frame(lang), &page).unwrap()
}

#[test]
fn a_form_shows_every_question_in_three_languages() {
    let catalogue = Catalogue::shipped().unwrap();
    let view = catalogue.form_view("incident", None).unwrap();
    let page = form_html(Lang::Ru, &view, &[]);
    for form_field in &catalogue.form("incident").unwrap().fields {
        for lang in Lang::ALL {
            let label = exactly(&form_field.label, &lang).unwrap();
            assert!(page.contains(label), "{label}");
        }
    }
}

#[test]
fn what_a_version_changed_is_named() {
    let catalogue = Catalogue::shipped().unwrap();
    let mut view = catalogue.form_view("search", None).unwrap();
    let old = catalogue.text(Subject::Form, "search", view.version).unwrap();
    let new = old.replace("Тинтүүнүн түрү", "Тинтүү түрү");
    view.version += 1;
    view.versions.push(Version { version: view.version, shipped: false });
    let differences = record::difference(Subject::Form, old, &new);
    let page = form_html(Lang::En, &view, &differences);
    assert!(page.contains("Тинтүү түрү") && page.contains("label.ky"), "{page}");
    assert!(page.contains("<span class=\"line\">Kind of search</span>"), "{page}");
}

#[test]
fn what_a_version_added_is_called_by_its_name_in_the_readers_language() {
    let catalogue = Catalogue::shipped().unwrap();
    let mut view = catalogue.form_view("search", None).unwrap();
    let place = view.sections[0].fields[0].id.clone();
    view.versions.insert(0, Version { version: 0, shipped: false });
    let added = |place: &str| Difference {
        place: place.to_owned(),
        what: What::Added,
        key: None,
        from: None,
        to: Some("In English".to_owned()),
    };
    let page = form_html(Lang::Ru, &view, &[added(&place), added("rule x")]);
    assert!(page.contains("<span class=\"line\">Когда</span>"), "{page}");
    // What has no name stands as the difference has it.
    assert_eq!(page.matches("In English").count(), 1);
}

#[test]
fn a_vocabulary_marks_labels_that_wait_for_a_native_speaker() {
    let catalogue = Catalogue::shipped().unwrap();
    let view = catalogue.vocabulary_view("choices", None).unwrap();
    let waiting = view.lists.iter().flat_map(|list| &list.codes).filter(|it| it.in_review).count();
    let view = &view;
    let page = VocabularyPage { view, differences: &[], versions: &[], uses: BTreeMap::new() };
    let page = vocabulary_page(&frame(Lang::En), &page).unwrap();
    assert!(0 < waiting);
    assert_eq!(page.matches("class=\"state warn\"").count(), waiting);
}

#[test]
fn the_table_counts_and_links() {
    let form = FormRow {
        id: "course".to_owned(),
        label: Words { en: Some("<b>".to_owned()), ..Words::default() },
        version: 2,
        shipped: false,
        questions: 1,
    };
    let page = forms_page(&frame(Lang::En), &[form], &[]).unwrap();
    assert!(page.contains("/forms/course") && page.contains("&#60;b&#62;"), "{page}");
}

#[test]
fn an_answer_is_described_in_words_and_leads_to_its_list() {
    let catalogue = Catalogue::shipped().unwrap();
    let view = catalogue.form_view("incident", None).unwrap();
    let address = "/vocabularies/choices#location_type".to_owned();
    let label = Words { ru: Some("Происшествие".to_owned()), ..Words::default() };
    let page = FormPage {
        view: &view,
        differences: &[],
        versions: &[],
        lists: BTreeMap::from([("location_type".to_owned(), address)]),
        forms: BTreeMap::from([("incident".to_owned(), label)]),
    };
    let html = form_page(&frame(Lang::Ru), &page).unwrap();
    let link = r#"из списка <a href="/vocabularies/choices#location_type">location_type</a>"#;
    for words in [link, "текст, до 120 знаков", "день и время", r#"/forms/incident">Происшествие"#]
    {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("choice:") && !html.contains("text("));
}

#[test]
fn a_version_says_who_published_it_and_when_and_whether_it_can_be_used() {
    let catalogue = Catalogue::shipped().unwrap();
    let view = catalogue.vocabulary_view("choices", None).unwrap();
    let published = Some(("2026-11-20T03:10:00+06:00".to_owned(), "Aida <b>".to_owned()));
    let unread = Some("it names no list".to_owned());
    let versions = [
        VersionLine { version: 1, ..VersionLine::default() },
        VersionLine { version: 2, published, unread },
    ];
    let question = |words: &str| Words { en: Some(words.to_owned()), ..Words::default() };
    let uses = vec![[question("Incident"), question("Place")]];
    let uses = BTreeMap::from([("location_type".to_owned(), uses)]);
    let page = VocabularyPage { view: &view, differences: &[], versions: &versions, uses };
    let html = vocabulary_page(&frame(Lang::En), &page).unwrap();
    for words in [
        "<h1>Choices of the forms</h1>",
        "Place (Incident)",
        "20.11.2026\u{a0}03:10</time>, Aida &#60;b&#62;",
        "be used by this hub",
        "came with the program",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("choices?version=2"));
}
