//! Quantities: whole thousandths, never floats.

use std::fmt;
use std::str::FromStr;

use super::MalformedValue;

/// A quantity with up to three digits after the point, not negative.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Decimal(u64);

impl Decimal {
    /// Digits of a quantity, those after the point included: above what any store keeps exactly.
    const DIGITS_MAX: u32 = 15;

    /// Returns a quantity of that many thousandths, unless it has too many digits.
    #[must_use]
    pub const fn from_thousandths(thousandths: u64) -> Option<Self> {
        if thousandths < 10_u64.pow(Self::DIGITS_MAX) { Some(Self(thousandths)) } else { None }
    }

    /// Returns the thousandths.
    #[must_use]
    pub const fn thousandths(self) -> u64 {
        self.0
    }

    /// Returns how much it is more than `other`, written as quantities are; less has a minus.
    #[must_use]
    pub fn less(self, other: Self) -> String {
        let sign = if self < other { "-" } else { "" };
        format!("{sign}{}", Self(self.0.abs_diff(other.0)))
    }

    /// Returns whether it has nothing after the point.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.0.is_multiple_of(1000)
    }
}

impl FromStr for Decimal {
    type Err = MalformedValue;

    fn from_str(text: &str) -> Result<Self, MalformedValue> {
        let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || 3 < fraction.len() {
            return Err(MalformedValue::Decimal);
        }
        let number = format!("{whole}{fraction:0<3}");
        let thousandths = number.parse().map_err(|_too_large| MalformedValue::Decimal)?;
        Self::from_thousandths(thousandths).ok_or(MalformedValue::Decimal)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / 1000, self.0 % 1000);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        let fraction = format!("{fraction:03}");
        write!(f, "{whole}.{}", fraction.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_has_one_spelling() {
        for (written, shown) in [
            ("12.4", "12.4"),
            ("12.40", "12.4"),
            ("12,4", "12.4"),
            ("0.005", "0.005"),
            ("007", "7"),
            ("0", "0"),
            ("999999999999.999", "999999999999.999"),
        ] {
            assert_eq!(written.parse::<Decimal>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "1.2345",
            "1 000",
            "1.2.3",
            "1000000000000",
            "٣",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(MalformedValue::Decimal), "{text}");
        }
    }

    #[test]
    fn a_difference_may_be_negative() {
        let less =
            |one: &str, other: &str| one.parse::<Decimal>().unwrap().less(other.parse().unwrap());
        assert_eq!(less("143", "141"), "2");
        assert_eq!(less("113.5", "114.5"), "-1");
        assert_eq!(less("0.005", "12.4"), "-12.395");
        assert_eq!(less("7", "7.0"), "0");
    }

    #[test]
    fn quantities_are_ordered_by_size() {
        assert!("9.9".parse::<Decimal>().unwrap() < "10".parse().unwrap());
    }
}
