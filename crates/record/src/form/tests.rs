//! What a form's file may say, and each mistake that refuses it.

use expect_test::{Expect, expect};

use super::*;
use crate::Catalogue;

const LISTS: &[(&str, &str)] =
    &[("choices.csv", "list,code,label_en\ncolour,red,Red\ncolour,blue,Blue\nlevel,1,One\n")];

const HEAD: &str = r#"
id = "note"
version = 1
reach = "site"
own_date = "at"
title = { from = ["colour"] }
label = { en = "Note" }
[[section]]
id = "main"
label = { en = "Main" }
[[section.field]]
id = "at"
type = "datetime"
class = "open"
label = { en = "At" }
[[section.field]]
id = "colour"
type = "choice:colour"
class = "open"
label = { en = "Colour" }
"#;

fn load(text: &str) -> Result<Catalogue, crate::CatalogueError> {
    Catalogue::from_sources(&[("note.toml", text)], LISTS)
}

/// Checks what is said of a form with one more field, for each of these sets of keys.
fn fields(each: &[&str], expected: &Expect) {
    let said = each.iter().map(|keys| {
        let keys = keys.replace(" + ", "\n");
        let one = "[[section.field]]\nclass = \"open\"\nlabel = { en = \"X\" }";
        load(&format!("{HEAD}{one}\n{keys}")).unwrap_err().to_string()
    });
    expected.assert_eq(&said.collect::<Vec<_>>().join("\n"));
}

fn rule(keys: &str, expected: &Expect) {
    let text = format!("{HEAD}[[rule]]\nid = \"r\"\nsay = {{ en = \"x\" }}\n{keys}");
    expected.assert_eq(&load(&text).unwrap_err().to_string());
}

fn head(from: &str, to: &str, expected: &Expect) {
    assert!(HEAD.contains(from), "{from}");
    expected.assert_eq(&load(&HEAD.replacen(from, to, 1)).unwrap_err().to_string());
}

#[test]
fn the_shipped_forms_have_every_field_of_their_tables() {
    let catalogue = Catalogue::shipped().unwrap();
    let mut counts = Vec::new();
    for form in catalogue.forms() {
        let inner: usize = form.fields.iter().map(|field| field.fields.len()).sum();
        let all = || form.fields.iter().flat_map(|field| field.fields.iter().chain([field]));
        let starred = all().filter(|field| field.starred).count();
        counts.push((form.id.as_str(), form.fields.len() + inner, starred));
    }
    let expected = [
        ("course", 12, 5),
        ("incident", 65, 29),
        ("medicine_check", 8, 6),
        ("nil_report", 3, 3),
        ("prevention_activity", 9, 4),
        ("search", 11, 7),
        ("staff_member", 7, 3),
        ("training_session", 20, 12),
    ];
    assert_eq!(counts, expected);
    let incident = catalogue.form("incident").unwrap();
    let first: Vec<&str> = incident
        .fields
        .iter()
        .filter(|field| field.first_notice)
        .map(|field| field.id.as_str())
        .collect();
    assert_eq!(first, ["kind", "occurred_at", "severity", "location_type"]);
}

#[test]
fn a_fields_policy_and_class_are_those_of_its_table() {
    let catalogue = Catalogue::shipped().unwrap();
    let incident = catalogue.form("incident").unwrap();
    assert_eq!(incident.field("severity").unwrap().policy, Policy::Max);
    assert_eq!(incident.field("custody_events.to").unwrap().policy, Policy::Append);
    assert_eq!(incident.field("persons.injury").unwrap().class, Class::Medical);
    assert_eq!(incident.field("items.unit").unwrap().policy, Policy::Mv);
    assert_eq!(incident.field("items.colour").map(|field| &field.id), None);
    let search = catalogue.form("search").unwrap();
    assert_eq!(search.field("repeat_of").unwrap().policy, Policy::Immutable);
    let row = crate::RowId([1; 8]);
    let path = Path::in_row("custody_events", row, "to");
    assert_eq!(incident.at(&path).unwrap().id, "to");
    assert_eq!(incident.at(&Path::row("custody_events", row)).unwrap().id, "custody_events");
}

