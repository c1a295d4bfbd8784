//! Whether the hub says that it can't receive: `/readyz`, `doctor` and `run`, on a server that is
//! read-only, a standby, full, short of a right; and on a file that is damaged. And what brings it
//! back: nothing but mending the cause.

use std::time::Duration;

use serde_json::Value as Json;

use crate::data;
use crate::rig::{Colony, Hub, Ran, eventually, within};
use crate::server::Server;

/// How long a fault may go unnoticed.
const NOTICED: Duration = Duration::from_secs(26);

#[test]
fn a_server_that_takes_no_writes_is_named_and_the_hub_comes_back_by_itself() {
    let server = Server::start();
    let hub = Hub::start_on(&server.database(), &["INST-027"]);
    assert_eq!(hub.ask("/readyz", "").status, 200, "a hub that can receive says so");
    let well = hub.command(&["doctor"]).done();
    assert_eq!(check(&well, "receiving")["state"], "ok");

    server.tell("ALTER SYSTEM SET default_transaction_read_only = on");
    server.tell("SELECT pg_reload_conf()");
    let words = unready(&hub);
    assert!(words.contains("read-only"), "{words}");
    let said = hub.command(&["doctor"]).ended(1);
    assert_eq!(check(&said, "receiving")["state"], "fail", "{}", said.stdout);
    let second = hub.command(&["run"]).ended(75);
    assert!(second.stderr.contains("read-only"), "{}", second.stderr);
    assert_eq!(hub.ask("/healthz", "").status, 200);

    server.tell("ALTER SYSTEM RESET default_transaction_read_only");
    server.tell("SELECT pg_reload_conf()");
    ready(&hub);
}

#[test]
fn a_right_that_is_missing_is_named_with_its_table() {
    let server = Server::start();
    let database = owned(&server);
    let hub = Hub::start_on(&database, &["INST-027"]);
    for (right, table) in [("INSERT", "receipt"), ("UPDATE", "log"), ("SELECT", "refusal")] {
        server.tell_in("owned", &format!("REVOKE {right} ON {table} FROM keeper"));
        let said = hub.command(&["doctor"]).ended(1);
        let what = check(&said, "receiving")["what"].as_str().unwrap().to_owned();
        assert!(what.contains(right) && what.contains(table), "{what}");
        let words = unready(&hub);
        assert!(words.contains(right) && words.contains(table), "{words}");
        server.tell_in("owned", &format!("GRANT {right} ON {table} TO keeper"));
        ready(&hub);
    }
}

#[test]
fn a_time_limit_of_the_role_cuts_nothing_off_and_is_told() {
    let server = Server::start();
    let hub = Hub::start_on(&owned(&server), &["INST-027"]);
    server.tell("ALTER ROLE keeper SET statement_timeout = '2ms'");
    let said = hub.command(&["doctor"]).done();
    let told = said.array().iter().any(|check| {
        check["state"] == "warn" && check["what"].as_str().unwrap().contains("statement_timeout")
    });
    assert!(told, "{}", said.stdout);
    hub.assert_sound();
    assert_eq!(hub.ask("/readyz", "").status, 200);
}

#[test]
fn a_hub_goes_on_at_the_server_that_takes_writes() {
    let first = Server::start();
    let database = first.database();
    let alone = Hub::start_on(&database, &["INST-027"]);
    let said = alone.command(&["doctor"]).done();
    assert!(!said.stdout.contains("asynchronously"), "{}", said.stdout);
    let second = first.follower();
    eventually("the doctor to tell of it", || {
        let said = alone.command(&["doctor"]).done();
        said.stdout.contains("asynchronously").then_some(())
    });
    // A hub that is told of the standby only refuses to run.
    let mut hub = alone;
    hub.kill();
    hub.is_on(&second.address("postgres", "postgres"));
    let refused = hub.command(&["run"]).ended(75);
    assert!(refused.stderr.contains("standby"), "{}", refused.stderr);
    let said = hub.command(&["doctor"]).ended(1);
    assert!(check(&said, "receiving")["what"].as_str().unwrap().contains("standby"));
    hub.is_on(&format!(
        "{}&target_session_attrs=read-write",
        second.address("postgres", "postgres")
    ));
    let refused = hub.command(&["run"]).ended(75);
    assert!(refused.stderr.contains("standby"), "{}", refused.stderr);

    // The standby stands first in the address, and is passed over.
    hub.is_on(&second.or(&first));
    hub.run();
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add_one("search", &data::searches(0, 1)[0]);
    colony.sync();
    assert_eq!(hub.holds(1).len(), 1);
    eventually("the standby to have it", || {
        let held = second.asked("SELECT COUNT(*) FROM receipt")
            == first.asked("SELECT COUNT(*) FROM receipt");
        held.then_some(())
    });
    first.kill();
    second.promote();
    colony.add_one("search", &data::searches(1, 1)[0]);
    eventually("the colony to be rid of it", || {
        (colony.command(&["sync"]).code == Some(0)).then_some(())
    });
    assert_eq!(hub.holds(2).len(), 2);
    ready(&hub);
    hub.assert_sound();
}

#[test]
fn what_closes_the_connection_is_not_called_a_fault_of_tls() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let ran = Hub::nowhere(&format!("postgres://hub@127.0.0.1:{port}/hub")).command(&["init"]);
    assert!(ran.stderr.contains("closed the connection"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("SSLRequest"), "{}", ran.stderr);
    assert_eq!(ran.code, Some(75));
}

/// Makes a database whose tables belong to a user that is no administrator.
fn owned(server: &Server) -> String {
    server.tell("CREATE ROLE keeper LOGIN");
    server.tell("CREATE DATABASE owned OWNER keeper");
    server.address("keeper", "owned")
}

/// Waits until the hub says that it can't receive, and returns its words.
fn unready(hub: &Hub) -> String {
    let said =
        within(NOTICED, || Some(hub.ask("/readyz", "")).filter(|answer| answer.status == 503));
    let said = said.unwrap_or_else(|| panic!("nothing was noticed within {NOTICED:?}"));
    let said: Json = serde_json::from_str(&said.body).unwrap();
    said["detail"].as_str().unwrap().to_owned()
}

fn ready(hub: &Hub) {
    eventually("the hub to be ready", || (hub.ask("/readyz", "").status == 200).then_some(()));
}

fn check(ran: &Ran, name: &str) -> Json {
    let found = ran.array().into_iter().find(|check| check["check"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {}", ran.stdout))
}
