//! Decisions over the API: who may, what is answered, what is kept.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use journal::Dot;
use record::RecordKey;
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;

use crate::fold;
use crate::world::{World, change, incident, key, text};

/// A hub with one record, and the change that made it.
async fn hub() -> (World, RecordKey, Dot) {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut device, starts) = world.device("INST-027", 1).await;
    let record = key("INST-027", 9);
    let created = device.write(vec![change(&record, incident("A parcel"), &[])]);
    world.arrive(&starts, 1_500_000).await;
    world.arrive(&created, 2_000_000).await;
    fold::catch_up(&world.truth).await.unwrap();
    (world, record, created.dots[0])
}

async fn decide(
    world: &World,
    key: &RecordKey,
    token: &str,
    decision: &Json,
) -> (StatusCode, Json) {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/api/v1/records/{key}/review"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(decision.to_string()));
    let routes = crate::api::routes().with_state(world.truth.clone());
    let response = routes.oneshot(request.unwrap()).await.unwrap();
    let status = response.status();
    let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    assert_eq!(kind == "application/problem+json", !status.is_success());
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_decision_is_made_in_the_name_of_the_token() {
    let (world, record, dot) = hub().await;
    let reviewer = world.token("reviewer").await;
    let decision = json!({
        "decision": "return", "seen": [dot.to_string()], "due": "2036-12-01",
        "fields": [{"field": "title", "remark": "say where"}]
    });
    let (status, view) = decide(&world, &record, &reviewer, &decision).await;
    assert_eq!((status, &view["review"]["state"]), (StatusCode::OK, &json!("returned")));
    assert_eq!(view["review"]["by"], "the reviewer");
    assert_eq!(view["review"]["due"], "2036-12-01");
    assert_eq!(view["review"]["remarks"][0]["field"], "title");
}

/// Whoever opens a record is noted, and that needs the database while the record is read.
#[tokio::test]
async fn more_readers_than_connections_open_records_at_once() {
    let (world, record, _dot) = hub().await;
    let mut opening = tokio::task::JoinSet::new();
    for reader in 0..3 * crate::limits::READERS {
        let token = world.token_of(&format!("reader {reader}"), "analyst").await;
        let request = Request::builder()
            .uri(format!("/api/v1/records/{record}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        let routes = crate::api::routes().with_state(world.truth.clone());
        opening.spawn(async move { routes.oneshot(request).await.unwrap().status() });
    }
    let all = opening.join_all();
    let statuses = tokio::time::timeout(Duration::from_secs(20), all).await.unwrap();
    assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{statuses:?}");
}

#[tokio::test]
async fn who_only_reads_decides_nothing() {
    let (world, record, _dot) = hub().await;
    for role in ["analyst", "auditor", "partner"] {
        let secret = world.token(role).await;
        let (status, _problem) =
            decide(&world, &record, &secret, &json!({"decision": "accept"})).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{role}");
    }
    let (status, _problem) = decide(&world, &record, "x", &json!({"decision": "accept"})).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_what_is_stale_is_a_conflict() {
    let (world, record, dot) = hub().await;
    let reviewer = world.token("reviewer").await;
    let seen = [dot.to_string()];
    let cases = [
        (json!({"decision": "approve"}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"decision": "hold"}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"decision": "accept", "seen": []}), StatusCode::CONFLICT),
        (json!({"decision": "reopen", "remark": "x"}), StatusCode::CONFLICT),
        (json!({"decision": "accept", "unknown": 1}), StatusCode::BAD_REQUEST),
        (json!({"decision": "hold", "remark": "ask", "seen": seen}), StatusCode::OK),
        (json!({"decision": "return", "remark": "why", "seen": seen}), StatusCode::CONFLICT),
    ];
    for (decision, expected) in cases {
        let (status, answer) = decide(&world, &record, &reviewer, &decision).await;
        assert_eq!(status, expected, "{decision}: {answer}");
    }
}

#[tokio::test]
async fn a_record_with_values_that_differ_is_not_accepted() {
    let (world, record, dot) = hub().await;
    for seed in [2, 3] {
        let (mut device, starts) = world.device("INST-027", seed).await;
        let title = vec![("title", text(&format!("Title {seed}")))];
        let sent = device.write(vec![change(&record, title, &[dot])]);
        world.arrive(&starts, 2_500_000).await;
        world.arrive(&sent, 3_000_000).await;
    }
    fold::catch_up(&world.truth).await.unwrap();
    let reviewer = world.token("reviewer").await;
    let (status, problem) =
        decide(&world, &record, &reviewer, &json!({"decision": "accept"})).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(problem["detail"].as_str().unwrap().contains("conflict"), "{problem}");
}
