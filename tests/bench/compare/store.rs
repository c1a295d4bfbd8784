//! One site with many records: added, sent, folded, listed, folded anew.

use std::time::{Duration, Instant};

use super::{Row, Side, adds, cpu_each, rate, row, seconds};
use crate::http::Connection;
use crate::peers::Peers;

/// How often a list is asked for.
const TIMES: usize = 30;

pub(super) fn measure(side: &Side<'_>) -> Vec<Row> {
    let count = side.options.records;
    let peers = side.peers();
    peers.found(&["INST-027"]);
    let running = peers.run("hub");
    peers.enrol("agent", "INST-027");
    let token = peers.token("analyst");
    let added = adds(&peers, "agent", count, 1);

    let (began, before) = (Instant::now(), running.cpu_seconds());
    let sent = peers.tell("agent", &["sync"]);
    peers.wait_until_listed(&token, count);
    let listed = began.elapsed();
    let spent = running.cpu_seconds() - before;
    let settled = peers.tell("agent", &["sync"]);
    peers.wait_until_searchable();
    let api = median(&peers, &token, "/api/v1/records?limit=50");
    let page = median(&peers, &token, "/records");
    let all = peers.tell("agent", &["list", "--json"]);
    drop(running);
    let rebuilt = peers.tell("hub", &["rebuild"]);
    let verified = peers.tell("hub", &["verify"]);

    let of = |what: &str| format!("{count} records: {what}");
    vec![
        row(&of("`add`, durable"), rate(count, added)),
        row(&of("first `sync`"), rate(count, sent)),
        row(&of("merged and listable"), rate(count, listed)),
        row(&of("hub's CPU a record until then"), cpu_each(spent, count)),
        row(&of("`sync` when nothing is new"), seconds(settled)),
        row(&of("hub's API, newest 50, median"), milliseconds(api)),
        row(&of("hub's page of newest records, median"), milliseconds(page)),
        row(&of("agent's `list` of all"), seconds(all)),
        row(&of("hub's `rebuild`: folded anew"), rate(count, rebuilt)),
        row(&of("hub's `verify`"), seconds(verified)),
    ]
}

fn median(peers: &Peers, token: &str, path: &str) -> Duration {
    let mut connection = Connection::open(&peers.web("hub"), token);
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let answer = connection.ask(&format!("GET {path}"), "");
            assert_eq!(answer.status, 200, "{path}");
            answer.took
        })
        .collect();
    times.sort_unstable();
    times.get(TIMES / 2).copied().unwrap()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
