//! What the tests of both machines share: devices that write logs, and short words for what is
//! said.

use journal::{
    BranchHead, DeviceSecret, Draft, EntryId, Epoch, EpochStart, Frame, Head, Kind, Lane, LogName,
    Receipt, Run, Seed, Signature, SiteCode, Stamp, Writer,
};

use crate::message::{Amount, Hello, Message, Waiting};
use crate::{Held, Known, Pace, pack, unpack};

/// The hub's secret.
pub(crate) fn hub_secret() -> DeviceSecret {
    secret(b'h')
}

/// The secret of a device that is named by a letter.
pub(crate) fn secret(name: u8) -> DeviceSecret {
    DeviceSecret::from_bytes(&[name; 32])
}

pub(crate) fn site() -> SiteCode {
    "INST-001".parse().unwrap()
}

/// A log as its device has it, one frame an entry.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) name: LogName,
    writer: Writer,
    device: u8,
    frames: Vec<Frame>,
    ids: Vec<EntryId>,
    seeds: u8,
}

impl Log {
    /// Begins a log of the lane `everyone`, or of the device's site.
    pub(crate) fn begin(device: u8, site_of_lane: Option<&str>) -> Self {
        let lane = site_of_lane.map_or(Lane::Everyone, |site| Lane::Site(site.parse().unwrap()));
        let name = LogName { device: secret(device).public(), epoch: Epoch([1; 8]), lane };
        let writer = Writer::resume(name.clone(), Head::empty(name.id()));
        Self { name, writer, device, frames: Vec::new(), ids: Vec::new(), seeds: 0 }
    }

    /// A log of device `device` and site `INST-001` with so many entries.
    pub(crate) fn of(device: u8, entries: u64) -> Self {
        let mut log = Self::begin(device, Some("INST-001"));
        log.write_start(&site());
        log.write(entries - 1);
        log
    }

    pub(crate) fn write_start(&mut self, site: &SiteCode) {
        let start = EpochStart {
            site: site.clone(),
            predecessors: Vec::new(),
            opened_at_ms: 0,
            count: 1,
            previous: None,
            abandoned: None,
        };
        self.append(Kind::EPOCH_START, start.to_payload().unwrap());
    }

    pub(crate) fn write(&mut self, entries: u64) {
        for _ in 0..entries {
            self.append(Kind(16), b"words".to_vec());
        }
    }

    fn append(&mut self, kind: Kind, payload: Vec<u8>) {
        self.seeds += 1;
        let draft = Draft { kind, payload, stamp: Stamp::default(), receipt: 0 };
        let seed = Seed([self.seeds; 32]);
        self.frames.extend(self.writer.append(vec![draft], &[seed], &secret(self.device)));
        self.ids.push(self.writer.head().id);
    }

    /// The same log as a copy of the device would write it, from after entry `seq`.
    pub(crate) fn fork_after(&self, seq: usize) -> Self {
        let mut fork = self.clone();
        fork.frames.truncate(seq);
        fork.ids.truncate(seq);
        let head = Head { seq: seq as u64, id: self.ids[seq - 1] };
        fork.writer = Writer::resume(self.name.clone(), head);
        fork.seeds = 100 + self.seeds;
        fork
    }

    /// Whether an entry stands in this log.
    pub(crate) fn has(&self, (seq, id): &(u64, journal::ShortId)) -> bool {
        self.id(*seq).is_some_and(|own| own.short() == *id)
    }

    /// The last entry that both logs have.
    pub(crate) fn common_with(&self, other: &Self) -> u64 {
        self.ids.iter().zip(&other.ids).take_while(|(one, two)| one == two).count() as u64
    }

    pub(crate) fn head(&self) -> Head {
        self.writer.head()
    }

    pub(crate) fn id(&self, seq: u64) -> Option<EntryId> {
        self.ids.get(usize::try_from(seq).ok()?.checked_sub(1)?).copied()
    }

    pub(crate) fn head_at(&self, seq: u64) -> Head {
        self.id(seq).map_or_else(|| Head::empty(self.name.id()), |id| Head { seq, id })
    }

    /// The entries `first..=last` as one frame.
    pub(crate) fn frame(&self, first: usize, last: usize) -> Frame {
        Frame::join(self.frames[first - 1..last].to_vec()).unwrap()
    }

    /// The entries from `first` as a machine is given them.
    pub(crate) fn frames(&self, first: u64) -> Vec<Frame> {
        let first = usize::try_from(first).unwrap();
        self.frames[first - 1..].to_vec()
    }

