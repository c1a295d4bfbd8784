//! The pages as a browser asks for them: escaping, languages, filters, and who is let in.

use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;

use super::*;
use crate::fold;
use crate::world::{World, change, incident, key, text};

mod refusals;

const HOST: &str = "127.0.0.1:7700";
const EVIL: &str = "<script>alert(1)</script>";

/// A hub with one record, about which two devices disagree, and names that try to break out.
async fn hub() -> World {
    let world = World::new().await;
    world.site("INST-027", "KG-C").await;
    let (mut one, one_starts) = world.device("INST-027", 1).await;
    let (mut two, two_starts) = world.device("INST-027", 2).await;
    let record = key("INST-027", 9);
    let created = one.write(vec![change(&record, incident(EVIL), &[])]);
    let dot = created.dots[0];
    let mine = one.write(vec![change(&record, vec![("title", text(EVIL))], &[dot])]);
    let theirs = two.write(vec![change(&record, vec![("title", text("Theirs"))], &[dot])]);
    for sent in [one_starts, created, mine, two_starts, theirs] {
        world.arrive(&sent, 2_000_000).await;
    }
    fold::catch_up(&world.truth).await.unwrap();
    world
}

async fn send(world: &World, request: Request<Body>) -> Response<Body> {
    router(world.truth.clone(), vec![HOST.to_owned()]).oneshot(request).await.unwrap()
}

fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::HOST, HOST)
}

async fn get(world: &World, path: &str, token: &str) -> (StatusCode, Json) {
    let request = request(Method::GET, path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty());
    let response = send(world, request.unwrap()).await;
    let status = response.status();
    let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    assert_eq!(kind == "application/problem+json", !status.is_success(), "{path}");
    (status, serde_json::from_str(&body(response).await).unwrap())
}

