//! What the pages of forms and lists show.

use record::{Catalogue, Subject};

use super::*;

fn frame(lang: Lang) -> Frame {
    Frame { lang, here: "/forms/incident".to_owned() }
}

#[test]
fn a_form_shows_every_question_in_three_languages() {
    let catalogue = Catalogue::shipped().unwrap();
    let view = catalogue.form_view("incident", None).unwrap();
    let page = form_page(&frame(Lang::Ru), &view, &[]).unwrap();
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
    let page = form_page(&frame(Lang::En), &view, &differences).unwrap();
    assert!(page.contains("Тинтүү түрү") && page.contains("label.ky"), "{page}");
}

#[test]
fn a_vocabulary_marks_labels_that_wait_for_a_native_speaker() {
    let catalogue = Catalogue::shipped().unwrap();
    let view = catalogue.vocabulary_view("choices", None).unwrap();
    let waiting = view.lists.iter().flat_map(|list| &list.codes).filter(|it| it.in_review).count();
    let page = vocabulary_page(&frame(Lang::En), &view, &[]).unwrap();
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
