//! What all acts about one record come to, in any order of arrival.
//!
//! The last decision holds, with what of the site it had not seen: a live change, and an act that
//! answers it. A decision follows those that it saw. Where two saw neither each other, which takes
//! two branches or two epochs of the hub, equal ones count as one; others leave the record
//! submitted, until a decision that saw them all settles it. What the wrong side said does not count
//! and is a finding.

use std::collections::{BTreeMap, BTreeSet};

use journal::{DeviceKey, Dot, EpochStart, Lane, LogName, SiteCode};

use super::{Action, ReviewEntry, ReviewState, Step};
use crate::finding::Finding;
use crate::list::Language;
use crate::message;

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
        /// Which of the hub's epochs it stands in, from 1: it tells who said it, and decides nothing.
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
    /// The last decision, also one that was taken back; none where several stand against each other.
    pub decision: Option<&'a Act>,
    /// Every decision that no other one saw, by its entry. Several are equal, or stand against each
    /// other.
    pub decisions: Vec<&'a Act>,
    /// The site's act that answers it: a resubmission, or a request nobody decided on yet.
    pub answer: Option<&'a Act>,
    /// The site's word that it read the decision.
    pub seen: Option<&'a Act>,
    /// The site's live changes that the decision had not seen; before one all of them.
    pub unseen: Vec<Dot>,
    /// What was remarked with the decision and since.
    pub remarks: Vec<Remarked<'a>>,
    /// What does not count, and what crossed on the way.
    pub remarked: BTreeSet<ReviewRule>,
}

/// What is remarked of a review.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ReviewRule {
    /// Decisions of the centre that saw neither each other stand against each other.
    DecidedTwice,
    /// An answer of the site crossed a later decision.
    Crossed,
    /// An act of the side that has no say in it.
    NotItsAct,
}

impl ReviewRule {
    /// Returns the finding that stands with the record.
    #[must_use]
    pub fn finding(self, language: Language) -> Finding {
        let (rule, what) = match self {
            Self::DecidedTwice => ("decided_twice", message::review_decided_twice(language)),
            Self::Crossed => ("crossed", message::review_crossed(language)),
            Self::NotItsAct => ("not_its_act", message::review_not_its_act(language)),
        };
        Finding::new(rule, None, what)
    }
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
    let decisions = last_decisions(&acts);
    let of_site: BTreeSet<Dot> = of_site.into_iter().collect();
    let agreed = decisions.array_windows().all(|[one, two]| one.entry.action == two.entry.action);
    let decision = if agreed { least_passed(&decisions, &of_site) } else { None };
    let known: BTreeSet<Dot> = decisions.iter().flat_map(|act| &act.entry.seen).copied().collect();
    let unseen: Vec<Dot> = match decision {
        Some(decision) => passed(decision, &of_site),
        None => of_site.into_iter().filter(|dot| !known.contains(dot)).collect(),
    };
    let last = Last { decisions, known };
    let answering = |wanted: Step| {
        let fits = |act: &&&Act| last.is_answered_by(act) && act.entry.action.step() == wanted;
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
        unseen,
        remarks: last.remarks(&acts),
        remarked: last.remarked(&acts, agreed),
        decisions: last.decisions,
    }
}

/// Returns the decisions that no later one saw.
fn last_decisions<'a>(acts: &BTreeMap<Dot, &'a Act>) -> Vec<&'a Act> {
    let decisions: BTreeMap<Dot, &Act> =
        acts.iter().filter(|(_, act)| is_decision(act)).map(|(dot, act)| (*dot, *act)).collect();
    let before: BTreeMap<Dot, BTreeSet<Dot>> =
        decisions.keys().map(|dot| (*dot, before(dot, &decisions))).collect();
    let saw = |one: &Dot, other: &Dot| before.get(one).is_some_and(|seen| seen.contains(other));
    // Only forged acts saw each other.
    let is_last = |dot: &Dot| !decisions.keys().any(|other| saw(other, dot) && !saw(dot, other));
    decisions.iter().filter(|(dot, _)| is_last(dot)).map(|(_, act)| *act).collect()
}

/// Returns the decisions that the one at `dot` saw, and those that these saw.
fn before(dot: &Dot, decisions: &BTreeMap<Dot, &Act>) -> BTreeSet<Dot> {
    let mut found = BTreeSet::new();
    let mut next = vec![*dot];
    while let Some(act) = next.pop().and_then(|dot| decisions.get(&dot)) {
        let seen = act.entry.seen.iter().filter(|dot| decisions.contains_key(dot));
        next.extend(seen.filter(|dot| found.insert(**dot)));
    }
    found
}

