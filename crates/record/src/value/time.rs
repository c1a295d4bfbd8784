//! Days and instants. An instant keeps the offset it was written with; its order is the instant's.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use super::MalformedValue;

const MILLIS_OF_SECOND: i64 = 1000;
const SECONDS_OF_DAY: i64 = 86_400;
const MINUTES_OF_DAY: i16 = 24 * 60;

/// A day, counted from 1 January 1970.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Date(pub i32);

/// An instant, and the offset of the clock it was read from.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DateTime {
    /// Milliseconds since 1970, UTC.
    pub utc_ms: i64,
    /// What the clock was ahead of UTC.
    pub offset_minutes: i16,
}

impl Date {
    /// Returns the calendar's day, if it has a year of four digits.
    #[must_use]
    pub fn civil(self) -> Option<civil::Date> {
        let instant = jiff::Timestamp::from_second(i64::from(self.0) * SECONDS_OF_DAY).ok()?;
        let date = Offset::UTC.to_datetime(instant).date();
        (0 <= date.year()).then_some(date)
    }

    fn from_civil(date: civil::Date) -> Option<Self> {
        let midnight = date.to_datetime(civil::Time::midnight());
        let instant = Offset::UTC.to_timestamp(midnight).ok()?;
        i32::try_from(instant.as_second().div_euclid(SECONDS_OF_DAY)).ok().map(Self)
    }
}

impl Date {
    /// Returns the day so many months later; where that month is shorter, its last day.
    #[must_use]
    pub fn months_later(self, months: u32) -> Option<Self> {
        let span = jiff::Span::new().try_months(i64::from(months)).ok()?;
        Self::from_civil(self.civil()?.checked_add(span).ok()?)
    }
}

impl DateTime {
    /// Returns what calendar and clock showed, if the year has four digits.
    #[must_use]
    pub fn civil(self) -> Option<civil::DateTime> {
        let instant = jiff::Timestamp::from_millisecond(self.utc_ms).ok()?;
        if self.offset_minutes <= -MINUTES_OF_DAY || MINUTES_OF_DAY <= self.offset_minutes {
            return None;
        }
        let offset = Offset::from_seconds(i32::from(self.offset_minutes) * 60).ok()?;
        let shown = offset.to_datetime(instant);
        (0 <= shown.year()).then_some(shown)
    }

    /// Returns the instant so many hours later, by the same clock.
    #[must_use]
    pub fn hours_later(self, hours: u32) -> Self {
        const MILLIS_OF_HOUR: i64 = 3600 * MILLIS_OF_SECOND;
        let utc_ms = self.utc_ms.saturating_add(i64::from(hours) * MILLIS_OF_HOUR);
        Self { utc_ms, ..self }
    }

    /// Returns the day the calendar showed.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        Date::from_civil(self.civil()?.date())
    }
}

impl FromStr for Date {
    type Err = MalformedValue;

    fn from_str(text: &str) -> Result<Self, MalformedValue> {
        let date = Digits(text).date().filter(|(_, rest)| rest.0.is_empty());
        date.and_then(|(date, _)| Self::from_civil(date)).ok_or(MalformedValue::Date)
    }
}

impl FromStr for DateTime {
    type Err = MalformedValue;

    fn from_str(text: &str) -> Result<Self, MalformedValue> {
        parse(text).ok_or(MalformedValue::DateTime)
    }
}

/// The rest of a text that is being read; jiff reads more spellings than one value may have.
#[derive(Clone, Copy)]
struct Digits<'a>(&'a str);

impl<'a> Digits<'a> {
    fn number(self, digits: usize) -> Option<(i16, Self)> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        let plain = number.bytes().all(|c| c.is_ascii_digit());
        if plain { Some((number.parse().ok()?, Self(rest))) } else { None }
    }

    fn then(self, one_of: &[char]) -> Option<Self> {
        self.0.strip_prefix(one_of).map(Self)
    }

    fn pair(self) -> Option<(i8, Self)> {
        let (number, rest) = self.number(2)?;
        Some((i8::try_from(number).ok()?, rest))
    }

    fn date(self) -> Option<(civil::Date, Self)> {
        let (year, rest) = self.number(4)?;
        let (month, rest) = rest.then(&['-'])?.pair()?;
        let (day, rest) = rest.then(&['-'])?.pair()?;
        Some((civil::Date::new(year, month, day).ok()?, rest))
    }

    fn time(self) -> Option<(civil::Time, Self)> {
        let (hour, rest) = self.pair()?;
        let (minute, rest) = rest.then(&[':'])?.pair()?;
        let (second, rest) = rest.then(&[':'])?.pair()?;
        let (nanos, rest) = match rest.then(&['.']) {
            Some(rest) => rest.fraction()?,
            None => (0, rest),
        };
        Some((civil::Time::new(hour, minute, second, nanos).ok()?, rest))
    }

    /// Reads what follows the point: milliseconds, as nanoseconds. Finer digits are cut.
    fn fraction(self) -> Option<(i32, Self)> {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end)?;
        if !(1..=9).contains(&digits.len()) {
            return None;
        }
        let millis: i32 = format!("{digits:0<3}").get(..3)?.parse().ok()?;
        Some((millis * 1_000_000, Self(rest)))
    }

    fn offset_minutes(self) -> Option<i16> {
        if matches!(self.0, "Z" | "z") {
            return Some(0);
        }
        let (hours, rest) = self.then(&['+', '-'])?.pair()?;
        let (minutes, rest) = rest.then(&[':'])?.pair()?;
        if 23 < hours || 59 < minutes || !rest.0.is_empty() {
            return None;
        }
        let ahead = i16::from(hours) * 60 + i16::from(minutes);
        Some(if self.0.starts_with('-') { -ahead } else { ahead })
    }
}

