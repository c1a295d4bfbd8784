//! Tables that people got wrong.

use expect_test::{Expect, expect};

use super::*;

const ONE: &str = "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa";
const TWO: &str = "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7bb";

fn files(own: &str, groups: &[(&str, &str)]) -> Files {
    let text = |text: &str| text.replace("ONE", ONE).replace("TWO", TWO).into_bytes();
    (text(own), groups.iter().map(|(name, it)| ((*name).to_owned(), text(it))).collect())
}

/// Reads a table of incidents to its end.
fn check(own: &str, groups: &[(&str, &str)], expected: &Expect) {
    let catalogue = catalogue();
    let form = catalogue.form("incident").unwrap();
    let mut told = String::new();
    match Table::open(Cursor::new(files(own, &[]).0), groups_of(files("", groups))) {
        Err((group, fault)) => told = format!("{}: {fault}", group.unwrap_or_default()),
        Ok(table) => {
            for error in table.headers().check(form).err().into_iter().flatten() {
                told.push_str(&format!("header: {}: {}\n", error.field, error.reason));
            }
            for entry in table {
                told.push_str(&format!("{}\n", said(entry, form)));
            }
        }
    }
    expected.assert_eq(&told);
}

fn groups_of((_own, groups): Files) -> Vec<(String, Cursor<Vec<u8>>)> {
    groups.into_iter().map(|(name, text)| (name, Cursor::new(text))).collect()
}

fn said(entry: Result<Entry, TableFault>, form: &Form) -> String {
    match entry {
        Ok(Entry::Record { line, cells }) => {
            let mut object = cells.object(form);
            object.shift_remove("@id");
            format!("{line}: {}", Json::Object(object))
        }
        Ok(Entry::Wrong { group, line, error }) => {
            format!("{}{line}: {}: {}", group.unwrap_or_default(), error.field, error.reason)
        }
        Err(fault) => format!("fault: {fault}"),
    }
}

#[test]
fn every_column_that_means_nothing_is_named() {
    check(
        "colour,items,kind,kind,\nred,,,,\n",
        &[("items", "@row,unit,weight\n"), ("item", "@id\n")],
        &expect![[r#"
            header: colour: `incident` has no such field: correct the column's name or remove it
            header: items: its rows stand in a file of their own: remove the column, or move that file away
            header: kind: two columns have this name: remove one
            header: items.weight: `items` has no such field: correct the column's name or remove it
            header: items.@id: each row names its record: add the column `@id`
            header: item: the form `incident` has no group `item`, but there is a file for it: rename that file, or move it away
            header: @id: rows of groups find their record by `@id`: add that column to the file of records
            2: {"colour":"red"}
        "#]],
    );
}

#[test]
fn a_line_that_is_wrong_does_not_hide_the_next() {
    check(
        "\u{feff}kind;severity;title\r\n\r\nFIRE;3;\"two\nlines\"\r\n;;\r\nFIRE;3\r\nFIRE;three;x;y\r\nFIRE;4;z\r\n",
        &[],
        &expect![[r#"
            3: {"kind":"FIRE","severity":3,"title":"two\nlines"}
            6: : the line has 2 cells, the first line names 3 columns: put quotes around a text with commas or line breaks
            7: : the line has 4 cells, the first line names 3 columns: put quotes around a text with commas or line breaks
            8: {"kind":"FIRE","severity":4,"title":"z"}
        "#]],
    );
}

#[test]
fn rows_without_their_record_and_records_without_their_rows_are_named() {
    check(
        "@id,kind\nONE,FIRE\nTWO,FIRE\n",
        &[(
            "items",
            "@id,@row,unit\nTWO,1,g\nTWO,x,g\nONE,2,g\nONE,1,kg\n0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7cc,,g\nfour,,g\n",
        )],
        &expect![[r#"
            2: {"kind":"FIRE","items":[{"unit":"kg"},{"unit":"g"}]}
            3: items: a row of this group can't be used, so the record waits for it
            items3: @row: write the row's place as a whole number from 1, or leave it empty
            items6: @id: no record of the table has the id 0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7cc
            items7: @id: the row has to name its record: an id is a UUID such as 0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa
        "#]],
    );
}

#[test]
fn two_rows_with_one_place_are_not_put_in_an_order_by_chance() {
    check(
        "@id,kind\nONE,FIRE\n",
        &[("items", "@id,@row,unit\nONE,1,g\nONE,1,kg\n")],
        &expect![[r#"
            2: items: a row of this group can't be used, so the record waits for it
            items3: @row: another row of the record has the same `@row`
        "#]],
    );
}

#[test]
fn a_file_that_is_no_table_is_refused_in_words() {
    check("", &[], &expect![": the file is empty: its first line names the columns"]);
    check(
        "kind\n",
        &[("items", "")],
        &expect!["items: the file is empty: its first line names the columns"],
    );
}

#[test]
fn a_quote_that_nobody_closes_ends_the_file_instead_of_filling_the_memory() {
    let long = format!("kind,title\nFIRE,a\nFIRE,\"{}\nFIRE,b\n", "x\n".repeat(2 << 20));
    check(
        &long,
        &[],
        &expect![[r#"
            2: {"kind":"FIRE","title":"a"}
            fault: line 3 does not end within 1 MiB: close the quote that is opened there; nothing after it was read
        "#]],
    );
}

#[test]
fn a_line_in_another_encoding_is_named() {
    let mut own = b"kind,title\nFIRE,".to_vec();
    own.extend([0xcf, 0xee, b'\n']);
    own.extend(b"FIRE,b\n");
    let catalogue = catalogue();
    let form = catalogue.form("incident").unwrap();
    let said: Vec<String> = table((own, Vec::new())).map(|entry| said(entry, form)).collect();
    assert_eq!(
        said,
        [
            "2: : the line is not UTF-8 text: save the file as \"CSV UTF-8\"",
            r#"3: {"kind":"FIRE","title":"b"}"#
        ]
    );
}

#[test]
fn an_error_in_a_row_names_the_line_of_its_own_file() {
    let files = files("@id,kind\nONE,FIRE\n", &[("items", "@id,unit\nONE,g\nONE,kg\n")]);
    let Some(Ok(Entry::Record { line: _, cells })) = table(files).next() else {
        panic!("there is a record");
    };
    assert_eq!(cells.line_of("items[1].unit"), Some(3));
    assert_eq!(cells.line_of("items[2].unit"), None);
    assert_eq!(cells.line_of("kind"), None);
}
