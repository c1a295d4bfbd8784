//! What a device may ask: to exchange, or to be let in.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use journal::DeviceKey;
use protocol::PROTOCOL_HEADER;
use protocol::limits::{REQUEST_BYTES_MAX, VERSIONS};

use super::exchange::Exchange;
use super::{Port, enrol};
use crate::limits::ENROL_BYTES_MAX;
use crate::truth::Fault;

/// What was asked can't be answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error("there is no such address: POST /v1/exchange or /v1/enrol")]
    NoSuchRoute,
    #[error("the request took too long: send less at once")]
    Late,
    #[error("the request broke off or is too large")]
    Body,
    #[error("the request is no enrolment request")]
    Malformed,
    #[error("the hub can't keep or read its data now: try again later")]
    Fault(#[from] Fault),
}

/// Answers one request of the device that proved to hold `peer`.
pub(super) async fn answer(
    port: &Port,
    peer: DeviceKey,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let work = route(port, peer, request);
    let done = tokio::time::timeout(port.bounds.exchange, work).await;
    let (status, body) = match done.unwrap_or(Err(Unanswered::Late)) {
        Ok(body) => (StatusCode::OK, body),
        Err(unanswered) => {
            if let Unanswered::Fault(fault) = &unanswered {
                tracing::error!(device = %peer.short(), %fault, "an exchange failed");
            }
            (unanswered.status(), unanswered.to_string().into_bytes())
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let spoken = VERSIONS.first().copied().unwrap_or_default();
    response.headers_mut().insert(PROTOCOL_HEADER, spoken.into());
    response
}

async fn route(
    port: &Port,
    peer: DeviceKey,
    request: Request<Incoming>,
) -> Result<Vec<u8>, Unanswered> {
    match (request.method(), request.uri().path()) {
        (&Method::POST, "/v1/exchange") => exchange(port, peer, request.into_body()).await,
        (&Method::POST, "/v1/enrol") => {
            let body = Limited::new(request.into_body(), ENROL_BYTES_MAX).collect().await;
            let body = body.map_err(|_too_large| Unanswered::Body)?.to_bytes();
            enrol::answer(port, peer, &body).await
        }
        _ => Err(Unanswered::NoSuchRoute),
    }
}

/// Frames are kept while the body still comes: a link that breaks costs only the last one.
async fn exchange(port: &Port, peer: DeviceKey, body: Incoming) -> Result<Vec<u8>, Unanswered> {
    let mut body = Limited::new(body, REQUEST_BYTES_MAX);
    let mut exchange = Exchange::new(&port.truth, &port.kept, peer);
    while let Some(part) = body.frame().await {
        let part = part.map_err(|_broken| Unanswered::Body)?;
        if let Some(bytes) = part.data_ref() {
            exchange.feed(bytes).await?;
        }
    }
    Ok(exchange.finish().await?)
}

impl Unanswered {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchRoute => StatusCode::NOT_FOUND,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Body | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Fault(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
