//! Asks a running agent, over its own local API.

use std::path::Path;
use std::time::Duration;

use pages::Lang;
use reqwest::header;

use super::token::{announced, kept_token};
use crate::problem::{Cause, Document, Problem};
use crate::request::{Request, Response};

/// How long a connection within this machine may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A way to the running agent.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    /// Returns the way to the agent that runs on this data directory, if one answers.
    pub(crate) async fn find(data: &Path) -> Option<Self> {
        let (web, token) = (announced(data)?, kept_token(data)?);
        let http = reqwest::Client::builder().no_proxy().connect_timeout(CONNECT_TIMEOUT).build();
        let http = http.map_err(|error| tracing::warn!(%error, "no HTTP client")).ok()?;
        let client = Self { http, base: format!("http://{web}"), token };
        let health = client.http.get(format!("{}/healthz", client.base)).send().await.ok()?;
        health.status().is_success().then_some(client)
    }

    /// Asks, and waits for the answer however long it takes.
    pub(crate) async fn execute(&self, request: &Request, lang: Lang) -> Result<Response, Problem> {
        let malformed = |error: serde_json::Error| {
            Problem::new(Cause::Internal, format!("not as the running agent speaks: {error}"))
        };
        let body = serde_json::to_vec(request).map_err(malformed)?;
        let sent = self
            .http
            .post(format!("{}/api/v1/command", self.base))
            .bearer_auth(&self.token)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT_LANGUAGE, lang.code())
            .body(body)
            .send()
            .await;
        let answered = sent.map_err(|error| gone(&error))?;
        let good = answered.status().is_success();
        let bytes = answered.bytes().await.map_err(|error| gone(&error))?;
        if good {
            return serde_json::from_slice(&bytes).map_err(malformed);
        }
        Err(serde_json::from_slice::<Document>(&bytes).map_err(malformed)?.into())
    }
}

fn gone(error: &reqwest::Error) -> Problem {
    let words = format!(
        "the running agent stopped answering ({error}); ask again, `list` shows what was saved"
    );
    Problem::new(Cause::Unavailable, words)
}
