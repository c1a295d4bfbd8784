//! The agent is killed: while it imports alone, and while it imports, syncs and answers the centre
//! at once.

use std::fs::{self, File};

use super::*;
use crate::rig::post_json;
use crate::server;
use serde_json::json;

/// Lines of an import by a program that has the disk to itself: more than is saved at once.
const LINES: u32 = 560;

/// Lines of an import through a process that has other things to do.
const FEW: u32 = 20;

/// Records that go back and forth between the centre and the site.
const REVIEWED: u32 = 10;

/// Of how many kills one must have let an answer to the centre be acknowledged, else nothing is
/// shown of them.
const KILLS_AN_ANSWER: usize = 14;

/// How many rounds before it is answered the centre returns a record: one of them brings it.
const AHEAD: u32 = 4;

/// When the agent is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// When so many lines were acknowledged.
    Acknowledged(usize),
    /// When so many bytes more went to the hub.
    Sent(u64),
    /// When the tasks were told.
    Told,
}

#[test]
fn an_agent_killed_at_work_keeps_everything_it_acknowledged_and_sends_it_once() {
    let mut world = World::new();
    let mut in_the_middle = 0;
    for kill in 0..kills() {
        // One in five dies while it imports with the disk to itself, the others among all work.
        let is_cut = if kill % 5 == 4 { world.imports_alone(kill) } else { world.works(kill) };
        in_the_middle += u32::from(is_cut);
    }
    let wanted = kills() * KILLS_IN_THE_MIDDLE / KILLS;
    assert!(wanted <= in_the_middle, "only {in_the_middle} kills were in the middle");
    let answers = world.answers.acknowledged.len();
    assert!(
        kills() as usize / KILLS_AN_ANSWER <= answers,
        "only {answers} answers to the centre were acknowledged"
    );

    let World { hub, colony, imported, answers, returned, .. } = world;
    let lost = lost(&imported, &colony);
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), imported.len());
    colony.assert_sound();
    // What was cut short is imported again: nothing doubles, nothing is missing.
    let last = data::searches(kills() - 1, LINES);
    colony.add("search", &data::lines(&last));
    colony.sync();
    let there = data::ids(&hub.list());
    assert!(imported.is_subset(&there));
    assert!(last.iter().all(|search| there.contains(search["@id"].as_str().unwrap())));
    assert_said_once(&answers, &returned, (&colony, &hub));
    assert_alike(&colony, &hub, 211);
}

/// Without this the law above could hold because nobody looks.
#[test]
fn a_disk_that_forgets_what_was_acknowledged_is_noticed() {
    let hub = Hub::start(&["INST-027"]);
    let link = Link::to(&hub.sync_address());
    let mut colony = Colony::enrol_by(&hub, "INST-027", &link.address());
    // What comes down would lie behind what was saved, and the byte would be missing there.
    link.cut();
    colony.run();
    let searches = data::searches(0, FEW);
    let add = colony.prepare(&["add", "search"]);
    let mut import = Import::begin(add, data::lines(&searches), End::Seen);
    within(MOMENT, || import.is_over().then_some(())).unwrap();
    colony.kill();
    let acknowledged: BTreeSet<String> = import.cut().into_iter().collect();
    assert_eq!(acknowledged.len(), FEW as usize);
    assert!(lost(&acknowledged, &colony).is_empty());
    let segments = fs::read_dir(colony.data().join("journal")).unwrap();
    let last = segments.map(|file| file.unwrap().path()).max().unwrap();
    let written = fs::read(&last).unwrap().iter().rposition(|byte| *byte != 0).unwrap();
    File::options().write(true).open(&last).unwrap().set_len(written as u64).unwrap();
    assert!(!lost(&acknowledged, &colony).is_empty(), "a byte less, and all is said to be there");
}

/// Returns how often the agent is killed. It is its own disk that this is about: where the tests run
/// once more with a server under the hub, fewer will do.
fn kills() -> u32 {
    let kills = KILLS * seeds();
    if server::is_chosen() { kills / 4 } else { kills }
}

/// A hub, a colony, and what both were told.
struct World {
    hub: Hub,
    token: String,
    link: Link,
    colony: Colony,
    returned: BTreeSet<String>,
    imported: BTreeSet<String>,
    answers: Word,
}

