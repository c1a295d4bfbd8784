//! How dates, numbers and amounts are written: dd.MM.yyyy, 24 hours, digits in groups of three.

/// Returns an RFC 3339 instant as a person writes it, in the offset it was written with.
pub(crate) fn time(rfc3339: &str) -> String {
    let Some((day, rest)) = rfc3339.split_once('T') else { return date(rfc3339) };
    match rest.get(..5) {
        Some(clock) if is_date(day) => format!("{}\u{a0}{clock}", date(day)),
        Some(_) | None => rfc3339.to_owned(),
    }
}

/// Returns a stretch of time as a person writes it: to the second where it lies within a minute,
/// and its day once where it lies within a day.
pub(crate) fn span(from: &str, to: &str) -> String {
    let minute = |instant: &str| instant.get(..16).map(str::to_owned);
    let second = |instant: &str| instant.get(11..19).map(str::to_owned);
    let is_same = |length| from.get(..length).is_some_and(|start| to.get(..length) == Some(start));
    // Only what is written in the same offset can be compared as text.
    let offset = |instant: &str| instant.get(instant.len().saturating_sub(6)..).map(str::to_owned);
    if minute(from).is_none() || offset(from) != offset(to) || !is_same(10) {
        return format!("{} – {}", time(from), time(to));
    }
    match (is_same(16), second(from), second(to)) {
        (true, Some(first), Some(last)) if first == last => {
            format!("{}\u{a0}{first}", day_of(from))
        }
        (true, Some(first), Some(last)) => format!("{}\u{a0}{first} – {last}", day_of(from)),
        _ => format!("{} – {}", time(from), to.get(11..16).unwrap_or_default()),
    }
}

fn day_of(instant: &str) -> String {
    date(instant.get(..10).unwrap_or_default())
}

/// Returns a day or a month as a person writes it; anything else as it is.
fn date(day: &str) -> String {
    let is_month = day.len() == 7 && is_date(&format!("{day}-01"));
    if !is_month && !is_date(day) {
        return day.to_owned();
    }
    let parts: Vec<&str> = day.split('-').rev().collect();
    parts.join(".")
}

/// Returns whether the text has the shape of a day.
fn is_date(text: &str) -> bool {
    let shape = |(at, c): (usize, u8)| match at {
        4 | 7 => c == b'-',
        0..=3 | 5 | 6 | 8 | 9 => c.is_ascii_digit(),
        10.. => false,
    };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}

/// Returns how many things there are, as words take it.
pub(crate) fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}

/// Returns a number with `gap` between its groups.
pub(crate) fn number(number: u64, gap: char) -> String {
    let digits = number.to_string();
    let mut written = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at != 0 && (digits.len() - at).is_multiple_of(3) {
            written.push(gap);
        }
        written.push(digit);
    }
    written
}

/// Returns an amount of bytes and the key of its unit.
pub(crate) fn bytes(bytes: u64) -> (String, &'static str) {
    const KIB: u64 = 1024;
    const MIB: u64 = KIB * KIB;
    match bytes {
        0..KIB => (bytes.to_string(), "unit-bytes"),
        KIB..MIB => (tenths(bytes, KIB), "unit-kib"),
        MIB.. => (tenths(bytes, MIB), "unit-mib"),
    }
}

fn tenths(bytes: u64, unit: u64) -> String {
    format!("{}.{}", bytes / unit, bytes % unit * 10 / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_day_first() {
        assert_eq!(time("2026-11-20T03:10:00+06:00"), "20.11.2026\u{a0}03:10");
        assert_eq!(time("2026-11-20"), "20.11.2026");
        assert_eq!((time("2024-12"), time("1978")), ("12.2024".to_owned(), "1978".to_owned()));
        assert_eq!(time("<b>"), "<b>");
        assert_eq!(time("xT"), "xT");
    }

    #[test]
    fn a_stretch_of_time_says_no_more_than_tells_its_ends_apart() {
        let span = |from: &str, to: &str| {
            let at = |clock: &str| format!("2026-11-{clock}+06:00");
            span(&at(from), &at(to)).replace('\u{a0}', " ")
        };
        assert_eq!(span("20T03:10:05", "20T03:10:05"), "20.11.2026 03:10:05");
        assert_eq!(span("20T03:10:05", "20T03:10:41"), "20.11.2026 03:10:05 – 03:10:41");
        assert_eq!(span("20T03:10:05", "20T04:00:00"), "20.11.2026 03:10 – 04:00");
        assert_eq!(span("20T03:10:05", "21T04:00:00"), "20.11.2026 03:10 – 21.11.2026 04:00");
        assert_eq!(super::span("<b>", "é"), "<b> – é");
        let other = super::span("2026-11-20T03:10:05+06:00", "2026-11-20T03:10:05Z");
        assert_eq!(other.replace('\u{a0}', " "), "20.11.2026 03:10 – 20.11.2026 03:10");
    }

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!(number(0, ','), "0");
        assert_eq!(number(999, ','), "999");
        assert_eq!(number(1_234_567, ','), "1,234,567");
    }

    #[test]
    fn amounts_have_the_unit_that_suits_them() {
        assert_eq!(bytes(1023), ("1023".to_owned(), "unit-bytes"));
        assert_eq!(bytes(1536), ("1.5".to_owned(), "unit-kib"));
        assert_eq!(bytes(5 << 20), ("5.0".to_owned(), "unit-mib"));
    }
}
