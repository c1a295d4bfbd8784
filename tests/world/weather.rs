//! What can happen to a message, a machine or a disk.

use crate::chance::Chance;

/// What befell one step of an exchange.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Fault {
    /// Nothing.
    None,
    /// The request breaks off at this byte.
    RequestCut(usize),
    /// The hub has done everything, and its answer breaks off at this byte.
    AnswerCut(usize),
    /// The request arrives twice, at the same time.
    Twice,
    /// The request arrives later, when nobody waits for the answer.
    Late,
    /// The hub restarts after so many of its doings.
    HubRestarts(usize),
    /// The device restarts while it waits.
    DeviceRestarts,
    /// The hub's disk fails after so many commits.
    HubDisk(usize),
    /// The device's disk fails.
    DeviceDisk,
    /// The hub does not know the device, for this once.
    Unknown,
    /// A second program on the device's disk makes an exchange of its own meanwhile.
    TwoRuns,
}

/// Which faults a world has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Climate {
    /// One step in so many goes wrong; 0 is fair weather.
    pub one_in: usize,
    /// Whether disks of devices are put back to old copies, which forks their logs.
    pub sets_back: bool,
    /// Whether the hub's disk is restored from old copies, after which it goes on in a new epoch.
    pub restores_hub: bool,
    /// Whether the hub's disk is put back to old copies as it is, without anybody telling it.
    pub copies_hub: bool,
    /// Whether disks are copied to other machines, which then write under the same key.
    pub clones: bool,
    /// Whether devices are wiped, and enrolled again under a new key.
    pub wipes: bool,
    /// Bytes that can't be compressed in one payload in four.
    pub noise: usize,
}

/// Bad weather, and nothing worse.
const BAD: Climate = Climate {
    one_in: 2,
    sets_back: false,
    restores_hub: false,
    copies_hub: false,
    clones: false,
    wipes: false,
    noise: 0,
};

/// Bad weather, and something worse to come.
const WORSE: Climate = Climate { one_in: 3, ..BAD };

impl Climate {
    /// Every climate, by name.
    pub const ALL: [(&'static str, Self); 8] = [
        ("bad", BAD),
        ("narrow", Self { noise: 20_000, ..WORSE }),
        ("set-back", Self { sets_back: true, ..WORSE }),
        ("clones", Self { clones: true, ..WORSE }),
        ("hub-restored", Self { restores_hub: true, ..WORSE }),
        ("hub-copied", Self { copies_hub: true, ..WORSE }),
        ("wiped", Self { wipes: true, restores_hub: true, copies_hub: true, ..WORSE }),
        (
            "worst",
            Self {
                sets_back: true,
                restores_hub: true,
                copies_hub: true,
                clones: true,
                wipes: true,
                ..WORSE
            },
        ),
    ];

    /// Returns the climate of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, climate)| *climate)
    }

    /// Draws the fault of a step whose request has so many bytes.
    pub(crate) fn draw(self, chance: &mut Chance, request: usize) -> Fault {
        if self.one_in == 0 || !chance.one_in(self.one_in) {
            return Fault::None;
        }
        match chance.below(12) {
            0 | 1 => Fault::RequestCut(chance.below(request)),
            2 => Fault::AnswerCut(0),
            3 => Fault::AnswerCut(1 + chance.below(2_000)),
            4 => Fault::Twice,
            5 => Fault::Late,
            6 => Fault::HubRestarts(chance.below(8)),
            7 => Fault::DeviceRestarts,
            8 => Fault::HubDisk(chance.below(4)),
            9 => Fault::DeviceDisk,
            10 => Fault::TwoRuns,
            _ => Fault::Unknown,
        }
    }
}

impl Fault {
    /// Returns the fault's name, without its figure.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::RequestCut(_) => "request cut",
            Self::AnswerCut(_) => "answer lost",
            Self::Twice => "request twice",
            Self::Late => "request late",
            Self::HubRestarts(_) => "hub restarts in a step",
            Self::DeviceRestarts => "device restarts in a step",
            Self::HubDisk(_) => "hub disk fails",
            Self::DeviceDisk => "device disk fails",
            Self::Unknown => "device unknown",
            Self::TwoRuns => "two runs",
        }
    }
}
