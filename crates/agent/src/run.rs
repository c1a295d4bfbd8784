//! `run`: holds the data directory, serves the local API, and keeps the link to the hub.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use crate::api::{self, Announcement, Names, Office};
use crate::config::{Config, SyncConfig};
use crate::desk::Desk;
use crate::limits::{LOCK_PAUSE_MS, LOCK_WAIT_MS_MAX};
use crate::problem::{Cause, Problem};
use crate::sync::{Courier, Daemon, Settings, watch_interfaces};

/// Runs until the process is asked to stop.
///
/// # Errors
///
/// Returns a [`Problem`] if it can't begin.
pub(crate) fn run(runtime: &Runtime, config: &Config, announce: bool) -> Result<(), Problem> {
    let desk = Arc::new(desk(config)?);
    runtime.block_on(serve(desk, config, announce))
}

/// Returns a courier for what the desk keeps.
pub(crate) fn courier(desk: &Arc<Desk>, config: &SyncConfig) -> Result<Courier, Problem> {
    let (store, identity) = (desk.store().clone(), desk.identity().clone());
    let ledger = desk.ledger().clone();
    let asked: Arc<dyn crate::sync::Desk> = Arc::<Desk>::clone(desk);
    Courier::new(store, identity, ledger, asked, config.hub.as_deref())
        .map_err(|words| Problem::new(Cause::Hub, words))
}

/// A command may hold the directory for a moment; another `run` holds it for good.
fn desk(config: &Config) -> Result<Desk, Problem> {
    let deadline = Instant::now() + Duration::from_millis(LOCK_WAIT_MS_MAX);
    loop {
        match Desk::open(&config.data) {
            Err(problem) if problem.cause == Cause::Locked && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(LOCK_PAUSE_MS));
            }
            opened => return opened,
        }
    }
}

async fn serve(desk: Arc<Desk>, config: &Config, announce: bool) -> Result<(), Problem> {
    let unavailable = |error: std::io::Error| {
        let words = format!("cannot serve on {}: {error}", config.web.listen);
        Problem::new(Cause::Unavailable, words)
    };
    let listener = TcpListener::bind(config.web.listen).await.map_err(unavailable)?;
    let web = listener.local_addr().map_err(unavailable)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(unavailable)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unavailable)?;
    let SyncConfig { poll, min_backoff, max_backoff, hours, max_bytes_per_day, .. } = config.sync;
    let settings = Settings { poll, min_backoff, max_backoff, hours, max_bytes_per_day };
    let (daemon, link) = Daemon::new(courier(&desk, &config.sync)?, settings, desk.link().clone());
    let token = api::token(&config.data)?;
    let interfaces = watch_interfaces(link.clone());
    let office = Office::new(Arc::clone(&desk), link);
    let router = api::router(office, Names(config.web.hosts.clone()), &token);
    let announcement = Announcement::begin(&config.data, web)?;
    info!(%web, "serving this machine only, until there are accounts");
    if announce {
        crate::cli::print_line(&json!({ "web": web }).to_string());
    }
    let link = tokio::spawn(daemon.run());
    let interfaces = tokio::spawn(interfaces);
    let stop = async move {
        tokio::select! {
            _asked = terminate.recv() => {}
            _asked = interrupt.recv() => {}
        }
    };
    api::serve(listener, router, stop).await;
    link.abort();
    interfaces.abort();
    // Whoever reads run.json from now on would find nobody.
    drop(announcement);
    info!("stopped; everything acknowledged is on the disk");
    Ok(())
}
