//! What happens, chapter by chapter: each does something and waits until it can be seen.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::samples::COURSES;
use crate::world::{World, ids, until};

/// One more question of the form for searches, as a centre would write it.
const QUESTION: &str = r#"
[[section.field]]
id = "dog"
type = "bool"
class = "open"
label = { en = "With a dog", ru = "С собакой", ky = "Ит менен" }
"#;

/// The state of a review when all is well.
const ACCEPTED: &str = "accepted";

/// Courses are made at the centre; the colonies write a year of records without a link.
pub(crate) fn a_year_without_a_link(world: &World) -> anyhow::Result<()> {
    world.hub.feed(&["record", "add", "course", "-"], COURSES)?;
    for computer in world.computers.iter().filter(|computer| computer.name == "A") {
        computer.write_samples()?;
    }
    Ok(())
}

/// The links come up, and the agents notice by themselves.
pub(crate) fn links_come_up(world: &mut World) -> anyhow::Result<()> {
    for computer in &mut world.computers {
        computer.program.start()?;
        computer.link.up();
    }
    world.until_all_held()
}

/// Three officers are trained; the course decides when their certificates expire.
pub(crate) fn a_training_day(world: &World) -> anyhow::Result<()> {
    let colony = world.of("INST-016")?;
    let row = |person: &str, number: &str| {
        json!({ "person": person, "presence": "present", "hours": "4", "pre_score": 48,
                "post_score": 81, "certificate_no": number })
    };
    let session = json!({
        "course": "C-01", "starts_at": "2026-11-20T09:00:00+06:00",
        "ends_at": "2026-11-20T13:00:00+06:00", "place": "учебный класс", "language": "ru",
        "mode": "classroom", "trainers": ["Осмонов"], "provider": "UNODC", "status": "held",
        "attendance": [
            row("S016-0002", "016-2026-A1"), row("S016-0003", "016-2026-A2"),
            row("S016-0004", "016-2026-A3")
        ]
    });
    until("the courses of the centre are at the colony", || {
        Ok(!ids(&colony.program.json(&["list", "--form", "course"])?)?.is_empty())
    })?;
    let id = colony.add("training_session", &session)?;
    until("the hub shows when the certificates expire", || {
        let Ok(shown) = world.hub.json(&["record", "show", &id]) else { return Ok(false) };
        let expires = shown.pointer("/values/attendance/0/certificate_expires");
        Ok(expires.and_then(Value::as_str).is_some())
    })
}

/// A first notice is returned with remarks on two fields, corrected, handed in again, accepted.
pub(crate) fn a_returned_record(world: &World) -> anyhow::Result<()> {
    let colony = world.of("INST-021")?;
    let notice = json!({
        "kind": "DRONE_SIGHTING", "occurred_at": "2026-11-22T01:40:00+06:00", "severity": 4,
        "location_type": "yard", "title": "Дрон",
        "narrative": "Дрон завис над двором и улетел."
    });
    let id = colony.add("incident", &notice)?;
    until("the first notice is at the hub, ahead of everything", || {
        Ok(ids(&world.hub.json(&["record", "list", "--form", "incident"])?)?.contains(&id))
    })?;
    world.hub.call(&[
        "review",
        &id,
        "return",
        "--remark",
        "Уточните, пожалуйста.",
        "--field",
        "title",
        "--field-remark",
        "Назовите место.",
        "--field",
        "narrative",
        "--field-remark",
        "Сколько времени он был над двором?",
    ])?;
    until("the colony has it back as a task", || {
        let tasks = colony.program.json(&["task", "list"])?;
        let returned = |task: &Value| {
            task.get("id").and_then(Value::as_str) == Some(&id)
                && task.get("kind").and_then(Value::as_str) == Some("returned")
        };
        Ok(tasks.as_array().context("a list of tasks")?.iter().any(returned))
    })?;
    let corrected = json!({
        "title": "Дрон над прогулочным двором",
        "narrative": "Дрон завис над двором на две минуты и улетел к реке."
    });
    colony.program.feed(&["amend", &id, "-"], &corrected.to_string())?;
    colony.program.call(&["resubmit", &id, "--comment", "Уточнено."])?;
    until("it is handed in again", || Ok(review(world, &id)? == "resubmitted"))?;
    world.hub.call(&["review", &id, "accept"])?;
    until("the colony knows that it is accepted", || {
        let shown = colony.program.json(&["show", &id])?;
        Ok(shown.pointer("/review/state").and_then(Value::as_str) == Some(ACCEPTED))
    })
}

fn review(world: &World, id: &str) -> anyhow::Result<String> {
    let shown = world.hub.json(&["record", "show", id])?;
    let state = shown.pointer("/review/state").and_then(Value::as_str);
    Ok(state.context("a record has a state of review")?.to_owned())
}

/// The centre asks one more question, and a colony answers it.
pub(crate) fn a_new_question(world: &World) -> anyhow::Result<()> {
    let source = world.hub.text(&["form", "show", "search", "--source"])?;
    let file = world.folder.path().join("search.toml");
    std::fs::write(&file, source + QUESTION)?;
    world.hub.call(&["form", "publish", file.to_str().context("a folder in UTF-8")?])?;
    let colony = world.of("INST-016")?;
    until("the new version is at the colony", || {
        let forms = colony.program.json(&["form", "list"])?;
        let is_new = |form: &Value| {
            form.get("id").and_then(Value::as_str) == Some("search")
                && form.get("version").and_then(Value::as_u64) == Some(2)
        };
        Ok(forms.as_array().context("a list of forms")?.iter().any(is_new))
    })?;
    let search = json!({
        "at": "2026-11-23T10:00:00+06:00", "place": "cell", "target": "cell", "kind": "routine",
        "count": 4, "result": "nothing", "dog": true
    });
    let id = colony.add("search", &search)?;
    until("the hub has an answer to the new question", || {
        let Ok(shown) = world.hub.json(&["record", "show", &id]) else { return Ok(false) };
        Ok(shown.pointer("/values/dog").and_then(Value::as_bool) == Some(true))
    })
}

/// Two officers of one colony change one field without seeing each other's change.
pub(crate) fn two_disagree(world: &World) -> anyhow::Result<()> {
    let [.., one, two] = world.computers.as_slice() else {
        anyhow::bail!("the third colony has two computers");
    };
    let ids_of = |computer: &crate::world::Computer| {
        ids(&computer.program.json(&["list", "--form", "incident"])?)
    };
    until("the second computer has the first one's records", || {
        Ok(ids_of(two)?.is_superset(&ids_of(one)?))
    })?;
    let id = ids_of(one)?.into_iter().next().context("there are incidents")?;
    for (computer, title) in [(one, "Пакет у наружного ограждения"), (two, "Пакет у гаража")]
    {
        computer.link.down();
        let changed = json!({ "title": title }).to_string();
        computer.program.feed(&["amend", &id, "-"], &changed)?;
    }
    one.link.up();
    two.link.up();
    until("the hub sees the conflict", || {
        Ok(ids(&world.hub.json(&["record", "list", "--conflict"])?)?.contains(&id))
    })
}
