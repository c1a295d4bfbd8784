//! One JSON value, read as what its field's type says. The reasons say what to write instead.

use serde_json::Value as Json;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::Resolve;
use crate::form::Shape;
use crate::id::RecordId;
use crate::list::List;
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
    resolve: &dyn Resolve,
) -> Result<Option<Value>, String> {
    if json.is_null() {
        return Ok(None);
    }
    let value = match shape {
        Shape::Text { max } => {
            let text = text(json, *max)?;
            return Ok((!text.is_empty()).then_some(Value::Text(text)));
        }
        Shape::Bool => Value::Bool(json.as_bool().ok_or("write true or false, without quotes")?),
        Shape::Int { min, max } => int(json, *min, *max)?,
        Shape::Decimal { above, at_most } => decimal(json, *above, *at_most)?,
        Shape::Date => Value::Date(parse(json, "a date is a text such as \"2026-11-20\"")?),
        Shape::DateTime => {
            const WANTED: &str =
                "a time is a text with its offset, such as \"2026-11-20T03:10:00+06:00\"";
            Value::DateTime(parse(json, WANTED)?)
        }
        Shape::Choice { list, number } => choice(json, list, *number)?,
        Shape::Reference { form } => {
            let text = text(json, REFERENCE_CHARS_MAX)?;
            return Ok((!text.is_empty()).then(|| reference(form, text, resolve)));
        }
        Shape::Group => return Err("it is a group: give a list of objects".to_owned()),
        Shape::Computed => {
            return Err("it is computed from other fields: leave it out".to_owned());
        }
    };
    Ok(Some(value))
}

fn text(json: &Json, max: usize) -> Result<String, String> {
    let text = json.as_str().ok_or("write a text, in quotes")?.trim();
    let text: String = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        IsNormalized::Maybe | IsNormalized::No => text.nfc().collect(),
    };
    // No text has more characters than bytes.
    if max < text.len() {
        let length = text.chars().count();
        if max < length {
            return Err(format!("the text has {length} characters: shorten it to {max}"));
        }
    }
    Ok(text)
}

fn int(json: &Json, min: i64, max: i64) -> Result<Value, String> {
    let number = json.as_i64().filter(|number| (min..=max).contains(number));
    let number = number
        .ok_or_else(|| format!("write a whole number from {min} to {max}, without quotes"))?;
    Ok(Value::Int(number))
}

fn decimal(json: &Json, above: Option<Decimal>, at_most: Option<Decimal>) -> Result<Value, String> {
    const WANTED: &str = "a quantity is a text of digits with up to 3 after the point, not negative, such as \"12.4\"";
    let text = json.as_str().ok_or(WANTED)?.trim();
    let quantity: Decimal = text.parse().map_err(|_malformed| WANTED.to_owned())?;
    if let Some(above) = above.filter(|above| quantity <= *above) {
        return Err(format!("write a quantity above {above}"));
    }
    if let Some(at_most) = at_most.filter(|at_most| *at_most < quantity) {
        return Err(format!("write a quantity of at most {at_most}"));
    }
    Ok(Value::Decimal(quantity))
}

fn parse<T: std::str::FromStr>(json: &Json, wanted: &str) -> Result<T, String> {
    let text = json.as_str().ok_or_else(|| wanted.to_owned())?.trim();
    text.parse().map_err(|_malformed| wanted.to_owned())
}

fn choice(json: &Json, list: &List, number: bool) -> Result<Value, String> {
    if number {
        let number = json.as_i64();
        let known = number.filter(|number| list.code(&number.to_string()).is_some());
        return known
            .map(Value::Int)
            .ok_or_else(|| format!("write one of the numbers {}, without quotes", offer(list)));
    }
    let written =
        json.as_str().ok_or_else(|| format!("write a code, in quotes: {}", offer(list)))?;
    match list.code(written.trim()) {
        Some(code) => Ok(Value::Code(code.code.clone())),
        None => Err(format!(
            "the list `{}` has no code \"{}\": {}",
            list.name,
            shortened(written),
            offer(list)
        )),
    }
}

/// The codes of a short list, or where to find those of a long one.
fn offer(list: &List) -> String {
    const SHORT: usize = 24;
    if list.codes.len() <= SHORT {
        let codes: Vec<&str> = list.codes.iter().map(|code| code.code.as_str()).collect();
        codes.join(", ")
    } else {
        format!("use one of the {} codes of `{}`", list.codes.len(), list.name)
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
