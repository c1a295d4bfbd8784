//! Spans of time as people write them: `7d`, `12h`, `30m`.

/// A span of time, in milliseconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Span(pub(crate) i64);

impl std::str::FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a span is a number and a unit: 7d, 12h or 30m";
        let unit = match text.chars().last() {
            Some('d') => 24 * 60 * 60 * 1000,
            Some('h') => 60 * 60 * 1000,
            Some('m') => 60 * 1000,
            Some(_) | None => return Err(wrong),
        };
        let number: u32 = text.get(..text.len() - 1).unwrap_or("").parse().map_err(|_nan| wrong)?;
        if number == 0 {
            return Err("a span is longer than nothing");
        }
        Ok(Self(i64::from(number) * unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_write_them() {
        assert_eq!("7d".parse(), Ok(Span(604_800_000)));
        assert_eq!("12h".parse(), Ok(Span(43_200_000)));
        assert_eq!("30m".parse(), Ok(Span(1_800_000)));
        for wrong in ["", "d", "7", "-1d", "0d", "7y", "д"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
