//! How an exchange went, for people and programs.

use journal::SiteCode;
use protocol::{Ended, Report};

/// How an exchange went, for people and programs.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the machine says.
    pub report: Report,
    /// Whether a rollback or fork was healed on the way.
    pub healed: bool,
    /// The site to which the device heard that it moved, if it did.
    pub moved_to: Option<SiteCode>,
    /// Entries of this device that were acknowledged, are lost here, and never were at the hub.
    pub lost: u64,
    /// Entries of this device that no hub can take, since what stands before them is lost.
    pub stranded: u64,
}

impl Outcome {
    /// Adds an exchange that followed at once; how it ended is how both ended.
    pub(super) fn and(self, next: Self) -> Self {
        let (first, last) = (&self.report, next.report);
        let report = Report {
            sent: first.sent.saturating_add(last.sent),
            received: first.received.saturating_add(last.received),
            bytes_up: first.bytes_up.saturating_add(last.bytes_up),
            bytes_down: first.bytes_down.saturating_add(last.bytes_down),
            receipt: last.receipt.or(first.receipt),
            answered: true,
            ..last
        };
        Self { report, healed: self.healed || next.healed, ..self }
    }

    /// Whether everything is held and everything has come.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.report.ended == Ended::Settled && (self.lost, self.stranded) == (0, 0)
    }

    /// Whether what is written from now on would cross: single logs are held up, or none.
    pub(super) fn lets_news_pass(&self) -> bool {
        match self.report.ended {
            Ended::Settled | Ended::Stuck => true,
            Ended::Refused => self.report.refused.iter().all(|refused| refused.log.is_some()),
            Ended::Unreachable { .. } | Ended::Disk(_) => false,
        }
    }

    /// Says in words why it ended.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.report.ended {
            Ended::Settled if !self.is_settled() => self.out_of_reach(),
            Ended::Settled => "everything here is held by the hub".to_owned(),
            Ended::Unreachable { words, .. } => words.clone(),
            Ended::Refused => format!("the hub refused: {}", self.refusals()),
            Ended::Stuck if !self.report.refused.is_empty() => self.refusals(),
            Ended::Stuck => {
                "the hub answers, but nothing moves: run `ashuu-agent verify`".to_owned()
            }
            Ended::Disk(words) => words.clone(),
        }
    }

    fn out_of_reach(&self) -> String {
        let Self { lost, stranded, .. } = self;
        let behind = match stranded {
            0 => String::new(),
            stranded => format!(", and {stranded} behind them can't be taken there"),
        };
        format!(
            "entries that were saved here are lost and were never held by the hub: {lost}{behind}; \
             keep this disk, and see `ashuu-agent verify`"
        )
    }

    fn refusals(&self) -> String {
        let words = self.report.refused.iter().map(|refused| refused.words.as_str());
        words.collect::<Vec<_>>().join("; ")
    }

    /// Returns the object that `sync --json` prints.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let Report { sent, received, receipt, bytes_up, bytes_down, .. } = &self.report;
        serde_json::json!({
            "sent": sent, "received": received, "receipt": receipt,
            "bytes_up": bytes_up, "bytes_down": bytes_down, "healed": self.healed,
            "settled": self.is_settled(), "lost": self.lost, "stranded": self.stranded,
            "words": self.words(),
            "moved_to": self.moved_to.as_ref().map(SiteCode::as_str),
        })
    }
}

#[cfg(test)]
mod tests {
    use journal::{DeviceKey, Epoch, Lane, LogName};
    use protocol::{Refused, Why};

    use super::*;

    fn refused(log: Option<LogName>) -> Outcome {
        let words = "words".to_owned();
        let refused = vec![Refused { why: Why::Frame, words, log, seq: 1, heads: Vec::new() }];
        let report = Report { ended: Ended::Refused, refused, answered: true, ..Report::default() };
        Outcome { report, healed: false, moved_to: None, lost: 0, stranded: 0 }
    }

    #[test]
    fn what_no_hub_can_take_is_not_called_held() {
        let report = Report { answered: true, ..Report::default() };
        let settled = Outcome { report, healed: false, moved_to: None, lost: 0, stranded: 0 };
        assert!(settled.is_settled());
        let lost = Outcome { lost: 2, ..settled };
        assert!(
            !lost.is_settled() && lost.words().contains("the hub: 2; keep"),
            "{}",
            lost.words()
        );
        let stranded = Outcome { stranded: 3, ..lost };
        assert!(stranded.words().contains("the hub: 2, and 3 behind them can't"));
    }

    #[test]
    fn one_log_that_is_refused_does_not_keep_the_news_of_others_waiting() {
        let log =
            LogName { device: DeviceKey([1; 32]), epoch: Epoch([1; 8]), lane: Lane::Everyone };
        assert!(refused(Some(log)).lets_news_pass());
        assert!(!refused(None).lets_news_pass(), "a device that is refused tries by the timer");
        let stuck = Report { ended: Ended::Stuck, ..Report::default() };
        assert!(Outcome { report: stuck, ..refused(None) }.lets_news_pass());
    }
}
