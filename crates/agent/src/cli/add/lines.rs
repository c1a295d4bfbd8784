//! Input as numbered lines, in chunks. Empty lines count and are passed over.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use crate::limits::{CHUNK_BYTES, CHUNK_LINES, LINE_BYTES_MAX};
use crate::problem::Problem;
use crate::request::{Line, LineText};

/// What some programs write before the first letter of a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Chunks of lines.
pub(super) struct Chunks<R> {
    input: BufReader<R>,
    number: u64,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(256 * 1024, input), number: 0, ended: false }
    }

    fn chunk(&mut self) -> std::io::Result<Vec<Line>> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while !self.ended && lines.len() < CHUNK_LINES && bytes < CHUNK_BYTES {
            let Some(text) = self.line()? else {
                self.ended = true;
                break;
            };
            self.number += 1;
            if let LineText::Text(text) = &text {
                bytes += text.len();
                if text.trim().is_empty() {
                    continue;
                }
            }
            lines.push(Line { number: self.number, text });
        }
        Ok(lines)
    }

    fn line(&mut self) -> std::io::Result<Option<LineText>> {
        let mut bytes = Vec::new();
        let limit = LINE_BYTES_MAX as u64 + 1;
        if self.input.by_ref().take(limit).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        if LINE_BYTES_MAX < bytes.len() && bytes.last() != Some(&b'\n') {
            self.input.skip_until(b'\n')?;
            return Ok(Some(LineText::TooLong));
        }
        let Ok(mut text) = String::from_utf8(bytes) else { return Ok(Some(LineText::NotUtf8)) };
        text.truncate(text.trim_end_matches(['\n', '\r']).len());
        if self.number == 0
            && let Some(rest) = text.strip_prefix(BYTE_ORDER_MARK)
        {
            text = rest.to_owned();
        }
        Ok(Some(LineText::Text(text)))
    }
}

impl<R: Read> Iterator for Chunks<R> {
    type Item = Result<Vec<Line>, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.chunk() {
            Ok(lines) if lines.is_empty() => None,
            Ok(lines) => Some(Ok(lines)),
            Err(error) => {
                self.ended = true;
                Some(Err(crate::cli::unreadable(Path::new("the input"), &error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(input: &[u8]) -> Vec<(u64, String)> {
        let lines = Chunks::new(input).flat_map(|chunk| chunk.unwrap());
        lines.map(|line| (line.number, format!("{:?}", line.text))).collect()
    }

    #[test]
    fn lines_keep_their_numbers_and_empty_ones_are_passed_over() {
        let lines = numbers(b"\xef\xbb\xbf{}\r\n\n  \n\xff\n{\"a\":1}");
        let expected = [(1, "Text(\"{}\")"), (4, "NotUtf8"), (5, "Text(\"{\\\"a\\\":1}\")")];
        assert_eq!(lines, expected.map(|(number, text)| (number, text.to_owned())));
    }

    #[test]
    fn a_line_too_long_does_not_hide_the_next() {
        let mut input = vec![b'x'; 3 * LINE_BYTES_MAX];
        input.extend_from_slice(b"\n{}\n");
        let lines = numbers(&input);
        assert_eq!(lines, [(1, "TooLong".to_owned()), (2, "Text(\"{}\")".to_owned())]);
    }
}
