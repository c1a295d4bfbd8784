//! A thousand devices in one process against a real hub, and none of them twice:
//! `cargo run --release -p tests --bin devices -- [DEVICES] [RECORDS] [SITES]`.
//!
//! The devices run the machine of crate `protocol` over the agent's own link; only their disks are
//! memory. The hub is the real program on `SQLite`, or on the database that `ASHUU_BENCH_DATABASE`
//! names. Every device enrols, comes with its records at the same time as all others, takes down
//! what its siblings wrote, and comes a second time when nothing is new.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a benchmark that can't run has failed")]

#[path = "../made.rs"]
mod made;

mod device;
mod hub;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use device::{Device, Visit};
use hub::Hub;

/// Devices that exchange at the same time; the others wait for their turn, as on a busy line.
const AT_ONCE: usize = 64;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>().unwrap());
    let mut next = |default| arguments.next().unwrap_or(default);
    let (count, records, sites) = (next(1_000), next(20), next(50));
    let runtime = Runtime::new().unwrap();
    let hub = Hub::start(sites);
    let began = Instant::now();
    let devices = enrolled(&runtime, &hub, count, records);
    println!("{count} devices of {sites} sites enrolled in {:.1} s", began.elapsed().as_secs_f64());

    let before = hub.memory_mib();
    let (devices, first) = round(&runtime, devices);
    let took = first.took;
    let listed = hub.listed(count * records);
    let during = hub.peak_memory_mib();
    let (devices, second) = round(&runtime, devices);
    let (devices, third) = round(&runtime, devices);
    hub.assert_held_once(&devices, records);

    println!(
        "| {count} devices × {records} records | first | second | settled |\n|---|---|---|---|"
    );
    let row = |what: &str, value: &dyn Fn(&Round) -> String| {
        println!("| {what} | {} | {} | {} |", value(&first), value(&second), value(&third));
    };
    row("wall time", &|round| format!("{:.1} s", round.took.as_secs_f64()));
    row("longest exchange", &|round| format!("{:.2} s", round.longest.as_secs_f64()));
    row("99th percentile", &|round| format!("{:.2} s", round.slow.as_secs_f64()));
    row("entries up", &|round| round.visits.sent.to_string());
    row("entries down", &|round| round.visits.received.to_string());
    row("steps without an answer", &|round| round.visits.lost.to_string());
    row("bytes up a device", &|round| (round.visits.up / count as u64).to_string());
    row("bytes down a device", &|round| (round.visits.down / count as u64).to_string());
    println!(
        "held {:.0} records/s, listed after {:.1} s; the hub's memory {before} MiB before, {during} MiB at most",
        (count * records) as f64 / took.as_secs_f64(),
        (took + listed).as_secs_f64(),
    );
}

/// What came of one exchange of every device.
struct Round {
    took: Duration,
    longest: Duration,
    slow: Duration,
    visits: Visit,
}

fn enrolled(runtime: &Runtime, hub: &Hub, count: usize, records: usize) -> Vec<Device> {
    let invitations = hub.invitations(count);
    let lines = made::incidents(count * records, 7);
    let lines: Vec<&str> = lines.lines().collect();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut enrolling = JoinSet::new();
    for (number, invitation) in invitations.into_iter().enumerate() {
        let places = Arc::clone(&places);
        let own = lines.iter().skip(number * records).take(records);
        let own: Vec<String> = own.map(|line| (*line).to_owned()).collect();
        let task = async move {
            let _place = places.acquire_owned().await.unwrap();
            Device::enrol(&invitation, &own).await
        };
        enrolling.spawn_on(task, runtime.handle());
    }
    runtime.block_on(enrolling.join_all())
}

fn round(runtime: &Runtime, devices: Vec<Device>) -> (Vec<Device>, Round) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let began = Instant::now();
    let mut exchanging = JoinSet::new();
    for mut device in devices {
        let places = Arc::clone(&places);
        let task = async move {
            let _place = places.acquire_owned().await.unwrap();
            let began = Instant::now();
            let visit = device.exchange().await;
            (device, visit, began.elapsed())
        };
        exchanging.spawn_on(task, runtime.handle());
    }
    let (mut devices, mut visits, mut times) = (Vec::new(), Visit::default(), Vec::new());
    for (device, visit, took) in runtime.block_on(exchanging.join_all()) {
        visits.add(&visit);
        devices.push(device);
        times.push(took);
    }
    times.sort_unstable();
    let slow = times.get(times.len() * 99 / 100).copied().unwrap();
    let longest = times.last().copied().unwrap();
    (devices, Round { took: began.elapsed(), longest, slow, visits })
}
