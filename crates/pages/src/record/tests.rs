//! A record as HTML: every value with its label, nothing that breaks out of its place.

use record::{Custody, Evidence, FieldChange, HistoryKind, ReviewView};
use serde_json::{Value as Json, json};

use super::*;
use crate::Lang;

fn evidence(author: &str) -> Evidence {
    Evidence {
        author: author.to_owned(),
        device: "Duty room".to_owned(),
        claimed_at: "2026-11-20T03:10:00+06:00".to_owned(),
        trusted: Some([
            "2026-11-20T03:00:00+06:00".to_owned(),
            "2026-11-20T04:00:00+06:00".to_owned(),
        ]),
        clock_suspect: false,
    }
}

fn view(values: Json, conflicts: Vec<record::ConflictView>) -> RecordView {
    let Json::Object(values) = values else { panic!("an object") };
    RecordView {
        id: "0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa".to_owned(),
        reference: Some("INST-027/2026/A-00042".to_owned()),
        form: "incident".to_owned(),
        form_version: 1,
        lists: BTreeMap::new(),
        site: "INST-027".to_owned(),
        title: "A parcel".to_owned(),
        occurred_at: Some("2026-11-20T03:10:00+06:00".to_owned()),
        values,
        conflicts,
        review: ReviewView::submitted(),
        custody: Custody::Held,
        findings: vec![record::Finding::new("x", Some("items[0].quantity"), "weigh it again")],
        voided: None,
        urgent: true,
        entries: 2,
        seen: Vec::new(),
        state_hash: "00".to_owned(),
    }
}

fn page_in(lang: Lang, view: &RecordView, history: &[HistoryItem]) -> String {
    let catalogue = Catalogue::shipped().unwrap();
    let (site, names) = (Words::default(), BTreeMap::new());
    let page = RecordPage {
        view,
        history,
        catalogue: &catalogue,
        site: &site,
        names: &names,
        hub: "0a1b",
        next: None,
    };
    record_page(&Frame { lang, here: "/records/x".to_owned() }, &page).unwrap()
}

#[test]
fn codes_are_shown_by_their_labels_in_the_readers_language() {
    let view = view(json!({"kind": "DRUG_SEIZURE", "severity": 3}), Vec::new());
    assert!(page_in(Lang::Ru, &view, &[]).contains("Изъятие наркотических средств"));
    assert!(page_in(Lang::Ky, &view, &[]).contains("Баңгизатты алып коюу"));
    assert!(page_in(Lang::En, &view, &[]).contains("Seizure of narcotic drugs"));
}

#[test]
fn whatever_came_from_outside_is_escaped_everywhere() {
    let evil = "<script>alert('x')</script>\"";
    let conflict = record::ConflictView {
        field: "title".to_owned(),
        values: vec![record::ConflictValue {
            value: json!(evil),
            evidence: evidence(evil),
            dot: evil.to_owned(),
            dots: Vec::new(),
        }],
    };
    let mut view = view(
        json!({
            "narrative": evil, "kind": evil, "unknown_field": evil, "occurred_at": evil,
            "items": [{"@row": evil, "marking": evil, "quantity": evil}], "related": [evil],
        }),
        vec![conflict],
    );
    view.title = evil.to_owned();
    view.voided = Some(evil.to_owned());
    view.reference = Some(evil.to_owned());
    view.findings[0].what = evil.to_owned();
    view.findings[0].field = Some(evil.to_owned());
    let change = FieldChange { field: evil.to_owned(), from: json!(evil), to: json!({evil: evil}) };
    let item = HistoryItem {
        dot: evil.to_owned(),
        kind: HistoryKind::Amended,
        evidence: evidence(evil),
        changes: vec![change],
        remark: Some(evil.to_owned()),
        fields: vec![record::FieldRemark { field: evil.to_owned(), remark: evil.to_owned() }],
        due: None,
        of: None,
    };
    let html = page_in(Lang::En, &view, &[item]);
    assert!(!html.contains("<script"));
    assert!(!html.contains("x')"));
    assert!(html.contains("&#60;script"));
}

