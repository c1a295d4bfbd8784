//! The fold: what all changes of one record come to, in any order, by any road.
//!
//! The whole rule: a write names the values that stood in its field; it replaces those and no
//! others; a value nobody replaced is live. So a field's state is its live values and every dot
//! ever replaced there, arrived or not, and live = written − replaced. No clock and no order of
//! arrival decides anything. What each change had seen is kept beside, because a remark on changes
//! made without knowing of a void needs it. A state knows no form: policies act only when it is
//! shown.

mod wire;

use std::collections::{BTreeMap, BTreeSet};

use journal::Dot;
use journal::codec::CodecError;

use crate::catalogue::SHIPPED;
use crate::change::{Change, FormVersion};
use crate::id::RecordKey;
use crate::path::Path;
use crate::value::Value;

/// The fold of changes of one record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct State {
    /// The record.
    pub key: RecordKey,
    forms: BTreeSet<FormVersion>,
    vocabularies: BTreeMap<String, u32>,
    seen: BTreeMap<Dot, BTreeSet<Dot>>,
    fields: BTreeMap<Path, FieldState>,
}

/// The fold of all writes to one path.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FieldState {
    /// The values nobody replaced.
    pub live: BTreeMap<Dot, Value>,
    /// Every dot ever replaced here, arrived or not.
    pub replaced: BTreeSet<Dot>,
}

static EMPTY: FieldState = FieldState { live: BTreeMap::new(), replaced: BTreeSet::new() };

impl State {
    /// Returns the state of a record nobody wrote to.
    #[must_use]
    pub const fn new(key: RecordKey) -> Self {
        Self {
            key,
            forms: BTreeSet::new(),
            vocabularies: BTreeMap::new(),
            seen: BTreeMap::new(),
            fields: BTreeMap::new(),
        }
    }

    /// Folds in the change that the entry `dot` holds; again makes no difference.
    ///
    /// The caller sees to it that the change is of this record and counts (see [`crate::counts()`]).
    pub fn apply(&mut self, dot: Dot, change: &Change) {
        if !self.forms.contains(&change.form) {
            self.forms.insert(change.form.clone());
        }
        for (name, version) in &change.lists {
            self.name_vocabulary(name, *version);
        }
        if !change.seen.is_empty() {
            self.seen.entry(dot).or_default().extend(&change.seen);
        }
        for write in &change.writes {
            let replaced = change.replaced(write);
            match self.fields.get_mut(&write.path) {
                Some(field) => field.apply(dot, &write.value, replaced),
                None => {
                    let mut field = FieldState::default();
                    field.apply(dot, &write.value, replaced);
                    self.fields.insert(write.path.clone(), field);
                }
            }
        }
    }

    /// Folds in another fold of the same record's changes.
    pub fn merge(&mut self, other: &Self) {
        self.forms.extend(other.forms.iter().cloned());
        for (name, version) in &other.vocabularies {
            self.name_vocabulary(name, *version);
        }
        for (dot, seen) in &other.seen {
            self.seen.entry(*dot).or_default().extend(seen);
        }
        for (path, theirs) in &other.fields {
            self.fields.entry(path.clone()).or_default().merge(theirs);
        }
    }

    /// Returns the form: the largest version of the smallest id any change was written by.
    #[must_use]
    pub fn form(&self) -> Option<&FormVersion> {
        let first = self.forms.first()?;
        self.forms.iter().take_while(|form| form.id == first.id).last()
    }

    /// Returns every form version any change was written by.
    pub fn forms(&self) -> impl Iterator<Item = &FormVersion> {
        self.forms.iter()
    }

    /// Returns the largest version of each vocabulary any change named, where that is not the
    /// shipped one.
    #[must_use]
    pub const fn vocabularies(&self) -> &BTreeMap<String, u32> {
        &self.vocabularies
    }

    fn name_vocabulary(&mut self, name: &str, version: u32) {
        if SHIPPED < version && self.vocabularies.get(name).is_none_or(|known| *known < version) {
            self.vocabularies.insert(name.to_owned(), version);
        }
    }

