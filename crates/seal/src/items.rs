//! Items in a sealed stream: written one after the other through a writer that is handed in, and
//! read back the same way. An item is its length and its bytes.

use std::fmt;
use std::io::{self, Read, Write};

use crate::header::{Cost, HEADER_BYTES, Nonce, Salt};
use crate::limits::{CHUNK_BYTES, ITEM_BYTES_MAX};
use crate::stream::{Opener, SealFault, Sealer};

/// Items can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ItemsFault {
    /// What was handed in refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The stream is not what was sealed.
    #[error(transparent)]
    Seal(#[from] SealFault),
    /// An item is larger than it may be.
    #[error("an item of {0} bytes is larger than the {ITEM_BYTES_MAX} allowed")]
    TooLarge(u64),
    /// The stream ends within an item: whoever sealed it did not finish.
    #[error("the file ends in the middle of an item")]
    Unfinished,
}

/// Writes items into a sealed stream.
pub struct ItemWriter<W> {
    sealer: Sealer,
    out: W,
}

/// Reads items of a sealed stream.
pub struct ItemReader<R> {
    /// None once the stream has ended.
    opener: Option<Opener>,
    from: R,
    /// Opened bytes that are not handed out yet, from `next` on.
    ready: Vec<u8>,
    next: usize,
}

impl<W: Write> ItemWriter<W> {
    /// Begins a stream.
    ///
    /// # Errors
    ///
    /// Returns [`ItemsFault`] if the header can't be made or written.
    pub fn begin(
        mut out: W,
        passphrase: &[u8],
        random: (Salt, Nonce),
        cost: Cost,
    ) -> Result<Self, ItemsFault> {
        let (sealer, header) = Sealer::begin(passphrase, random, cost)?;
        out.write_all(&header)?;
        Ok(Self { sealer, out })
    }

    /// Writes an item.
    ///
    /// # Errors
    ///
    /// Returns [`ItemsFault`] if it is too large or can't be written.
    pub fn write(&mut self, item: &[u8]) -> Result<(), ItemsFault> {
        let too_large = |_error| ItemsFault::TooLarge(item.len() as u64);
        let len = u32::try_from(item.len()).map_err(too_large)?;
        if ITEM_BYTES_MAX < item.len() {
            return Err(ItemsFault::TooLarge(item.len() as u64));
        }
        for bytes in [len.to_le_bytes().as_slice(), item] {
            let sealed = self.sealer.push(bytes)?;
            self.out.write_all(&sealed)?;
        }
        Ok(())
    }

    /// Ends the stream and gives the writer back.
    ///
    /// # Errors
    ///
    /// Returns [`ItemsFault`] if the end can't be written.
    pub fn finish(mut self) -> Result<W, ItemsFault> {
        let sealed = self.sealer.finish()?;
        self.out.write_all(&sealed)?;
        Ok(self.out)
    }
}