/// Of equal decisions, returns the one that passed over the fewest of the site's changes.
fn least_passed<'a>(decisions: &[&'a Act], of_site: &BTreeSet<Dot>) -> Option<&'a Act> {
    let by_passed = |act: &&&Act| {
        let passed = passed(act, of_site);
        (passed.len(), passed, act.dot)
    };
    decisions.iter().min_by_key(by_passed).copied()
}

/// Returns the site's changes that a decision had not seen.
fn passed(decision: &Act, of_site: &BTreeSet<Dot>) -> Vec<Dot> {
    of_site.iter().filter(|dot| !decision.entry.seen.contains(dot)).copied().collect()
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

    /// Returns whether decisions that saw neither each other say different things.
    #[must_use]
    pub fn is_decided_twice(&self) -> bool {
        self.decision.is_none() && !self.decisions.is_empty()
    }

    /// Returns what of the review the next act must have seen, beside the record's live changes.
    #[must_use]
    pub fn to_see(&self) -> Vec<Dot> {
        self.decisions.iter().chain(&self.answer).map(|act| act.dot).collect()
    }
}

/// Returns whether an act is a decision of somebody who may decide.
const fn is_decision(act: &Act) -> bool {
    match act.side {
        Side::Centre { .. } => decides(&act.entry.action),
        Side::Site | Side::Stranger => false,
    }
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

/// Returns whether that side may do this at all.
fn has_a_say(act: &Act) -> bool {
    match (act.side, &act.entry.action) {
        (Side::Stranger, _) => false,
        (Side::Centre { .. } | Side::Site, Action::Comment) => true,
        (Side::Centre { .. }, action) => decides(action),
        (Side::Site, action) => !decides(action),
    }
}

/// The last decisions, and all that they had seen.
struct Last<'a> {
    decisions: Vec<&'a Act>,
    known: BTreeSet<Dot>,
}

impl<'a> Last<'a> {
    /// Returns whether an act of the site answers one of them; before the first, whether it answers
    /// none.
    fn is_answered_by(&self, act: &Act) -> bool {
        act.side == Side::Site && self.is_named_by(act)
    }

    fn is_named_by(&self, act: &Act) -> bool {
        match act.entry.answers {
            Some(answers) => self.decisions.iter().any(|decision| decision.dot == answers),
            None => self.decisions.is_empty(),
        }
    }

    /// Returns whether one of them answers an act.
    fn answer(&self, act: &Act) -> bool {
        self.decisions.iter().any(|decision| decision.entry.answers == Some(act.dot))
    }

    /// Returns what was remarked with them, then what was since, by the authors' clocks.
    fn remarks(&self, acts: &BTreeMap<Dot, &'a Act>) -> Vec<Remarked<'a>> {
        let current = |act: &&&Act| {
            let asks = act.side == Side::Site || 1 < self.decisions.len();
            let unseen = asks && !self.known.contains(&act.dot);
            has_a_say(act)
                && !decides(&act.entry.action)
                && (self.is_named_by(act) || unseen || self.answer(act))
        };
        let mut said: Vec<&Act> = acts.values().filter(current).copied().collect();
        said.sort_by_key(|act| (act.claimed_ms, act.dot));
        self.decisions.iter().copied().chain(said).flat_map(remarks_of).collect()
    }

    fn remarked(&self, acts: &BTreeMap<Dot, &Act>, agreed: bool) -> BTreeSet<ReviewRule> {
        let rule = |act: &&Act| {
            if !has_a_say(act) {
                Some(ReviewRule::NotItsAct)
            } else if self.is_crossed_by(act) {
                Some(ReviewRule::Crossed)
            } else {
                None
            }
        };
        let twice = (!agreed).then_some(ReviewRule::DecidedTwice);
        acts.values().filter_map(rule).chain(twice).collect()
    }

    /// Returns whether the site answered an older decision, which the last ones had not seen.
    fn is_crossed_by(&self, act: &Act) -> bool {
        let answers = matches!(act.entry.action, Action::Resubmit | Action::AskRecall);
        let seen = self.known.contains(&act.dot) || self.answer(act);
        answers && !self.is_answered_by(act) && !seen
    }
}

fn remarks_of(act: &Act) -> impl Iterator<Item = Remarked<'_>> {
    let whole = act.entry.remark.iter().map(|remark| (None, remark));
    let fields = act.entry.fields.iter().map(|of| (Some(of.field.as_str()), &of.remark));
    whole.chain(fields).map(move |(field, remark)| Remarked { act, field, remark })
}
