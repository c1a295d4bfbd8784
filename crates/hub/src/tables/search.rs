//! What lists search by: text without the differences people don't type, and instants.
//!
//! Texts are folded here, not by the database, so that every engine finds the same.

use record::{Date, DateTime, RecordKey, Shown};
use serde_json::Value as Json;

/// Minutes that the country's clocks are ahead of UTC; they have not been changed since 2005.
pub(crate) const OFFSET_MINUTES: i16 = 360;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Returns a text as it is searched: lower case, without the letters people replace.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase().chars().map(plain).collect()
}

/// Returns everything in a record that a person may search it by.
pub(crate) fn text_of(key: &RecordKey, shown: &Shown) -> String {
    let mut text = shown.reference.clone().unwrap_or_default();
    let mut add = |part: &str| {
        text.push('\n');
        text.push_str(part);
    };
    add(key.site.as_str());
    add(&shown.title);
    shown.values.values().for_each(|value| texts(value, &mut add));
    let contested = shown.conflicts.iter().flat_map(|conflict| &conflict.values);
    contested.for_each(|(value, _dots)| texts(&value.to_json(), &mut add));
    folded(&text)
}

/// Returns the instant of a date or time; a date begins at midnight here.
pub(crate) fn instant_ms(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<DateTime>() {
        return Some(time.utc_ms);
    }
    let date: Date = text.parse().ok()?;
    i64::from(date.0).checked_mul(DAY_MS)?.checked_sub(i64::from(OFFSET_MINUTES) * 60_000)
}

/// Returns the last millisecond of a day, or the instant itself.
pub(crate) fn end_ms(text: &str) -> Option<i64> {
    let start = instant_ms(text)?;
    if text.parse::<Date>().is_ok() { start.checked_add(DAY_MS - 1) } else { Some(start) }
}

fn plain(letter: char) -> char {
    match letter {
        'ё' => 'е',
        'ө' => 'о',
        'ү' => 'у',
        'ң' => 'н',
        other => other,
    }
}

fn texts(value: &Json, add: &mut impl FnMut(&str)) {
    match value {
        Json::String(text) => add(text),
        Json::Array(values) => values.iter().for_each(|value| texts(value, add)),
        Json::Object(fields) => {
            let own = |name: &String| name.starts_with('@');
            fields.iter().filter(|(name, _)| !own(name)).for_each(|(_, value)| texts(value, add));
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_people_replace_make_no_difference() {
        assert_eq!(folded("Ёлка, ҢӨҮ"), "елка, ноу");
    }

    #[test]
    fn a_day_begins_and_ends_at_midnight_of_the_country() {
        let midnight = "2026-11-20T00:00:00+06:00".parse::<DateTime>().unwrap().utc_ms;
        assert_eq!(instant_ms("2026-11-20"), Some(midnight));
        assert_eq!(end_ms("2026-11-20"), Some(midnight + DAY_MS - 1));
        assert_eq!(end_ms("2026-11-20T00:00:00+06:00"), Some(midnight));
        assert_eq!(instant_ms("soon"), None);
    }
}
