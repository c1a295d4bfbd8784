//! A look at the copies that are made by themselves: whether there is a good one, and how old it is.

use terminal::Check;

use crate::backups::Note;
use crate::clock;
use crate::config::Config;
use crate::limits::BACKUP_LATE_MS;

/// Looks at what is noted of them.
pub(super) fn copies(config: &Config) -> Check {
    let Some(plan) = &config.backup else {
        let remedy = "set [backup] to, daily and passphrase_file, or see that something else copies \
                      this hub each night";
        return Check::warn("backup", "no copies are made by the hub itself", remedy);
    };
    judged(&Note::read(&config.data), &plan.to.display().to_string(), clock::wall_ms())
}

fn judged(note: &Note, to: &str, now_ms: i64) -> Check {
    let good = note.good.as_ref();
    let failure = note.failure.as_ref().map(|failure| failure.what.as_str());
    let since_ms = good.map(|good| good.at_ms).or(note.since_ms);
    let is_late = since_ms.is_some_and(|since| BACKUP_LATE_MS < now_ms.saturating_sub(since));
    let what = match (good, failure) {
        (Some(good), None) => format!("{} of {}", good.file, clock::rfc3339(good.at_ms)),
        (Some(good), Some(failure)) => {
            format!("the last good one is of {}; then: {failure}", clock::rfc3339(good.at_ms))
        }
        (None, Some(failure)) => format!("none was made: {failure}"),
        (None, None) => "none was made yet".to_owned(),
    };
    let remedy = format!("see that `ashuu-hub run` is up and may write to {to}, and what it says");
    if is_late {
        Check::fail("backup", format!("no good copy for three days: {what}"), remedy)
    } else if good.is_none() || failure.is_some() {
        Check::warn("backup", what, remedy)
    } else {
        Check::ok("backup", what)
    }
}

#[cfg(test)]
mod tests {
    use terminal::State;

    use super::*;
    use crate::backups::{Failed, Good};

    #[test]
    fn three_days_without_a_good_copy_fail_and_a_failure_in_between_warns() {
        let good = Some(Good { at_ms: 1_000, file: "hub.backup".to_owned() });
        let failure = Some(Failed { at_ms: 2_000, what: "the disk is full".to_owned() });
        let state = |note: &Note, now_ms| judged(note, "/srv", now_ms).state;
        let note = Note { good: good.clone(), ..Note::default() };
        assert_eq!(state(&note, 1_000 + BACKUP_LATE_MS), State::Ok);
        assert_eq!(state(&note, 1_001 + BACKUP_LATE_MS), State::Fail);
        let note = Note { good, failure: failure.clone(), ..Note::default() };
        assert_eq!(state(&note, 3_000), State::Warn);
        assert!(judged(&note, "/srv", 3_000).what.contains("the disk is full"));
        let note = Note { since_ms: Some(1_000), failure, ..Note::default() };
        assert_eq!(state(&note, 3_000), State::Warn);
        assert_eq!(state(&note, 1_001 + BACKUP_LATE_MS), State::Fail);
        assert_eq!(state(&Note::default(), 3_000), State::Warn);
    }
}
