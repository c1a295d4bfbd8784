//! `verify`: the truth for itself, and the views against it.

use serde_json::json;

use super::global::Global;
use super::out;
use crate::clock::rfc3339;
use crate::failure::Failure;
use crate::fold;
use crate::truth::epoch::{self, SetBack};
use crate::truth::verify::{self, FaultFound, ForkFound};

pub(super) async fn perform(global: &Global) -> Result<(), Failure> {
    let truth = crate::open::open(&global.config()?).await?;
    let mut verdict = verify::verify(&truth).await?;
    if verdict.faults.is_empty() {
        // The views are folded from the truth: of a damaged one they can't be judged.
        let views = fold::check(&truth).await?;
        verdict.faults.extend(views.into_iter().map(|fault| of_view(fault.what)));
    }
    let mut conn = truth.db.read().await?;
    let set_backs = epoch::set_backs(&mut conn).await?;
    drop(conn);
    let is_good = verdict.faults.is_empty();
    let value = json!({
        "ok": is_good,
        "checked": verdict.checked,
        "without_payload": verdict.without_payload,
        "faults": verdict.faults,
        "forks": verdict.forks,
        "set_backs": set_backs.iter().map(set_back).collect::<Vec<_>>(),
    });
    out::say(global, &value, || {
        let mut lines: Vec<String> = verdict.faults.iter().map(words).collect();
        lines.extend(verdict.forks.iter().map(forked));
        lines.extend(set_backs.iter().map(set_back));
        let bare = match verdict.without_payload {
            0 => String::new(),
            bare => format!(", {bare} of them without payload"),
        };
        lines.push(format!("{} entries checked{bare}", verdict.checked));
        lines.join("\n")
    })?;
    if is_good { Ok(()) } else { Err(Failure::Found) }
}

fn of_view(what: String) -> FaultFound {
    let (device, epoch, lane) = (String::new(), String::new(), String::new());
    FaultFound { device, epoch, lane, seq: 0, what, remedy: "run `ashuu-hub rebuild`" }
}

fn words(fault: &FaultFound) -> String {
    let FaultFound { device, epoch, lane, seq, what, remedy } = fault;
    if device.is_empty() {
        return format!("{what}\n  → {remedy}");
    }
    format!("device {device} epoch {epoch} {lane} entry {seq}: {what}\n  → {remedy}")
}

/// No fault of what is here: something was lost, and the hub has answered for it.
fn set_back(one: &SetBack) -> String {
    let SetBack { at_ms, count, words, .. } = one;
    format!("set back, noticed {}: {words}; epoch {count} was opened", rfc3339(*at_ms))
}

fn forked(fork: &ForkFound) -> String {
    let ForkFound { device, epoch, lane, seq, what, remedy, .. } = fork;
    format!(
        "a fork: device {device} epoch {epoch} {lane} from entry {seq} on: {what}\n  → {remedy}"
    )
}
