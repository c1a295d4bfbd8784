//! One request to the hub: a body up, a body down, both bounded.

use std::time::Duration;

use journal::{DeviceKey, DeviceSecret};
use protocol::PROTOCOL_HEADER;
use protocol::limits::ANSWER_BYTES_MAX;

use super::tls;

/// How long a connection may take to open: a satellite with a queue still does.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// How long nothing may come: the hub commits a frame in far less.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(90);

/// How long an idle connection is kept for the next step.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// A way to the hub.
#[derive(Debug)]
pub struct Link {
    client: reqwest::Client,
    base: String,
}

/// An answer of the hub.
#[derive(Debug)]
pub struct Answer {
    /// What it said.
    pub body: Vec<u8>,
    /// The version of the protocol that it said it speaks; of a hub that says none, 0.
    pub protocol: u16,
}

/// There was no answer that can be read.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The way can't even be prepared.
    #[error("the link can't be prepared: {0}")]
    Setup(String),
    /// The hub could not be connected to, so nothing was sent.
    #[error("no answer from the hub: {0}")]
    Unreached(String),
    /// No answer, or half of one.
    #[error("no answer from the hub: {0}")]
    NoAnswer(String),
    /// The hub asks to be left alone for a while, or does not serve this.
    #[error("the hub answered {status}: {words}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// What it said.
        words: String,
        /// How long it wants to be left alone.
        retry_after_ms: Option<u64>,
    },
    /// More than an answer may hold.
    #[error("the answer is longer than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
}

impl Link {
    /// Prepares a way from `device` to `hub` at `address`; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// Returns [`LinkError::Setup`] if TLS or the client can't be set up.
    pub fn new(device: &DeviceSecret, hub: DeviceKey, address: &str) -> Result<Self, LinkError> {
        let tls = tls::client(device, hub).map_err(|error| LinkError::Setup(error.to_string()))?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(1)
            .build()
            .map_err(|error| LinkError::Setup(error.to_string()))?;
        Ok(Self { client, base: format!("https://{address}") })
    }

    /// Sends `body` to `path` and returns the answer's.
    ///
    /// # Errors
    ///
    /// Returns [`LinkError`] if there is no whole answer.
    pub async fn post(&self, path: &str, body: Vec<u8>) -> Result<Answer, LinkError> {
        let url = format!("{}{path}", self.base);
        let sent = self.client.post(url).body(body).send().await;
        let mut response = sent.map_err(no_answer)?;
        let status = response.status();
        let retry_after_ms = response
            .headers()
            .get(reqwest::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
            .map(|seconds| seconds.saturating_mul(1_000));
        let protocol = response.headers().get(PROTOCOL_HEADER);
        let protocol = protocol.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0);
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
            if ANSWER_BYTES_MAX < answer.len() + chunk.len() {
                return Err(LinkError::TooLong);
            }
            answer.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok(Answer { body: answer, protocol });
        }
        let words = String::from_utf8_lossy(&answer).chars().take(300).collect();
        Err(LinkError::Status { status: status.as_u16(), words, retry_after_ms })
    }
}

/// Names the last cause: "error sending request" alone helps nobody.
fn no_answer(error: reqwest::Error) -> LinkError {
    let error = error.without_url();
    let unreached = error.is_connect();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if unreached {
        return LinkError::Unreached(cause.to_string());
    }
    LinkError::NoAnswer(cause.to_string())
}
