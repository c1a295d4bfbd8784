//! What all acts about one record come to, in any order of arrival.
//!
//! The last decision in the hub's lane holds, with what of the site it had not seen: a live change,
//! and an act that answers it. What the wrong side said does not count and is a finding.

use std::collections::{BTreeMap, BTreeSet};

use journal::{DeviceKey, Dot, EpochStart, Lane, LogName, SiteCode};

use super::{Action, ReviewEntry, ReviewState, Step};
use crate::finding::Finding;

/// One act, and who said it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Act {
    /// Its entry.
    pub dot: Dot,
    /// Whose word it is.
    pub side: Side,
    /// When, by the author's clock, in milliseconds since 1970: it sorts remarks, nothing else.
    pub claimed_ms: i64,
    /// What was said.
    pub entry: ReviewEntry,
}

/// Whose word about a record an act is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Side {
    /// The centre's, in the hub's lane of the record's site.
    Centre {
        /// Which of the hub's epochs it stands in, from 1.
        epoch: u32,
    },
    /// A device's of the record's site.
    Site,
    /// Nobody's who has a say.
    Stranger,
}

/// What a record's acts come to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Review<'a> {
    /// The state.
    pub state: ReviewState,
    /// The last decision, also one that was taken back.
    pub decision: Option<&'a Act>,
    /// The site's act that answers it: a resubmission, or a request nobody decided on yet.
    pub answer: Option<&'a Act>,
    /// The site's word that it read the decision.
    pub seen: Option<&'a Act>,
    /// The site's live changes that the decision had not seen; before one all of them.
    pub unseen: Vec<Dot>,
    /// What was remarked with the decision and since.
    pub remarks: Vec<Remarked<'a>>,
    /// What does not count, and what crossed on the way.
    pub findings: Vec<Finding>,
}

/// A remark, and the act it came with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Remarked<'a> {
    /// The act.
    pub act: &'a Act,
    /// The field's path; none for the whole record.
    pub field: Option<&'a str>,
    /// The remark.
    pub remark: &'a str,
}

/// Returns whose word an act in `log` about a record of `site` is; `start` is the log's first entry.
#[must_use]
pub fn side(log: &LogName, hub: &DeviceKey, start: Option<&EpochStart>, site: &SiteCode) -> Side {
    let Some(start) = start else { return Side::Stranger };
    let hubs_lane = matches!(&log.lane, Lane::Site(lane) if lane == site);
    let own = start.site == *site || start.predecessors.contains(site);
    match (log.device == *hub, hubs_lane, own) {
        (true, true, _) => Side::Centre { epoch: start.count },
        (false, _, true) => Side::Site,
        (true, false, _) | (false, _, false) => Side::Stranger,
    }
}

/// Returns what `acts` come to; `of_site` are the live changes that are not the hub's.
///
/// Neither order nor repetition matters.
#[must_use]
pub fn review<'a>(
    acts: impl IntoIterator<Item = &'a Act>,
    of_site: impl IntoIterator<Item = Dot>,
) -> Review<'a> {
    let acts: BTreeMap<Dot, &Act> = acts.into_iter().map(|act| (act.dot, act)).collect();
    let decision = acts.values().filter_map(|act| Some((place(act)?, *act))).max_by_key(by_place);
    let decision = decision.map(|(_place, act)| act);
    let known: BTreeSet<Dot> =
        decision.iter().flat_map(|act| act.entry.seen.iter().copied()).collect();
    let unseen: BTreeSet<Dot> = of_site.into_iter().filter(|dot| !known.contains(dot)).collect();
    let answering = |wanted: Step| {
        let fits = |act: &&&Act| is_answer(act, decision) && act.entry.action.step() == wanted;
        let first = acts.values().filter(fits).min_by_key(|act| (act.claimed_ms, act.dot));
        first.copied()
    };
    let resubmitted = answering(Step::Resubmit);
    let base = decision.map_or(ReviewState::Submitted, |act| decided(&act.entry.action));
    let changed = if unseen.is_empty() { base } else { base.after(Step::Change).unwrap_or(base) };
    let answered = resubmitted.and_then(|_act| changed.after(Step::Resubmit));
    let asked = answering(Step::AskRecall).filter(|_act| base == ReviewState::Submitted);
    Review {
        state: answered.unwrap_or(changed),
        decision,
        answer: resubmitted.filter(|_act| answered.is_some()).or(asked),
        seen: answering(Step::Seen),
        unseen: unseen.into_iter().collect(),
        remarks: remarks(&acts, decision, &known),
        findings: findings(&acts, decision, &known),
    }
}

