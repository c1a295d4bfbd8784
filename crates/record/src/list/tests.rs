//! What a list promises, and each mistake that refuses its file.

use expect_test::{Expect, expect};

use super::*;
use crate::Catalogue;

fn check(text: &str, expected: &Expect) {
    let error = read("places.csv", text, 1).unwrap_err();
    expected.assert_eq(&error.to_string());
}

#[test]
fn a_mistake_refuses_the_file_with_its_line() {
    check("label_en\nx\n", &expect!["places.csv line 1: there is no column `code`"]);
    check(
        "code\nx\n",
        &expect!["places.csv line 1: there is no column `label_en`, `label_ru`, `label_ky`"],
    );
    check("code,label_en,code\n", &expect!["places.csv line 1: the column `code` stands twice"]);
    check("code,label_en\n", &expect!["places.csv line 1: there is no code in it"]);
    check("code,label_en\na,A\n,B\n", &expect!["places.csv line 3: the code is empty"]);
    check(
        "code,label_en\na b,A\n",
        &expect!["places.csv line 2: `a b` is no code: use letters A-Z, digits, `_` and `-`"],
    );
    check("code,label_en\na,\n", &expect!["places.csv line 2: `a` has no label in any language"]);
    check(
        "code,label_en\na,A\na,B\n",
        &expect!["places.csv line 3: the code `a` stands twice in `places`"],
    );
    check(
        "code,label_en\na,A,B\n",
        &expect!["places.csv line 2: the row has 3 cells, the header 2: give each column its cell"],
    );
    check("code,label_en,order\na,A,x\n", &expect!["places.csv line 2: `order` is a whole number"]);
    check(
        "list,code,label_en\n,a,A\n",
        &expect!["places.csv line 2: the name of the list is empty"],
    );
    check(
        "code,label_en,valid_to\na,A,soon\n",
        &expect![
            "places.csv line 2: a validity is a date, YYYY-MM or YYYY, or empty, and does not end before it begins"
        ],
    );
}

#[test]
fn codes_stand_in_their_order() {
    let lists = read("x.csv", "list,code,label_en,order\nl,b,B,2\nl,a,A,1\n", 3).unwrap();
    let [list] = lists.as_slice() else { panic!("one list") };
    let codes: Vec<_> = list.codes.iter().map(|code| code.code.as_str()).collect();
    assert_eq!((list.name.as_str(), list.version, codes), ("l", 3, vec!["a", "b"]));
}

#[test]
fn a_kind_tells_its_columns() {
    let catalogue = Catalogue::shipped().unwrap();
    let kinds = catalogue.list("incident_type").unwrap();
    assert_eq!(kinds.column("ESCAPE", "urgent"), Some("yes"));
    assert_eq!(kinds.column("ESCAPE", "iccs"), Some("0806"));
    assert_eq!(kinds.column("FIRE", "iccs"), None);
    assert_eq!(kinds.column("FIRE", "colour"), None);
    assert!(kinds.code("DRONE_SIGHTING").unwrap().synonyms.contains(&"БПЛА".to_owned()));
}

#[test]
fn a_closed_code_is_still_known() {
    let catalogue = Catalogue::shipped().unwrap();
    let closed = catalogue.list("agency").unwrap().code("SDCS").unwrap();
    assert!(closed.validity.holds("2016-12-31".parse().unwrap()));
    assert!(!closed.validity.holds("2017-01-01".parse().unwrap()));
}

#[test]
fn every_shipped_code_has_a_label_in_three_languages() {
    let catalogue = Catalogue::shipped().unwrap();
    let mut lacking = Vec::new();
    for list in catalogue.lists() {
        let whole = |words: &Words| {
            [&words.en, &words.ru, &words.ky]
                .into_iter()
                .all(|words| words.as_deref().is_some_and(|words| !words.trim().is_empty()))
        };
        let codes = list.codes.iter().filter(|code| !whole(&code.label));
        lacking.extend(codes.map(|code| format!("{} {}", list.name, code.code)));
    }
    assert_eq!(lacking, Vec::<String>::new());
}
