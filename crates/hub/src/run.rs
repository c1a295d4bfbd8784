//! `run`: binds the ports, starts what serves them, and stops it all when asked to.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{FutureExt as _, TryFutureExt as _};
use record::clock::PieceName;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use crate::addresses::Addresses;
use crate::config::Config;
use crate::failure::Failure;
use crate::limits::CLOCK_LOOK_EVERY;
use crate::open::open;
use crate::print::line;
use crate::sync::Bounds;
use crate::truth::{Fault, Truth, devices, epoch, health, hub_time, probe};
use crate::{backups, fold, metrics, sync, web, write};

/// Serves until the process is told to stop.
pub(crate) async fn run(config: &Config) -> Result<(), Failure> {
    let truth = open(config).await?;
    tried_once(&truth).await?;
    if truth.db.is_forgetful().await? {
        tracing::warn!("the server has fsync = off: a power cut there loses what was receipted");
    }
    let doubts = hub_time::doubts(&truth).await?;
    hub_time::begin(&truth).await?;
    tell_devices(&truth).await?;
    let web_port = bind("web", &config.web_listen).await?;
    let sync_port = bind("sync", &config.sync_listen).await?;
    let (web_address, sync_address) = (web_port.local_addr()?, sync_port.local_addr()?);
    if !web_address.ip().is_loopback() {
        return Err(Failure::Usage(format!(
            "[web] listen = {web_address}: until there are accounts, pages and API are for this \
             machine only: listen on 127.0.0.1"
        )));
    }
    let (stop, stopped) = watch::channel(false);
    let signals = fold::Signals::default();
    let mut services = JoinSet::new();
    services.spawn(health::watch(truth.clone(), stopped.clone()).map(Ok));
    services.spawn(fold::run(truth.clone(), signals.clone(), stopped.clone()).map(Ok));
    services.spawn(epoch::watch(truth.clone(), stopped.clone()).map(Ok));
    services.spawn(watch_clock(truth.clone(), doubts, stopped.clone()).map(Ok));
    let fold::Signals { kept, folded } = signals;
    services.spawn(write::recalls(truth.clone(), folded, stopped.clone()).map_err(said));
    services.spawn(
        web::serve(web_port, truth.clone(), config.web_hosts.clone(), stopped.clone())
            .map_err(said),
    );
    if !config.metrics_listen.is_empty() {
        // Two hubs on one machine may both have the shipped port: records matter more than figures.
        match bind("metrics", &config.metrics_listen).await {
            Ok(port) => {
                let figures = metrics::serve(port, truth.clone(), stopped.clone());
                services.spawn(figures.map_err(said));
            }
            Err(failure) => tracing::warn!(%failure, "no figures are served"),
        }
    }
    if let Some(plan) = config.backup.clone() {
        let data = config.data.clone();
        let keeping = backups::run(truth.clone(), plan, data, stopped.clone());
        services.spawn(keeping.map(Ok));
    }
    let bounds = bounds(config);
    services.spawn(sync::serve(sync_port, truth.clone(), kept, bounds, stopped).map_err(said));
    let addresses = Addresses {
        web: web_address.to_string(),
        sync: sync_address.to_string(),
        pid: std::process::id(),
    };
    addresses.write(&config.data)?;
    announce(&truth, web_address, sync_address)?;
    let mut done = tokio::select! {
        told = told_to_stop() => told.map_err(Failure::from),
        ended = services.join_next() => ended.map_or(Ok(()), outcome),
    };
    tracing::info!("stopping");
    Addresses::remove(&config.data);
    stop.send_replace(true);
    while let Some(ended) = services.join_next().await {
        // The first thing that went wrong is what is told.
        let ended = outcome(ended);
        done = if done.is_ok() { ended } else { done };
    }
    truth.db.close().await;
    done
}

/// Looks whether anything can be received at all: on a standby nothing ever could.
async fn tried_once(truth: &Truth) -> Result<(), Failure> {
    for trouble in probe::probe(&truth.db).await {
        if trouble.takes_no_writes() {
            return Err(Failure::Unavailable(format!("{trouble}: {}", trouble.remedy())));
        }
        tracing::warn!(%trouble, todo = trouble.remedy(), "the hub may not be able to receive");
    }
    Ok(())
}

/// Looks at the clock again and again: a jump is found also while nobody calls.
///
/// What the views say of times was right by what was in doubt when they were folded: they are folded
/// anew when that changes.
async fn watch_clock(truth: Truth, mut known: Vec<PieceName>, mut stopped: watch::Receiver<bool>) {
    loop {
        match folded_by_doubts(&truth, &known).await {
            Ok(doubts) => known = doubts,
            Err(fault) => tracing::error!(%fault, "the views can't be folded anew for now"),
        }
        tokio::select! {
            // Whoever would tell is gone, or has told: both are the end.
            _told = stopped.changed() => return,
            () = tokio::time::sleep(CLOCK_LOOK_EVERY) => {}
        }
        if let Err(fault) = hub_time::note(&truth).await {
            tracing::error!(%fault, "which time the clock shows can't be noted");
        }
    }
}

/// Folds the views anew if other times of the hub are in doubt now than those known; returns them.
async fn folded_by_doubts(truth: &Truth, known: &[PieceName]) -> Result<Vec<PieceName>, Fault> {
    let doubts = hub_time::doubts(truth).await?;
    if doubts != known {
        tracing::warn!(pieces = doubts.len(), "what is in doubt of the hub's time has changed");
        fold::rebuild(truth).await?;
    }
    Ok(doubts)
}

/// Tells devices of what changed at their sites and was not said to them, whoever changed it.
async fn tell_devices(truth: &Truth) -> Result<(), Fault> {
    let mut tx = truth.db.begin().await?;
    let told = devices::tell_of_sites(truth, &mut tx, truth.clock.now()).await?;
    tx.commit().await?;
    if !told.is_empty() {
        tracing::info!(devices = told.len(), "devices are told how their sites stand");
    }
    Ok(())
}

/// What a service ended with.
fn outcome(ended: Result<Result<(), Failure>, JoinError>) -> Result<(), Failure> {
    ended.map_err(said)?
}

fn said(error: impl std::fmt::Display) -> Failure {
    Failure::Unavailable(error.to_string())
}

async fn bind(what: &str, address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Unavailable(format!("can't listen on {address} ([{what}] listen): {error}"))
    })
}

const fn bounds(config: &Config) -> Bounds {
    Bounds {
        connections: config.connections,
        header: Duration::from_secs(config.header_seconds),
        exchange: Duration::from_secs(config.exchange_seconds),
    }
}

/// Says where the hub listens, for people and for programs that started it.
fn announce(truth: &Truth, web: SocketAddr, sync: SocketAddr) -> Result<(), Failure> {
    let hub = truth.key().short();
    tracing::info!(%web, %sync, %hub, "listening; pages and API for this machine only");
    line(&format!("listening web={web} sync={sync}"))
}

/// Waits for Ctrl-C or the system's request to end.
async fn told_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut end = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = end.recv() => Ok(()),
    }
}
