//! A `PostgreSQL` server under the hub: two processes side by side, a server that is killed, and
//! what is said when it can't be used. The rest of the suite runs on both engines.

use std::process::Stdio;
use std::thread;

use crate::data;
use crate::rig::{Colony, Hub, eventually};
use crate::server::Server;

/// Records that one colony writes between two exchanges.
const BATCH: u32 = 150;

/// Exchanges of each colony.
const ROUNDS: u32 = 6;

/// How often the server is killed.
const KILLS: u32 = 4;

#[test]
fn two_hubs_on_one_database_take_everything_once_and_say_the_same() {
    let server = Server::start();
    let first = Hub::start_on(&server.database(), &["INST-027", "INST-003"]);
    let second = first.beside();
    assert_eq!(first.key(), second.key());
    let hubs = [&first, &second];
    let colonies = ["INST-027", "INST-027", "INST-003", "INST-003"];
    let colonies: Vec<Colony> = thread::scope(|scope| {
        let enrol = |(place, site): (usize, &&'static str)| {
            let (hub, site) = (hubs[place % 2], *site);
            scope.spawn(move || Colony::enrol(hub, site))
        };
        let enrolling: Vec<_> = colonies.iter().enumerate().map(enrol).collect();
        enrolling.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let letters: Vec<_> = first.devices().iter().map(|device| device["letter"].clone()).collect();
    assert_eq!(letters, ["A", "B", "A", "B"], "two devices of one site share a letter");

    thread::scope(|scope| {
        for (place, colony) in (0_u32..).zip(&colonies) {
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let searches = data::searches(place * ROUNDS + round, BATCH);
                    colony.add("search", &data::lines(&searches));
                    let hub = hubs[(place + round) as usize % 2];
                    colony.route(&hub.sync_address());
                    colony.sync();
                }
            });
        }
        // Meanwhile both append to the same lane of the hub's own.
        for (place, hub) in (1..).zip(hubs) {
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let site = format!("INST-{place}{round:02}");
                    hub.command(&["site", "add", &site, "--name-en", "Another"]).done();
                }
            });
        }
    });

    let all = (ROUNDS * BATCH) as usize * colonies.len();
    let listed = first.holds(all);
    assert_eq!(data::ids(&listed), data::ids(&second.holds(all)));
    let sites = second.command(&["site", "list"]).done().array();
    assert_eq!(sites.len(), 2 + 2 * ROUNDS as usize);
    for item in listed.iter().step_by(197) {
        assert_eq!(second.show(item["id"].as_str().unwrap())["entries"], 1);
    }
    for hub in hubs {
        hub.assert_sound();
    }
    let rebuilt = second.command(&["rebuild"]).done().json();
    assert_eq!(rebuilt["old_state_hash"], rebuilt["new_state_hash"]);
    for colony in &colonies {
        colony.sync();
        colony.assert_sound();
    }
}

#[test]
fn a_server_killed_in_mid_sync_loses_nothing_and_no_process_is_started_by_hand() {
    let server = Server::start();
    let hub = Hub::start_on(&server.database(), &["INST-027"]);
    let mut colony = Colony::enrol(&hub, "INST-027");
    colony.run();
    let (running, syncing) = (hub.pid(), colony.pid());
    for kill in 0..KILLS {
        colony.add("search", &data::lines(&data::searches(kill, BATCH)));
        let mut exchange = colony.prepare(&["sync"]);
        let mut exchange = exchange.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Every second time something of it has come through.
        if kill % 2 == 1 {
            eventually("something of it to be held", || {
                let over = exchange.try_wait().unwrap().is_some();
                (over || colony.waiting() < u64::from(BATCH)).then_some(())
            });
        }
        server.kill();
        eventually("the hub to say it is not ready", || {
            let answer = hub.ask("/readyz", "");
            (answer.status == 503).then_some(())
        });
        assert_eq!(hub.ask("/healthz", "").status, 200, "the process lives");
        server.restart();
        exchange.wait().unwrap();
        eventually("the hub to be ready", || (hub.ask("/readyz", "").status == 200).then_some(()));
    }
    colony.settles();
    let listed = hub.holds((KILLS * BATCH) as usize);
    assert_eq!(data::ids(&listed), data::ids(&colony.list()));
    assert!(
        listed
            .iter()
            .step_by(97)
            .all(|item| hub.show(item["id"].as_str().unwrap())["entries"] == 1)
    );
    assert_eq!((running, syncing), (hub.pid(), colony.pid()));
    hub.assert_sound();
    colony.assert_sound();
}

