//! The office: the desk, and whoever keeps the link, behind one question.

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use store::{Fault, StoreState};
use tokio::task::spawn_blocking;

use super::spoken;
use crate::desk::Desk;
use crate::problem::{Cause, Problem};
use crate::request::{LineResult, Request, Response as Answer};
use crate::sync::SyncHandle;

/// The desk, and whoever keeps the link. Clones share both.
#[derive(Clone, Debug)]
pub(crate) struct Office {
    desk: Arc<Desk>,
    link: SyncHandle,
}

impl Office {
    pub(crate) const fn new(desk: Arc<Desk>, link: SyncHandle) -> Self {
        Self { desk, link }
    }

    /// Does what is asked; what was written sets out for the hub at once.
    pub(super) async fn execute(&self, request: Request) -> Result<Answer, Problem> {
        if matches!(request, Request::Sync) {
            let outcome = self.link.sync_now().await;
            let stopping = || Problem::new(Cause::Unavailable, "the agent is stopping");
            return outcome.map(|it| Answer::Synced(it.to_json())).ok_or_else(stopping);
        }
        let (desk, lang) = (Arc::clone(&self.desk), spoken::lang());
        // Reading rows and waiting for the disk block a thread, never the ones that serve.
        let done = spawn_blocking(move || desk.execute_in(request, lang)).await;
        let failed = |_panic| Problem::new(Cause::Internal, "this program failed at that");
        let answer = done.map_err(failed)??;
        if has_written(&answer) {
            self.link.wake();
        }
        Ok(answer)
    }

    /// Does what is asked, and answers with what is printed.
    pub(super) async fn answer(&self, request: Request) -> Result<Response, Problem> {
        Ok(match self.execute(request).await? {
            Answer::Listed(rows) | Answer::History(rows) | Answer::Tasks(rows) => {
                Json(rows).into_response()
            }
            Answer::Words(told) => Json(told).into_response(),
            Answer::Exported(page) => Json(page).into_response(),
            Answer::Shown(json)
            | Answer::Status(json)
            | Answer::Verified(json)
            | Answer::Kept(json)
            | Answer::Synced(json) => Json(json).into_response(),
            Answer::Saved(saved) => Json(saved).into_response(),
            Answer::Added(outcomes) => Json(outcomes).into_response(),
        })
    }

    /// Refuses while the views are being made anew.
    pub(super) fn expect_views(&self) -> Result<(), Problem> {
        match self.desk.store().state() {
            StoreState::Rebuilding => Err(Fault::Rebuilding.into()),
            StoreState::Ok | StoreState::Degraded(_) => Ok(()),
        }
    }

    pub(super) fn store_words(&self) -> &'static str {
        match self.desk.store().state() {
            StoreState::Ok => "ok",
            StoreState::Rebuilding => "rebuilding",
            StoreState::Degraded(_) => "degraded",
        }
    }
}

fn has_written(answer: &Answer) -> bool {
    match answer {
        Answer::Saved(saved) => !saved.unchanged,
        Answer::Added(outcomes) => outcomes.iter().any(|outcome| match &outcome.result {
            LineResult::Saved(saved) => !saved.unchanged,
            LineResult::Refused { .. } | LineResult::Valid { .. } => false,
        }),
        Answer::Listed(_)
        | Answer::Exported(_)
        | Answer::Shown(_)
        | Answer::History(_)
        | Answer::Tasks(_)
        | Answer::Words(_)
        | Answer::Status(_)
        | Answer::Verified(_)
        | Answer::Kept(_)
        | Answer::Synced(_) => false,
    }
}
