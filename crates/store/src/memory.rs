//! A disk in memory that does what real ones do on bad days, so that tests can wait for none.
//!
//! It keeps what was written apart from what was synced. [`MemoryDisk::crash`] forgets what was
//! not synced, except for whatever the seed lets survive: sectors in any order, names in theirs.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::{Disk, DiskFile};

/// What survives or vanishes as one.
const SECTOR_BYTES: usize = 512;

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    state: Arc<Mutex<State>>,
}

/// What a disk does at the operation it is told to fail at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Failure {
    /// Power goes: half of a write may be done; all fails until [`MemoryDisk::crash`].
    PowerCut,
    /// An error is reported once; half of a write may be done, a sync makes nothing durable.
    Error,
    /// Every operation reports an error until [`MemoryDisk::mend`]; a sync makes nothing durable.
    Errors,
    /// The disk is full: nothing grows until [`MemoryDisk::mend`].
    Full,
}

#[derive(Debug, Default)]
struct State {
    names: BTreeMap<PathBuf, u64>,
    durable_names: BTreeMap<PathBuf, u64>,
    /// What was done to names since they were last synced.
    renamings: Vec<Renaming>,
    files: BTreeMap<u64, MemoryFile>,
    next_file: u64,
    operations: u64,
    failure: Option<(u64, Failure)>,
    full: bool,
    lies: bool,
}

#[derive(Clone, Debug)]
enum Renaming {
    Create(PathBuf, u64),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

#[derive(Debug, Default)]
struct MemoryFile {
    seen: Vec<u8>,
    durable: Vec<u8>,
    /// Writes that no sync has made durable, in their order.
    unsynced: Vec<(usize, Vec<u8>)>,
}

impl MemoryDisk {
    /// From now on the disk says that it has synced, and has not.
    pub fn lie(&self) {
        self.state().lies = true;
    }

    /// Lets the operation fail that comes after `operations` more writes, syncs or renamings.
    pub fn fail_after(&self, operations: u64, failure: Failure) {
        let mut state = self.state();
        state.failure = Some((state.operations + operations, failure));
    }

    /// Returns how many writes, syncs and renamings were asked for.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Ends all failing: what was told is forgotten, and there is room again.
    pub fn mend(&self) {
        let mut state = self.state();
        (state.failure, state.full) = (None, false);
    }

    /// Cuts the power and turns it on again; `seed` says what of the unsynced survives.
    pub fn crash(&self, seed: u64) {
        let mut chance = Chance(seed);
        let mut state = self.state();
        state.failure = None;
        let survive = chance.below(state.renamings.len() + 1);
        let renamings = std::mem::take(&mut state.renamings);
        for renaming in renamings.iter().take(survive) {
            renaming.apply(&mut state.durable_names);
        }
        state.names = state.durable_names.clone();
        for file in state.files.values_mut() {
            file.crash(&mut chance);
        }
    }

