//! What must be seen of a change: the programs of two versions in one run, in one table.
//!
//! `bench compare [--older DIR] [--only store|hubs|decision|forks] [--records N] [--backlog N]
//! [--forks N] [--postgres]`. DIR holds the older version's programs; without it only today's are
//! measured. Each measurement is made with the older ones first. Where two hubs share a database,
//! and with `--postgres` everywhere, the server is one that is started for the run.

mod decision;
mod forks;
mod hubs;
mod store;

use std::path::PathBuf;
use std::time::Duration;

use crate::made;
use crate::peers::Peers;
use crate::server;

/// One line of the table: what was measured, and the figure.
type Row = (String, String);

/// A measurement with the programs of one side.
type Measurement = fn(&Side<'_>) -> Vec<Row>;

/// Everything that is measured, by the name that `--only` takes.
const ALL: [(&str, Measurement); 4] = [
    ("store", store::measure),
    ("hubs", hubs::measure),
    ("decision", decision::measure),
    ("forks", forks::measure),
];

/// What the command line asks for.
struct Options {
    older: Option<PathBuf>,
    only: Option<String>,
    /// Records of a whole site.
    records: usize,
    /// Records that come in while somebody decides at another site.
    backlog: usize,
    forks: usize,
    postgres: bool,
}

/// The programs of one version, and what is to be done with them.
struct Side<'a> {
    programs: PathBuf,
    options: &'a Options,
}

impl Side<'_> {
    /// Prepares a hub on the engine that was asked for.
    fn peers(&self) -> Peers {
        Peers::new(&self.programs, self.options.postgres.then(server::fresh))
    }

    /// Prepares a hub on a server.
    fn peers_on_a_server(&self) -> Peers {
        Peers::new(&self.programs, Some(server::fresh()))
    }
}

/// Measures what was asked for, and prints one table.
pub(crate) fn run(arguments: &[String]) {
    let options = options(arguments);
    let today = crate::programs();
    let sides: Vec<Side<'_>> = options
        .older
        .iter()
        .chain([&today])
        .map(|programs| Side { programs: programs.clone(), options: &options })
        .collect();
    let older = options.older.as_ref().map_or("", |_| " older |");
    println!("| |{older} today |\n|---|{}", "---|".repeat(sides.len()));
    let wanted = |name: &str| options.only.as_ref().is_none_or(|only| only == name);
    for (_, measure) in ALL.iter().filter(|(name, _)| wanted(name)) {
        let measured: Vec<Vec<Row>> = sides.iter().map(measure).collect();
        print_rows(&measured);
    }
}

/// Prints the rows of one measurement, a column for each side.
fn print_rows(measured: &[Vec<Row>]) {
    let Some(first) = measured.first() else { return };
    for (place, (what, _)) in first.iter().enumerate() {
        let figures = measured.iter().map(|rows| rows.get(place).unwrap().1.clone());
        println!("| {what} | {} |", figures.collect::<Vec<_>>().join(" | "));
    }
}

fn options(arguments: &[String]) -> Options {
    let (older, only, postgres) = (None, None, false);
    let mut options =
        Options { older, only, records: 100_000, backlog: 60_000, forks: 2_400, postgres };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word} wants a value")).clone();
        match word.as_str() {
            "--older" => options.older = Some(value().into()),
            "--only" => options.only = Some(value()),
            "--records" => options.records = value().parse().unwrap(),
            "--backlog" => options.backlog = value().parse().unwrap(),
            "--forks" => options.forks = value().parse().unwrap(),
            "--postgres" => options.postgres = true,
            other => panic!("{other} is not understood"),
        }
    }
    options
}

/// Adds so many incidents on a machine, and returns how long that took.
fn adds(peers: &Peers, name: &str, count: usize, seed: u64) -> Duration {
    let input = peers.path(&format!("{name}.jsonl"));
    std::fs::write(&input, made::incidents(count, seed)).unwrap();
    peers.tell(name, &["add", "incident", input.to_str().unwrap()])
}

fn row(what: &str, figure: String) -> Row {
    (what.to_owned(), figure)
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn rate(count: usize, time: Duration) -> String {
    format!("{:.0}/s", count as f64 / time.as_secs_f64())
}

/// Milliseconds of processor time for each of so many.
fn cpu_each(seconds: f64, count: usize) -> String {
    format!("{:.3} ms", seconds * 1_000.0 / count as f64)
}