    pub(crate) fn packed(&self, first: usize, last: usize) -> Message {
        packed(self.frame(first, last))
    }

    pub(crate) fn held(&self, seq: u64) -> Held {
        let head = self.head_at(seq);
        Held {
            log: self.name.clone(),
            heads: Some(head).filter(|head| 0 < head.seq).into_iter().collect(),
        }
    }

    pub(crate) fn branch_head(&self, seq: u64) -> BranchHead {
        BranchHead::of(&self.name, self.head_at(seq))
    }

    /// The same, with the ids further down.
    pub(crate) fn full_head(&self, seq: u64) -> BranchHead {
        let skipped = crate::skip_positions(seq).into_iter();
        let skipped = skipped.map(|seq| (seq, self.id(seq).unwrap().short())).collect();
        BranchHead { skipped, ..self.branch_head(seq) }
    }
}

pub(crate) fn packed(frame: Frame) -> Message {
    Message::Frame(pack(vec![frame], Pace::whole(1)).unwrap().remove(0).0)
}

pub(crate) fn receipt(
    number: u64,
    device: u8,
    heads: Vec<BranchHead>,
    by: &DeviceSecret,
) -> Receipt {
    let receipt = Receipt {
        hub: hub_secret().public(),
        hub_epoch: Epoch([2; 8]),
        run: Run([3; 8]),
        number,
        device: secret(device).public(),
        previous: None,
        at_ms: 0,
        heads,
        advances: Vec::new(),
        lost: Vec::new(),
        signature: Signature::NONE,
    };
    receipt.sign(by).unwrap()
}

/// A device that has nothing and knows nothing.
pub(crate) fn known() -> Known {
    Known {
        epoch: Epoch([1; 8]),
        own: Vec::new(),
        followed: Vec::new(),
        last_receipt: None,
        waiting: Waiting::default(),
        clock: Stamp::default(),
        software: "1".to_owned(),
    }
}

pub(crate) fn hello(device: u8, heads: Vec<BranchHead>) -> Hello {
    let waiting = Waiting { routine: Amount { entries: 1, bytes: 2 }, ..Waiting::default() };
    let hello = Hello {
        versions: vec![3, 2, 1],
        device: secret(device).public(),
        epoch: Epoch([1; 8]),
        heads,
        lost: Vec::new(),
        last_receipt: None,
        waiting,
        clock: Stamp::default(),
        software: "1".to_owned(),
        signature: Signature::NONE,
    };
    hello.sign(&secret(device)).unwrap()
}

/// Says a log by its device's letter; another lane than the site's is named.
pub(crate) fn log(name: &LogName) -> String {
    let letter = (b'a'..=b'z').find(|letter| secret(*letter).public() == name.device);
    let letter = letter.map_or('?', char::from);
    match &name.lane {
        Lane::Site(code) if *code == site() => letter.to_string(),
        lane @ (Lane::Site(_) | Lane::Everyone) => format!("{letter}({lane})"),
    }
}

pub(crate) fn frame(frame: &Frame) -> String {
    format!("{} {}..{}", log(&frame.log), frame.first, frame.last())
}

pub(crate) fn heads(heads: &[BranchHead]) -> String {
    let said = heads.iter().map(|head| {
        let [a, b, ..] = head.id.0;
        let skipped: Vec<String> = head.skipped.iter().map(|(seq, _)| seq.to_string()).collect();
        let skipped =
            if skipped.is_empty() { String::new() } else { format!("^{}", skipped.join(",")) };
        if head.seq == 0 {
            format!("{}:0", log(&head.log))
        } else {
            format!("{}:{}#{a:02x}{b:02x}{skipped}", log(&head.log), head.seq)
        }
    });
    said.collect::<Vec<_>>().join(" ")
}

/// Says a message in a line.
pub(crate) fn message(message: &Message) -> String {
    match message {
        Message::Hello(hello) => format!("hello [{}]", heads(&hello.heads)),
        Message::Continued(_) => "frame that continues".to_owned(),
        Message::Frame(bytes) => match unpack(bytes) {
            Ok(unpacked) => format!("frame {}", frame(&unpacked)),
            Err(_) => "frame of rubbish".to_owned(),
        },
        Message::Receipt(receipt) => {
            format!("receipt {} [{}]", receipt.number, heads(&receipt.heads))
        }
        Message::Refused(refused) => {
            let of = refused.log.as_ref().map_or_else(|| "everything".to_owned(), log);
            let why = refused.why;
            format!(
                "refused {why:?} {of} {} [{}] {}",
                refused.seq,
                heads(&refused.heads),
                refused.words
            )
        }
    }
}
