//! What the versions of a catalogue promise: old records keep their labels, and what is not
//! understood here loses nothing.

mod foreign;
mod proposals;

use expect_test::expect;
use serde_json::json;

use super::*;
use crate::change::{Change, FormVersion, Write};
use crate::id::{PersonId, RecordId, RecordKey};
use crate::input::{Amendment, NothingKnown, Reader};
use crate::list::Language;
use crate::rules::Facts;
use crate::state::State;
use crate::value::tests::dot;

pub(super) const CHOICES: &str =
    "list,code,label_en\nplace,cell,Cell\nplace,yard,Yard\nlevel,1,One\nlevel,2,Two\n";

pub(super) const NOTE: &str = r#"
id = "note"
version = 1
reach = "site"
own_date = "at"
title = { from = ["place"] }
label = { en = "Note", ru = "Запись", ky = "Жазуу" }
[[section]]
id = "main"
label = { en = "Main" }
[[section.field]]
id = "at"
type = "datetime"
class = "open"
label = { en = "At", ru = "Когда", ky = "Качан" }
[[section.field]]
id = "place"
type = "choice:place"
starred = true
class = "open"
label = { en = "Place", ru = "Место", ky = "Жер" }
"#;

pub(super) const QUESTION: &str = r#"
[[section.field]]
id = "weather"
type = "text(200)"
starred = true
class = "open"
label = { en = "Weather", ru = "Погода", ky = "Аба ырайы" }
"#;

pub(super) fn shipped() -> Catalogue {
    let (forms, lists) = ([("note.toml", NOTE)], [("choices.csv", CHOICES)]);
    Catalogue::from_sources(&forms, &lists).unwrap()
}

pub(super) fn publication(
    subject: Subject,
    (name, version): (&str, u32),
    text: &str,
) -> Publication {
    let vocabularies = match subject {
        Subject::Form => vec![("choices".to_owned(), 1)],
        Subject::Vocabulary => Vec::new(),
    };
    let (name, text, author) = (name.to_owned(), text.to_owned(), PersonId([1; 16]));
    Publication { subject, name, version, vocabularies, author, text }
}

pub(super) fn with_question() -> Publication {
    publication(Subject::Form, ("note", 2), &format!("{NOTE}{QUESTION}"))
}

fn with_chambers() -> Publication {
    let text = CHOICES.replace("Cell", "Chamber");
    publication(Subject::Vocabulary, ("choices", 2), &text)
}

/// A record, written by the newest version of the form that `catalogue` has.
pub(super) fn written(catalogue: &Catalogue, json: &serde_json::Value) -> (State, Change) {
    let form = catalogue.form("note").unwrap();
    let reader = Reader { catalogue, form, resolve: &NothingKnown, facts: Facts::default() };
    let new = reader.read_new(json.as_object().unwrap(), RecordId([1; 16])).unwrap();
    let write = |(path, value)| Write { path, value, replaces: Vec::new() };
    let change = Change {
        record: RecordKey { site: "INST-027".parse().unwrap(), id: RecordId([1; 16]) },
        form: FormVersion { id: "note".to_owned(), version: form.version },
        lists: new.lists,
        author: PersonId([1; 16]),
        reason: None,
        urgent: new.urgent,
        seen: Vec::new(),
        writes: new.values.into_iter().map(write).collect(),
    };
    let mut state = State::new(change.record.clone());
    state.apply(dot(1, 1), &change);
    (state, change)
}

fn title(catalogue: &Catalogue, state: &State) -> String {
    crate::title(state, catalogue, Language::En)
}

#[test]
fn a_record_keeps_the_labels_it_was_saved_with() {
    let before = shipped();
    let (old, _) = written(&before, &json!({ "place": "cell" }));
    let after = before.with_publications([&with_chambers()]);
    let (new, change) = written(&after, &json!({ "place": "cell" }));
    assert_eq!(change.lists, [("choices".to_owned(), 2)]);
    assert_eq!((title(&after, &old), title(&after, &new)), ("Cell".into(), "Chamber".into()));
    let offered = after.list("place").unwrap().code("cell").unwrap();
    assert_eq!(offered.label.en.as_deref(), Some("Chamber"));
    let first = after.list_at("place", 1).unwrap().code("cell").unwrap();
    assert_eq!(first.label.en.as_deref(), Some("Cell"));
}

