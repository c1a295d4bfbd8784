//! What may be published, what may not, and what is said to do.

use expect_test::{Expect, expect};

use super::*;

fn objections(catalogue: &Catalogue, subject: Subject, text: &str) -> String {
    let file = if subject == Subject::Form { "note.toml" } else { "choices.csv" };
    let proposed = Proposed { subject, file, text, author: PersonId([1; 16]) };
    let objections = catalogue.propose(&proposed).unwrap_err();
    let said: Vec<String> = objections.iter().map(ToString::to_string).collect();
    said.join("\n")
}

fn refused(catalogue: &Catalogue, subject: Subject, text: &str, expected: &Expect) {
    expected.assert_eq(&objections(catalogue, subject, text));
}

fn accepted(catalogue: &Catalogue, subject: Subject, file: &str, text: &str) -> Proposal {
    catalogue.propose(&Proposed { subject, file, text, author: PersonId([1; 16]) }).unwrap()
}

#[test]
fn a_form_may_ask_more_and_say_it_otherwise() {
    let text = format!("{}{QUESTION}", NOTE.replace("\"Place\"", "\"Where\""));
    let proposal = accepted(&shipped(), Subject::Form, "/tmp/new note.toml", &text);
    let Publication { name, version, vocabularies, .. } = &proposal.publication;
    assert_eq!((name.as_str(), *version), ("note", 2));
    assert_eq!(*vocabularies, [("choices".to_owned(), 1)]);
    let said: Vec<String> = proposal
        .differences
        .iter()
        .map(|d| format!("{} {:?} {:?} {:?} {:?}", d.place, d.what, d.key, d.from, d.to))
        .collect();
    expect![[r#"
        place Changed Some("label.en") Some("Place") Some("Where")
        weather Added None None Some("Weather")"#]]
    .assert_eq(&said.join("\n"));
    assert!(!proposal.unchanged && proposal.remarks.is_empty());
    let after = shipped().with_publications([&proposal.publication]);
    assert!(accepted(&after, Subject::Form, "note.toml", &text).unchanged, "the same file again");
    let source = after.text(Subject::Form, "note", 2).unwrap();
    let text = text.replace("version = 1", "version = 2");
    assert_eq!(source, text, "the source of a version says its number");
    let text = text.replace("text(200)", "text(400)");
    assert_eq!(accepted(&after, Subject::Form, "note.toml", &text).publication.version, 3);
}

#[test]
fn the_same_text_again_is_nothing_new() {
    assert!(accepted(&shipped(), Subject::Form, "note.toml", NOTE).unchanged);
    assert!(accepted(&shipped(), Subject::Vocabulary, "choices.csv", CHOICES).unchanged);
}

#[test]
fn what_records_have_can_not_be_taken_from_a_form() {
    let catalogue = shipped().with_publications([&with_question()]);
    let text = NOTE
        .replace("choice:place", "choice:level")
        .replace("\"datetime\"", "\"date\"")
        .replace("\"site\"", "\"everyone\"")
        .replace("version = 1", "version = 2");
    refused(
        &catalogue,
        Subject::Form,
        &text,
        &expect![[r#"
        reach: who its records are sent to can't change, since records stay where they were written: make a new form
        at: its type is another, and records have answers of the old one: keep `datetime`, and add a field under another id
        place: the list `level` has no code `cell`, which records may have: take a list with all codes of `place`, or add a field under another id
        weather: the field is gone, and records have it: put it back; to stop asking for it take its star away and put it into a section that comes last"#]],
    );
    let text = format!("{NOTE}{QUESTION}").replace("text(200)", "text(100)");
    refused(
        &catalogue,
        Subject::Form,
        &text,
        &expect![[r#"
        weather: answers that were allowed would not be: keep text(200), or make it wider
        version: the file says version 1, the newest is 2: begin from version 2 (`form show ID --source`) and write `version = 3`"#]],
    );
}

#[test]
fn only_a_new_field_is_asked_to_be_unique() {
    let asked = QUESTION.replace("starred = true", "starred = true\nunique = \"site\"");
    accepted(&shipped(), Subject::Form, "note.toml", &format!("{NOTE}{asked}"));
    let catalogue = shipped().with_publications([&with_question()]);
    refused(
        &catalogue,
        Subject::Form,
        &format!("{NOTE}{asked}"),
        &expect![[r#"
        weather: what stands in records was never compared: take `unique` away, and ask for it in a field under another id
        version: the file says version 1, the newest is 2: begin from version 2 (`form show ID --source`) and write `version = 3`"#]],
    );
}

#[test]
fn a_form_that_can_not_be_read_is_refused_with_its_line() {
    refused(
        &shipped(),
        Subject::Form,
        &NOTE.replace("choice:place", "choice:floor"),
        &expect!["note.toml line 18: there is no list `floor`"],
    );
    refused(
        &shipped(),
        Subject::Form,
        &NOTE.replace("\"note\"", "\"agency\""),
        &expect![[r#"id: this name belongs to a list: give the form another id"#]],
    );
}

#[test]
fn codes_lists_and_columns_are_never_taken_away() {
    let text = "list,code,label_en,valid_to\nplace,cell,Cell,2026\nplace,bath,Bath,\n";
    refused(
        &shipped(),
        Subject::Vocabulary,
        text,
        &expect![[r#"
        level: the list is gone, and records have its codes: put its rows back
        place/yard: the code is gone, and records have it: put its row back; to offer it no longer give its last day in a column `valid_to`"#]],
    );
    let dated =
        CHOICES.replace("label_en\n", "label_en,valid_to\n").replace("Yard", "Yard,2026-12");
    let dated = dated.replace("Cell", "Cell,").replace("One", "One,").replace("Two", "Two,");
    let proposal = accepted(&shipped(), Subject::Vocabulary, "choices.csv", &dated);
    assert_eq!(proposal.differences.len(), 1);
    assert_eq!(proposal.remarks.len(), 4, "each label lacks two languages");
    let after = shipped().with_publications([&proposal.publication]);
    refused(
        &after,
        Subject::Vocabulary,
        CHOICES,
        &expect![[r#"
        level: the column `valid_to` is gone, and forms may ask for it: put it back
        place: the column `valid_to` is gone, and forms may ask for it: put it back"#]],
    );
}

#[test]
fn a_list_stands_in_one_vocabulary() {
    let text = "list,code,label_en\nplace,cell,Cell\n";
    let proposed = Proposed {
        subject: Subject::Vocabulary,
        file: "/tmp/places.csv",
        text,
        author: PersonId([1; 16]),
    };
    let said = shipped().propose(&proposed).unwrap_err()[0].to_string();
    expect!["place: this list stands in `choices`: publish it there (name the file choices.csv)"]
        .assert_eq(&said);
    let named = Proposed { file: "My places.csv", ..proposed };
    assert!(shipped().propose(&named).unwrap_err()[0].to_string().contains("name that with"));
    let text = "code,label_en\nnorth,North\n";
    let wards = accepted(&shipped(), Subject::Vocabulary, "wards.csv", text).publication;
    assert_eq!((wards.name.as_str(), wards.version), ("wards", 1));
    assert!(shipped().with_publications([&wards]).list("wards").is_some());
}

#[test]
fn a_source_that_no_entry_holds_is_refused_in_words() {
    let text = format!("{CHOICES}{}", "place,x,X\n".repeat(20_000));
    let said = "choices.csv: it is 200075 bytes long and an entry holds 130048: shorten it, or \
                make two of it";
    assert_eq!(objections(&shipped(), Subject::Vocabulary, &text), said);
}

#[test]
fn every_shipped_source_is_the_same_proposal() {
    let catalogue = Catalogue::shipped().unwrap();
    for form in catalogue.forms() {
        let text = catalogue.text(Subject::Form, &form.id, form.version).unwrap();
        let proposal = accepted(&catalogue, Subject::Form, "x.toml", text);
        assert!(proposal.unchanged && proposal.differences.is_empty());
        assert!(proposal.publication.to_payload().is_ok());
    }
    for name in catalogue.vocabularies() {
        let text = catalogue.text(Subject::Vocabulary, name, 1).unwrap();
        let proposal = accepted(&catalogue, Subject::Vocabulary, &format!("{name}.csv"), text);
        assert!(proposal.unchanged);
    }
}
