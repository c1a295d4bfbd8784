//! The answer of an exchange is lost after the hub committed.

use crate::data;
use crate::link::Link;
use crate::rig::{Colony, Hub, eventually};

#[test]
fn a_lost_answer_doubles_nothing_and_the_next_exchange_goes_on() {
    let hub = Hub::start(&["INST-027"]);
    let link = Link::to(&hub.sync_address());
    let mut colony = Colony::enrol_by(&hub, "INST-027", &link.address());
    colony.run();
    // The first exchange opens the connection, so that what is lost next is an answer and nothing
    // else: no handshake, no session ticket.
    let first = colony.add_one("incident", &data::incident());
    eventually("the first receipt", || (colony.show(&first)["custody"] == "held").then_some(()));
    // It goes on a moment after the receipt: when this one returns, none is under way.
    colony.sync();
    let before = colony.status()["last_receipt"]["number"].clone();

    link.swallow_answers();
    let heard = link.down_bytes();
    colony.add("search", &data::lines(&data::searches(1, 20)));
    hub.holds(21);
    eventually("an answer to be lost", || (0 < link.swallowed()).then_some(()));
    assert_eq!(link.down_bytes(), heard, "nothing of the answer got through");
    assert_eq!(colony.status()["last_receipt"]["number"], before, "the colony heard nothing");
    assert!(20 <= colony.waiting());
    link.cut();
    link.mend();

    colony.add("search", &data::lines(&data::searches(2, 5)));
    let listed = hub.holds(26);
    colony.settles();
    assert_eq!(data::ids(&listed), data::ids(&colony.list()));
    for item in colony.list() {
        let id = item["id"].as_str().unwrap();
        assert_eq!(item["custody"], "held", "{id}");
        let there = hub.show(id);
        assert_eq!(there["entries"], 1, "{id} was stored once");
        assert_eq!(there["state_hash"], colony.show(id)["state_hash"]);
    }
    hub.assert_sound();
    colony.assert_sound();
}

#[test]
fn a_machine_that_died_before_it_knew_it_was_let_in_enrols_again_as_itself() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::unenrolled(&hub.sync_address());
    let code = hub.invite("INST-027");
    colony.command(&["enrol", &code]).done();
    std::fs::remove_file(colony.data().join("local/enrolment")).unwrap();
    colony.command(&["enrol", &code]).done();
    assert_eq!(hub.devices().len(), 1);
    colony.add_one("incident", &data::incident());
    colony.sync();
    assert_eq!(hub.list().len(), 1);
    colony.assert_sound();
}
