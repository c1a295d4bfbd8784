//! A store to play with: a projector that reads what it wrote, one device, two logs.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use journal::{BootId, DeviceSecret, Dot, Draft, Entry, Epoch, Kind, Lane, LogName, Seed, Stamp};
use store::{
    AppendError, Disk, Entropy, Fault, Opening, Options, Projector, RealDisk, Store, View,
};

/// Rows by log, number and id.
pub(crate) const ENTRIES: u8 = 1;
/// How many entries begin with each byte.
pub(crate) const COUNTS: u8 = 2;
/// One row that grows with each entry, into many parts; and goes back to nothing at times.
pub(crate) const GROWING: u8 = 255;

/// Tables, keys and values.
pub(crate) type Rows = Vec<(u8, Vec<u8>, Vec<u8>)>;

#[derive(Debug)]
pub(crate) struct Toy {
    pub(crate) version: u32,
}

impl Projector for Toy {
    fn version(&self) -> u32 {
        self.version
    }

    fn project(
        &self,
        log: &LogName,
        _start: Option<&Entry>,
        entry: &Entry,
        view: &mut dyn View,
    ) -> Result<(), Fault> {
        let payload = entry.bytes().unwrap_or_default().to_vec();
        let first = payload.first().copied().unwrap_or_default();
        let count = view.get(COUNTS, &[first])?.map_or(0, |count| count[0]);
        view.put(COUNTS, vec![first], vec![count.wrapping_add(1)]);
        let mut all = view.get(GROWING, b"all")?.unwrap_or_default();
        all.extend_from_slice(&[b'x'; 100]);
        if all.len() <= 60_000 {
            view.put(GROWING, b"all".to_vec(), all);
        } else {
            view.delete(GROWING, b"all".to_vec());
        }
        let place = (log.id().0, entry.header.seq.to_be_bytes(), entry.id.short().0);
        let key = [place.0.as_slice(), &place.1, &place.2].concat();
        view.put(ENTRIES, key, payload);
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn seed(&self) -> Result<Seed, Fault> {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        Ok(Seed(seed))
    }
}

pub(crate) fn options() -> Options {
    Options {
        segment_bytes: 16 * 1024,
        entropy: Arc::new(Counting::default()),
        ..Options::default()
    }
}

pub(crate) fn open(dir: &Path) -> (Store, Opening) {
    open_on(dir, Arc::new(RealDisk))
}

pub(crate) fn open_on(dir: &Path, disk: Arc<dyn Disk>) -> (Store, Opening) {
    let (store, opening) = try_open(dir, disk).unwrap();
    store.settled().unwrap();
    (store, opening)
}

pub(crate) fn try_open(dir: &Path, disk: Arc<dyn Disk>) -> Result<(Store, Opening), Fault> {
    Store::open(dir, disk, Arc::new(Toy { version: 1 }), &options())
}

pub(crate) fn secret() -> Arc<DeviceSecret> {
    Arc::new(DeviceSecret::from_bytes(&[4; 32]))
}

pub(crate) fn log(number: u8) -> LogName {
    LogName { device: secret().public(), epoch: Epoch([number; 8]), lane: Lane::Everyone }
}

pub(crate) fn draft(payload: &[u8]) -> Draft {
    let stamp = Stamp { claimed_ms: 1, boot: BootId([1; 8]), boot_ms: 7 };
    Draft { kind: Kind(16), payload: payload.to_vec(), stamp, receipt: 3 }
}

/// Appends one entry for each payload.
pub(crate) fn append(
    store: &Store,
    log: &LogName,
    payloads: &[&[u8]],
) -> Result<Vec<Dot>, AppendError<std::convert::Infallible>> {
    let drafts = payloads.iter().map(|payload| draft(payload)).collect();
    store.append(&secret(), log, move |_view, _logs| Ok((drafts, ()))).map(|(dots, ())| dots)
}

/// Returns all rows.
pub(crate) fn rows(store: &Store) -> Rows {
    let reader = store.reader();
    let mut rows = Vec::new();
    for table in 0..=255 {
        for row in reader.prefix(table, &[]) {
            let (key, value) = row.unwrap();
            rows.push((table, key, value));
        }
    }
    rows
}

pub(crate) fn assert_verified(store: &Store) {
    assert_eq!(store.verify(&mut |_done, _total| ()).unwrap(), []);
}