impl<R: Read> ItemReader<R> {
    /// Begins with the header of a stream.
    ///
    /// # Errors
    ///
    /// Returns [`ItemsFault`] if it is none, or the passphrase is another one.
    pub fn begin(mut from: R, passphrase: &[u8]) -> Result<Self, ItemsFault> {
        let mut header = [0; HEADER_BYTES];
        match from.read_exact(&mut header) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(SealFault::NotSealed.into());
            }
            read => read?,
        }
        let opener = Some(Opener::begin(passphrase, header)?);
        Ok(Self { opener, from, ready: Vec::new(), next: 0 })
    }

    /// Returns the next item; `None` when the stream ended as it was sealed.
    ///
    /// # Errors
    ///
    /// Returns [`ItemsFault`] if the stream was altered or cut off.
    pub fn read(&mut self) -> Result<Option<Vec<u8>>, ItemsFault> {
        let Some(len) = self.take(4)? else { return Ok(None) };
        let len = len.try_into().map_or(0, u32::from_le_bytes);
        if ITEM_BYTES_MAX < len as usize {
            return Err(ItemsFault::TooLarge(len.into()));
        }
        self.take(len as usize)?.map(Some).ok_or(ItemsFault::Unfinished)
    }

    /// Returns so many bytes; `None` if the stream ends here.
    fn take(&mut self, len: usize) -> Result<Option<Vec<u8>>, ItemsFault> {
        while self.ready.len() - self.next < len {
            if self.opener.is_none() {
                let nothing = self.ready.len() == self.next;
                return if nothing { Ok(None) } else { Err(ItemsFault::Unfinished) };
            }
            self.fill()?;
        }
        let end = self.next + len;
        let taken = self.ready.get(self.next..end).unwrap_or_default().to_vec();
        self.next = end;
        Ok(Some(taken))
    }

    fn fill(&mut self) -> Result<(), ItemsFault> {
        self.ready.drain(..self.next);
        self.next = 0;
        let mut sealed = vec![0; CHUNK_BYTES];
        let count = loop {
            match self.from.read(&mut sealed) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        if let Some(sealed) = sealed.get(..count).filter(|sealed| !sealed.is_empty()) {
            if let Some(opener) = &mut self.opener {
                self.ready.extend(opener.push(sealed)?);
            }
        } else if let Some(opener) = self.opener.take() {
            self.ready.extend(opener.finish()?);
        }
        Ok(())
    }
}

impl<W> fmt::Debug for ItemWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ItemWriter(..)")
    }
}

impl<R> fmt::Debug for ItemReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ItemReader(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn items_read_back_as_they_were_written(lens in prop::collection::vec(0..70_000_usize, 0..8)) {
            let items: Vec<Vec<u8>> = lens.iter().map(|len| vec![7; *len]).collect();
            prop_assert_eq!(read(&written(&items)).unwrap(), items);
        }
    }

    #[test]
    fn a_stream_that_ends_within_an_item_is_unfinished() {
        let (mut sealer, header) = Sealer::begin(b"secret", ([1; 16], [2; 19]), CHEAP).unwrap();
        let pushed = sealer.push(&[9, 0, 0, 0, 1]).unwrap();
        let sealed = [header.as_slice(), &pushed, &sealer.finish().unwrap()].concat();
        assert!(matches!(read(&sealed), Err(ItemsFault::Unfinished)));
    }

    #[test]
    fn an_item_that_is_too_large_is_refused_on_both_sides() {
        let mut writer = writer();
        let fault = writer.write(&vec![0; ITEM_BYTES_MAX + 1]).unwrap_err();
        assert!(matches!(fault, ItemsFault::TooLarge(_)));
        let (mut sealer, header) = Sealer::begin(b"secret", ([1; 16], [2; 19]), CHEAP).unwrap();
        let pushed = sealer.push(&u32::MAX.to_le_bytes()).unwrap();
        let sealed = [header.as_slice(), &pushed, &sealer.finish().unwrap()].concat();
        assert!(matches!(read(&sealed), Err(ItemsFault::TooLarge(_))));
    }

    const CHEAP: Cost = Cost { kib: 8, passes: 1, lanes: 1 };

    fn writer() -> ItemWriter<Vec<u8>> {
        ItemWriter::begin(Vec::new(), b"secret", ([1; 16], [2; 19]), CHEAP).unwrap()
    }

    fn written(items: &[Vec<u8>]) -> Vec<u8> {
        let mut writer = writer();
        items.iter().for_each(|item| writer.write(item).unwrap());
        writer.finish().unwrap()
    }

    fn read(sealed: &[u8]) -> Result<Vec<Vec<u8>>, ItemsFault> {
        let mut reader = ItemReader::begin(sealed, b"secret")?;
        let mut items = Vec::new();
        while let Some(item) = reader.read()? {
            items.push(item);
        }
        Ok(items)
    }
}