#[test]
fn new_input_is_read_by_the_newest_version_and_an_old_record_is_shown_by_its_own() {
    let before = shipped();
    let (old, _) = written(&before, &json!({ "place": "cell" }));
    let after = before.with_publications([&with_question()]);
    assert_eq!(after.form("note").unwrap().version, 2);
    assert!(after.form_at("note", 1).unwrap().field("weather").is_none());
    let shown = crate::show(&old, &after, &Facts::default(), &NothingKnown);
    assert_eq!(shown.findings, [], "the new question is not asked of an old record");
    let (new, _) = written(&after, &json!({ "place": "cell", "weather": "fog" }));
    let shown = crate::show(&new, &after, &Facts::default(), &NothingKnown);
    assert_eq!((shown.values.len(), shown.findings), (2, vec![]));
}

#[test]
fn what_is_shown_follows_from_the_versions_named_whatever_else_came_or_in_which_order() {
    let all = [with_chambers(), with_question()];
    let (state, _) = {
        let full = shipped().with_publications(&all);
        written(&full, &json!({ "place": "cell", "weather": "fog" }))
    };
    let one_by_one = |order: [usize; 2]| {
        let mut catalogue = shipped();
        let mut missing = vec![catalogue.missing(&state).len()];
        for place in order {
            catalogue = catalogue.with_publications([&all[place]]);
            missing.push(catalogue.missing(&state).len());
        }
        (missing, catalogue)
    };
    let (missing, first) = one_by_one([0, 1]);
    assert_eq!(missing, [1, 1, 0], "first only the form is asked for: it says which lists");
    let (missing, second) = one_by_one([1, 0]);
    assert_eq!(missing, [1, 1, 0]);
    assert_eq!(crate::summary(&state, &first), crate::summary(&state, &second));
    assert_eq!(title(&first, &state), "Chamber");
    let third = publication(Subject::Vocabulary, ("choices", 3), &CHOICES.replace("Cell", "Room"));
    assert_eq!(title(&first.with_publications([&third]), &state), "Chamber");
}

#[test]
fn a_state_names_published_vocabularies_and_reads_back() {
    let after = shipped().with_publications([&with_chambers()]);
    let (old, _) = written(&shipped(), &json!({ "place": "cell" }));
    let (new, change) = written(&after, &json!({ "place": "cell" }));
    assert!(old.vocabularies().is_empty() && new.vocabularies()["choices"] == 2);
    assert_eq!(State::from_bytes(&new.to_bytes()), Ok(new.clone()));
    assert_ne!(old.hash(), new.hash());
    let (mut one, mut two) = (old.clone(), new.clone());
    one.merge(&new);
    two.merge(&old);
    assert_eq!(one, two);
    assert_eq!(change.lists, [("choices".to_owned(), 2)]);
}

#[test]
fn the_newest_of_two_publications_with_one_version_is_the_later_one() {
    let (one, two) = (with_chambers(), CHOICES.replace("Cell", "Room"));
    let two = publication(Subject::Vocabulary, ("choices", 2), &two);
    let catalogue = shipped().with_publications([&one, &two]);
    assert_eq!(catalogue.list("place").unwrap().codes[0].label.en.as_deref(), Some("Room"));
    let versions = catalogue.versions(Subject::Vocabulary, "choices");
    assert_eq!(
        versions.iter().map(|it| (it.version, it.shipped)).collect::<Vec<_>>(),
        [(1, true), (2, false)]
    );
}

#[test]
fn a_form_is_shown_with_every_question() {
    let catalogue = shipped().with_publications([&with_question()]);
    let view = catalogue.form_view("note", None).unwrap();
    let fields = view.sections[0].fields.iter();
    let fields: Vec<String> = fields.map(|field| format!("{} {}", field.id, field.shape)).collect();
    expect!["2: at datetime, place choice:place, weather text(200)"].assert_eq(&format!(
        "{}: {}",
        view.version,
        fields.join(", ")
    ));
    assert!(catalogue.form_view("note", Some(3)).is_none());
    let view = catalogue.vocabulary_view("choices", None).unwrap();
    assert_eq!((view.version, view.lists.len()), (1, 2));
}
