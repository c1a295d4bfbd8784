//! `clock`: what of the hub's own time is in doubt, and the word that its clock is right now.

use std::fmt::Write as _;

use clap::Subcommand;
use record::clock::{Doubt, HubTime, Judged, PieceName};
use serde_json::{Value as Json, json};

use super::global::Global;
use super::out;
use crate::clock::rfc3339;
use crate::db::Conn;
use crate::failure::Failure;
use crate::fold;
use crate::truth::{Fault, hub_time};

/// What to do about a doubt.
pub(super) const REMEDY: &str = "compare the clock of this machine with the time on the radio, set \
     it if it is wrong, then say `ashuu-hub clock accept`";

/// Shows what of the hub's time is in doubt, and settles it.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Shows which pieces of the hub's time are in doubt, and why.
    #[command(after_help = "Example:\n  ashuu-hub clock show --json")]
    Show,
    /// Says that the clock of this machine is right now.
    #[command(after_help = "Example:\n  date\n  ashuu-hub clock accept")]
    Accept,
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    match command {
        Command::Show => show(global).await,
        Command::Accept => accept(global).await,
    }
}

async fn show(global: &Global) -> Result<(), Failure> {
    let truth = crate::open::open(&global.config()?).await?;
    let mut conn = truth.db.snapshot().await?;
    let (now, value) = (rfc3339(truth.clock.now_ms()), in_doubt(&mut conn).await?);
    let accepted = hub_time::judged(&mut conn).await?.accepted().map(|word| word.at.wall_ms);
    let accepted = accepted.map(rfc3339);
    let is_sound = value.is_empty();
    let is_open = |piece: &Json| piece.get("settled") == Some(&Json::Bool(false));
    let remedy = value.iter().any(is_open).then_some(REMEDY);
    let all = json!({"now": now, "accepted": accepted, "in_doubt": value, "do": remedy});
    out::say(global, &all, || {
        let mut said = format!("The clock of this machine says {now}.");
        if is_sound {
            said.push_str("\nNothing of the hub's time is in doubt.");
        }
        for piece in &value {
            said.push('\n');
            said.push_str(&words(piece));
        }
        if let Some(remedy) = remedy {
            // Writing to a text does not fail.
            write!(said, "\nWhat to do: {remedy}.").unwrap_or_default();
        }
        said
    })
}

async fn accept(global: &Global) -> Result<(), Failure> {
    let truth = global.open().await?;
    let mut tx = truth.db.begin().await?;
    let author = truth.administrator(&mut tx).await?;
    let before = doubts(&hub_time::judged(&mut tx).await?);
    let accept = hub_time::accept(&truth, &mut tx, author).await?;
    let time = hub_time::judged(&mut tx).await?;
    let after = doubts(&time);
    tx.commit().await?;
    // Whether a record was late was judged by what was held to be sound then.
    if before != after {
        fold::rebuild(&truth).await?;
    }
    let now = rfc3339(accept.at.wall_ms);
    let mut conn = truth.db.read().await?;
    let value = in_doubt(&mut conn).await?;
    let all = json!({"accepted": now, "refuted": accept.doubtful.len(), "in_doubt": value});
    out::say(global, &all, || {
        let refuted = match accept.doubtful.len() {
            0 => "No piece of the hub's time contradicts that.".to_owned(),
            1 => "One piece of the hub's time contradicts that and bounds nothing.".to_owned(),
            many => format!("{many} pieces of the hub's time contradict that and bound nothing."),
        };
        format!(
            "It is written down that it is {now} now. {refuted}\nIf that was wrong, set the clock \
             and say it again: the last word counts."
        )
    })
}

fn doubts(time: &HubTime) -> Vec<PieceName> {
    time.in_doubt().map(|(judged, _doubt)| judged.name).collect()
}

/// Returns the pieces in doubt that nobody has settled or that stay wrong, as JSON.
pub(super) async fn in_doubt(conn: &mut Conn) -> Result<Vec<Json>, Fault> {
    let time = hub_time::judged(conn).await?;
    let last = hub_time::last_shown(conn).await?;
    let one = |(judged, doubt): (&Judged, Doubt)| {
        let from = judged.piece.as_ref().map(|piece| rfc3339(piece.at.wall_ms));
        let to = last.get(&judged.name).copied().map(rfc3339);
        json!({"from": from, "to": to, "why": why(doubt), "settled": !time.is_open(judged, doubt)})
    };
    Ok(time.in_doubt().map(one).collect())
}

const fn why(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Jumped => "it began when the clock was set forward",
        Doubt::Behind => "it began behind what was shown before",
        Doubt::Later => "the clock showed an earlier time afterwards",
        Doubt::Contradicted => "it contradicts the clock that was said to be right",
    }
}

fn words(piece: &Json) -> String {
    let text = |name: &str| piece.get(name).and_then(Json::as_str);
    let from = text("from").unwrap_or("the beginning");
    let to = text("to").unwrap_or("what came before it was written down");
    format!("In doubt: from {from} to {to}: {}.", text("why").unwrap_or_default())
}
