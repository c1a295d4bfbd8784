//! How fast it is; run with `--release -- --ignored --nocapture`.

#![expect(clippy::print_stderr, reason = "the figures are the purpose")]

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use journal::{DeviceSecret, Entry, LogName};
use store::{Fault, Options, Projector, RealDisk, Store, View};

use crate::toy::{draft, log, secret};

#[derive(Debug)]
struct Rows(u8);

impl Projector for Rows {
    fn version(&self) -> u32 {
        1
    }

    fn project(
        &self,
        _log: &LogName,
        _start: Option<&Entry>,
        entry: &Entry,
        view: &mut dyn View,
    ) -> Result<(), Fault> {
        for table in 0..self.0 {
            let key = entry.header.seq.to_be_bytes().to_vec();
            view.put(table, key, entry.bytes().unwrap_or_default().to_vec());
        }
        Ok(())
    }
}

#[test]
#[ignore = "a measurement"]
fn figures() {
    for rows in [0, 1, 3] {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), rows);
        timed(rows, "90,000 in appends of 10,000", || {
            (0..9).for_each(|_| write(&store, 1, 10_000));
        });
        timed(rows, "10,000 in appends of 500", || (0..20).for_each(|_| write(&store, 2, 500)));
        timed(rows, "64,000 of 64 writers, one by one", || {
            std::thread::scope(|scope| {
                for _ in 0..64 {
                    scope.spawn(|| (0..1000).for_each(|_| write(&store, 3, 1)));
                }
            });
        });
        timed(rows, "200 of one writer, one by one", || (0..200).for_each(|_| write(&store, 3, 1)));
        drop(store);
        let store = timed(rows, "open", || open(dir.path(), rows));
        timed(rows, "read 64,200 that were written one by one", || {
            let mut next = 1;
            while next < store.head(&log(3)).seq {
                next = store.frames(&log(3), next, 256 * 1024).unwrap().last().unwrap().last() + 1;
            }
        });
        let faults = timed(rows, "verify", || store.verify(&mut |_, _| ()).unwrap());
        assert_eq!(faults, []);
        drop(store);
        std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
        timed(rows, "rebuild", || open(dir.path(), rows).settled().unwrap());
    }
}

fn open(dir: &Path, rows: u8) -> Store {
    Store::open(dir, Arc::new(RealDisk), Arc::new(Rows(rows)), &Options::default()).unwrap().0
}

fn write(store: &Store, to: u8, count: usize) {
    static SECRET: LazyLock<Arc<DeviceSecret>> = LazyLock::new(secret); // Made once, as an agent does.
    static LOGS: LazyLock<Vec<LogName>> = LazyLock::new(|| (0..4).map(log).collect());
    let drafts = (0..count).map(|_| draft(&[7; 700])).collect();
    store.append(&SECRET, &LOGS[usize::from(to)], move |_, _| Ok::<_, ()>((drafts, ()))).unwrap();
}

fn timed<T>(rows: u8, what: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    eprintln!("{rows} rows an entry: {what}: {:?}", begun.elapsed());
    done
}

#[test]
#[ignore = "a measurement"]
fn many_writers() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), 1);
    timed(1, "320,000 of 64 writers, one by one", || {
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| (0..5_000).for_each(|_| write(&store, 3, 1)));
            }
        });
    });
}
