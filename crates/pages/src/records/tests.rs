//! The table of records: what waits is one step away, and a filter in use is never out of sight.

use super::*;
use crate::Lang;

fn html(filter: Filter, shortcuts: Vec<Shortcut>) -> String {
    let page = RecordsPage { filter, shortcuts, ..RecordsPage::default() };
    records_page(&Frame { lang: Lang::En, here: "/records".to_owned() }, &page).unwrap()
}

#[test]
fn what_waits_is_counted_and_leads_to_it() {
    let shortcuts = vec![
        Shortcut { state: Some("submitted"), number: 1_200 },
        Shortcut { state: None, number: 1 },
    ];
    let filter = Filter { conflict: true, ..Filter::default() };
    let page = html(filter, shortcuts);
    assert!(page.contains("href=\"/records?state=submitted\"><span"));
    assert!(page.contains("Submitted <span class=\"many\">1,200</span>"));
    assert!(page.contains("href=\"/records?conflict=true\" aria-current=\"page\""));
    assert!(!html(Filter::default(), Vec::new()).contains("class=\"quick\""));
}

#[test]
fn conditions_that_are_folded_away_are_open_while_one_is_in_use() {
    let late = Filter { late: true, ..Filter::default() };
    assert!(html(late, Vec::new()).contains("<details open>"));
    let site = Filter { site: "INST-027".to_owned(), ..Filter::default() };
    assert!(!html(site, Vec::new()).contains("<details open>"));
}