#[test]
fn a_device_is_told_to_try_later_while_the_server_is_away() {
    let server = Server::start();
    let hub = Hub::start_on(&server.database(), &["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add_one("search", &data::searches(0, 1)[0]);
    let waiting = colony.waiting();
    server.kill();
    let refused = colony.command(&["sync"]);
    assert_ne!(refused.code, Some(0));
    assert!(refused.stdout.contains("try again later"), "{refused:?}");
    assert_eq!(colony.waiting(), waiting);
    server.restart();
    colony.sync();
    assert_eq!(hub.holds(1).len(), 1);
}

#[test]
fn what_is_wrong_with_the_server_is_said_in_words_and_without_the_password() {
    let server = Server::start();
    server.tell("CREATE ROLE guarded LOGIN PASSWORD 'right'");
    server.tell("CREATE DATABASE guarded OWNER guarded");
    server.tell("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    server.tell("CREATE DATABASE foreigners");
    server.let_in("local all guarded scram-sha-256");
    let place = |user: &str, database: &str| server.address(user, database);
    let said = |address: &str, code| {
        let ran = Hub::nowhere(address).command(&["init"]).ended(code);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
        ran.stderr
    };
    let words = said(&place("guarded:s3cret", "guarded"), 75);
    assert!(words.contains("lets nobody in with this user and password"), "{words}");
    let words = said(&place("postgres", "missing"), 3);
    assert!(words.contains("no such database") && words.contains("createdb"), "{words}");
    let words = said(&place("postgres", "latin"), 75);
    assert!(words.contains("LATIN1") && words.contains("UTF8"), "{words}");
    let words = said(&place("guarded:right", "foreigners"), 75);
    assert!(words.contains("may not make or change tables"), "{words}");
    let words = said("postgres://hub:s3cret@127.0.0.1:1/hub", 75);
    assert!(words.contains("no server answers at postgres://hub@127.0.0.1:1/hub"), "{words}");
    let words = said("mysql://hub:s3cret@db/hub", 2);
    assert!(words.contains("postgres://"), "{words}");

    let hub = Hub::start_on(&place("guarded:right", "guarded"), &[]);
    let words = said(&place("guarded:right", "guarded"), 2);
    assert!(words.contains("holds a hub already") && words.contains("hub.key"), "{words}");
    // Another hub's key does not fit this database; a database without a hub says so.
    let other = Hub::nowhere("");
    other.command(&["init"]).done();
    let astray = Hub::nowhere(&place("guarded:right", "guarded"));
    std::fs::create_dir(astray.data()).unwrap();
    std::fs::copy(other.data().join("hub.key"), astray.data().join("hub.key")).unwrap();
    let words = astray.command(&["status"]).ended(75).stderr;
    assert!(words.contains("another key"), "{words}");
    let empty = Hub::nowhere(&place("postgres", "foreigners"));
    std::fs::create_dir(empty.data()).unwrap();
    std::fs::copy(other.data().join("hub.key"), empty.data().join("hub.key")).unwrap();
    let words = empty.command(&["status"]).ended(3).stderr;
    assert!(words.contains("ashuu-hub init"), "{words}");
    assert_eq!(hub.ask("/readyz", "").status, 200);
}

#[test]
fn hubs_that_start_together_lay_a_database_out_once() {
    let server = Server::start();
    let database = server.database();
    let candidates: Vec<Hub> = (0..4).map(|_| Hub::nowhere(&database)).collect();
    let founded: Vec<_> = thread::scope(|scope| {
        let init = |hub| scope.spawn(move || Hub::command(hub, &["init"]).code);
        let running: Vec<_> = candidates.iter().map(init).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(founded.iter().filter(|code| **code == Some(0)).count(), 1, "{founded:?}");
    let winner = founded.iter().position(|code| *code == Some(0)).unwrap();
    candidates[winner].assert_sound();
}
