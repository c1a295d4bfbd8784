//! From which day to which a code or an institution is valid.

use std::cmp::Ordering;

use crate::value::Date;

/// A span of days; both ends belong to it, and an absent end is unbounded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Validity {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

/// The text is no day, month or year.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a validity is a date, YYYY-MM or YYYY, or empty, and does not end before it begins")]
pub struct MalformedValidity;

impl Validity {
    /// Reads both ends; an end that is a month or a year includes all of it.
    ///
    /// # Errors
    ///
    /// An end is neither empty nor a date, month or year, or the span ends before it begins.
    pub fn parse(from: &str, to: &str) -> Result<Self, MalformedValidity> {
        let from = first_day(from)?;
        let to = last_day(to)?;
        match (from, to) {
            (Some(from), Some(to)) if to < from => Err(MalformedValidity),
            _ => Ok(Self { from, to }),
        }
    }

    /// Returns where the day lies: before, within (equal) or after the span.
    #[must_use]
    pub fn place_of(&self, day: Date) -> Ordering {
        if self.from.is_some_and(|from| day < from) {
            Ordering::Less
        } else if self.to.is_some_and(|to| to < day) {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }

    /// Returns whether the day lies within.
    #[must_use]
    pub fn holds(&self, day: Date) -> bool {
        self.place_of(day) == Ordering::Equal
    }
}

fn first_day(text: &str) -> Result<Option<Date>, MalformedValidity> {
    let full = match text.len() {
        0 => return Ok(None),
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    full.parse().map(Some).map_err(|_no_date| MalformedValidity)
}

fn last_day(text: &str) -> Result<Option<Date>, MalformedValidity> {
    match text.len() {
        0 => Ok(None),
        4 => first_day(&format!("{text}-12-31")),
        7 => (28..=31)
            .rev()
            .find_map(|day| format!("{text}-{day}").parse().ok())
            .map(Some)
            .ok_or(MalformedValidity),
        _ => first_day(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_last_month_or_year_belongs_to_the_span() {
        let validity = Validity::parse("2015", "2016-02").unwrap();
        assert!(validity.holds(day("2016-02-29")));
        assert!(!validity.holds(day("2016-03-01")));
        assert!(validity.holds(day("2015-01-01")));
        assert_eq!(validity.place_of(day("2014-12-31")), Ordering::Less);
        assert!(Validity::parse("", "2016").unwrap().holds(day("2016-12-31")));
    }

    #[test]
    fn an_empty_end_is_unbounded() {
        assert!(Validity::parse("", "").unwrap().holds(day("1700-01-01")));
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for (from, to) in [("x", ""), ("", "2016-13"), ("2016-02-30", ""), ("2017", "2016")] {
            assert_eq!(Validity::parse(from, to), Err(MalformedValidity), "{from}..{to}");
        }
    }
}
