//! A daily window of hours, such as 20:00-06:00, which may pass midnight.

use std::str::FromStr;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// A daily window, from its first minute up to, not including, its last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hours {
    from: u16,
    to: u16,
}

/// The text is no window.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MalformedHours {
    /// It is written otherwise.
    #[error("hours are written as 20:00-06:00")]
    Written,
    /// It ends when it begins.
    #[error("hours that end when they begin are never open: leave them out for any time")]
    Empty,
}

impl Hours {
    /// Returns whether the window is open at this minute of the local day.
    #[must_use]
    pub const fn contains(&self, minute: u16) -> bool {
        if self.from <= self.to {
            self.from <= minute && minute < self.to
        } else {
            self.from <= minute || minute < self.to
        }
    }

    /// Returns how many minutes pass from this minute of the local day until the window opens.
    #[must_use]
    pub const fn opens_in(&self, minute: u16) -> u16 {
        if self.contains(minute) { 0 } else { (self.from + DAY - minute) % DAY }
    }
}

impl FromStr for Hours {
    type Err = MalformedHours;

    fn from_str(text: &str) -> Result<Self, MalformedHours> {
        let (from, to) = text.split_once('-').ok_or(MalformedHours::Written)?;
        let (from, to) = (minute(from)?, minute(to)?);
        if from == to { Err(MalformedHours::Empty) } else { Ok(Self { from, to }) }
    }
}

fn minute(text: &str) -> Result<u16, MalformedHours> {
    let (hours, minutes) = text.trim().split_once(':').ok_or(MalformedHours::Written)?;
    let number = |text: &str| text.parse::<u16>().map_err(|_no_number| MalformedHours::Written);
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours < 24 && minutes < 60 { Ok(hours * 60 + minutes) } else { Err(MalformedHours::Written) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_may_pass_midnight() {
        let night: Hours = "20:00-06:00".parse().unwrap();
        assert!(night.contains(20 * 60) && night.contains(0) && !night.contains(6 * 60));
        assert_eq!((night.opens_in(19 * 60), night.opens_in(60)), (60, 0));
        let day: Hours = "08:30-17:00".parse().unwrap();
        assert!(day.contains(510) && !day.contains(509));
        assert_eq!(day.opens_in(18 * 60), 14 * 60 + 30);
        assert_eq!("8-17".parse::<Hours>(), Err(MalformedHours::Written));
        assert_eq!("24:00-06:00".parse::<Hours>(), Err(MalformedHours::Written));
        assert_eq!("00:00-00:00".parse::<Hours>(), Err(MalformedHours::Empty));
    }
}