#[test]
fn every_word_of_a_form_has_three_languages() {
    let catalogue = Catalogue::shipped().unwrap();
    let whole = |words: &Words| words.ru.is_some() && words.ky.is_some();
    for form in catalogue.forms() {
        assert!(whole(&form.label), "{}", form.id);
        for field in form.fields.iter().flat_map(|field| field.fields.iter().chain([field])) {
            assert!(whole(&field.label), "{} {}", form.id, field.id);
            assert!(field.hint.as_ref().is_none_or(whole), "{} {}", form.id, field.id);
        }
        for section in &form.sections {
            assert!(whole(&section.label), "{} {}", form.id, section.id);
        }
        for rule in &form.rules {
            assert!(whole(&rule.say), "{} {}", form.id, rule.id);
        }
    }
}

#[test]
fn a_sound_form_is_read() {
    load(HEAD).unwrap();
}

#[test]
fn a_mistake_in_the_head_refuses_the_form() {
    head(
        "reach",
        "reech",
        &expect![
            "note.toml line 4: unknown field `reech`, expected one of `id`, `version`, `reach`, `own_date`, `key`, `title`, `urgent_when`, `future_when`, `happened_when`, `label`, `complete_within`, `class_when`, `section`, `rule`"
        ],
    );
    head(
        "\"site\"",
        "\"world\"",
        &expect!["note.toml line 4: unknown variant `world`, expected `site` or `everyone`"],
    );
    head(
        "id = \"note\"",
        "id = \"Note\"",
        &expect!["note.toml line 2: `Note` is no id: use up to 64 of a-z, 0-9 and `_`"],
    );
    head("version = 1", "version = 0", &expect!["note.toml line 3: versions count from 1"]);
    head("version = 1\n", "", &expect!["note.toml line 1: missing field `version`"]);
    head(
        "own_date = \"at\"",
        "own_date = \"then\"",
        &expect!["note.toml line 5: there is no field `then` in this form"],
    );
    head(
        "own_date = \"at\"",
        "own_date = \"colour\"",
        &expect!["note.toml line 5: a record's own date is a date or a datetime"],
    );
    head(
        "from = [\"colour\"]",
        "from = [\"color\"]",
        &expect!["note.toml line 6: there is no field `color` in this form"],
    );
    head(
        "version",
        "urgent_when = [\"colour = green\"]\nversion",
        &expect!["note.toml line 3: the list `colour` has no code `green`"],
    );
    head("version", "version = 1\nversion", &expect!["note.toml line 4: duplicate key"]);
    head(
        "{ en = \"Note\" }",
        "{ ru = \"Note\" }",
        &expect!["note.toml line 7: missing field `en`"],
    );
}

