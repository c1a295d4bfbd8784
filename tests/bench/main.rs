//! Measures the whole path with the real programs: `cargo run --release -p tests --bin bench`.
//!
//! A colony adds records without a link, then the hub comes up and takes them; then the hub's pages
//! are asked, 64 officers write at once, and the hub is backed up and restored. Prints tables. The
//! limit for bytes is computed in the same run from the same records. The first argument is the
//! number of records; `ASHUU_BENCH_DATABASE` names a `PostgreSQL` database for the hub.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that can't run has failed")]

mod http;
mod made;
mod pages;
mod writers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use http::Connection;
use serde_json::Value;

/// How often the hub is asked how far it is.
const LOOK: Duration = Duration::from_millis(20);

fn main() {
    let count: usize = std::env::args().nth(1).map_or(10_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let lines = made::incidents(count, 1);
    let input = folder.path().join("incident.jsonl");
    fs::write(&input, &lines).unwrap();
    let metrics = format!("127.0.0.1:{}", free_port());
    let peer = Peers { folder: folder.path().to_owned(), metrics };

    match std::env::var("ASHUU_BENCH_DATABASE") {
        Ok(database) => peer.hub(&["init", "--database", &database]),
        Err(_unset) => peer.hub(&["init"]),
    }
    peer.hub(&["site", "add", "INST-027", "--name-en", "Colony"]);
    let mut running = peer.run("hub");
    let code = peer.hub_json(&["invite", "INST-027"]);
    peer.agent(&["enrol", code.get("code").and_then(Value::as_str).unwrap()]);
    let token = peer.hub_json(&["token", "add", "bench", "--role", "analyst"]);
    let token = token.get("token").and_then(Value::as_str).unwrap();
    stop(&mut running);

    let began = Instant::now();
    peer.agent(&["add", "incident", input.to_str().unwrap()]);
    let added = began.elapsed();

    // A colony's agent always runs; without a hub it has failed once and waits.
    let mut colony = peer.run("agent");
    while peer.agent_json(&["status"]).get("link").and_then(Value::as_str) != Some("waiting") {}
    let mut running = peer.run("hub");
    let began = Instant::now();
    let outcome = peer.agent_json(&["sync"]);
    let received = began.elapsed();
    while peer.listed(token) < count {
        assert!(began.elapsed() < Duration::from_secs(300), "the hub never lists them all");
        thread::sleep(LOOK); // Looking costs the hub what it is measured for.
    }
    let listed = began.elapsed();
    peer.wait_until_searchable();
    let up = outcome.get("bytes_up").and_then(Value::as_u64).unwrap();
    let limit = zstd::bulk::compress(lines.as_bytes(), 19).unwrap().len();
    print_table(count, [added, received, listed], [lines.len(), limit], up);
    pages::print_times(&peer.web("hub"), token);
    let token = fs::read_to_string(folder.path().join("agent/api.token")).unwrap();
    let (rate, median) = writers::measure(&peer.web("agent"), token.trim());
    println!(
        "\n{} officers at one local API: {rate:.0} durable records/s, median {:.1} ms",
        writers::WRITERS,
        median.as_secs_f64() * 1_000.0
    );
    stop(&mut colony);
    peer.print_backup(&mut running);
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

/// The two programs, beside this one, on data of their own.
struct Peers {
    folder: PathBuf,
    /// Where the hub's figures are.
    metrics: String,
}

impl Peers {
    fn command(&self, name: &str) -> Command {
        let beside = std::env::current_exe().unwrap();
        let mut command = Command::new(beside.with_file_name(format!("ashuu-{name}")));
        command.arg("--config").arg(self.config(name));
        command.arg("--data").arg(self.folder.join(name)).stderr(Stdio::null());
        command
    }

    fn config(&self, name: &str) -> PathBuf {
        let path = self.folder.join(format!("{name}.toml"));
        if !path.exists() {
            // The hub's address must survive its restart: the agent's code names it.
            let port = free_port();
            let text = match name {
                "hub" => format!(
                    "[web]\nlisten = \"127.0.0.1:0\"\n[sync]\nlisten = \"127.0.0.1:{port}\"\n\
                     [metrics]\nlisten = \"{}\"\n",
                    self.metrics
                ),
                _ => {
                    "[web]\nlisten = \"127.0.0.1:0\"\n[sync]\nmin_backoff_ms = 600000\n".to_owned()
                }
            };
            fs::write(&path, text).unwrap();
        }
        path
    }

    fn hub(&self, arguments: &[&str]) {
        assert!(
            self.command("hub").args(arguments).stdout(Stdio::null()).status().unwrap().success()
        );
    }

    fn agent(&self, arguments: &[&str]) {
        assert!(
            self.command("agent").args(arguments).stdout(Stdio::null()).status().unwrap().success()
        );
    }

    fn hub_json(&self, arguments: &[&str]) -> Value {
        let output = self.command("hub").arg("--json").args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn agent_json(&self, arguments: &[&str]) -> Value {
        let output = self.command("agent").arg("--json").args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// How many records the hub lists. Asked over its API: a command would fold as well.
    fn listed(&self, token: &str) -> usize {
        let answer = Connection::open(&self.web("hub"), token).ask("GET /api/v1/sites", "");
        let sites: Value = serde_json::from_slice(&answer.body).unwrap();
        let records = sites.pointer("/0/records").and_then(Value::as_u64);
        usize::try_from(records.unwrap()).unwrap()
    }

    /// Waits until every record's words are indexed, as they are on a hub that is not being filled.
    fn wait_until_searchable(&self) {
        loop {
            let answer = Connection::open(&self.metrics, "").ask("GET /metrics", "");
            let figures = String::from_utf8(answer.body).unwrap();
            if figures.lines().any(|line| line == "ashuu_records_not_searchable 0") {
                return;
            }
            thread::sleep(LOOK);
        }
    }

    /// Where a running program's pages are.
    fn web(&self, name: &str) -> String {
        let run = fs::read(self.folder.join(name).join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        run.get("web").and_then(Value::as_str).unwrap().to_owned()
    }

    /// Backs up the running hub and restores it elsewhere, and says how long either took.
    fn print_backup(&self, running: &mut Child) {
        let path = |name: &str| self.folder.join(name).to_str().unwrap().to_owned();
        fs::write(path("phrase"), "correct horse battery staple\n").unwrap();
        let (file, phrase) = (path("hub.backup"), path("phrase"));
        let began = Instant::now();
        self.hub(&["backup", &file, "--passphrase-file", &phrase]);
        let backed_up = began.elapsed();
        stop(running);
        let began = Instant::now();
        self.hub(&["restore", &file, "--passphrase-file", &phrase, "--data", &path("restored")]);
        println!(
            "backup of the hub {:.1} s ({} bytes), restore {:.1} s",
            backed_up.as_secs_f64(),
            fs::metadata(&file).unwrap().len(),
            began.elapsed().as_secs_f64()
        );
    }

    /// Starts a program and returns once it says where it listens.
    fn run(&self, name: &str) -> Child {
        let run = self.folder.join(name).join("run.json");
        if run.exists() {
            fs::remove_file(&run).unwrap();
        }
        let mut child = self.command(name).arg("run").stdout(Stdio::null()).spawn().unwrap();
        while !listens(&run) {
            assert!(child.try_wait().unwrap().is_none(), "{name} stopped");
            thread::yield_now();
        }
        child
    }
}

fn listens(run: &Path) -> bool {
    fs::read(run).is_ok_and(|bytes| serde_json::from_slice::<Value>(&bytes).is_ok())
}

fn stop(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
