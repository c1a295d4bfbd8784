//! Pages and API on one listener, which stays on this machine until there are accounts.
//!
//! Requests are bounded here: connections, time, size; and nothing is answered to a page that came
//! by another name.

mod assets;
mod forms;
mod guard;
mod records;
mod resolve;
mod review;
mod sites;
mod told;
mod visitor;
mod void;
mod waiting;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::Redirect;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::api;
use crate::truth::Truth;

/// Connections at once; a browser opens six.
const CONNECTIONS: usize = 256;

/// How long the head of a request may take.
const HEADER: Duration = Duration::from_secs(10);

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(60);

/// Bytes of a request's body: a decision with a long remark is far smaller.
const BODY_BYTES: usize = 64 * 1024;

/// How long open requests may go on once the hub is told to stop.
const FAREWELL: Duration = Duration::from_secs(3);

/// How long to wait after the system refused a connection: mostly it is out of file handles.
const AFTER_ERROR: Duration = Duration::from_millis(200);

/// Returns all that is served to people and programs; `hosts` are the names it is served under.
pub(crate) fn router(truth: Truth, hosts: Vec<String>) -> Router {
    let hosts: Arc<[String]> = hosts.into();
    Router::new()
        .route("/", get(|| async { Redirect::to("/sites") }))
        .route("/sites", get(sites::page))
        .route("/sites/{code}", get(sites::one))
        .route("/records", get(records::list))
        .route("/records/{id}", get(records::show))
        .route("/records/{id}/resolve", post(resolve::resolve).get(told::back))
        .route("/records/{id}/review", post(review::review).get(told::back))
        .route("/records/{id}/void", post(void::void).get(told::back))
        .route("/forms", get(forms::list))
        .route("/forms/{id}", get(forms::form))
        .route("/vocabularies/{name}", get(forms::vocabulary))
        .route("/assets/ashuu.css", get(assets::style))
        .route("/assets/icon.svg", get(assets::icon))
        .merge(api::routes())
        .fallback(told::nothing_here)
        .with_state(truth)
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, ANSWER))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        .layer(middleware::from_fn(guard::word_refusals))
        .layer(middleware::from_fn(told::in_words))
        .layer(middleware::from_fn_with_state(hosts, guard::check_host))
        .layer(middleware::from_fn(guard::add_headers))
}

/// Serves pages and API on `listener`, also under `names`, until `stop` says so.
///
/// # Errors
///
/// Returns an error if the listener has no address.
pub(crate) async fn serve(
    listener: TcpListener,
    truth: Truth,
    names: Vec<String>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let router = router(truth, guard::names_of(listener.local_addr()?, &names));
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { break };
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _from)) => {
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    connection(stream, router, stop).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
    let farewell = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
        tracing::debug!("requests still under way are cut off");
    }
    Ok(())
}

async fn connection(stream: TcpStream, router: Router, mut stop: watch::Receiver<bool>) {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADER);
    let served = server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut served = std::pin::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        _ = async { stop.wait_for(|stop| *stop).await.is_ok() } => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

#[cfg(test)]
mod tests;
