//! Who carries a command out: this process, or the running agent that holds the data directory.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use pages::Lang;
use tokio::runtime::Runtime;

use crate::api::Client;
use crate::config::Config;
use crate::desk::Desk;
use crate::limits::{LOCK_PAUSE_MS, LOCK_WAIT_MS_MAX};
use crate::problem::{Cause, Problem};
use crate::request::{Request, Response};
use crate::run::courier;

/// Who carries commands out.
#[derive(Debug)]
pub(super) struct Session<'a> {
    runtime: &'a Runtime,
    config: &'a Config,
    lang: Lang,
    worker: Worker,
}

#[derive(Debug)]
enum Worker {
    Here(Arc<Desk>),
    Running(Client),
}

impl<'a> Session<'a> {
    /// Opens the data directory, or finds the running agent that has it.
    pub(super) fn begin(
        runtime: &'a Runtime,
        config: &'a Config,
        lang: Lang,
    ) -> Result<Self, Problem> {
        Ok(Self { runtime, config, lang, worker: worker(runtime, config)? })
    }

    /// Carries one command out.
    pub(super) fn execute(&self, request: Request) -> Result<Response, Problem> {
        match (&self.worker, request) {
            (Worker::Running(client), request) => {
                self.runtime.block_on(client.execute(&request, self.lang))
            }
            (Worker::Here(desk), Request::Sync) => {
                let mut courier = courier(desk, &self.config.sync)?;
                let outcome = self.runtime.block_on(courier.exchange());
                Ok(Response::Synced(outcome.to_json()))
            }
            (Worker::Here(desk), request) => desk.execute_in(request, self.lang),
        }
    }

    /// Returns the language of whoever asks.
    pub(super) const fn lang(&self) -> Lang {
        self.lang
    }

    /// Returns the desk, if this process has it.
    pub(super) fn desk(&self) -> Option<&Desk> {
        match &self.worker {
            Worker::Here(desk) => Some(desk),
            Worker::Running(_) => None,
        }
    }
}

fn worker(runtime: &Runtime, config: &Config) -> Result<Worker, Problem> {
    let deadline = Instant::now() + Duration::from_millis(LOCK_WAIT_MS_MAX);
    loop {
        let problem = match Desk::open(&config.data) {
            Ok(desk) => return Ok(Worker::Here(Arc::new(desk))),
            Err(problem) if problem.cause == Cause::Locked => problem,
            Err(problem) => return Err(problem),
        };
        if let Some(client) = runtime.block_on(Client::find(&config.data)) {
            return Ok(Worker::Running(client));
        }
        if deadline <= Instant::now() {
            return Err(problem);
        }
        thread::sleep(Duration::from_millis(LOCK_PAUSE_MS));
    }
}
