//! A machine whose disk was set back, once or more often, and goes on writing.

use super::{Forks, with_seeds};
use crate::rig::Colony;

const SECRET: &str = "correct horse battery staple\n";

#[test]
fn a_disk_set_back_hides_nothing_that_was_written_in_either_life() {
    with_seeds(|mut story| {
        let (hub, [machine, sibling], shared) = story.begins();
        let set_back = machine.cloned();
        story.writes(&machine, 30);
        story.amends(&machine, &shared);
        story.exchange(&[&machine, &sibling]);
        drop(machine);

        let own = story.incidents(&set_back, 2);
        story.writes(&set_back, 23);
        story.amends(&set_back, &own);
        story.amends(&set_back, &shared[1..]);
        story.ends_well(&hub, &[&set_back, &sibling], Forks::Of(2));
    });
}

/// Of what was on no other disk and at no hub nobody can know. This is what is promised then: all
/// that anybody knows of is everywhere, and no fork is made up.
#[test]
fn a_disk_set_back_behind_what_it_never_sent_goes_on_as_if_that_had_not_been() {
    with_seeds(|mut story| {
        let (hub, [machine, sibling], shared) = story.begins();
        let set_back = machine.cloned();
        let (written, titles) = (story.written.clone(), story.titles.clone());
        story.writes(&machine, 8);
        story.amends(&machine, &shared[..1]);
        drop(machine);
        (story.written, story.titles) = (written, titles);

        story.writes(&set_back, 5);
        story.amends(&set_back, &shared);
        story.ends_well(&hub, &[&set_back, &sibling], Forks::Nowhere);
    });
}

#[test]
fn the_longer_branch_hides_nothing_of_the_shorter_one() {
    with_seeds(|mut story| {
        let (hub, [machine, sibling], shared) = story.begins();
        let set_back = machine.cloned();
        story.writes(&machine, 5);
        story.amends(&machine, &shared[..2]);
        story.exchange(&[&machine, &sibling]);
        drop(machine);

        story.writes(&set_back, 40);
        story.amends(&set_back, &shared[1..]);
        story.ends_well(&hub, &[&set_back, &sibling], Forks::Of(2));
    });
}

#[test]
fn a_disk_set_back_twice_to_one_copy_has_three_branches_and_all_of_them_count() {
    with_seeds(|mut story| {
        let (hub, [machine, sibling], shared) = story.begins();
        let [second, third] = [(); 2].map(|()| machine.cloned());
        story.writes(&machine, 30);
        story.amends(&machine, &shared[..2]);
        story.exchange(&[&machine, &sibling]);
        drop(machine);

        story.writes(&second, 25);
        story.amends(&second, &shared[1..]);
        second.command(&["sync"]);
        // This stands in the epoch that the second life opened.
        story.writes(&second, 10);
        story.exchange(&[&second, &sibling]);
        drop(second);

        story.writes(&third, 10);
        story.amends(&third, &shared);
        third.command(&["sync"]);
        story.writes(&third, 5);
        story.ends_well(&hub, &[&third, &sibling], Forks::Of(3));
    });
}

#[test]
fn a_machine_restored_as_it_should_be_has_its_records_again_and_no_branch() {
    with_seeds(|mut story| {
        let (hub, [machine, sibling], shared) = story.begins();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("office.backup");
        machine.typing(&["backup", file.to_str().unwrap()], SECRET).done();
        story.writes(&machine, 20);
        story.amends(&machine, &shared[..2]);
        story.exchange(&[&machine, &sibling]);
        drop(machine);

        let restored = Colony::unenrolled(&hub.sync_address());
        restored.typing(&["restore", file.to_str().unwrap()], SECRET).done();
        story.writes(&restored, 25);
        story.amends(&restored, &shared[1..]);
        story.ends_well(&hub, &[&restored, &sibling], Forks::Nowhere);
    });
}
