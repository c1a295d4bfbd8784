//! The story from its beginning, for people who watch and for a check.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::chapters;
use crate::world::{Computer, SILENT_DAYS, World, ids};

/// Shows it and runs until Ctrl-C.
pub(crate) fn show() -> anyhow::Result<()> {
    let world = tell()?;
    let web = world.hub.address("web")?;
    println!();
    println!("The central office:  http://{web}/   (this machine only; no login yet)");
    for Computer { site, name, program, .. } in &world.computers {
        let data = program.data();
        println!("{site} {name}: records on its own disk in {}", data.display());
    }
    println!();
    println!("Look at /sites for what each colony has sent and who is silent, at /records for the");
    println!("merged records, and filter by conflict for the one on which two people disagree.");
    println!("Ctrl-C ends it; nothing stays behind.");
    std::io::stdout().flush()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(tokio::signal::ctrl_c())?)
}

/// Proves what the story shows, and says so in one line.
pub(crate) fn check() -> anyhow::Result<()> {
    let began = Instant::now();
    let world = tell()?;
    world.until_all_held()?;
    let held = ids(&world.hub.json(&["record", "list"])?)?;
    let mut written = BTreeSet::new();
    for computer in &world.computers {
        let records = ids(&computer.program.json(&["list"])?)?;
        let missing = records.difference(&held).count();
        ensure!(missing == 0, "the hub lacks {missing} records of {}", computer.site);
        written.extend(records);
    }
    // What the silent colony wrote three weeks ago is at the hub alone.
    let alone = held.difference(&written).count();
    ensure!(alone == 1, "the hub holds {alone} records that no colony here wrote");
    check_silence(&world)?;
    world.hub.call(&["verify"])?;
    println!(
        "ok: {} records of 3 colonies held and merged by the hub, 1 conflict found, 1 record \
         returned and accepted, 1 form published, 1 colony silent for {SILENT_DAYS} days, in {:.1} s",
        held.len(),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Checks that the hub knows who is silent, and for how long.
fn check_silence(world: &World) -> anyhow::Result<()> {
    let sites = world.hub.json(&["site", "list"])?;
    let sites = sites.as_array().context("a list of sites")?;
    let is_silent = |site: &&Value| {
        let has_talked = site.get("last_contact").is_some_and(|at| !at.is_null());
        has_talked && site.get("silent").and_then(Value::as_bool) == Some(true)
    };
    let days = |site: &Value| site.get("silent_days").and_then(Value::as_u64);
    let silent: Vec<_> = sites.iter().filter(is_silent).map(days).collect();
    ensure!(silent == [Some(SILENT_DAYS)], "sites are silent for {silent:?} days");
    Ok(())
}

fn tell() -> anyhow::Result<World> {
    eprintln!("1. A hub; one colony was heard of three weeks ago, and never since.");
    let mut world = World::begin()?;
    eprintln!("2. The centre enters courses; three colonies write a year of records. No link.");
    chapters::a_year_without_a_link(&world)?;
    eprintln!("3. The links come up. The agents notice by themselves.");
    chapters::links_come_up(&mut world)?;
    eprintln!("4. INST-016 trains three officers.");
    chapters::a_training_day(&world)?;
    eprintln!("5. INST-021 sends a first notice; the centre returns it with remarks.");
    chapters::a_returned_record(&world)?;
    eprintln!("6. The centre asks one more question about searches.");
    chapters::a_new_question(&world)?;
    eprintln!("7. Two officers of INST-027 change one field without seeing each other.");
    chapters::two_disagree(&world)?;
    Ok(world)
}
