//! Rules of the world that can be broken on purpose, to see that the laws notice.

/// A rule of the world, broken on purpose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mutant {
    /// The hub says "kept" before its disk has it.
    AckBeforeDurable,
    /// A device takes as held what a receipt names, without a look at its own entries.
    HeldWithoutComparing,
    /// The hub gives receipts for what a device says it has.
    ReceiptOfWhatWasAsked,
    /// A device sends entries that its own disk does not have yet.
    SendBeforeDurable,
    /// A device that had no answer is taken for one that never sent.
    ForgetsWhatWasSent,
    /// A device goes on in a log of which the hub holds entries that it does not have.
    GoesOnInAForkedLog,
    /// Hub and devices fold the branch of a log that came first, as version 3cd86d4 did.
    OnlyFirstBranchIsFolded,
    /// The hub folds the branch of a log that came first; devices fold all.
    HubFoldsOnlyTheFirstBranch,
    /// The hub numbers receipts by what it remembers, whatever number a device names.
    ReceiptNumberUsedTwice,
}
