//! Somebody decides at one site while another site brings in a lot.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{Row, Side, adds, row, seconds};
use crate::http::Connection;
use crate::peers::Peers;

/// How often it is decided while nothing comes in.
const AT_REST: usize = 20;

/// How long a person takes from one decision to the next.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) fn measure(side: &Side<'_>) -> Vec<Row> {
    let backlog = side.options.backlog;
    let peers = side.peers();
    peers.found(&["INST-001", "INST-027"]);
    let _running = peers.run("hub");
    peers.enrol("decided", "INST-001");
    peers.enrol("bringing", "INST-027");
    let (analyst, reviewer) = (peers.token("analyst"), peers.token("reviewer"));
    adds(&peers, "decided", 1, 1);
    peers.tell("decided", &["sync"]);
    peers.wait_until_listed(&analyst, 1);
    let listed = peers.json("hub", &["record", "list"]);
    let record = listed.pointer("/0/id").and_then(Value::as_str).unwrap();
    let mut calm: Vec<Duration> =
        (0..AT_REST).map(|_| comment(&peers, &reviewer, record)).collect();

    adds(&peers, "bringing", backlog, 2);
    let all_listed = AtomicBool::new(false);
    let mut busy = thread::scope(|scope| {
        scope.spawn(|| {
            peers.tell("bringing", &["sync"]);
            peers.wait_until_listed(&analyst, backlog + 1);
            all_listed.store(true, Ordering::Release);
        });
        let mut times = Vec::new();
        while !all_listed.load(Ordering::Acquire) {
            times.push(comment(&peers, &reviewer, record));
            thread::sleep(PAUSE);
        }
        times
    });
    calm.sort_unstable();
    busy.sort_unstable();
    let middle = |times: &[Duration]| seconds(times.get(times.len() / 2).copied().unwrap());
    let of = |what: &str| format!("a decision while another site brings {backlog} records: {what}");
    vec![
        row("a decision at rest: median", middle(&calm)),
        row(&of("median"), middle(&busy)),
        row(&of("longest"), seconds(busy.last().copied().unwrap())),
        row(&of("decisions in that time"), busy.len().to_string()),
    ]
}

/// Says something about a record at the centre, and returns how long that took.
fn comment(peers: &Peers, token: &str, record: &str) -> Duration {
    let mut connection = Connection::open(&peers.web("hub"), token);
    let path = format!("POST /api/v1/records/{record}/review");
    let said = r#"{"decision": "comment", "remark": "seen"}"#;
    let answer = connection.ask(&path, said);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.took
}
