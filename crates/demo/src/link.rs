//! A link that can be switched off: a listener that forwards to the hub, or hangs up.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A link between one colony and the hub.
#[derive(Debug)]
pub(crate) struct Link {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_up: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Link {
    /// Makes a link to `hub`, switched off.
    pub(crate) fn to(hub: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A connection that fails is what this is for; the colony tries again.
                if shared.is_up.load(Ordering::SeqCst) && forward(stream, hub, &shared).is_err() {
                    continue;
                }
            }
        });
        Ok(Self { address, state })
    }

    /// Returns where the colony finds it.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets everything through from now on.
    pub(crate) fn up(&self) {
        self.state.is_up.store(true, Ordering::SeqCst);
    }

    /// Cuts what is open and refuses what comes.
    pub(crate) fn down(&self) {
        self.state.is_up.store(false, Ordering::SeqCst);
        let mut open = self.state.open.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in open.drain(..) {
            // It may be closed already, which is what we want.
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

fn forward(colony: TcpStream, hub: SocketAddr, state: &State) -> io::Result<()> {
    let hub = TcpStream::connect(hub)?;
    let mut open = state.open.lock().unwrap_or_else(PoisonError::into_inner);
    open.extend([colony.try_clone()?, hub.try_clone()?]);
    drop(open);
    copy(colony.try_clone()?, hub.try_clone()?);
    copy(hub, colony);
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        // Either end may hang up at any time; both are then closed.
        drop(io::copy(&mut from, &mut to));
        drop(to.shutdown(Shutdown::Both));
        drop(from.shutdown(Shutdown::Both));
    });
}
