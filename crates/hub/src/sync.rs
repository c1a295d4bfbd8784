//! The sync port: TLS 1.3 with raw public keys, where a device's key is its identity.
//!
//! Each connection is served by itself; what may be asked is in [`routes`]. This module bounds how
//! many there are and how long they may take, and ends them when the hub stops.

mod enrol;
mod exchange;
mod routes;
mod tls;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use journal::DeviceKey;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

pub use exchange::Exchange;
pub use tls::TlsFault;

use crate::limits::{AFTER_ACCEPT_ERROR, FAREWELL};
use crate::stop::stopping;
use crate::truth::Truth;

/// The bounds of the port.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at once.
    pub connections: u32,
    /// How long a handshake and the head of a request may take.
    pub header: Duration,
    /// How long an exchange may take.
    pub exchange: Duration,
}

/// What every connection needs.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    pub(crate) truth: Truth,
    /// Wakes the fold when something was kept.
    pub(crate) kept: Arc<Notify>,
    pub(crate) bounds: Bounds,
}

/// Serves devices on `listener` until `stop` says so.
///
/// # Errors
///
/// Returns [`TlsFault`] if the hub's key can't be used.
pub async fn serve(
    listener: TcpListener,
    truth: Truth,
    kept: Arc<Notify>,
    bounds: Bounds,
    stop: watch::Receiver<bool>,
) -> Result<(), TlsFault> {
    let acceptor = TlsAcceptor::from(Arc::new(tls::server(truth.lanes.secret())?));
    let port = Arc::new(Port { truth, kept, bounds });
    let room = usize::try_from(bounds.connections.max(1)).unwrap_or(usize::MAX);
    let room = Arc::new(Semaphore::new(room.min(Semaphore::MAX_PERMITS)));
    let mut connections = JoinSet::new();
    let mut stopped = std::pin::pin!(stopping(stop.clone()));
    let (crowd, _nobody_yet) = watch::channel(());
    loop {
        let accepted = tokio::select! {
            () = stopped.as_mut() => break,
            accepted = listener.accept() => accepted,
            Some(_ended) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, _from)) => {
                if room.available_permits() == 0 {
                    crowd.send_replace(());
                }
                // Nothing else may end this wait: the device would go with whoever made the room.
                let permit = tokio::select! {
                    () = stopped.as_mut() => break,
                    permit = Arc::clone(&room).acquire_owned() => permit,
                };
                let (acceptor, port) = (acceptor.clone(), Arc::clone(&port));
                let (crowded, stop) = (crowd.subscribe(), stop.clone());
                connections.spawn(async move {
                    connection(stream, acceptor, port, Leave { stop, crowded }).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a device's connection was not accepted");
                tokio::time::sleep(AFTER_ACCEPT_ERROR).await;
            }
        }
    }
    let farewell = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
        tracing::warn!("exchanges still under way are cut off; what was kept stays kept");
    }
    Ok(())
}

/// When a connection is to end: with the port, or when another waits for room. Then those that are
/// open end with what they are at, idle ones at once, so that a thousand devices that keep theirs for
/// a while don't shut out the next.
struct Leave {
    stop: watch::Receiver<bool>,
    crowded: watch::Receiver<()>,
}

impl Leave {
    /// Waits until the port stops, or is crowded after `answered`: whoever came to ask is answered.
    async fn wait(self, answered: &Notify) {
        let Self { stop, mut crowded } = self;
        let crowded = async {
            answered.notified().await;
            // An error says that the port is gone, which is a stop too.
            drop(crowded.changed().await);
        };
        tokio::select! {
            () = stopping(stop) => {}
            () = crowded => {}
        }
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, port: Arc<Port>, leave: Leave) {
    let header = port.bounds.header;
    if let Err(error) = stream.set_nodelay(true) {
        return tracing::debug!(%error, "a connection that is gone");
    }
    let stream = match tokio::time::timeout(header, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, "no handshake"),
        Err(_late) => return tracing::debug!("no handshake in time"),
    };
    let Some(peer) = peer(&stream) else { return tracing::debug!("a peer without a key") };
    let answered = Notify::new();
    let service = hyper::service::service_fn(|request| async {
        let answer = routes::answer(&port, peer, request).await;
        answered.notify_one();
        Ok::<_, std::convert::Infallible>(answer)
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(header);
    let served = server.serve_connection(TokioIo::new(stream), service);
    let mut served = std::pin::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = leave.wait(&answered) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(device = %peer.short(), %error, "a connection broke off");
    }
}

/// The key the peer proved to hold.
fn peer(stream: &tokio_rustls::server::TlsStream<TcpStream>) -> Option<DeviceKey> {
    let (_, session) = stream.get_ref();
    let [key] = session.peer_certificates()? else { return None };
    DeviceKey::from_spki(key)
}
