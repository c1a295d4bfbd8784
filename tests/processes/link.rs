//! The wire between a colony and the hub: a TCP proxy that can be cut, slowed, or lose answers.
//!
//! It counts what it forwarded and what it swallowed, so that a test can prove that the fault it
//! is about did happen. It sees TLS records only, and understands nothing of them.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Bytes forwarded at once: small, so that a cut can fall into the middle of a frame.
const PIECE: usize = 512;

/// A wire to one address.
#[derive(Debug)]
pub(crate) struct Link {
    address: SocketAddr,
    wire: Arc<Wire>,
}

#[derive(Debug, Default)]
struct Wire {
    down: AtomicBool,
    swallowing: AtomicBool,
    /// Bytes a second towards the hub; 0 is as fast as it goes.
    rate: AtomicU64,
    up_bytes: AtomicU64,
    down_bytes: AtomicU64,
    swallowed: AtomicU64,
    ended: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Direction {
    Up,
    Down,
}

impl Link {
    /// Lays a wire to `target`.
    pub(crate) fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let wire = Arc::new(Wire::default());
        let (target, shared) = (target.to_owned(), Arc::clone(&wire));
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if shared.ended.load(Ordering::SeqCst) {
                    return;
                }
                shared.connect(near, &target);
            }
        });
        Self { address, wire }
    }

    /// Returns the near end, as a configuration names it.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Cuts every connection and lets none through until [`Link::mend`].
    pub(crate) fn cut(&self) {
        self.wire.down.store(true, Ordering::SeqCst);
        self.wire.drop_all();
    }

    /// Lets connections through again, with their answers.
    pub(crate) fn mend(&self) {
        self.wire.swallowing.store(false, Ordering::SeqCst);
        self.wire.down.store(false, Ordering::SeqCst);
    }

    /// From now on everything the hub says is lost, while it hears all.
    pub(crate) fn swallow_answers(&self) {
        self.wire.swallowing.store(true, Ordering::SeqCst);
    }

    /// Lets through so many bytes a second towards the hub.
    pub(crate) fn throttle(&self, bytes_a_second: u64) {
        self.wire.rate.store(bytes_a_second, Ordering::SeqCst);
    }

    /// Bytes that the hub said and nobody heard.
    pub(crate) fn swallowed(&self) -> u64 {
        self.wire.swallowed.load(Ordering::SeqCst)
    }

    /// Bytes that reached the hub.
    pub(crate) fn up_bytes(&self) -> u64 {
        self.wire.up_bytes.load(Ordering::SeqCst)
    }

    /// Bytes that came from the hub.
    pub(crate) fn down_bytes(&self) -> u64 {
        self.wire.down_bytes.load(Ordering::SeqCst)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.wire.ended.store(true, Ordering::SeqCst);
        TcpStream::connect(self.address).ok();
        self.wire.drop_all();
    }
}

impl Wire {
    fn connect(self: &Arc<Self>, near: TcpStream, target: &str) {
        if self.down.load(Ordering::SeqCst) {
            return;
        }
        let Ok(far) = TcpStream::connect(target) else { return };
        near.set_nodelay(true).unwrap();
        far.set_nodelay(true).unwrap();
        let ends = [near.try_clone().unwrap(), far.try_clone().unwrap()];
        self.open.lock().unwrap().extend(ends);
        let backwards = (far.try_clone().unwrap(), near.try_clone().unwrap());
        for (direction, from, to) in
            [(Direction::Up, near, far), (Direction::Down, backwards.0, backwards.1)]
        {
            let wire = Arc::clone(self);
            thread::spawn(move || wire.pump(direction, from, to));
        }
    }

    fn pump(&self, direction: Direction, mut from: TcpStream, mut to: TcpStream) {
        let mut piece = [0; PIECE];
        while let Ok(count @ 1..) = from.read(&mut piece) {
            let bytes = count as u64;
            if direction == Direction::Down && self.swallowing.load(Ordering::SeqCst) {
                self.swallowed.fetch_add(bytes, Ordering::SeqCst);
                continue;
            }
            let rate = self.rate.load(Ordering::SeqCst);
            if direction == Direction::Up && rate != 0 {
                thread::sleep(Duration::from_micros(bytes * 1_000_000 / rate));
            }
            if to.write_all(&piece[..count]).is_err() {
                break;
            }
            let counter = match direction {
                Direction::Up => &self.up_bytes,
                Direction::Down => &self.down_bytes,
            };
            counter.fetch_add(bytes, Ordering::SeqCst);
        }
        from.shutdown(Shutdown::Read).ok();
        to.shutdown(Shutdown::Write).ok();
    }

    fn drop_all(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            stream.shutdown(Shutdown::Both).ok();
        }
    }
}
