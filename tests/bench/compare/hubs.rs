//! One hub process on a `PostgreSQL` server, and two of them that share it: the same entries from
//! several sites, received and folded.

use std::thread;
use std::time::Instant;

use super::{Row, Side, adds, cpu_each, rate, row};
use crate::peers::{Peers, Running};

/// Sites, each with one machine that brings its share.
const SITES: [&str; 6] = ["INST-001", "INST-002", "INST-003", "INST-004", "INST-005", "INST-006"];

pub(super) fn measure(side: &Side<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (count, words) in [(1, "one hub process"), (2, "two hub processes")] {
        let (folded, spent) = bring_all(side, count);
        let of = |what: &str| format!("{words} on PostgreSQL: {what}");
        rows.push(row(&of("merged and listable"), folded));
        rows.push(row(&of("CPU of all processes an entry folded"), spent));
    }
    rows
}

/// Lets all sites bring their records at once, and returns the rate and the cost of one.
fn bring_all(side: &Side<'_>, processes: usize) -> (String, String) {
    let peers = side.peers_on_a_server();
    peers.found(&SITES);
    let mut hubs = vec![peers.run("hub")];
    let mut names = vec!["hub".to_owned()];
    for number in 1..processes {
        let name = format!("hub-{number}");
        peers.found_beside(&name);
        hubs.push(peers.run(&name));
        names.push(name);
    }
    let token = peers.token("analyst");
    let each = side.options.records / SITES.len();
    for (seed, (site, hub)) in (1..).zip(SITES.iter().zip(names.iter().cycle())) {
        peers.enrol(site, site);
        peers.route(site, hub);
        adds(&peers, site, each, seed);
    }

    let all = each * SITES.len();
    let (began, before) = (Instant::now(), spent(&hubs));
    sync_all(&peers);
    peers.wait_until_listed(&token, all);
    peers.wait_until_folded();
    (rate(all, began.elapsed()), cpu_each(spent(&hubs) - before, all))
}

fn sync_all(peers: &Peers) {
    thread::scope(|scope| {
        for site in SITES {
            scope.spawn(move || peers.tell(site, &["sync"]));
        }
    });
}

fn spent(hubs: &[Running]) -> f64 {
    hubs.iter().map(Running::cpu_seconds).sum()
}
