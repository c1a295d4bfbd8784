//! One line of input as the flat object it says: JSON, or the cells of a table.

use record::{Form, Language, message};
use serde_json::{Map, Value as Json};

use crate::limits::LINE_BYTES_MAX;
use crate::request::{FieldReason, LineText};

/// Returns the object, or why there is none.
pub(super) fn object(
    text: &LineText,
    form: &Form,
    language: Language,
) -> Result<Map<String, Json>, FieldReason> {
    let text = match text {
        LineText::Text(text) => text,
        LineText::Cells(cells) => return Ok(cells.object(form)),
        LineText::Wrong(reason) => return Err(reason.clone()),
        LineText::NotUtf8 => return refuse(message::line_not_utf8(language)),
        LineText::TooLong => return refuse(message::line_too_long(language, LINE_BYTES_MAX)),
    };
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_other) => refuse(message::line_no_object(language)),
        Err(error) => refuse(malformed(&error, language)),
    }
}

/// Says where a row at fault stands, if rows stand in files of their own.
pub(super) fn placed(text: &LineText, mut error: FieldReason) -> FieldReason {
    if let LineText::Cells(cells) = text
        && let Some(line) = cells.line_of(&error.field)
    {
        error.file = error.field.split('[').next().map(str::to_owned);
        error.line = Some(line);
    }
    error
}

fn refuse<T>(reason: String) -> Result<T, FieldReason> {
    Err(FieldReason::new("", reason))
}

/// Says where a line stops being JSON, without the position in a file it is not.
fn malformed(error: &serde_json::Error, language: Language) -> String {
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or_default();
    message::line_not_json(language, what, error.column())
}
