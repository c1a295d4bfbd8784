//! Officers at one agent's local API, all at the same time.

use std::thread;
use std::time::{Duration, Instant};

use crate::http::Connection;
use crate::made;

/// Officers.
pub(crate) const WRITERS: usize = 64;

/// Records each of them saves.
const EACH: usize = 100;

/// Saves records from 64 connections and returns the rate and the median time of one save.
pub(crate) fn measure(web: &str, token: &str) -> (f64, Duration) {
    let lines = made::incidents(WRITERS * EACH, 99);
    let lines: Vec<&str> = lines.lines().collect();
    let began = Instant::now();
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let write = |own: &[&str]| {
            let mut connection = Connection::open(web, token);
            let save = |line: &&str| {
                let answer = connection.ask("POST /api/v1/records/incident", line);
                assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
                answer.took
            };
            own.iter().map(save).collect::<Vec<_>>()
        };
        let writers: Vec<_> =
            lines.chunks(EACH).map(|own| scope.spawn(move || write(own))).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    let took = began.elapsed();
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap();
    (lines.len() as f64 / took.as_secs_f64(), median)
}
