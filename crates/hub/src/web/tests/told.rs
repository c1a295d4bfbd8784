//! Troubles and ways on: nothing written is lost, every address leads somewhere, and a reviewer is
//! led from one record to the next.

use super::*;

const OWN: &str = "http://127.0.0.1:7700";

fn post(path: &str, form: String) -> Request<Body> {
    request(Method::POST, path)
        .header(header::ORIGIN, OWN)
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap()
}

/// What has been seen of the record, as its page sends it.
async fn seen(world: &World, record: &str) -> String {
    let (_, html) = page(world, &format!("/records/{record}")).await;
    let (_, rest) = html.split_once("name=\"seen\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.replace(' ', "+")
}

#[tokio::test]
async fn a_refused_decision_gives_back_what_was_written_and_leads_to_the_record() {
    let world = hub().await;
    let record = key("INST-027", 9).to_string();
    let form = format!(
        "seen={}&decision=accept&remark=Well+weighed+%3Cb%3E&field=&field_remark=&due=&of=",
        seen(&world, &record).await
    );
    // It is in conflict, so it can't be accepted.
    let refused = send(&world, post(&format!("/records/{record}/review?lang=en"), form)).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let html = body(refused).await;
    assert!(html.contains("Well weighed &#60;b&#62;"), "{html}");
    // The language is chosen anew for the record, since nothing can be sent again.
    assert!(html.contains(&format!("href=\"/records/{record}?lang=ru\"")), "{html}");
}

#[tokio::test]
async fn where_a_form_is_sent_to_leads_back_to_the_record() {
    let world = hub().await;
    for act in ["review", "resolve", "void"] {
        let asked = request(Method::GET, &format!("/records/INST-027:x%0A/{act}"));
        let response = send(&world, asked.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{act}");
        assert_eq!(response.headers()[header::LOCATION], "/records/INST-027:x%0A", "{act}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_in_words() {
    let world = hub().await;
    let record = key("INST-027", 9);
    let long = format!("reason={}", "x".repeat(70 * 1024));
    let mut request = post(&format!("/records/{record}/void?lang=ky"), long);
    request.headers_mut().insert(header::CONTENT_LENGTH, "71687".parse().unwrap());
    let response = send(&world, request).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let html = body(response).await;
    assert!(html.contains("<html lang=\"ky\">") && html.contains("Эч нерсе өзгөргөн жок"));
}

#[tokio::test]
async fn a_reviewer_is_led_from_one_record_to_the_next_older_one_and_around() {
    let world = hub().await;
    let (mut device, starts) = world.device("INST-027", 3).await;
    let older = key("INST-027", 5);
    let mut fields = incident("Older");
    fields.retain(|(field, _value)| *field != "occurred_at");
    fields.push((
        "occurred_at",
        record::Value::DateTime("2026-11-19T03:10:00+06:00".parse().unwrap()),
    ));
    let created = device.write(vec![change(&older, fields, &[])]);
    for sent in [starts, created] {
        world.arrive(&sent, 2_000_000).await;
    }
    fold::catch_up(&world.truth).await.unwrap();
    let newer = key("INST-027", 9);
    for (here, next) in [(&newer, &older), (&older, &newer)] {
        let (_, html) = page(&world, &format!("/records/{here}")).await;
        assert!(html.contains(&format!("rel=\"next\" href=\"/records/{next}\"")), "{here}");
    }
    let (_, table) = page(&world, "/records?lang=en").await;
    assert!(table.contains("Submitted <span class=\"many\">2</span>"), "{table}");
    assert!(table.contains("Conflict <span class=\"many\">1</span>"));
    assert!(!table.contains("/records?state=returned\""), "nothing is returned");
    let voided = post(&format!("/records/{older}/void"), "reason=Twice".to_owned());
    assert_eq!(send(&world, voided).await.status(), StatusCode::SEE_OTHER);
    let (_, html) = page(&world, &format!("/records/{newer}")).await;
    assert!(!html.contains("rel=\"next\""), "what is void waits for nobody");
}

#[tokio::test]
async fn a_form_says_where_its_versions_come_from_and_a_list_which_questions_it_answers() {
    let world = hub().await;
    let (_, html) = page(&world, "/forms/incident?lang=en").await;
    assert!(html.contains("Version 1</a>") && html.contains("came with the program"));
    assert!(html.contains("/vocabularies/choices#location_type"));
    let (_, html) = page(&world, "/vocabularies/choices?lang=en").await;
    assert!(html.contains("Place (Incident)"));
}

/// What a device says of itself when it calls at the hub's time `now_ms`, an hour ahead.
fn calling(device: journal::DeviceKey, now_ms: i64) -> protocol::Hello {
    let amount = |entries, bytes| protocol::Amount { entries, bytes };
    let (urgent, routine, attachments) = (amount(1, 300), amount(12, 2048), amount(2, 5 << 20));
    protocol::Hello {
        versions: vec![1],
        device,
        epoch: journal::Epoch([3; 8]),
        heads: Vec::new(),
        lost: Vec::new(),
        last_receipt: None,
        waiting: protocol::Waiting { urgent, routine, attachments },
        clock: journal::Stamp { claimed_ms: now_ms + 3_600_000, ..journal::Stamp::default() },
        software: "9.8.7".to_owned(),
        signature: journal::Signature::NONE,
    }
}

#[tokio::test]
async fn a_silent_site_shows_what_it_declared_when_it_was_last_heard() {
    let world = hub().await;
    let (device, _starts) = world.device("INST-027", 3).await;
    let now_ms = 3_000_000;
    let mut tx = world.truth.db.begin().await.unwrap();
    let hello = calling(device.key(), now_ms);
    crate::truth::devices::meet(&world.truth, &mut tx, &hello, now_ms).await.unwrap();
    tx.commit().await.unwrap();
    for path in ["/sites?lang=en", "/sites/INST-027?lang=en"] {
        let (_, html) = page(&world, path).await;
        for words in [
            "silent for ",
            "1 urgent entry, 300 B",
            "12 entries, 2.0 KiB",
            "2 attachments, 5.0 MiB",
            "as of the last contact",
            "clock 60 minutes ahead",
            "9.8.7",
        ] {
            assert!(html.contains(words), "{path} lacks {words}: {html}");
        }
    }
}