impl World {
    fn new() -> Self {
        let hub = Hub::start(&["INST-027"]);
        let token = reviewer(&hub);
        let link = Link::to(&hub.sync_address());
        let colony = Colony::enrol_by(&hub, "INST-027", &link.address());
        let returned = incidents(&colony, REVIEWED);
        colony.sync();
        let (imported, answers) = (BTreeSet::new(), Word::default());
        Self { hub, token, link, colony, returned, imported, answers }
    }

    /// Kills an import that has the disk to itself; returns whether it was in the middle.
    fn imports_alone(&mut self, kill: u32) -> bool {
        let searches = data::searches(kill, LINES);
        let (format, mut text) = text(kill, &searches);
        // Every second time the kill comes while more is waited for.
        let (end, enough) = match kill / 10 % 2 {
            0 => (End::Seen, kill as usize * 23 % LINES as usize),
            _ => {
                text.truncate(text.len() * (kill as usize * 7 % 97 + 3) / 100);
                (End::Open, LINES as usize)
            }
        };
        let add = self.colony.prepare(&["add", "search", "--format", format, "-"]);
        let mut import = Import::begin(add, text, end);
        within(MOMENT, || {
            let waits = end == End::Open && import.typing.is_finished();
            (waits || enough <= import.heard() || import.is_over()).then_some(())
        });
        let heard = import.cut();
        let is_cut = heard.len() < LINES as usize;
        self.imported.extend(heard);
        is_cut
    }

    /// Kills the process that serves while everything is asked of it at once; returns whether
    /// anything was left undone.
    fn works(&mut self, kill: u32) -> bool {
        let id = |number: u32| self.returned.iter().nth((number % REVIEWED) as usize).unwrap();
        self.returns(id(kill + AHEAD), kill);
        let id = id(kill).clone();
        let before = self.link.up_bytes();
        self.colony.run();
        let searches = data::searches(kill, FEW);
        let (format, text) = text(kill, &searches);
        let add = self.colony.prepare(&["add", "search", "--format", format, "-"]);
        let mut import = Import::begin(add, text, End::Seen);
        let comment = format!("answer {kill}");
        self.answers.asked.insert(comment.clone());
        let mut tasks = quiet(self.colony.prepare(&["task", "list"]));
        let mut resubmit = quiet(self.colony.prepare(&["resubmit", &id, "--comment", &comment]));
        let moment = match kill % 3 {
            0 => Moment::Acknowledged(1),
            1 => Moment::Sent(u64::from(kill * 61 % 900)),
            _ => Moment::Told,
        };
        within(MOMENT, || {
            let answered = resubmit.try_wait().unwrap().is_some();
            let reached = match moment {
                Moment::Acknowledged(count) => count <= import.heard(),
                Moment::Sent(bytes) => bytes <= self.link.up_bytes() - before,
                Moment::Told => tasks.try_wait().unwrap().is_some(),
            };
            (reached || answered && import.is_over()).then_some(())
        });
        self.colony.kill();
        tasks.kill().unwrap();
        tasks.wait().unwrap();
        // Both end by themselves: the one they spoke to is gone.
        let answered = resubmit.wait().unwrap().success();
        if answered {
            self.answers.acknowledged.insert(comment);
        }
        within(MOMENT, || import.is_over().then_some(()));
        let heard = import.cut();
        let is_cut = !answered || heard.len() < FEW as usize;
        self.imported.extend(heard);
        is_cut
    }

    /// Returns a record to the site. If it was not handed in again meanwhile, that is refused.
    fn returns(&self, id: &str, kill: u32) {
        let decision = json!({ "decision": "return", "remark": format!("return {kill}") });
        let path = format!("/api/v1/records/{id}/review");
        post_json(&self.hub.web_address(), &path, &self.token, &decision).unwrap();
    }
}

fn quiet(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Returns what was acknowledged and isn't there.
fn lost(acknowledged: &BTreeSet<String>, colony: &Colony) -> Vec<String> {
    acknowledged.difference(&data::ids(&colony.list())).cloned().collect()
}
