//! How fast it is; run with `--release -- --ignored --nocapture`.

#![expect(clippy::print_stderr, reason = "the figures are the purpose")]

use std::sync::Arc;
use std::time::Instant;

use journal::{Entry, LogName};
use store::{Fault, Options, Projector, RealDisk, Store, View};

use crate::toy::{draft, log, secret};

#[derive(Debug)]
struct Rows(u8);

impl Projector for Rows {
    fn version(&self) -> u32 {
        1
    }

    fn project(&self, _log: &LogName, entry: &Entry, view: &mut dyn View) -> Result<(), Fault> {
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
        let open = || {
            let toy = Arc::new(Rows(rows));
            Store::open(dir.path(), Arc::new(RealDisk), toy, &Options::default()).unwrap()
        };
        let store = open().0;
        let begun = Instant::now();
        for _ in 0..10 {
            let drafts: Vec<_> = (0..10_000).map(|_| draft(&[7; 700])).collect();
            store.append(&secret(), &log(1), move |_, _| Ok::<_, ()>((drafts, ()))).unwrap();
        }
        eprintln!("{rows} rows: 10,000 in one append: {:?}", begun.elapsed() / 10);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let decide = |_: &dyn store::Lookup, _: &store::Logs<'_>| {
                            Ok::<_, ()>((vec![draft(&[7; 700])], ()))
                        };
                        store.append(&secret(), &log(2), decide).unwrap();
                    }
                });
            }
        });
        eprintln!("{rows} rows: 64 writers, one record: {:?}", begun.elapsed() / 12_800);
        let begun = Instant::now();
        for _ in 0..200 {
            let decide = |_: &dyn store::Lookup, _: &store::Logs<'_>| {
                Ok::<_, ()>((vec![draft(&[7; 700])], ()))
            };
            store.append(&secret(), &log(2), decide).unwrap();
        }
        eprintln!("{rows} rows: one writer, one record: {:?}", begun.elapsed() / 200);
        let begun = Instant::now();
        drop(store);
        eprintln!("{rows} rows: close: {:?}", begun.elapsed());
        let begun = Instant::now();
        let (store, opening) = open();
        eprintln!("{rows} rows: open with {}: {:?}", opening.entries, begun.elapsed());
        let begun = Instant::now();
        let mut next = 1;
        while next < store.head(&log(2)).seq {
            let frames = store.frames(&log(2), next, 256 * 1024).unwrap();
            next = frames.last().unwrap().last() + 1;
        }
        eprintln!("{rows} rows: read 13,000 single entries: {:?}", begun.elapsed());
        let begun = Instant::now();
        assert_eq!(store.verify(&mut |_, _| ()).unwrap(), []);
        eprintln!("{rows} rows: verify: {:?}", begun.elapsed());
        drop(store);
        std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
        let begun = Instant::now();
        open().0.settled().unwrap();
        eprintln!("{rows} rows: rebuild: {:?}", begun.elapsed());
    }
}
