//! How what is said on a terminal is set out.

use super::*;

#[test]
fn columns_stand_under_each_other_in_every_alphabet() {
    let mut table = table::Table::default();
    table.push(vec!["Тяжесть".to_owned(), String::new(), "3".to_owned()]);
    table.push(vec!["Ref".to_owned(), String::new(), "four".to_owned()]);
    assert_eq!(table.lines(2), ["  Тяжесть  3", "  Ref      four"]);
}
