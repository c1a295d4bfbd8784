//! The first lines of a table's files, and what a form says to them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::layout::is_written;
use super::{AUTHOR, CONFLICT, ID, OTHER, ROW, VOIDED};
use crate::finding::FieldError;
use crate::form::{Field, Form, Shape};

/// The columns of a table's files.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Headers {
    /// Of the file of records.
    pub own: Vec<String>,
    /// Of the file of each group.
    pub groups: Vec<(String, Vec<String>)>,
}

impl Headers {
    /// Looks at the columns before any line is read.
    ///
    /// # Errors
    ///
    /// Every column that the form has no use for, by name; one in a group's file as `group.column`.
    pub fn check(&self, form: &Form) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        self.check_own(form, &mut errors);
        for (name, columns) in &self.groups {
            match form.field(name).filter(|field| field.shape == Shape::Group) {
                Some(group) => rows(group, columns, &mut errors),
                None => errors.push(refusal(name, format!("the form `{}` has no group `{name}`, but there is a file for it: rename that file, or move it away", form.id))),
            }
        }
        if !self.groups.is_empty() && !self.own.iter().any(|column| column == ID) {
            errors.push(refusal(
                ID,
                "rows of groups find their record by `@id`: add that column to the file of records",
            ));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    fn check_own(&self, form: &Form, errors: &mut Vec<FieldError>) {
        let mut seen = BTreeSet::new();
        for column in &self.own {
            let has_file = self.groups.iter().any(|(group, _columns)| group == column);
            let known = match column.as_str() {
                ID | AUTHOR | "@site" | "@ref" | VOIDED | CONFLICT | OTHER => Ok(()),
                _ if has_file => Err(
                    "its rows stand in a file of their own: remove the column, or move that file away"
                        .to_owned(),
                ),
                name => plain(form.field(name), &form.id),
            };
            judge(column, column, known, &mut seen, errors);
        }
    }
}

fn rows(group: &Field, columns: &[String], errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for column in columns {
        let name = format!("{}.{column}", group.id);
        let known = match column.as_str() {
            ID | ROW => Ok(()),
            inner => plain(group.inner(inner), &group.id),
        };
        judge(&name, column, known, &mut seen, errors);
    }
    if !seen.contains(ID) {
        let name = format!("{}.{ID}", group.id);
        errors.push(refusal(&name, "each row names its record: add the column `@id`"));
    }
}

fn plain(field: Option<&Field>, owner: &str) -> Result<(), String> {
    match field {
        Some(field) if is_written(field) => Ok(()),
        Some(_computed) => Err("it is computed from other fields: remove the column".to_owned()),
        None => Err(format!("`{owner}` has no such field: correct the column's name or remove it")),
    }
}

fn judge<'a>(
    name: &str,
    column: &'a str,
    known: Result<(), String>,
    seen: &mut BTreeSet<&'a str>,
    errors: &mut Vec<FieldError>,
) {
    if let Err(reason) = known {
        let shown = if column.trim().is_empty() { "a column without a name" } else { name };
        errors.push(refusal(shown, reason));
    } else if !seen.insert(column) {
        errors.push(refusal(name, "two columns have this name: remove one"));
    }
}

fn refusal(field: &str, reason: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), reason: reason.into() }
}