fn parse(text: &str) -> Option<DateTime> {
    let (date, rest) = Digits(text).date()?;
    let (time, rest) = rest.then(&['T', 't', ' '])?.time()?;
    let offset_minutes = rest.offset_minutes()?;
    let offset = Offset::from_seconds(i32::from(offset_minutes) * 60).ok()?;
    let instant = offset.to_timestamp(date.to_datetime(time)).ok()?;
    let time = DateTime { utc_ms: instant.as_millisecond(), offset_minutes };
    time.civil().map(|_shown| time)
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.civil() {
            Some(date) => write!(f, "{date}"),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(shown) = self.civil() else { return write!(f, "millisecond {}", self.utc_ms) };
        let (date, time) = (shown.date(), shown.time());
        write!(f, "{date}T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())?;
        let millis = self.utc_ms.rem_euclid(MILLIS_OF_SECOND);
        if millis != 0 {
            write!(f, ".{millis:03}")?;
        }
        let ahead = self.offset_minutes.unsigned_abs();
        match self.offset_minutes {
            0 => f.write_str("Z"),
            minutes => {
                let sign = if minutes < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", ahead / 60, ahead % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_as_it_was_written() {
        for text in [
            "2026-11-20T03:10:00+06:00",
            "2026-11-20T03:10:00.125+06:00",
            "2026-11-20T03:10:00.500Z",
            "1969-12-31T23:59:59.999-11:30",
            "0000-01-01T00:00:00Z",
            "9999-12-30T10:00:00Z",
        ] {
            assert_eq!(text.parse::<DateTime>().unwrap().to_string(), text);
        }
        let finer: DateTime = "2026-11-20t03:10:00.1239z".parse().unwrap();
        assert_eq!(finer.to_string(), "2026-11-20T03:10:00.123Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "2026-11-20",
            "2026-11-20T03:10:00",
            "2026-11-20T03:10+06:00",
            "2026-11-20T03:10:60Z",
            "2026-02-29T03:10:00Z",
            "2026-11-20T03:10:00.Z",
            "2026-11-20T03:10:00+24:00",
            "2026-11-20T03:10:00+0600",
            "2026-11-20T24:00:00Z",
            "0000-01-01T00:00:00+23:00Z",
            "20261120T031000Z",
            "٢٠٢٦-11-20T03:10:00Z",
        ] {
            assert_eq!(text.parse::<DateTime>(), Err(MalformedValue::DateTime), "{text}");
        }
    }

    #[test]
    fn times_are_ordered_by_instant() {
        let early: DateTime = "2026-11-20T03:10:00+06:00".parse().unwrap();
        let late: DateTime = "2026-11-19T22:00:00Z".parse().unwrap();
        assert!(early < late);
        assert_eq!(early.date().unwrap().to_string(), "2026-11-20");
    }

    #[test]
    fn a_day_is_shown_as_it_was_written() {
        for (text, days) in [("1970-01-01", 0), ("2026-11-20", 20_777), ("1969-12-31", -1)] {
            assert_eq!(text.parse::<Date>(), Ok(Date(days)));
            assert_eq!(Date(days).to_string(), text);
        }
        for text in ["", "2026-11-31", "2026-1-1", "2026-11-20T", "-2026-01-01"] {
            assert_eq!(text.parse::<Date>(), Err(MalformedValue::Date), "{text}");
        }
    }

    #[test]
    fn times_outside_the_calendar_are_still_shown() {
        assert_eq!(Date(i32::MAX).to_string(), "day 2147483647");
        let time = DateTime { utc_ms: i64::MIN, offset_minutes: 0 };
        assert_eq!(time.to_string(), "millisecond -9223372036854775808");
    }
}
