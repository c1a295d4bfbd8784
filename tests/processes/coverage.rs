//! Training coverage at the centre, against what a training officer reckons by hand from the files.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use record::DateTime;
use serde_json::Value as Json;

use crate::data;
use crate::rig::{Colony, Hub};

const SITE: &str = "INST-016";

#[test]
fn the_centre_counts_who_holds_which_certificate() {
    let hub = Hub::start(&[SITE, "INST-021"]);
    let colony = Colony::enrol(&hub, SITE);
    // The colony has not heard of the courses yet, and names them by their codes.
    for form in ["staff_member", "training_session"] {
        colony.command(&["add", form, data::file(SITE, form).to_str().unwrap()]).done();
    }
    colony.sync();
    assert!(hub.command(&["stats", "trainings"]).done().array().is_empty());
    let courses = data::file(data::COURSE, "course");
    hub.command(&["record", "add", "course", courses.to_str().unwrap()]).done();

    let shown = hub.command(&["stats", "trainings", "--site", SITE]).done().array();
    let counts = |view: &Json| {
        let count = |key: &str| view[key].as_u64().unwrap();
        ["needed", "valid", "expired", "never"].map(count)
    };
    let shown: BTreeMap<String, [u64; 4]> =
        shown.iter().map(|view| (view["course"].as_str().unwrap().into(), counts(view))).collect();
    let expected = by_hand();
    assert_eq!(shown, expected);
    let sum = |place: usize| expected.values().map(|counts| counts[place]).sum::<u64>();
    assert!(0 < sum(1) + sum(2) && 0 < sum(3), "nothing is shown by {expected:?}");

    let answer = hub.ask("/api/v1/stats/trainings", &hub.token());
    let answered: Vec<Json> = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, answered.len()), (200, expected.len()));
    assert!(hub.command(&["stats", "trainings", "--site", "INST-021"]).done().array().is_empty());
    let unknown = hub.command(&["stats", "trainings", "--site", "INST-999"]).ended(1);
    assert!(unknown.stderr.contains("INST-999"), "{unknown:?}");
}

/// Returns needed, valid, expired and never of each course that somebody needs.
fn by_hand() -> BTreeMap<String, [u64; 4]> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let now = DateTime { utc_ms: now.try_into().unwrap(), offset_minutes: 360 };
    let today = now.to_string()[..10].to_owned();
    let staff = data::records(SITE, "staff_member");
    let sessions = data::records(SITE, "training_session");
    let mut counts: BTreeMap<String, [u64; 4]> = BTreeMap::new();
    for course in data::records(data::COURSE, "course") {
        let code = course["code"].as_str().unwrap();
        let posts = course["mandatory_for"].as_array().cloned().unwrap_or_default();
        let serves = |one: &&Json| {
            let from = one["active_from"].as_str().is_none_or(|from| *from <= *today);
            from && one["active_to"].as_str().is_none_or(|to| *today <= *to)
        };
        let needs = staff.iter().filter(|one| posts.contains(&one["post_category"]));
        for person in needs.filter(serves) {
            let held = sessions.iter().filter(|it| it["course"] == code && it["status"] == "held");
            let passed = held.filter(|it| {
                let present = it["attendance"].as_array().unwrap().iter();
                let mut own = present.filter(|row| row["person"] == person["service_no"]);
                own.any(|row| row["certificate_no"].is_string())
            });
            let last = passed.filter_map(|it| it["ends_at"].as_str()).map(|at| &at[..10]).max();
            let place = match (last, course["validity_months"].as_u64()) {
                (None, _) => 3,
                (Some(last), Some(months)) if later(last, months) < today => 2,
                (Some(_), _) => 1,
            };
            let count = counts.entry(code.to_owned()).or_default();
            count[0] += 1;
            count[place] += 1;
        }
    }
    counts
}

/// The same day so many months later. Days that a month lacks don't matter to who compares them.
fn later(day: &str, months: u64) -> String {
    let (year, month): (u64, u64) = (day[..4].parse().unwrap(), day[5..7].parse().unwrap());
    let month = year * 12 + month - 1 + months;
    format!("{:04}-{:02}{}", month / 12, month % 12 + 1, &day[7..])
}
