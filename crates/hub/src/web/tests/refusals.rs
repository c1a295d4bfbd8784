//! What is refused before a page or the API hears of it.

use super::*;

async fn refused(
    world: &World,
    request: axum::http::request::Builder,
    body_bytes: usize,
) -> (StatusCode, Json, bool) {
    let request = request
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("x".repeat(body_bytes)));
    let response = send(world, request.unwrap()).await;
    let (status, headers) = (response.status(), response.headers().clone());
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{status}");
    let problem = serde_json::from_str(&body(response).await).unwrap();
    (status, problem, headers.contains_key(header::ALLOW))
}

#[tokio::test]
async fn whatever_the_api_refuses_has_one_shape() {
    let world = hub().await;
    let token = world.token("reviewer").await;
    let of = |method, path: &str| {
        request(method, path).header(header::AUTHORIZATION, format!("Bearer {token}"))
    };
    let review = format!("/api/v1/records/{}/review", key("INST-027", 9));
    let cases = [
        (of(Method::DELETE, "/api/v1/records"), 0, StatusCode::METHOD_NOT_ALLOWED),
        (of(Method::POST, &review), BODY_BYTES + 1, StatusCode::PAYLOAD_TOO_LARGE),
        (of(Method::POST, &review), 1, StatusCode::BAD_REQUEST),
        (of(Method::PUT, "/api/v1/nothing"), 0, StatusCode::NOT_FOUND),
        (of(Method::GET, "/api/v1/records?no_such=1"), 0, StatusCode::BAD_REQUEST),
        (of(Method::GET, "/api/v1/records?limit=many"), 0, StatusCode::BAD_REQUEST),
    ];
    for (request, body_bytes, expected) in cases {
        let (status, problem, allow) = refused(&world, request, body_bytes).await;
        assert_eq!(status, expected, "{problem}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
        assert_eq!(allow, expected == StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn a_filter_without_a_value_narrows_nothing() {
    let world = hub().await;
    let token = world.token("analyst").await;
    let path = "/api/v1/records?form=&site=&conflict=&limit=&q=";
    let (status, listed) = get(&world, path, &token).await;
    assert_eq!((status, listed["records"].as_array().unwrap().len()), (StatusCode::OK, 1));
}

#[tokio::test]
async fn a_name_that_the_administrator_gave_is_answered_to() {
    let address = "127.0.0.1:7700".parse().unwrap();
    let names = guard::names_of(address, &["hub.local".to_owned()]);
    let world = hub().await;
    for (host, status) in [
        ("hub.local", StatusCode::OK),
        ("hub.local:7700", StatusCode::OK),
        ("localhost:7700", StatusCode::OK),
        ("evil.example", StatusCode::MISDIRECTED_REQUEST),
    ] {
        let asked = Request::builder().uri("/sites").header(header::HOST, host);
        let routes = router(world.truth.clone(), names.clone());
        let answer = routes.oneshot(asked.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), status, "{host}");
    }
}
