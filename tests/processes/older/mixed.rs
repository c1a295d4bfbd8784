//! Programs of two versions in one exchange: a site is not updated in a day.

use serde_json::{Value as Json, json};

use super::{Older, SITE};
use crate::data;
use crate::rig::{Colony, Hub, Version, older_programs_are_here};

#[test]
fn an_older_agent_goes_on_with_an_updated_hub_and_a_newer_sibling_sees_all_it_wrote() {
    if !older_programs_are_here() {
        return;
    }
    let Older { mut hub, author, double, sibling, before } = Older::on("");
    hub.kill();
    hub.is_updated();
    hub.run();
    let mut written = before.written.clone();
    for (series, machine) in (10..).zip([&author, &double, &sibling]) {
        machine.add("search", &data::lines(&data::searches(series, 3)));
        written.extend(data::ids(&data::searches(series, 3).iter().map(named).collect::<Vec<_>>()));
    }
    let newer = Colony::enrol_for(&hub, SITE, "C. Dootov");
    for machine in [&author, &double, &sibling, &newer, &author, &double, &sibling, &newer] {
        let told = machine.sync();
        assert_eq!(told["settled"], true, "{told}");
    }
    assert_eq!(data::ids(&hub.holds(written.len())), written);
    assert_eq!(data::ids(&newer.list()), written);
    before.assert_shown(|id| newer.show(id));

    // Then the machines are updated too, one after the other.
    for mut machine in [author, double, sibling] {
        machine.changes_to(Version::Today);
        machine.sync();
        assert_eq!(machine.sync()["settled"], true);
        assert_eq!(data::ids(&machine.list()), written);
        assert_eq!(machine.waiting(), 0);
    }
}

#[test]
fn an_agent_says_that_an_older_hub_has_what_it_does_not_list_and_no_more() {
    if !older_programs_are_here() {
        return;
    }
    let mut hub = Hub::start_older("", &[SITE]);
    let machine = Colony::enrol_for(&hub, SITE, "A. Asanova");
    machine.add("search", &data::lines(&data::searches(1, 2)));
    machine.sync();
    let double = machine.cloned();
    machine.add("search", &data::lines(&data::searches(2, 3)));
    double.add("search", &data::lines(&data::searches(3, 4)));
    let both = [&machine, &double];
    for one in both.iter().chain(&both) {
        assert_eq!(one.sync()["settled"], true);
    }
    let listed = data::ids(&hub.list());
    for one in both {
        for item in one.list() {
            let is_listed = listed.contains(item["id"].as_str().unwrap());
            let custody = if is_listed { "held" } else { "sent" };
            assert_eq!(item["custody"], custody, "{item}");
        }
    }
    let sent = double.list().iter().filter(|item| item["custody"] == "sent").count();
    assert_eq!(sent, 4, "the second branch");

    hub.kill();
    hub.is_updated();
    hub.run();
    for one in both.iter().chain(&both) {
        assert_eq!(one.sync()["settled"], true);
    }
    let all = data::ids(&hub.holds(2 + 3 + 4));
    for one in both {
        assert_eq!(data::ids(&one.list()), all);
        assert!(one.list().iter().all(|item| item["custody"] == "held"), "{:?}", one.list());
    }
}

/// Returns a search as it is listed.
fn named(search: &Json) -> Json {
    json!({"id": search["@id"]})
}
