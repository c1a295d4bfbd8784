//! Serves HTTP/1.1 with bounds: connections, time for a request's head, time to end.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{debug, warn};

use crate::limits::{CONNECTIONS_MAX, HEADER_SECONDS_MAX, STOP_SECONDS_MAX};

/// How long to wait after the system could not give a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop`, then lets open requests end.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let (stopping, stopped) = watch::channel(false);
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut open = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        // Nobody closes the semaphore, so a permit comes as soon as a connection ends.
        let permit = tokio::select! {
            () = &mut stop => break,
            permit = Arc::clone(&room).acquire_owned() => permit,
        };
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _peer)) => {
                let (router, stopped) = (router.clone(), stopped.clone());
                open.spawn(async move {
                    converse(stream, router, stopped).await;
                    drop(permit);
                });
            }
            Err(error) => {
                warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    stopping.send_replace(true);
    let all = async { while open.join_next().await.is_some() {} };
    if timeout(Duration::from_secs(STOP_SECONDS_MAX), all).await.is_err() {
        warn!("open requests did not end in time");
    }
}

async fn converse(stream: TcpStream, router: Router, mut stopped: watch::Receiver<bool>) {
    let service = TowerToHyperService::new(router);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(HEADER_SECONDS_MAX));
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let stopping = async move { stopped.wait_for(|stopping| *stopping).await.map(|_stopping| ()) };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _stopping = stopping => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_stop_is_heard_although_no_connection_is_free() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().route("/", get(|| async {}));
        let serving = tokio::spawn(serve(listener, router, async { drop(stopped.await) }));
        let mut open = Vec::new();
        for _ in 0..CONNECTIONS_MAX {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
            assert_ne!(
                stream.read(&mut [0; 256]).await.unwrap(),
                0,
                "it is served, and stays open"
            );
            open.push(stream);
        }
        stop.send(()).unwrap();
        let patience = Duration::from_secs(3 * STOP_SECONDS_MAX);
        timeout(patience, serving).await.unwrap().unwrap();
        drop(open);
    }
}