    /// Turns one bit of a file over; returns `false` if the file has no such bit.
    #[must_use]
    pub fn flip_bit(&self, path: &Path, bit: usize) -> bool {
        let mut state = self.state();
        let Ok(file) = state.file(path) else { return false };
        let flipped = [&mut file.seen, &mut file.durable]
            .map(|bytes| bytes.get_mut(bit / 8).map(|byte| *byte ^= 1 << (bit % 8)).is_some());
        flipped == [true, true]
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk for MemoryDisk {
    fn create_dir(&self, _dir: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        let names = state.names.keys().filter(|path| path.parent() == Some(dir));
        let name = |path: &PathBuf| Some(path.file_name()?.to_string_lossy().into_owned());
        Ok(names.filter_map(name).collect())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.state().file(path).map(|file| file.seen.clone())
    }

    fn read_at(&self, path: &Path, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut state = self.state();
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = state.file(path)?.seen.get(from..).unwrap_or_default();
        Ok(rest.get(..len).unwrap_or(rest).to_vec())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.step()?;
        let id = state.next_file;
        state.next_file += 1;
        state.files.insert(id, MemoryFile::default());
        state.rename(Renaming::Create(path.to_owned(), id));
        Ok(Box::new(OpenMemoryFile { disk: self.clone(), id }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let id = self.state().names.get(path).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(OpenMemoryFile { disk: self.clone(), id }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        state.file(from)?;
        state.rename(Renaming::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        state.file(path)?;
        state.rename(Renaming::Remove(path.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        if !state.lies {
            for renaming in std::mem::take(&mut state.renamings) {
                renaming.apply(&mut state.durable_names);
            }
        }
        Ok(())
    }

    fn free_bytes(&self, _dir: &Path) -> io::Result<u64> {
        Ok(if self.state().full { 0 } else { u64::MAX })
    }
}

#[derive(Debug)]
struct OpenMemoryFile {
    disk: MemoryDisk,
    id: u64,
}

impl DiskFile for OpenMemoryFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        let failed = state.step();
        let full = state.full;
        let file = state.files.get_mut(&self.id).ok_or(io::ErrorKind::NotFound)?;
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let mut fits = bytes.len();
        if failed.is_err() {
            fits /= 2;
        }
        if full {
            fits = fits.min(file.seen.len().saturating_sub(offset));
        }
        file.write(offset, bytes.get(..fits).unwrap_or_default());
        failed?;
        if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        let failed = state.step();
        let keeps = state.lies || state.is_off();
        let file = state.files.get_mut(&self.id).ok_or(io::ErrorKind::NotFound)?;
        let unsynced = if keeps { Vec::new() } else { std::mem::take(&mut file.unsynced) };
        failed?; // Like a real one: what was not written then is not written by a second try.
        for (offset, bytes) in unsynced {
            put(&mut file.durable, offset, &bytes);
        }
        Ok(())
    }
}

impl State {
    /// Counts an operation and says whether it fails.
    fn step(&mut self) -> io::Result<()> {
        self.operations += 1;
        match self.failure {
            Some((after, failure)) if after < self.operations => match failure {
                Failure::PowerCut => Err(io::Error::other("the power is off")),
                Failure::Errors => Err(io::Error::other("input/output error")),
                Failure::Error => {
                    self.failure = None;
                    Err(io::Error::other("input/output error"))
                }
                Failure::Full => {
                    (self.failure, self.full) = (None, true);
                    Ok(())
                }
            },
            Some(_) | None => Ok(()),
        }
    }

    fn is_off(&self) -> bool {
        self.failure
            .is_some_and(|(after, failure)| failure == Failure::PowerCut && after < self.operations)
    }

    fn file(&mut self, path: &Path) -> io::Result<&mut MemoryFile> {
        let id = self.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        self.files.get_mut(id).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn rename(&mut self, renaming: Renaming) {
        renaming.apply(&mut self.names);
        self.renamings.push(renaming);
    }
}

impl Renaming {
    fn apply(&self, names: &mut BTreeMap<PathBuf, u64>) {
        match self {
            Self::Create(path, id) => {
                names.insert(path.clone(), *id);
            }
            Self::Rename(from, to) => {
                if let Some(id) = names.remove(from) {
                    names.insert(to.clone(), id);
                }
            }
            Self::Remove(path) => {
                names.remove(path);
            }
        }
    }
}

impl MemoryFile {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        put(&mut self.seen, offset, bytes);
        self.unsynced.push((offset, bytes.to_vec()));
    }

    fn crash(&mut self, chance: &mut Chance) {
        for (offset, bytes) in std::mem::take(&mut self.unsynced) {
            for (number, sector) in bytes.chunks(SECTOR_BYTES).enumerate() {
                if chance.below(2) == 0 {
                    put(&mut self.durable, offset + number * SECTOR_BYTES, sector);
                }
            }
        }
        self.seen = self.durable.clone();
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    if let Some(place) = file.get_mut(offset..end) {
        place.copy_from_slice(bytes);
    }
}

/// Numbers that look random and follow from a seed (splitmix64).
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let number = usize::try_from((z ^ (z >> 31)) >> 33).unwrap_or(0);
        number.checked_rem(bound).unwrap_or(0)
    }
}
