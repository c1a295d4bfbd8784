//! The API over a real store, asked as a program would.

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::desk::tests::{ID, Machine, search};
use crate::sync::{Daemon, Settings};

const TOKEN: &str = "t0ken";

/// What was answered.
struct Answered {
    status: StatusCode,
    kind: String,
    body: Value,
}

/// The API of a machine; its link is asked for nothing.
fn api(machine: &Machine) -> Router {
    let desk = machine.shared();
    let config = crate::config::Config::parse("test", "data = \"x\"", None).unwrap().sync;
    let settings = Settings {
        poll: config.poll,
        min_backoff: config.min_backoff,
        max_backoff: config.max_backoff,
        hours: None,
        max_bytes_per_day: None,
    };
    let courier = crate::run::courier(&desk, &config).unwrap();
    let (_daemon, link) = Daemon::new(courier, settings, desk.link().clone());
    router(Office::new(desk, link), Names(Vec::new()), TOKEN)
}

async fn send(api: &Router, request: Request<Body>) -> Answered {
    let response = api.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let kind = headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answered { status, kind: kind.unwrap_or_default(), body }
}

async fn ask(api: &Router, method: Method, path: &str, body: impl Into<Body>) -> Answered {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "127.0.0.1:7710")
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    send(api, request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn a_record_is_created_amended_listed_and_shown() {
    let machine = Machine::new();
    let api = api(&machine);
    let line = search(Some(ID), "2026-11-20T03:10:00+06:00");
    let created = ask(&api, Method::POST, "/api/v1/records/search", line.clone()).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let expected = json!({"id": ID, "ref": "INST-027/2026/A-00001", "custody": "saved"});
    assert_eq!(created.body, expected);
    let again = ask(&api, Method::POST, "/api/v1/records/search", line).await;
    assert_eq!((again.status, again.body), (StatusCode::CREATED, expected));

    let patch = json!({"values": {"count": 9}}).to_string();
    let path = "/api/v1/records/INST-027%2F2026%2FA-00001";
    let patched = ask(&api, Method::PATCH, path, patch).await;
    assert_eq!(patched.status, StatusCode::OK);
    let shown = ask(&api, Method::GET, path, Body::empty()).await;
    assert_eq!(shown.body["values"]["count"], 9);
    let listed = ask(&api, Method::GET, "/api/v1/records?form=search", Body::empty()).await;
    assert_eq!(listed.body.as_array().unwrap().len(), 1);
    let history = format!("/api/v1/records/{ID}/history");
    let history = ask(&api, Method::GET, &history, Body::empty()).await;
    assert_eq!(history.body.as_array().unwrap().len(), 2);
    let status = ask(&api, Method::GET, "/api/v1/status", Body::empty()).await;
    assert_eq!(status.body["records"], 1);
}

#[tokio::test]
async fn what_is_refused_is_a_problem_document_that_names_the_fields() {
    let machine = Machine::new();
    let api = api(&machine);
    let bad = search(None, "soon");
    let refused = ask(&api, Method::POST, "/api/v1/records/search", bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.kind, "application/problem+json");
    assert_eq!(refused.body["errors"][0]["field"], "at");
    let unknown = ask(&api, Method::POST, "/api/v1/records/dreams", "{}").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let absent = ask(&api, Method::GET, &format!("/api/v1/records/{ID}"), Body::empty()).await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
    let filter = ask(&api, Method::GET, "/api/v1/records?colour=red", Body::empty()).await;
    assert_eq!(filter.status, StatusCode::BAD_REQUEST);
    let patch = ask(&api, Method::PATCH, &format!("/api/v1/records/{ID}"), "{}").await;
    assert_eq!(patch.status, StatusCode::BAD_REQUEST);
    let nowhere = ask(&api, Method::GET, "/api/v2", Body::empty()).await;
    assert_eq!(
        (nowhere.status, nowhere.kind.as_str()),
        (StatusCode::NOT_FOUND, refused.kind.as_str())
    );
    let method = ask(&api, Method::DELETE, "/api/v1/status", Body::empty()).await;
    assert_eq!(method.kind, refused.kind);
    let long = "x".repeat(RECORD_BODY_BYTES_MAX + 1);
    let long = ask(&api, Method::POST, "/api/v1/records/search", long).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[test]
fn while_the_views_are_made_anew_a_record_is_turned_away_at_once() {
    let machine = Machine::new();
    let api = api(&machine);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let at = "2026-11-20T03:10:00+06:00";
    let create = || {
        runtime.block_on(ask(&api, Method::POST, "/api/v1/records/search", search(Some(ID), at)))
    };
    machine.while_rebuilding(|| {
        let refused = create();
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.kind, "application/problem+json");
        assert!(refused.body["detail"].as_str().unwrap().contains("try again"));
        let status = runtime.block_on(ask(&api, Method::GET, "/api/v1/status", Body::empty()));
        assert_eq!((status.status, &status.body["store"]), (StatusCode::OK, &json!("rebuilding")));
    });
    assert_eq!(machine.list_all().len(), 0, "what was turned away is not saved later");
    assert_eq!(create().status, StatusCode::CREATED);
}

#[tokio::test]
async fn without_the_token_or_under_another_name_nothing_is_told() {
    let machine = Machine::new();
    let api = api(&machine);
    let request = |host: &str, path: &str, token: &str| {
        Request::builder()
            .uri(path)
            .header(header::HOST, host)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap()
    };
    let stranger = send(&api, request("localhost", "/api/v1/records", "other")).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    let rebound = send(&api, request("evil.example", "/api/v1/records", TOKEN)).await;
    assert_eq!(rebound.status, StatusCode::MISDIRECTED_REQUEST);
    let health = send(&api, request("localhost", "/healthz", "none")).await;
    assert_eq!((health.status, health.body), (StatusCode::OK, json!({"store": "ok"})));
}

#[tokio::test]
async fn a_command_over_http_answers_as_it_does_here() {
    let machine = Machine::new();
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    let api = api(&machine);
    let asked = serde_json::to_string(&crate::Request::Show { id: ID.to_owned() }).unwrap();
    let answered = ask(&api, Method::POST, "/api/v1/command", asked).await;
    assert_eq!(answered.status, StatusCode::OK);
    let answer: Answer = serde_json::from_value(answered.body).unwrap();
    let Answer::Shown(record) = answer else { panic!("{answer:?}") };
    assert_eq!(record, machine.show(ID));
}

#[tokio::test]
async fn what_the_site_says_and_what_waits_is_asked_over_http_too() {
    let machine = Machine::new();
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    let api = api(&machine);
    let said = json!({"comment": "the bag is at the court"}).to_string();
    let path = format!("/api/v1/records/{ID}/comments");
    let commented = ask(&api, Method::POST, &path, said.clone()).await;
    assert_eq!((commented.status, &commented.body["id"]), (StatusCode::OK, &json!(ID)));
    let path = format!("/api/v1/records/{ID}/resubmit");
    let early = ask(&api, Method::POST, &path, said).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(early.body["errors"][0]["field"], "comment");
    let path = format!("/api/v1/records/{ID}/recall");
    let asked = ask(&api, Method::POST, &path, json!({"comment": "why"}).to_string()).await;
    assert_eq!(asked.status, StatusCode::OK);
    let tasks = ask(&api, Method::GET, "/api/v1/tasks", Body::empty()).await;
    let tasks = tasks.body.as_array().unwrap().clone();
    assert!(tasks.iter().all(|task| task["kind"] == "to_do"), "{tasks:?}");
}
