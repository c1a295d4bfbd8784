//! How long the hub's lists and searches take.

use std::time::Duration;

use crate::http::Connection;

/// How often each address is asked.
const TIMES: usize = 100;

/// What is asked, and what for.
const ASKED: [(&str, &str); 10] = [
    ("page: newest records", "/records"),
    ("page: a site's records of one kind", "/records?site=INST-027&form=incident"),
    ("page: records of a month", "/records?from=2025-06-01&to=2025-06-28"),
    ("page: search for a word", "/records?q=%D1%82%D0%B5%D0%BB%D0%B5%D1%84%D0%BE%D0%BD"),
    (
        "page: search for a word nobody wrote",
        "/records?q=%D0%B1%D0%B5%D0%B3%D0%B5%D0%BC%D0%BE%D1%82",
    ),
    (
        "page: search for two words",
        "/records?q=%D0%BE%D0%B1%D1%8B%D1%81%D0%BA+%D0%BA%D0%B0%D0%BC%D0%B5%D1%80%D1%8B",
    ),
    ("page: institutions", "/sites"),
    ("API: 50 records", "/api/v1/records?limit=50"),
    ("API: not yet reviewed", "/api/v1/records?state=submitted&limit=50"),
    ("API: search", "/api/v1/records?q=%D0%B4%D0%BE%D1%81%D0%BC%D0%BE%D1%82%D1%80&limit=50"),
];

/// Measures every address and prints a line for each.
pub(crate) fn print_times(web: &str, token: &str) {
    println!("\n| the hub's pages | median | 99th percentile | bytes |\n|---|---|---|---|");
    for (what, address) in ASKED {
        let mut connection = Connection::open(web, token);
        let mut size = 0;
        let mut times: Vec<Duration> = (0..TIMES)
            .map(|_| {
                let answer = connection.ask(&format!("GET {address}"), "");
                assert_eq!(answer.status, 200, "{address}");
                size = answer.body.len();
                answer.took
            })
            .collect();
        times.sort_unstable();
        let at = |part: usize| times.get(TIMES * part / 100).unwrap().as_secs_f64() * 1_000.0;
        println!("| {what} | {:.1} ms | {:.1} ms | {size} |", at(50), at(99));
    }
}
