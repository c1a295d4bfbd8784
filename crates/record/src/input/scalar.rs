//! One JSON value, read as what its field's type says. The reasons say what to write instead.

use serde_json::Value as Json;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::{Asker, Resolve};
use crate::form::Shape;
use crate::id::RecordId;
use crate::list::{Language, List};
use crate::message;
use crate::value::{Decimal, Value};

/// Characters of a reference that is kept as it was written.
const REFERENCE_CHARS_MAX: usize = 200;

/// Reads a value; nothing, where the JSON is `null` or an empty text.
///
/// # Errors
///
/// The value does not fit; the reason says what does.
pub(crate) fn scalar(
    shape: &Shape,
    json: &Json,
    asker: Asker<'_>,
) -> Result<Option<Value>, String> {
    if json.is_null() {
        return Ok(None);
    }
    let language = asker.language;
    let value = match shape {
        Shape::Text { max } => {
            let text = text(json, *max, language)?;
            return Ok((!text.is_empty()).then_some(Value::Text(text)));
        }
        Shape::Bool => Value::Bool(json.as_bool().ok_or_else(|| message::want_bool(language))?),
        Shape::Int { min, max } => int(json, (*min, *max), language)?,
        Shape::Decimal { above, at_most } => decimal(json, (*above, *at_most), language)?,
        Shape::Date => Value::Date(parse(json).ok_or_else(|| message::want_date(language))?),
        Shape::DateTime => {
            Value::DateTime(parse(json).ok_or_else(|| message::want_datetime(language))?)
        }
        Shape::Choice { list, number } if *number => number_code(json, list, language)?,
        Shape::Choice { list, .. } => choice(json, list, language)?,
        Shape::Reference { form } => {
            let text = text(json, REFERENCE_CHARS_MAX, language)?;
            return Ok((!text.is_empty()).then(|| reference(form, text, asker.resolve)));
        }
        Shape::Group => return Err(message::is_group(language)),
        Shape::Computed => return Err(message::is_computed(language)),
    };
    Ok(Some(value))
}

fn text(json: &Json, max: usize, language: Language) -> Result<String, String> {
    let text = json.as_str().ok_or_else(|| message::want_text(language))?.trim();
    let text: String = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        IsNormalized::Maybe | IsNormalized::No => text.nfc().collect(),
    };
    // Nobody types them, no page shows them, and a database may refuse them.
    let odd = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if let Some(odd) = text.chars().find(odd) {
        return Err(message::text_control(language, format!("U+{:04X}", u32::from(odd))));
    }
    // No text has more characters than bytes.
    if max < text.len() {
        let length = text.chars().count();
        if max < length {
            return Err(message::text_too_long(language, length, max));
        }
    }
    Ok(text)
}

fn int(json: &Json, (min, max): (i64, i64), language: Language) -> Result<Value, String> {
    let number = json.as_i64().filter(|number| (min..=max).contains(number));
    number.map(Value::Int).ok_or_else(|| message::want_int(language, min, max))
}

fn decimal(
    json: &Json,
    (above, at_most): (Option<Decimal>, Option<Decimal>),
    language: Language,
) -> Result<Value, String> {
    let quantity: Decimal = parse(json).ok_or_else(|| message::want_decimal(language))?;
    if let Some(above) = above.filter(|above| quantity <= *above) {
        return Err(message::decimal_above(language, above));
    }
    if let Some(at_most) = at_most.filter(|at_most| *at_most < quantity) {
        return Err(message::decimal_at_most(language, at_most));
    }
    Ok(Value::Decimal(quantity))
}

fn parse<T: std::str::FromStr>(json: &Json) -> Option<T> {
    json.as_str()?.trim().parse().ok()
}

fn number_code(json: &Json, list: &List, language: Language) -> Result<Value, String> {
    let number = json.as_i64();
    let known = number.filter(|number| list.code(&number.to_string()).is_some());
    known.map(Value::Int).ok_or_else(|| message::want_number_code(language, offer(list, language)))
}

fn choice(json: &Json, list: &List, language: Language) -> Result<Value, String> {
    let written = json.as_str();
    let written = written.ok_or_else(|| message::want_code(language, offer(list, language)))?;
    let known = list.code(written.trim()).map(|code| Value::Code(code.code.clone()));
    known.ok_or_else(|| {
        let offered = offer(list, language);
        message::unknown_code(language, &list.name, shortened(written), offered)
    })
}

/// The codes of a short list, or where to find those of a long one.
fn offer(list: &List, language: Language) -> String {
    const SHORT: usize = 24;
    if list.codes.len() <= SHORT {
        let codes: Vec<&str> = list.codes.iter().map(|code| code.code.as_str()).collect();
        codes.join(", ")
    } else {
        message::codes_of(language, list.codes.len(), &list.name)
    }
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    text.chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

fn reference(form: &str, text: String, resolve: &dyn Resolve) -> Value {
    let known = resolve.record(form, &text);
    let known = known.or_else(|| text.parse::<RecordId>().ok());
    known.map_or(Value::Unresolved(text), Value::Record)
}
