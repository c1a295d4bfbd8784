//! Sites as HTML: what needs somebody is named, nothing breaks out of its place.

use super::*;
use crate::Lang;

const EVIL: &str = "<script>alert('x')</script>\"";

fn frame(lang: Lang) -> Frame {
    Frame { lang, here: "/sites".to_owned() }
}

fn revoked() -> DeviceRow {
    let refused = RefusedRow { why: "frame".to_owned(), at: "2026-11-20".to_owned(), times: 3 };
    DeviceRow {
        name: EVIL.to_owned(),
        key: "ab".to_owned(),
        fingerprint: "givul-kuzus".to_owned(),
        revoked: Some(EVIL.to_owned()),
        refused: vec![refused, RefusedRow { why: EVIL.to_owned(), ..RefusedRow::default() }],
        ..DeviceRow::default()
    }
}

#[test]
fn a_sites_page_names_what_is_amiss_with_its_devices() {
    let site = SiteRow {
        code: "INST-027".to_owned(),
        devices: vec![revoked()],
        forks: 2,
        gaps: 1,
        valid: [None, Some("2024-12".to_owned())],
        ..SiteRow::default()
    };
    let item = QuarantineRow {
        number: 7,
        device: EVIL.to_owned(),
        span: [3, 9],
        entries: 7,
        ..QuarantineRow::default()
    };
    let page = SitePage { site, quarantine: vec![item], findings: vec![EVIL.to_owned()] };
    let html = site_page(&frame(Lang::En), &page).unwrap();
    assert!(!html.contains("<script") && html.contains("&#60;script"));
    for words in [
        "2 logs have two branches",
        "1 entry is missing",
        "– 2024-12",
        "givul-kuzus",
        "Why: ",
        "damaged or not signed by it (3, 20.11.2026)",
        "№ 7",
        "(3–9, 0 B)",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn what_was_let_in_is_no_longer_called_set_aside() {
    let released = Some(("2026-11-20".to_owned(), "Aida".to_owned()));
    let item = QuarantineRow { released, ..QuarantineRow::default() };
    let page = SitePage { quarantine: vec![item], ..SitePage::default() };
    let html = site_page(&frame(Lang::Ru), &page).unwrap();
    assert!(html.contains("принято") && html.contains("Aida, 20.11.2026"));
    assert!(!html.contains("</span> отложено"));
}

#[test]
fn a_closed_site_that_was_never_heard_does_not_count_as_silent_and_comes_last() {
    let site = |code: &str, closed| SiteRow { code: code.to_owned(), closed, ..SiteRow::default() };
    let sites = [site("INST-001", true), site("INST-002", false)];
    let html = sites_page(&frame(Lang::En), &sites).unwrap();
    assert!(html.contains("2 institutions · 1 never heard from"));
    assert!(html.find("INST-002") < html.find("INST-001"));
}
