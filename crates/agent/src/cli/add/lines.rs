//! Input as numbered lines, in chunks. Empty lines count and are passed over.

use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use record::table::IGNORED_KEYS;

use crate::limits::{CHUNK_BYTES, CHUNK_LINES, LINE_BYTES_MAX};
use crate::problem::Problem;
use crate::request::{Line, LineText};

/// What some programs write before the first letter of a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Chunks of lines.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    number: u64,
    ended: bool,
    /// What stopped the reading, after what came before it.
    fault: Option<io::Error>,
    /// The keys by which a line says where it was exported, as JSON writes them.
    exported_keys: Vec<String>,
    was_exported: Arc<AtomicBool>,
}

impl<R: Read> Lines<R> {
    /// Reads an input, and notes whether any line says where it was exported.
    pub(super) fn new(input: R, was_exported: Arc<AtomicBool>) -> Self {
        let input = BufReader::with_capacity(256 * 1024, input);
        let exported_keys = IGNORED_KEYS.map(|key| format!("\"{key}\"")).to_vec();
        Self { input, number: 0, ended: false, fault: None, exported_keys, was_exported }
    }

    fn note(&mut self, text: &str) {
        if self.exported_keys.iter().any(|key| text.contains(key.as_str())) {
            self.was_exported.store(true, Ordering::Relaxed);
            self.exported_keys.clear();
        }
    }

    fn chunk(&mut self) -> Vec<Line> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while !self.ended && lines.len() < CHUNK_LINES && bytes < CHUNK_BYTES {
            let text = match self.line() {
                Ok(Some(text)) => text,
                Ok(None) => {
                    self.ended = true;
                    break;
                }
                Err(error) => {
                    (self.ended, self.fault) = (true, Some(error));
                    break;
                }
            };
            self.number += 1;
            if let LineText::Text(text) = &text {
                bytes += text.len();
                if text.trim().is_empty() {
                    continue;
                }
                self.note(text);
            }
            lines.push(Line { number: self.number, text });
        }
        lines
    }

    fn line(&mut self) -> io::Result<Option<LineText>> {
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

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<Vec<Line>, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let lines = self.chunk();
        if !lines.is_empty() {
            return Some(Ok(lines));
        }
        let error = self.fault.take()?;
        Some(Err(crate::cli::unreadable(Path::new("the input"), &error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(input: &[u8]) -> Vec<(u64, String)> {
        let lines = Lines::new(input, Arc::default()).flat_map(|chunk| chunk.unwrap());
        lines.map(|line| (line.number, format!("{:?}", line.text))).collect()
    }

    #[test]
    fn lines_keep_their_numbers_and_empty_ones_are_passed_over() {
        let lines = numbers(b"\xef\xbb\xbf{}\r\n\n  \n\xff\n{\"a\":1}");
        let expected = [(1, "Text(\"{}\")"), (4, "NotUtf8"), (5, "Text(\"{\\\"a\\\":1}\")")];
        assert_eq!(lines, expected.map(|(number, text)| (number, text.to_owned())));
    }

    #[test]
    fn lines_before_a_place_that_can_not_be_read_are_handed_out_first() {
        struct Broken;

        impl Read for Broken {
            fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("bad sector"))
            }
        }

        let mut chunks = Lines::new(b"{}\n{}\n".chain(Broken), Arc::default());
        assert_eq!(chunks.next().unwrap().unwrap().len(), 2);
        assert!(chunks.next().unwrap().unwrap_err().detail.contains("bad sector"));
        assert!(chunks.next().is_none());
    }

    #[test]
    fn a_line_too_long_does_not_hide_the_next() {
        let mut input = vec![b'x'; 3 * LINE_BYTES_MAX];
        input.extend_from_slice(b"\n{}\n");
        let lines = numbers(&input);
        assert_eq!(lines, [(1, "TooLong".to_owned()), (2, "Text(\"{}\")".to_owned())]);
    }
}
