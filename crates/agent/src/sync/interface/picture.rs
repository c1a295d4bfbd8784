//! What the kernel's messages say of links and addresses: which is new, and which was known.
//!
//! Kernels repeat themselves: a lease that is renewed, a signal that grows stronger. Only a link
//! that had no carrier and has one, and an address that was not there, count as coming up. Layouts
//! are those of rtnetlink(7); what can't be read is passed over.

use std::collections::{BTreeMap, BTreeSet};

/// A message about a link, about one that is gone, about an address, about one that is gone.
const NEW_LINK: u16 = 16;
const DEL_LINK: u16 = 17;
const GET_LINK: u16 = 18;
const NEW_ADDRESS: u16 = 20;
const DEL_ADDRESS: u16 = 21;
const GET_ADDRESS: u16 = 22;

/// The end of an answer in several messages.
const DONE: u16 = 3;

/// A request for everything there is.
const REQUEST_ALL: u16 = 0x301;

/// Flags of a link: it is switched on, it is the loopback, it has a carrier.
const UP: u32 = 0x1;
const LOOPBACK: u32 = 0x8;
const CARRIER: u32 = 0x1_0000;

/// Addresses of this scope and beyond reach no other machine's network.
const SCOPE_LINK: u8 = 253;

/// The attributes in which an address stands.
const ADDRESS: u16 = 1;

/// Bytes before the content of a message, and before that of an attribute.
const HEADER: usize = 16;
const ATTRIBUTE_HEADER: usize = 4;

/// What a piece of news means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Heard {
    /// Nothing came up.
    Nothing,
    /// An interface can be used that could not be used before.
    Up,
    /// A question is answered; this one comes next.
    Answered(Option<Question>),
}

/// What the kernel is asked in the beginning.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Question {
    /// Which links are there.
    #[default]
    Links,
    /// Which addresses are there.
    Addresses,
}

/// What is known of the interfaces.
#[derive(Debug)]
pub(super) struct Picture {
    /// What is being answered; until all is, nothing is news.
    open: Option<Question>,
    links: BTreeMap<u32, bool>,
    addresses: BTreeSet<(u32, Vec<u8>)>,
}

impl Default for Picture {
    fn default() -> Self {
        let (links, addresses) = (BTreeMap::new(), BTreeSet::new());
        Self { open: Some(Question::Links), links, addresses }
    }
}

impl Question {
    /// Returns the question as the kernel reads it.
    pub(super) fn bytes(self) -> Vec<u8> {
        // A link's message has sixteen bytes of content, an address's eight; empty is all of them.
        let (kind, content) = match self {
            Self::Links => (GET_LINK, 16),
            Self::Addresses => (GET_ADDRESS, 8),
        };
        let length = u32::try_from(HEADER + content).unwrap_or(0);
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(REQUEST_ALL.to_ne_bytes());
        bytes.resize(HEADER + content, 0);
        bytes
    }
}

impl Picture {
    /// Takes a piece of news in: one message or several.
    pub(super) fn hear(&mut self, mut news: &[u8]) -> Heard {
        let mut heard = Heard::Nothing;
        while let Some((kind, content, rest)) = message(news) {
            let is_new = match kind {
                DONE => {
                    self.open = match self.open {
                        Some(Question::Links) => Some(Question::Addresses),
                        Some(Question::Addresses) | None => None,
                    };
                    heard = Heard::Answered(self.open);
                    false
                }
                NEW_LINK => self.link(content).unwrap_or(false),
                DEL_LINK => {
                    self.links.remove(&word(content, 4).unwrap_or(0));
                    false
                }
                NEW_ADDRESS => self.address(content).unwrap_or(false),
                DEL_ADDRESS => {
                    self.addresses.remove(&address(content).unwrap_or_default());
                    false
                }
                _ => false,
            };
            if is_new && self.open.is_none() {
                heard = Heard::Up;
            }
            news = rest;
        }
        heard
    }

    /// Returns whether the link has a carrier that it did not have.
    fn link(&mut self, content: &[u8]) -> Option<bool> {
        let (index, flags) = (word(content, 4)?, word(content, 8)?);
        let is_up = flags & (UP | CARRIER) == UP | CARRIER && flags & LOOPBACK == 0;
        let was_up = self.links.insert(index, is_up).unwrap_or(false);
        Some(is_up && !was_up)
    }

    /// Returns whether the address was not there.
    fn address(&mut self, content: &[u8]) -> Option<bool> {
        let scope = *content.get(3)?;
        Some(scope < SCOPE_LINK && self.addresses.insert(address(content)?))
    }
}

/// Returns the kind of the first message, its content, and what follows it.
fn message(news: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = usize::try_from(word(news, 0)?).ok()?;
    let content = news.get(HEADER..length)?;
    let rest = news.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some((half(news, 4)?, content, rest))
}

/// Returns the interface an address belongs to, and the address.
fn address(content: &[u8]) -> Option<(u32, Vec<u8>)> {
    let index = word(content, 4)?;
    let mut attributes = content.get(8..)?;
    loop {
        let length = usize::from(half(attributes, 0)?);
        if half(attributes, 2)? == ADDRESS {
            return Some((index, attributes.get(ATTRIBUTE_HEADER..length)?.to_vec()));
        }
        attributes = attributes.get(length.next_multiple_of(4).max(ATTRIBUTE_HEADER)..)?;
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_ne_bytes(*word))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    let half = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_ne_bytes(*half))
}

#[cfg(test)]
mod tests;