#[test]
fn a_conflict_shows_both_values_with_their_authors_and_can_be_settled() {
    let side = |value, author: &str, dot: &str| record::ConflictValue {
        value,
        evidence: evidence(author),
        dot: dot.to_owned(),
        dots: vec![dot.to_owned()],
    };
    let conflict = record::ConflictView {
        field: "location_type".to_owned(),
        values: vec![
            side(json!("gate"), "Aida", "dot-1"),
            side(json!("parcel_room"), "Bakyt", "dot-2"),
        ],
    };
    let html = page_in(Lang::En, &view(json!({}), vec![conflict]), &[]);
    for part in ["Aida", "Bakyt", "Gate, checkpoint", "Parcel room", "20.11.2026\u{a0}03:10"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(
        html.contains(r#"action="/records/INST-027:0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa/resolve""#)
    );
    assert!(html.contains(r#"name="choice" value="dot-2""#));
    assert!(html.contains(r#"<option value="perimeter_outside">"#));
}

#[test]
fn a_finding_stands_beside_its_group_and_in_the_list() {
    let view = view(json!({"items": [{"@row": "r", "quantity": "12.4"}]}), Vec::new());
    let html = page_in(Lang::Ru, &view, &[]);
    assert_eq!(html.matches("weigh it again").count(), 2);
    assert!(html.contains("12,4"));
}

#[test]
fn the_history_says_until_when_what_of_which_field_and_which_record_stays() {
    let item = |kind, due: Option<&str>, of: Option<&str>| HistoryItem {
        dot: String::new(),
        kind,
        evidence: Evidence { device: "0a1b".to_owned(), ..evidence("Aida") },
        changes: Vec::new(),
        remark: None,
        fields: vec![record::FieldRemark {
            field: "severity".to_owned(),
            remark: "why so low?".to_owned(),
        }],
        due: due.map(str::to_owned),
        of: of.map(str::to_owned),
    };
    let history = [
        item(HistoryKind::Returned, Some("7 d"), None),
        item(HistoryKind::Returned, Some("2026-12-01"), None),
        item(HistoryKind::Duplicate, None, Some("INST-027:x")),
    ];
    let html = page_in(Lang::Ru, &view(json!({}), Vec::new()), &history);
    assert!(html.contains("7 дней после доставки") && html.contains("01.12.2026"));
    assert!(html.contains(r#"<a href="/records/INST-027:x">"#));
    assert!(html.contains("<strong>Тяжесть</strong>why so low?"));
    assert!(html.contains("Aida</span>, узел центра") && !html.contains("0a1b"));
}

#[test]
fn findings_stand_by_gravity_with_a_word_for_it() {
    let mut view = view(json!({}), Vec::new());
    let finding = |what: &str, severity| record::Finding {
        severity,
        due: Some("2026-11-22T03:10:00+06:00".to_owned()),
        ..record::Finding::new("x", None, what)
    };
    view.findings = vec![
        finding("warned", Severity::Warning),
        finding("left", Severity::Task),
        finding("broken", Severity::Refusal),
    ];
    let html = page_in(Lang::En, &view, &[]);
    let place = |words| html.find(words).unwrap();
    assert!(place("broken") < place("left") && place("left") < place("warned"));
    assert!(html.contains("To complete") && html.contains("Due: 22.11.2026\u{a0}03:10"));
}

#[test]
fn a_void_record_is_not_declared_void_again() {
    let mut view = view(json!({}), Vec::new());
    assert!(page_in(Lang::En, &view, &[]).contains("7aa/void\""));
    view.voided = Some("by mistake".to_owned());
    assert!(!page_in(Lang::En, &view, &[]).contains("7aa/void\""));
}

#[test]
fn the_history_names_the_entry_and_tells_the_devices_clock_from_what_is_proven() {
    let trusted = ["2026-11-20T03:10:05+06:00", "2026-11-20T03:10:41+06:00"];
    let evidence = Evidence { trusted: Some(trusted.map(str::to_owned)), ..evidence("Aida") };
    let item = HistoryItem {
        dot: "0a1b-7-9c".to_owned(),
        kind: HistoryKind::Commented,
        evidence,
        changes: Vec::new(),
        remark: None,
        fields: Vec::new(),
        due: None,
        of: None,
    };
    let html = page_in(Lang::En, &view(json!({}), Vec::new()), &[item]);
    assert!(html.contains("By its own clock: <time"));
    assert!(html.contains("Proven: 20.11.2026\u{a0}03:10:05 – 03:10:41"));
    assert!(html.contains("Entry <span class=\"code\" title=\"0a1b-7-9c\">№ 7, 9c</span>"));
}

#[test]
fn what_the_fold_remarks_on_an_entry_is_told_in_the_readers_language() {
    let mut view = view(json!({}), Vec::new());
    view.findings = vec![record::Finding::new("does_not_count", None, "what INST-001 says")];
    let html = page_in(Lang::Ru, &view, &[]);
    assert!(html.contains("не учитывается") && html.contains("lang=\"en\">what INST-001 says"));
}