impl Review<'_> {
    /// Returns whether a decision stands: one that was taken back or given up does not.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.decision.is_some_and(|act| match decided(&act.entry.action) {
            ReviewState::Draft
            | ReviewState::Submitted
            | ReviewState::Resubmitted
            | ReviewState::Recalled => false,
            ReviewState::ChangedAfterAcceptance
            | ReviewState::OnHold
            | ReviewState::Returned
            | ReviewState::Accepted
            | ReviewState::Duplicate
            | ReviewState::NotReportable => true,
        })
    }

    /// Returns what of the review the next act must have seen, beside the record's live changes.
    #[must_use]
    pub fn to_see(&self) -> Vec<Dot> {
        self.decision.iter().chain(&self.answer).map(|act| act.dot).collect()
    }
}

/// A decision's place in the hub's lane.
type Placed = (u32, u64, Dot);

/// Returns where a decision stands; what decides nothing stands nowhere.
fn place(act: &Act) -> Option<Placed> {
    match (act.side, decides(&act.entry.action)) {
        (Side::Centre { epoch }, true) => Some((epoch, act.dot.seq, act.dot)),
        (Side::Centre { .. }, false) | (Side::Site | Side::Stranger, _) => None,
    }
}

const fn by_place(placed: &(Placed, &Act)) -> Placed {
    placed.0
}

const fn decides(action: &Action) -> bool {
    match action {
        Action::Accept
        | Action::Return { .. }
        | Action::Hold
        | Action::Duplicate { .. }
        | Action::NotReportable
        | Action::Reopen
        | Action::GrantRecall => true,
        Action::Comment | Action::Resubmit | Action::AskRecall | Action::Seen => false,
    }
}

/// Returns where a decision leads while the site says nothing more.
const fn decided(action: &Action) -> ReviewState {
    match action {
        Action::Accept => ReviewState::Accepted,
        Action::Return { .. } => ReviewState::Returned,
        Action::Hold => ReviewState::OnHold,
        Action::Duplicate { .. } => ReviewState::Duplicate,
        Action::NotReportable => ReviewState::NotReportable,
        Action::GrantRecall => ReviewState::Recalled,
        Action::Reopen | Action::Comment | Action::Resubmit | Action::AskRecall | Action::Seen => {
            ReviewState::Submitted
        }
    }
}

fn is_answer(act: &Act, decision: Option<&Act>) -> bool {
    act.side == Side::Site && act.entry.answers == decision.map(|decision| decision.dot)
}

/// Returns whether that side may do this at all.
fn has_a_say(act: &Act) -> bool {
    match (act.side, &act.entry.action) {
        (Side::Stranger, _) => false,
        (Side::Centre { .. } | Side::Site, Action::Comment) => true,
        (Side::Centre { .. }, action) => decides(action),
        (Side::Site, action) => !decides(action),
    }
}

/// Returns what was remarked with the decision, then what was since, by the authors' clocks.
fn remarks<'a>(
    acts: &BTreeMap<Dot, &'a Act>,
    decision: Option<&'a Act>,
    known: &BTreeSet<Dot>,
) -> Vec<Remarked<'a>> {
    let answered = decision.and_then(|act| act.entry.answers);
    let current = |act: &&&Act| {
        let since = act.entry.answers == decision.map(|decision| decision.dot);
        let unseen = act.side == Side::Site && !known.contains(&act.dot);
        has_a_say(act)
            && !decides(&act.entry.action)
            && (since || unseen || answered == Some(act.dot))
    };
    let mut said: Vec<&Act> = acts.values().filter(current).copied().collect();
    said.sort_by_key(|act| (act.claimed_ms, act.dot));
    decision.into_iter().chain(said).flat_map(remarks_of).collect()
}

fn remarks_of(act: &Act) -> impl Iterator<Item = Remarked<'_>> {
    let whole = act.entry.remark.iter().map(|remark| (None, remark));
    let fields = act.entry.fields.iter().map(|of| (Some(of.field.as_str()), &of.remark));
    whole.chain(fields).map(move |(field, remark)| Remarked { act, field, remark })
}

fn findings(
    acts: &BTreeMap<Dot, &Act>,
    decision: Option<&Act>,
    known: &BTreeSet<Dot>,
) -> Vec<Finding> {
    let finding = |act: &&Act| {
        let (rule, what) = if !has_a_say(act) {
            ("not_its_act", "an act of the review is kept and left out: it is another side's to do")
        } else if is_crossed(act, decision, known) {
            ("crossed", "an answer of the site crossed a later decision: look at that one again")
        } else {
            return None;
        };
        Some(Finding::new(rule, None, what))
    };
    let mut found: Vec<Finding> = acts.values().filter_map(finding).collect();
    found.sort();
    found.dedup();
    found
}

/// Returns whether the site answered an older decision, which the last one had not seen.
fn is_crossed(act: &Act, decision: Option<&Act>, known: &BTreeSet<Dot>) -> bool {
    let answers = matches!(act.entry.action, Action::Resubmit | Action::AskRecall);
    answers && !is_answer(act, decision) && !known.contains(&act.dot) && !is_granted(act, decision)
}

fn is_granted(act: &Act, decision: Option<&Act>) -> bool {
    decision.is_some_and(|decision| decision.entry.answers == Some(act.dot))
}
