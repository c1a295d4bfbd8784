//! One cell: lists inside it, and what a spreadsheet would take for a formula.

/// What begins a formula, in one spreadsheet or another.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What makes a cell plain text to a spreadsheet.
const GUARD: char = '\'';

/// Between the values of a list.
const BETWEEN: char = ';';

/// Before a `;` or itself inside a value of a list.
const ESCAPE: char = '\\';

/// Returns the text as no spreadsheet reads a formula into it; [`unguarded`] gives it back.
pub(super) fn guarded(text: String) -> String {
    if is_risky(&text) { format!("{GUARD}{text}") } else { text }
}

/// Takes the guard away, and no other apostrophe.
pub(super) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix(GUARD).filter(|text| is_risky(text)).unwrap_or(cell)
}

/// A text that only looks guarded is risky too, so that taking guards away is exact.
fn is_risky(text: &str) -> bool {
    text.trim_start_matches(GUARD).starts_with(FORMULA)
}

/// Returns the values as one cell.
pub(super) fn joined(values: impl Iterator<Item = String>) -> String {
    let mut cell = String::new();
    for (place, value) in values.enumerate() {
        if 0 < place {
            cell.push(BETWEEN);
        }
        for c in value.chars() {
            if c == BETWEEN || c == ESCAPE {
                cell.push(ESCAPE);
            }
            cell.push(c);
        }
    }
    cell
}

/// Returns the values of a cell; an empty one between two signs is none.
pub(super) fn split(cell: &str) -> Vec<String> {
    let (mut values, mut value) = (Vec::new(), String::new());
    let mut letters = cell.chars().peekable();
    while let Some(c) = letters.next() {
        let escaped = (c == ESCAPE)
            .then(|| letters.next_if(|next| *next == BETWEEN || *next == ESCAPE))
            .flatten();
        match escaped {
            Some(next) => value.push(next),
            None if c == BETWEEN => values.push(std::mem::take(&mut value)),
            None => value.push(c),
        }
    }
    values.push(value);
    values.retain(|value| !value.trim().is_empty());
    values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_becomes_text_and_other_apostrophes_stay() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("'=1", "''=1"),
            ("'s", "'s"),
            ("12", "12"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(guarded(text.to_owned()), cell);
            assert_eq!(unguarded(cell), text);
        }
    }

    #[test]
    fn people_may_space_and_end_a_list_as_they_like() {
        assert_eq!(split("a; b;"), ["a", " b"]);
        assert_eq!(split(r"C:\dir;x"), [r"C:\dir", "x"]);
        assert!(split("").is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_guarded_and_read_back(text in "['=+@\t\r;\\\\a-]{0,6}") {
            let cell = guarded(text.clone());
            prop_assert!(!cell.starts_with(FORMULA));
            prop_assert_eq!(unguarded(&cell), text);
        }

        #[test]
        fn any_list_is_joined_and_split(values in prop::collection::vec("[;\\\\a ]{0,5}b", 0..5)) {
            prop_assert_eq!(split(&joined(values.iter().cloned())), values);
        }
    }
}