#[test]
fn a_mistake_in_a_type_refuses_the_form() {
    fields(
        &[
            r#"id = "x" + type = "txt(3)""#,
            r#"id = "x" + type = "int(1)""#,
            r#"id = "x" + type = "choice:color""#,
            r#"id = "x" + type = "choice:colour" + number = true"#,
            r#"id = "x" + type = "ref:""#,
            r#"id = "x" + type = "ref:agency""#,
            r#"id = "x" + type = "group""#,
        ],
        &expect![[r#"
            note.toml line 25: `txt(3)` is no type: use text(MAX), bool, int(MIN..MAX), decimal, date, datetime, choice:LIST, ref:FORM, group or computed
            note.toml line 25: `int(1)` is no type: use text(MAX), bool, int(MIN..MAX), decimal, date, datetime, choice:LIST, ref:FORM, group or computed
            note.toml line 25: there is no list `color`
            note.toml line 25: the codes of `colour` are no numbers
            note.toml line 25: `` is no form
            note.toml line 25: there is no list `agency`
            note.toml line 24: a group has `many = true`"#]],
    );
}

#[test]
fn a_key_that_does_not_suit_the_type_refuses_the_form() {
    fields(
        &[
            r#"id = "x" + type = "bool" + many = true"#,
            r#"id = "x" + type = "bool" + stared = true"#,
            r#"id = "x" + type = "bool" + policy = "newest""#,
            r#"id = "x" + type = "bool" + default = "yes""#,
            r#"id = "x" + type = "bool" + above = "0""#,
            r#"id = "x" + type = "decimal" + above = "-1""#,
            r#"id = "x" + type = "bool" + warn_under = 5"#,
            r#"id = "x" + type = "computed" + starred = true"#,
        ],
        &expect![[r#"
            note.toml line 24: `many` means nothing for this type
            note.toml line 26: unknown field `stared`, expected one of `id`, `type`, `label`, `hint`, `class`, `policy`, `many`, `starred`, `first_notice`, `number`, `default`, `when`, `required_when`, `class_when`, `above`, `at_most`, `warn_under`, `not_before`, `after`, `order_unless`, `unique`, `codes`, `compute`
            note.toml line 26: unknown variant `newest`, expected one of `mv`, `max`, `immutable`, `append`
            note.toml line 26: the default does not fit: write true or false, without quotes
            note.toml line 24: `above` or `at_most` means nothing for this type
            note.toml line 26: a quantity is a text of digits with up to 3 after the point, not negative, such as "12.4"
            note.toml line 24: `warn_under` means nothing for this type
            note.toml line 24: `starred` means nothing for this type"#]],
    );
}

#[test]
fn a_name_that_is_not_there_or_there_twice_refuses_the_form() {
    fields(
        &[
            r#"id = "x" + type = "bool" + when = "color = red""#,
            r#"id = "x" + type = "bool" + when = "colour = green""#,
            r#"id = "x" + type = "bool" + when = "x = true""#,
            r#"id = "x" + type = "bool" + first_notice = true"#,
            r#"id = "x" + type = "bool" + after = "at""#,
            r#"id = "colour" + type = "bool""#,
            r#"id = "rows.x" + type = "bool""#,
            r#"id = "colour.x" + type = "bool""#,
        ],
        &expect![[r#"
            note.toml line 26: there is no field `color` to look at
            note.toml line 26: the list `colour` has no code `green`
            note.toml line 26: a field's `when` looks at fields that stand before it
            note.toml line 24: a first notice needs starred fields of the record
            note.toml line 26: only two dates or two datetimes of the record have an order
            note.toml line 24: the field `colour` stands twice
            note.toml line 24: the group `rows` does not stand right before it
            note.toml line 24: it stands in a field that is no group"#]],
    );
}

#[test]
fn a_mistake_in_a_rule_refuses_the_form() {
    rule(
        "check = \"magic\"\nfield = \"colour\"",
        &expect![
            "note.toml line 24: unknown variant `magic`, expected one of `condition`, `whole`, `at_least`, `at_most`, `any_of`, `column`, `distinct`, `missing`, `nothing_within`"
        ],
    );
    rule(
        "check = \"missing\"\nfield = \"color\"",
        &expect!["note.toml line 25: there is no field `color` in this form"],
    );
    rule(
        "check = \"missing\"\nfield = \"colour\"\nseverity = \"death\"",
        &expect![
            "note.toml line 26: unknown variant `death`, expected one of `refusal`, `warning`, `task`"
        ],
    );
    rule(
        "check = \"missing\"\nfield = \"colour\"\nwhen = \"at = 1\"",
        &expect![
            "note.toml line 26: a condition can look at a choice, a bool or an int, and `at` is none of them"
        ],
    );
    rule(
        "check = \"whole\"\nfield = \"colour\"",
        &expect!["note.toml line 25: this check wants a decimal"],
    );
    rule(
        "check = \"distinct\"\nfield = \"colour\"",
        &expect!["note.toml line 25: this check wants a field of a group"],
    );
    rule(
        "check = \"condition\"\nfield = \"colour\"",
        &expect!["note.toml line 25: this check lacks `when`, `fields` or `count`"],
    );
    rule(
        "check = \"missing\"\nfield = \"colour\"\ncount = 2",
        &expect!["note.toml line 25: `count` means nothing for this check"],
    );
}

#[test]
fn a_form_or_a_list_stands_in_one_file() {
    let forms = [("a.toml", HEAD), ("b.toml", HEAD)];
    let error = Catalogue::from_sources(&forms, LISTS).unwrap_err();
    expect!["b.toml line 1: the form `note` is in another file too"].assert_eq(&error.to_string());
    let lists = [LISTS[0], ("more.csv", LISTS[0].1)];
    let error = Catalogue::from_sources(&[], &lists).unwrap_err();
    expect!["more.csv line 1: the list `colour` is in another file too"]
        .assert_eq(&error.to_string());
}