    /// Returns what stands at `path`; nothing, if nobody wrote there.
    #[must_use]
    pub fn get(&self, path: &Path) -> &FieldState {
        self.fields.get(path).unwrap_or(&EMPTY)
    }

    /// Returns every path ever written to, with what stands there, in the paths' order.
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = (&Path, &FieldState)> {
        self.fields.iter()
    }

    /// Returns the parts of one group, or of one field, in the paths' order.
    pub fn within<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a Path, &'a FieldState)> + 'a {
        self.fields.range(Path::field(name)..).take_while(move |(path, _)| path.field == name)
    }

    /// Returns whether the author of the change `dot` had seen the change `other`.
    #[must_use]
    pub fn had_seen(&self, dot: &Dot, other: &Dot) -> bool {
        self.seen.get(dot).is_some_and(|seen| seen.contains(other))
    }

    /// Returns whether an amendment is here and the entry that made the record is not.
    ///
    /// The first entry of a record gives it its reference, and an amendment names what its author
    /// saw. So it lacks its first entry as long as no reference was ever written and a change is
    /// named of which nothing is here.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        let reference = self.get(&Path::field(Path::REF));
        if !reference.live.is_empty() || !reference.replaced.is_empty() {
            return false;
        }
        let live = self.fields.values().flat_map(|field| field.live.keys());
        let here: BTreeSet<&Dot> = live.chain(self.seen.keys()).collect();
        let replaced = self.fields.values().flat_map(|field| &field.replaced);
        let mut named = replaced.chain(self.seen.values().flatten());
        named.any(|dot| !here.contains(dot))
    }

    /// Returns every live dot anywhere, sorted: what an author who sees this state has seen.
    #[must_use]
    pub fn live_dots(&self) -> Vec<Dot> {
        self.dots_of(|_path| true)
    }

    /// Returns every live dot of what the record says, sorted. That it is void is said beside it,
    /// and leaves its review as it was.
    #[must_use]
    pub fn content_dots(&self) -> Vec<Dot> {
        self.dots_of(|path| *path != Path::field(Path::VOID))
    }

    fn dots_of(&self, is_asked: impl Fn(&Path) -> bool) -> Vec<Dot> {
        let asked = self.fields.iter().filter(|(path, _)| is_asked(path));
        let mut dots: Vec<Dot> = asked.flat_map(|(_, field)| field.live.keys().copied()).collect();
        dots.sort_unstable();
        dots.dedup();
        dots
    }

    /// Returns the state's only encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads a state.
    ///
    /// # Errors
    ///
    /// Returns [`CodecError`] if the bytes are none, or a second encoding of one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        wire::decode(bytes)
    }

    /// Returns the hash of [`Self::to_bytes`], by which replicas compare.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Self::hash_of(&self.to_bytes())
    }

    /// Returns the hash of a state of which these are the bytes.
    #[must_use]
    pub fn hash_of(bytes: &[u8]) -> [u8; 32] {
        blake3::derive_key("ashuu 2026 record state v1", bytes)
    }
}

impl FieldState {
    fn apply(&mut self, dot: Dot, value: &Value, replaced: impl Iterator<Item = Dot>) {
        for dot in replaced {
            self.live.remove(&dot);
            self.replaced.insert(dot);
        }
        // A change that replaces this one may have come first.
        if !self.replaced.contains(&dot) {
            self.live.insert(dot, value.clone());
        }
    }

    fn merge(&mut self, other: &Self) {
        self.live.retain(|dot, _| !other.replaced.contains(dot));
        for (dot, value) in &other.live {
            if !self.replaced.contains(dot) && !self.live.contains_key(dot) {
                self.live.insert(*dot, value.clone());
            }
        }
        self.replaced.extend(&other.replaced);
    }
}

/// Returns one hash over many records: each one's name and hash, in the names' order.
#[must_use]
pub fn state_hash_of_all(states: impl IntoIterator<Item = (RecordKey, [u8; 32])>) -> [u8; 32] {
    let states: BTreeMap<RecordKey, [u8; 32]> = states.into_iter().collect();
    let mut hasher = blake3::Hasher::new_derive_key("ashuu 2026 all record states v1");
    for (key, hash) in &states {
        hasher.update(key.to_string().as_bytes()).update(hash);
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests;
