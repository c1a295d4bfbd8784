//! Measures the whole path with the real programs: `cargo run --release -p tests --bin bench`.
//!
//! A colony adds records without a link, then the hub comes up and takes them; then the hub's pages
//! are asked, 64 officers write at once, and the hub is backed up and restored. Prints tables. The
//! limit for bytes is computed in the same run from the same records. The first argument is the
//! number of records; `ASHUU_BENCH_DATABASE` names a `PostgreSQL` database for the hub. With
//! `compare` as the first argument two versions are measured instead: see [`compare`].

#![expect(clippy::print_stdout, reason = "the table is what it is for")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a benchmark that can't run has failed")]

mod compare;
mod http;
mod made;
mod pages;
mod peers;
#[path = "../postgres.rs"]
#[expect(dead_code, reason = "what kills and copies databases is for tests")]
mod server;
mod writers;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use peers::{Peers, Running};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((first, rest)) if first == "compare" => compare::run(rest),
        Some((count, _)) => whole_path(count.parse().unwrap()),
        None => whole_path(10_000),
    }
}

/// Measures the way of so many records from an officer's file to the centre's pages.
fn whole_path(count: usize) {
    let lines = made::incidents(count, 1);
    let peers = Peers::new(&programs(), std::env::var("ASHUU_BENCH_DATABASE").ok());
    let input = peers.path("incident.jsonl");
    fs::write(&input, &lines).unwrap();

    peers.found(&["INST-027"]);
    let running = peers.run("hub");
    peers.enrol("agent", "INST-027");
    let token = peers.token("analyst");
    drop(running);

    let added = peers.tell("agent", &["add", "incident", input.to_str().unwrap()]);

    // A colony's agent always runs; without a hub it has failed once and waits.
    let colony = peers.run("agent");
    let link =
        || peers.json("agent", &["status"]).get("link").and_then(Value::as_str) == Some("waiting");
    while !link() {}
    let running = peers.run("hub");
    let began = Instant::now();
    let outcome = peers.json("agent", &["sync"]);
    let received = began.elapsed();
    peers.wait_until_listed(&token, count);
    let listed = began.elapsed();
    peers.wait_until_searchable();
    let up = outcome.get("bytes_up").and_then(Value::as_u64).unwrap();
    let limit = zstd::bulk::compress(lines.as_bytes(), 19).unwrap().len();
    print_table(count, [added, received, listed], [lines.len(), limit], up);
    pages::print_times(&peers.web("hub"), &token);
    let token = fs::read_to_string(peers.path("agent").join("api.token")).unwrap();
    let (rate, median) = writers::measure(&peers.web("agent"), token.trim());
    println!(
        "\n{} officers at one local API: {rate:.0} durable records/s, median {:.1} ms",
        writers::WRITERS,
        median.as_secs_f64() * 1_000.0
    );
    drop(colony);
    print_backup(&peers, running);
}

/// Returns where the programs lie: beside this one.
fn programs() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

fn print_table(
    count: usize,
    [added, received, listed]: [Duration; 3],
    [plain, limit]: [usize; 2],
    up: u64,
) {
    let rate = |time: Duration| count as f64 / time.as_secs_f64();
    let each = |bytes: f64| bytes / count as f64;
    println!("| {count} incidents of {} bytes as JSON | measured | target |", plain / count);
    println!("|---|---|---|");
    println!("| `add`, durable | {:.0} records/s | ≥ 8,000 |", rate(added));
    println!("| first sync, received and receipted | {:.0} records/s | ≥ 15,000 |", rate(received));
    println!("| first sync, merged and listable | {:.0} records/s | ≥ 8,000 |", rate(listed));
    println!(
        "| bytes up a record | {:.1} | ≤ {:.1} (1.5 × `zstd -19`) |",
        each(up as f64),
        each(limit as f64) * 1.5
    );
    println!("| bytes up, as a multiple of `zstd -19` | {:.2} | ≤ 1.5 |", up as f64 / limit as f64);
}

/// Backs up the running hub and restores it elsewhere, and says how long either took.
fn print_backup(peers: &Peers, running: Running) {
    let path = |name: &str| peers.path(name).to_str().unwrap().to_owned();
    fs::write(path("phrase"), "correct horse battery staple\n").unwrap();
    let (file, phrase) = (path("hub.backup"), path("phrase"));
    let backed_up = peers.tell("hub", &["backup", &file, "--passphrase-file", &phrase]);
    drop(running);
    let restore = ["restore", &file, "--passphrase-file", &phrase, "--data", &path("restored")];
    let restored = peers.tell("hub", &restore);
    println!(
        "backup of the hub {:.1} s ({} bytes), restore {:.1} s",
        backed_up.as_secs_f64(),
        fs::metadata(&file).unwrap().len(),
        restored.as_secs_f64()
    );
}
