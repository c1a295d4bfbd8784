//! The hub is killed: while devices bring records, reviewers decide and records are imported.

use std::sync::mpsc;

use super::*;
use crate::rig::post_json;
use serde_json::json;

/// Records of one exchange.
const BATCH: u32 = 20;

/// Records of which reviewers decide.
const REVIEWED: u32 = 10;

/// Courses of one import: more than is saved at once.
const COURSES: u32 = 130;

/// Bytes a second towards the hub: a kill must find an exchange under way.
const SLOW: u64 = 40_000;

/// What reviewers decide on a record, over and over; none needs the site.
const DECISIONS: [&str; 7] =
    ["accept", "reopen", "hold", "comment", "return", "not_reportable", "reopen"];

#[test]
fn a_hub_killed_at_work_keeps_everything_it_acknowledged_and_holds_it_once() {
    let mut hub = Hub::start(&["INST-027"]);
    let token = reviewer(&hub);
    let link = Link::to(&hub.sync_address());
    let colony = Colony::enrol_by(&hub, "INST-027", &link.address());
    let ids: Vec<String> = incidents(&colony, REVIEWED).into_iter().collect();
    let before = link.up_bytes();
    colony.sync();
    let whole = link.up_bytes() - before;
    link.throttle(SLOW);

    let (mut word, mut courses, mut in_the_middle) = (Word::default(), BTreeSet::new(), 0);
    let kills = KILLS * seeds();
    for kill in 0..kills {
        let (format, text) = text(kill, &data::searches(kill, BATCH));
        colony.typing(&["add", "search", "--format", format, "-"], &text).done();
        let review = Review::begin(&hub, &token, &ids[(kill % REVIEWED) as usize], kill);
        let import = kill.is_multiple_of(10).then(|| import_courses(&hub, kill / 10));
        let is_over = exchange_until(&colony, &link, whole * u64::from(kill % 11) / 10, || {
            hub.kill();
        });
        in_the_middle += u32::from(!is_over);
        courses.extend(import.map(|import| cut_at(import, kill)).unwrap_or_default());
        review.ended(&mut word);
        hub.run();
    }
    let wanted = kills * KILLS_IN_THE_MIDDLE / KILLS;
    assert!(wanted <= in_the_middle, "only {in_the_middle} kills were in the middle");
    assert!(kills as usize <= word.acknowledged.len(), "{} decisions", word.acknowledged.len());

    link.throttle(0);
    colony.sync();
    let there = data::ids(&hub.list());
    assert!(courses.is_subset(&there), "{:?} are lost", courses.difference(&there));
    assert!(COURSES as usize <= courses.len(), "only {} courses", courses.len());
    let searches = there.len() - data::ids(&list_of(&hub, "course")).len() - ids.len();
    assert_eq!(searches, (kills * BATCH) as usize);
    assert_said_once(&word, &ids.into_iter().collect(), (&colony, &hub));
    assert_alike(&colony, &hub, 97);
}

/// A reviewer who decides on one record until nobody answers.
struct Review {
    deciding: JoinHandle<Word>,
}

impl Review {
    /// Begins, and returns when the first decision was acknowledged: a kill finds one more under
    /// way, however slow the machine.
    fn begin(hub: &Hub, token: &str, id: &str, kill: u32) -> Self {
        let (address, token) = (hub.web_address(), token.to_owned());
        let path = format!("/api/v1/records/{id}/review");
        let (acknowledged, first) = mpsc::channel();
        let deciding = thread::spawn(move || {
            let mut word = Word::default();
            for (number, decision) in DECISIONS.iter().cycle().enumerate() {
                let remark = format!("decision {kill}-{number}");
                let asked = json!({ "decision": decision, "remark": remark });
                word.asked.insert(remark.clone());
                match post_json(&address, &path, &token, &asked) {
                    Some(answer) if answer.status == 200 => {
                        word.acknowledged.insert(remark);
                        acknowledged.send(()).ok(); // Only the first is waited for.
                    }
                    Some(answer) if answer.status < 500 => {}
                    _ => break,
                }
            }
            word
        });
        first.recv_timeout(MOMENT).expect("no decision was acknowledged");
        Self { deciding }
    }

    /// Takes down what was asked and acknowledged. The hub must be gone.
    fn ended(self, word: &mut Word) {
        let Word { asked, acknowledged } = self.deciding.join().unwrap();
        word.asked.extend(asked);
        word.acknowledged.extend(acknowledged);
    }
}

/// Exchanges until so many bytes went to the hub, and calls `kill`. From the first byte to the
/// last, when the hub has read all and begins to answer. Returns whether all was said before.
fn exchange_until(colony: &Colony, link: &Link, enough: u64, kill: impl FnOnce()) -> bool {
    let before = link.up_bytes();
    let mut exchange = colony.prepare(&["sync"]);
    let mut exchange = exchange.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    within(MOMENT, || {
        let reached = enough <= link.up_bytes() - before;
        (reached || exchange.try_wait().unwrap().is_some()).then_some(())
    });
    kill();
    exchange.wait().unwrap().success()
}

/// Cuts an import when it acknowledged so many lines, sooner or later from kill to kill.
///
/// It has a process of its own, and goes on while the one that serves is dead.
fn cut_at(mut import: Import, kill: u32) -> Vec<String> {
    let enough = (kill * 7 % COURSES) as usize;
    within(MOMENT, || (enough <= import.heard() || import.is_over()).then_some(()));
    import.cut()
}

/// Begins to import courses at the centre, beside the process that serves.
fn import_courses(hub: &Hub, series: u32) -> Import {
    let course = |number: u32| {
        json!({
            "@id": format!("0193a7c0-5b1e-7cc3-{:04x}-{number:012x}", 0x9000 | series),
            "code": format!("K-{series}-{number}"), "title_en": "Searching a parcel",
            "title_ru": "Досмотр посылки", "title_ky": "Посылканы текшерүү",
            "provider": "PRISON_SERVICE", "topics": "drug_recognition", "hours": "8"
        })
    };
    let courses: Vec<Json> = (1..=COURSES).map(course).collect();
    let (format, text) = text(series, &courses);
    let text = if format == "jsonl" { data::lines(&with_lists(&courses)) } else { text };
    let add = hub.prepare(&["record", "add", "course", "--format", format, "-"]);
    Import::begin(add, text, End::Seen)
}

/// A list stands in a cell as it is, and in JSON as a list.
fn with_lists(courses: &[Json]) -> Vec<Json> {
    let mut courses = courses.to_vec();
    for course in &mut courses {
        course["topics"] = json!([course["topics"]]);
    }
    courses
}

fn list_of(hub: &Hub, form: &str) -> Vec<Json> {
    hub.command(&["record", "list", "--form", form]).done().array()
}
