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
    let remark = EntryRemark { rule: "unknown_kind".to_owned(), device: EVIL.to_owned(), seq: 41 };
    let page = SitePage { site, quarantine: vec![item], findings: vec![remark] };
    let html = site_page(&frame(Lang::En), &page).unwrap();
    assert!(!html.contains("<script") && html.contains("&#60;script"));
    for words in [
        "2 logs have several branches",
        "1 entry is missing",
        "until 12.2024",
        "Newer software wrote this entry.",
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
fn whoever_is_silent_comes_first_and_sites_without_a_device_stand_apart() {
    let site = |code: &str| SiteRow { code: code.to_owned(), ..SiteRow::default() };
    let heard = |code: &str| SiteRow { devices: vec![DeviceRow::default()], ..site(code) };
    let sites = [
        SiteRow { closed: true, ..site("INST-001") },
        site("INST-002"),
        SiteRow { records: 12, ..site("INST-0025") },
        heard("INST-003"),
        SiteRow { gaps: 1, ..heard("INST-004") },
        SiteRow { silent_days: Some(21), ..heard("INST-005") },
    ];
    let html = sites_page(&frame(Lang::En), &sites, None).unwrap();
    assert!(html.contains("6 institutions"));
    assert!(html.contains("</span> 1 silent") && html.contains("1 without a device"));
    let places =
        ["005", "004", "003", "0025", "002\"", "001"].map(|n| html.find(&format!("INST-{n}")));
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}");
}

#[test]
fn what_waits_is_told_by_urgency_with_its_bytes() {
    let amount = |number, bytes| Amount { number, bytes };
    let (urgent, routine, attachments) = (amount(1, 300), amount(1_200, 2048), amount(2, 5 << 20));
    let waiting = Some(Waiting { urgent, routine, attachments });
    let device = DeviceRow { waiting, ..DeviceRow::default() };
    let site = SiteRow { devices: vec![device], waiting, ..SiteRow::default() };
    let html = sites_page(&frame(Lang::En), std::slice::from_ref(&site), None).unwrap();
    for words in ["1 urgent entry, 300 B", "1,200 entries, 2.0 KiB", "2 attachments, 5.0 MiB"] {
        assert!(html.contains(words), "{words}");
    }
    let html = sites_page(&frame(Lang::Ru), std::slice::from_ref(&site), None).unwrap();
    assert!(html.contains("2 вложения, 5,0 МиБ"));
}

#[test]
fn a_silent_site_is_not_said_to_have_nothing_waiting_now() {
    let waiting = Some(Waiting::default());
    let site = |silent_days| SiteRow {
        waiting,
        silent_days,
        devices: vec![DeviceRow { waiting, ..DeviceRow::default() }],
        ..SiteRow::default()
    };
    let silent = sites_page(&frame(Lang::En), &[site(Some(9))], None).unwrap();
    assert!(silent.contains("nothing at the last contact") && !silent.contains("</span> nothing"));
    assert!(sites_page(&frame(Lang::En), &[site(None)], None).unwrap().contains("</span> nothing"));
}

#[test]
fn a_clock_is_told_with_its_direction_in_a_unit_people_reckon_with() {
    let minute = 60_000;
    let off = |lang, skew_ms| clock::off(Dictionary::of(lang), Some(skew_ms));
    assert_eq!(off(Lang::En, minute), None);
    assert_eq!(off(Lang::En, 5 * minute).as_deref(), Some("clock 5 minutes ahead"));
    assert_eq!(off(Lang::En, -180 * minute).as_deref(), Some("clock 3 hours behind"));
    assert_eq!(off(Lang::Ru, -3 * 24 * 60 * minute).as_deref(), Some("часы отстают на 3 дня"));
}

#[test]
fn what_a_rule_says_of_a_device_is_in_the_readers_language() {
    let forger = DeviceRow {
        name: "INST-027-B".to_owned(),
        revoked: Some(EntryRule::Forged.words().to_owned()),
        ..DeviceRow::default()
    };
    let remark = EntryRemark { rule: "forged".to_owned(), device: forger.name.clone(), seq: 41 };
    let site = SiteRow { devices: vec![forger], ..SiteRow::default() };
    let page = SitePage { site, findings: vec![remark], ..SitePage::default() };
    for (lang, entry, why) in [
        (Lang::Ky, "41-киргизүү", "Себеби: Эки киргизүүнүн аты бирдей"),
        (Lang::Ru, "внесение 41", "Почему: Два внесения носят одно имя"),
        (Lang::En, "entry 41", "Why: Two entries have one name"),
    ] {
        let html = site_page(&frame(lang), &page).unwrap();
        assert!(html.contains(entry) && html.contains(why), "{lang:?}");
        assert!(!html.contains(EntryRule::Forged.words()), "{lang:?}");
    }
}
