//! What came of a world.

use std::collections::BTreeMap;

use crate::listed::Census;

/// What came of a world, to be added to that of others.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Faults that fired, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Events.
    pub events: u64,
    /// Steps of exchanges.
    pub steps: u64,
    /// Entries written on devices.
    pub written: u64,
    /// Entries sent that the hub held already.
    pub resent: u64,
    /// Rounds of fair weather until all was quiet, at the most.
    pub rounds: u64,
    /// How often all was quiet, and all that must hold then was looked at.
    pub rests: u64,
    /// Logs that have more than one branch, at the hub and in the end.
    pub forks: u64,
    /// Where what was written is listed.
    pub census: Census,
}

impl Tally {
    /// Adds what came of another world.
    pub fn add(&mut self, other: &Self) {
        for (fault, count) in &other.faults {
            *self.faults.entry(fault).or_default() += count;
        }
        self.events += other.events;
        self.steps += other.steps;
        self.written += other.written;
        self.resent += other.resent;
        self.rounds = self.rounds.max(other.rounds);
        self.rests += other.rests;
        self.forks += other.forks;
        self.census.add(&other.census);
    }

    pub(crate) fn fired(&mut self, fault: &'static str) {
        *self.faults.entry(fault).or_default() += 1;
    }
}