async fn body(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn page(world: &World, path: &str) -> (StatusCode, String) {
    let response = send(world, request(Method::GET, path).body(Body::empty()).unwrap()).await;
    (response.status(), body(response).await)
}

#[tokio::test]
async fn the_api_answers_nobody_without_a_good_token_of_a_fitting_role() {
    let world = hub().await;
    let paths =
        ["/api/v1/records", "/api/v1/records/x", "/api/v1/records/x/history", "/api/v1/sites"];
    let partner = world.token("partner").await;
    for path in paths {
        assert_eq!(get(&world, path, "ashuu_wrong").await.0, StatusCode::UNAUTHORIZED, "{path}");
        let (status, problem) = get(&world, path, &partner).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(problem["detail"], "the role partner may not do this");
    }
    let bare = request(Method::GET, "/api/v1/records").body(Body::empty()).unwrap();
    let response = send(&world, bare).await;
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    assert_eq!(get(&world, "/healthz", "").await.0, StatusCode::OK);
    assert_eq!(get(&world, "/readyz", "").await.1["ready"], true);
}

#[tokio::test]
async fn the_api_lists_shows_and_settles() {
    let world = hub().await;
    let reviewer = world.token("reviewer").await;
    let (_, listed) = get(&world, "/api/v1/records?conflict=true&limit=5", &reviewer).await;
    assert_eq!(listed["records"][0]["site"], "INST-027");
    assert_eq!(listed["next"], Json::Null);
    let path = format!("/api/v1/records/{}", key("INST-027", 9).id);
    let (_, shown) = get(&world, &path, &reviewer).await;
    assert_eq!(shown["conflicts"][0]["field"], "title");
    let (_, history) = get(&world, &format!("{path}/history"), &reviewer).await;
    assert_eq!(history.as_array().unwrap().len(), 3);
    let decision = json!({"field": "title", "value": "Agreed", "seen": shown["seen"]});
    let settle = |token: String| {
        request(Method::POST, &format!("{path}/resolve"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(decision.to_string()))
            .unwrap()
    };
    let analyst = world.token("analyst").await;
    assert_eq!(send(&world, settle(analyst)).await.status(), StatusCode::FORBIDDEN);
    let response = send(&world, settle(reviewer.clone())).await;
    assert_eq!(response.status(), StatusCode::OK);
    let settled: Json = serde_json::from_str(&body(response).await).unwrap();
    assert_eq!(settled["values"]["title"], "Agreed");
    let again = send(&world, settle(reviewer.clone())).await;
    assert_eq!(again.status(), StatusCode::CONFLICT);
    // Nobody disagrees any more, so there is nothing to settle.
    let decision = json!({"field": "title", "value": "Mine", "seen": settled["seen"]});
    let alone = request(Method::POST, &format!("{path}/resolve"))
        .header(header::AUTHORIZATION, format!("Bearer {reviewer}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(decision.to_string()))
        .unwrap();
    assert_eq!(send(&world, alone).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let (_, site) = get(&world, "/api/v1/sites/INST-027", &reviewer).await;
    assert_eq!((&site["records"], &site["gaps"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn what_the_api_does_not_know_is_a_problem_in_words() {
    let world = hub().await;
    let reviewer = world.token("reviewer").await;
    let cases = [
        ("/api/v1/records/nothing", StatusCode::NOT_FOUND),
        ("/api/v1/sites/NOWHERE", StatusCode::NOT_FOUND),
        ("/api/v1/nothing", StatusCode::NOT_FOUND),
        ("/api/v1/records?colour=red", StatusCode::BAD_REQUEST),
        ("/api/v1/records?cursor=x", StatusCode::UNPROCESSABLE_ENTITY),
    ];
    for (path, expected) in cases {
        assert_eq!(get(&world, path, &reviewer).await.0, expected, "{path}");
    }
}

#[tokio::test]
async fn another_host_name_is_turned_away() {
    let world = hub().await;
    for host in ["evil.example", "127.0.0.1:1"] {
        let other = Request::builder().uri("/sites").header(header::HOST, host);
        let response = send(&world, other.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
}

#[tokio::test]
async fn every_answer_forbids_scripts_and_copies() {
    let world = hub().await;
    for path in ["/sites", "/records", "/nothing", "/api/v1/records"] {
        let response = send(&world, request(Method::GET, path).body(Body::empty()).unwrap()).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{path}");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store", "{path}");
    }
}

#[tokio::test]
async fn pages_escape_what_came_from_outside() {
    let world = hub().await;
    let record = format!("/records/{}", key("INST-027", 9));
    let query = "/records?q=%3Cscript%3Ealert(1)&site=%22%3E%3Cscript%3E";
    let site = "/sites/INST-027";
    for path in ["/sites", site, "/records", &record, query, "/records/%3Cscript%3E", "/forms"] {
        let (_, html) = page(&world, path).await;
        assert!(html.contains("<main") && !html.contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn a_page_speaks_the_chosen_language_and_keeps_it() {
    let world = hub().await;
    let response =
        send(&world, request(Method::GET, "/sites?lang=ru").body(Body::empty()).unwrap()).await;
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("lang=ru;"));
    let html = body(response).await;
    assert!(html.contains("<html lang=\"ru\">") && html.contains("Колония INST-027"));
    let kept =
        request(Method::GET, "/records?conflict=true").header(header::COOKIE, "a=b; lang=ky");
    let html = body(send(&world, kept.body(Body::empty()).unwrap()).await).await;
    assert!(html.contains("<html lang=\"ky\">"));
    assert!(html.contains("href=\"/records?conflict=true&#38;lang=en\""));
}

#[tokio::test]
async fn a_conflict_is_settled_from_its_own_page_only() {
    let world = hub().await;
    let record = key("INST-027", 9);
    let mut conn = world.truth.db.read().await.unwrap();
    let view = crate::read::show(&mut conn, &world.truth, &record).await.unwrap();
    let theirs = view.conflicts[0].values.iter().find(|side| side.value == "Theirs").unwrap();
    let form = format!(
        "field=title&seen={}&choice={}&other=&reason=asked",
        view.seen.join("+"),
        theirs.dot
    );
    let post = |origin: &str| {
        request(Method::POST, &format!("/records/{record}/resolve"))
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.clone()))
            .unwrap()
    };
    for origin in ["http://evil.example", "null"] {
        assert_eq!(send(&world, post(origin)).await.status(), StatusCode::FORBIDDEN, "{origin}");
    }
    let done = send(&world, post("http://127.0.0.1:7700")).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let view = crate::read::show(&mut conn, &world.truth, &record).await.unwrap();
    assert_eq!(view.values["title"], "Theirs");
    assert_eq!(send(&world, post("http://127.0.0.1:7700")).await.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_record_is_returned_from_its_own_page_with_remarks_on_fields() {
    let world = hub().await;
    let record = key("INST-027", 9);
    let mut conn = world.truth.db.read().await.unwrap();
    let view = crate::read::show(&mut conn, &world.truth, &record).await.unwrap();
    let form = format!(
        "seen={}&decision=return&remark=Please+weigh&field=narrative&field_remark=Who+found+it%3F\
         &field=&field_remark=&due=&of=ignored",
        view.seen.join("+")
    );
    let post = |origin: &str| {
        request(Method::POST, &format!("/records/{record}/review"))
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.clone()))
            .unwrap()
    };
    assert_eq!(send(&world, post("http://evil.example")).await.status(), StatusCode::FORBIDDEN);
    let done = send(&world, post("http://127.0.0.1:7700")).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let view = crate::read::show(&mut conn, &world.truth, &record).await.unwrap();
    assert_eq!(view.review.state, "returned");
    assert_eq!(view.review.fields.len(), 1);
    let (_, html) = page(&world, &format!("/records/{record}?lang=ru")).await;
    assert!(html.contains("Возвращено на исправление") && html.contains("Who found it?"));
    let (_, listed) = page(&world, "/records?state=returned").await;
    assert!(listed.contains(&record.to_string()));
    let (_, others) = page(&world, "/records?state=accepted").await;
    assert!(!others.contains(&record.to_string()));
    // What was seen is no longer all there is.
    assert_eq!(send(&world, post("http://127.0.0.1:7700")).await.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn forms_lists_and_sites_have_pages_and_what_has_none_says_so() {
    let world = hub().await;
    for path in ["/forms", "/forms/incident", "/vocabularies/choices", "/sites/INST-027"] {
        assert_eq!(page(&world, path).await.0, StatusCode::OK, "{path}");
    }
    for path in ["/forms/x", "/forms/incident?version=9", "/vocabularies/x", "/sites/NOWHERE"] {
        assert_eq!(page(&world, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_record_is_declared_void_from_its_own_page_and_only_from_there() {
    let world = hub().await;
    let record = key("INST-027", 9);
    let post = |origin: &str, form: &str| {
        request(Method::POST, &format!("/records/{record}/void?lang=ru"))
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap()
    };
    let own = "http://127.0.0.1:7700";
    let foreign = send(&world, post("http://evil.example", "reason=x")).await;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert_eq!(send(&world, post(own, "")).await.status(), StatusCode::BAD_REQUEST);
    let refused = send(&world, post(own, "reason=+")).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body(refused).await.contains("<strong>Причина</strong>"));
    let done = send(&world, post(own, "reason=By+mistake+%3Cb%3E")).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let (_, html) = page(&world, &format!("/records/{record}")).await;
    assert!(html.contains("By mistake &#60;b&#62;"));
    let again = send(&world, post(own, "reason=again")).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_address_that_asks_for_what_is_not_is_answered_in_the_readers_language() {
    let world = hub().await;
    for path in
        ["/records?state=x", "/records?from=soon", "/records?cursor=x", "/records?custody=x"]
    {
        let (status, html) = page(&world, &format!("{path}&lang=ru")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(html.contains("Показать не удалось"), "{path}");
    }
    let (_, html) = page(&world, "/records?from=soon&to=later&lang=ru").await;
    assert!(html.contains("<li><strong>С</strong></li>"), "which condition is named");
    for path in ["/forms/incident?version=x", "/records?q=a&q=b"] {
        let (status, html) = page(&world, &format!("{path}&lang=ky")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert!(html.contains("Көрсөтүүгө болбоду"), "{path}");
    }
}

#[tokio::test]
async fn the_table_is_narrowed_by_custody_and_lateness() {
    let world = hub().await;
    let record = key("INST-027", 9).to_string();
    assert!(page(&world, "/records?custody=held").await.1.contains(&record));
    assert!(!page(&world, "/records?custody=reviewed").await.1.contains(&record));
    let (_, late) = page(&world, "/records?late=true&lang=en").await;
    assert!(!late.contains(&record) && late.contains("name=\"late\" value=\"true\" checked"));
}

mod told;
