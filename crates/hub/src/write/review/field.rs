//! The names of fields that remarks are about, as people and programs write them.

use record::{FieldError, FieldRemark, Form, Language, Path, message};
use serde_json::{Map, Value as Json};

use crate::read::ViewError;

/// What names a record's fields.
pub(super) struct Names<'a> {
    pub(super) form: Option<&'a Form>,
    pub(super) values: &'a Map<String, Json>,
}

impl Names<'_> {
    /// Returns the remarks with each field's path; every name that is none is told at once.
    pub(super) fn of(
        &self,
        remarks: &[FieldRemark],
        language: Language,
    ) -> Result<Vec<FieldRemark>, ViewError> {
        let (mut good, mut wrong) = (Vec::new(), Vec::new());
        for FieldRemark { field, remark } in remarks {
            match self.path(field.trim()) {
                Some(path) => {
                    good.push(FieldRemark { field: path, remark: remark.trim().to_owned() });
                }
                None => {
                    let reason = message::review_no_field(language);
                    let error = FieldError { field: field.clone(), reason };
                    wrong.push(error);
                }
            }
        }
        if wrong.is_empty() { Ok(good) } else { Err(ViewError::Refused(wrong)) }
    }

    fn path(&self, name: &str) -> Option<String> {
        let form = self.form?;
        if form.field(name).is_some() {
            return Some(name.to_owned());
        }
        if let Some((group, rest)) = name.split_once('[') {
            let (number, inner) = rest.split_once(']')?;
            let rows = self.values.get(group)?.as_array()?;
            let row = rows.get(number.parse::<usize>().ok()?)?.get("@row")?.as_str()?;
            let inner = inner.strip_prefix('.').map(|inner| format!("/{inner}"));
            return self.known(form, &format!("{group}/{row}{}", inner.unwrap_or_default()));
        }
        self.known(form, name)
    }

    /// Returns the path if the form has its field and the record its row.
    fn known(&self, form: &Form, path: &str) -> Option<String> {
        let path: Path = path.parse().ok()?;
        form.at(&path)?;
        let Some(at) = &path.row else { return Some(path.to_string()) };
        let rows = self.values.get(&path.field)?.as_array()?;
        let is_row =
            |row: &Json| row.get("@row").and_then(Json::as_str) == Some(&at.row.to_string());
        rows.iter().any(is_row).then(|| path.to_string())
    }
}
