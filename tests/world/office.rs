//! The hub: its disk, whom it knows, and the receipts it gave.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use journal::{
    Binding, BranchHead, DeviceKey, DeviceSecret, Epoch, Head, Kind, Lane, LogName, Receipt,
    ReceiptName, Run, ShortId, Signature, SiteCode,
};
use protocol::{Author, Bounds, Held, Hello, Keep, Member, Post, Standing};

use crate::chance::Chance;
use crate::disk::Disk;
use crate::fold::Fold;
use crate::lane;
use crate::pen::{self, Written};
use crate::shelf::Shelf;

/// What the hub keeps on its disk.
#[derive(Clone, Debug)]
pub(crate) struct Archive {
    pub(crate) logs: BTreeMap<LogName, Rc<Shelf>>,
    epoch: Epoch,
    /// Which of its epochs that is, from 1.
    count: u32,
    members: BTreeMap<DeviceKey, SiteCode>,
    /// The number of the last receipt of each device.
    numbers: BTreeMap<DeviceKey, u64>,
    /// Epochs of which something was lost, and for which a later one answers.
    answered_for: BTreeSet<Epoch>,
    /// The receipts that were given.
    given: BTreeSet<(DeviceKey, u64, ShortId)>,
}

/// A disk as it was copied: the truth, and what is listed of it.
pub(crate) type Archived = (Archive, Rc<Fold>);

/// The hub.
#[derive(Debug)]
pub(crate) struct Office {
    secret: DeviceSecret,
    site: SiteCode,
    pub(crate) disk: Disk<Archive>,
    /// What it lists.
    pub(crate) fold: Rc<Fold>,
    /// What each device was last told, with all of each id.
    told: BTreeMap<DeviceKey, Vec<(LogName, Head)>>,
    /// How often it opened an epoch, since it was shown what it had lost.
    pub(crate) answered: u32,
    /// How often its disk was put back.
    pub(crate) set_backs: u32,
    clock_ms: i64,
    /// What was found wrong while it worked.
    pub(crate) wrongs: Vec<String>,
    pub(crate) acks_early: bool,
    pub(crate) receipts_what_was_asked: bool,
    pub(crate) numbers_again: bool,
}

impl Archive {
    pub(crate) fn shelves(&self) -> impl Iterator<Item = &Shelf> {
        self.logs.values().map(Rc::as_ref)
    }

    /// The epochs of which it holds anything of the hub's, each with which one it is.
    fn epochs(&self, hub: DeviceKey) -> impl Iterator<Item = (Epoch, u32)> {
        let own = self.shelves().filter(move |shelf| shelf.log.device == hub);
        own.flat_map(|shelf| shelf.counts().map(|count| (shelf.log.epoch, count)))
    }

    fn shelf(&mut self, log: &LogName) -> &mut Shelf {
        let new = || Rc::new(Shelf::new(log.clone()));
        Rc::make_mut(self.logs.entry(log.clone()).or_insert_with(new))
    }
}

impl Office {
    pub(crate) fn new(site: SiteCode, chance: &mut Chance) -> Self {
        let secret = DeviceSecret::from_bytes(&chance.bytes());
        Self {
            fold: Rc::new(Fold::new(secret.public())),
            site,
            disk: Disk::new(Archive {
                logs: BTreeMap::new(),
                epoch: Epoch(chance.draw().to_le_bytes()),
                count: 1,
                members: BTreeMap::new(),
                numbers: BTreeMap::new(),
                answered_for: BTreeSet::new(),
                given: BTreeSet::new(),
            }),
            secret,
            told: BTreeMap::new(),
            answered: 0,
            set_backs: 0,
            clock_ms: 1_790_000_000_000,
            wrongs: Vec::new(),
            acks_early: false,
            receipts_what_was_asked: false,
            numbers_again: false,
        }
    }

    pub(crate) fn key(&self) -> DeviceKey {
        self.secret.public()
    }

    pub(crate) const fn secret(&self) -> &DeviceSecret {
        &self.secret
    }

    pub(crate) fn shelves(&self) -> impl Iterator<Item = &Shelf> {
        self.disk.durable().shelves()
    }

    /// Goes on from an old copy of its disk: in a new epoch, if somebody restored it and told it,
    /// and else in the same.
    pub(crate) fn set_back(&mut self, (copy, fold): Archived, next: Option<Epoch>) {
        self.disk.set_back(copy);
        self.fold = fold;
        self.set_backs += 1;
        self.told.clear();
        if let Some(epoch) = next {
            let archive = self.disk.write();
            archive.epoch = epoch;
            archive.count += 1;
            self.disk.commit();
        }
    }

    pub(crate) fn copy(&self) -> Archived {
        (self.disk.durable().clone(), Rc::clone(&self.fold))
    }

    /// Lists what is new on its disk.
    pub(crate) fn list(&mut self) {
        Rc::make_mut(&mut self.fold).fold(self.disk.durable().shelves());
    }

    pub(crate) fn jump(&mut self, ms: i64) {
        self.clock_ms += ms;
    }

    pub(crate) fn knows(&self, device: &DeviceKey) -> bool {
        self.disk.durable().members.contains_key(device)
    }

    /// Lets a device in, and vouches for its key: at its site, and to all, since it publishes.
    pub(crate) fn let_in(
        &mut self,
        device: DeviceKey,
        site: SiteCode,
        chance: &mut Chance,
    ) -> Result<(), String> {
        for lane in [Lane::Site(site.clone()), Lane::Everyone] {
            self.append(lane, pen::binding(device, &site)?, chance)?;
        }
        self.disk.write().members.insert(device, site);
        self.disk.commit();
        Ok(())
    }

    /// Writes to the hub's own log in a lane.
    pub(crate) fn append(
        &mut self,
        lane: Lane,
        written: Written,
        chance: &mut Chance,
    ) -> Result<(), String> {
        let device = self.key();
        let archive = self.disk.write();
        let log = LogName { device, epoch: archive.epoch, lane };
        let (secret, site, count) = (&self.secret, &self.site, archive.count);
        let author = lane::Author { secret, site, count, clock_ms: self.clock_ms };
        lane::write(archive.shelf(&log), author, vec![written], chance)?;
        self.disk.commit();
        Ok(())
    }

    /// Returns the logs that a device of `site` follows, the hub's own last.
    pub(crate) fn followed(&self, device: DeviceKey, site: &SiteCode) -> Vec<&Shelf> {
        let lane = Lane::Site(site.clone());
        let reads = |log: &LogName| log.lane == lane || log.lane == Lane::Everyone;
        let logs = self.disk.now().shelves();
        let followed = logs.filter(|shelf| shelf.log.device != device && reads(&shelf.log));
        let mut followed: Vec<&Shelf> = followed.collect();
        followed.sort_by_key(|shelf| shelf.log.device == self.key());
        followed
    }

    pub(crate) fn standing(&self, hello: &Hello) -> Standing {
        let (archive, device) = (self.disk.now(), hello.device);
        let Some(site) = archive.members.get(&device) else { return Standing::Unknown };
        let held = |shelf: &Shelf| Held { log: shelf.log.clone(), heads: shelf.heads() };
        let own = archive.shelves().filter(|shelf| shelf.log.device == device);
        let post = |site: &SiteCode| Post { site: site.clone(), predecessors: Vec::new() };
        let others = archive.members.iter().filter(|(other, _)| **other != device);
        let mut authors: BTreeMap<DeviceKey, Author> = others
            .map(|(other, site)| {
                (*other, Author::Device { posts: vec![post(site)], publishes: true })
            })
            .collect();
        authors.insert(self.key(), Author::Hub);
        Standing::Active(Box::new(Member {
            posts: vec![post(site)],
            publishes: true,
            own: own.map(held).collect(),
            follow: self.followed(device, site).into_iter().map(held).collect(),
            authors,
            bounds: Bounds { branches_per_log: 1_000, branches: 1_000, new_epochs: 1_000 },
            proof_due: hello.last_receipt.is_some_and(|named| self.is_unanswered(device, &named)),
        }))
    }

    /// Whether a receipt is not held here, and no later epoch answers for its loss.
    pub(crate) fn is_unanswered(&self, device: DeviceKey, named: &ReceiptName) -> bool {
        let archive = self.disk.now();
        let is_known = |epoch| archive.epochs(self.key()).any(|(known, _)| known == epoch);
        !archive.given.contains(&(device, named.number, named.id))
            && (named.hub_epoch == archive.epoch
                || !is_known(named.hub_epoch) && !archive.answered_for.contains(&named.hub_epoch))
    }

    /// Goes on in the next epoch, since it was shown what it wrote and lost.
    fn answer_for(&mut self, lost: Epoch, proof: [u8; 32]) {
        // A disk that is put back twice to one copy is shown the same twice.
        self.answered += 1;
        let name = u64::from_le_bytes(proof.first_chunk().copied().unwrap_or_default());
        let epoch = Epoch(name.wrapping_add(self.answered.into()).to_le_bytes());
        let archive = self.disk.write();
        archive.answered_for.insert(lost);
        archive.epoch = epoch;
        archive.count += 1;
    }

    pub(crate) fn answer_for_receipt(&mut self, receipt: &Receipt) -> Result<(), String> {
        if self.is_unanswered(receipt.device, &receipt.name()) {
            self.answer_for(receipt.hub_epoch, receipt.id().0);
            self.disk.commit();
        }
        Ok(())
    }

    pub(crate) fn keep(&mut self, keep: Keep) -> Result<(), String> {
        let log = keep.frame.log.clone();
        let bindings = keep.entries.iter().filter(|entry| {
            log.device == self.secret.public() && entry.header.kind == Kind::BINDING
        });
        let bindings = bindings.filter_map(|entry| Binding::from_payload(entry.bytes()?).ok());
        let bindings: Vec<Binding> = bindings.collect();
        let last = keep.entries.last().map(|entry| Head { seq: entry.header.seq, id: entry.id });
        let is_new = last.is_some_and(|last| {
            !self.disk.now().logs.get(&log).is_some_and(|shelf| shelf.holds(last))
        });
        let archive = self.disk.write();
        archive.shelf(&log).keep(keep.frame, keep.entries, keep.prev)?;
        // Its own word comes back to a hub that was put back: it knows the device again.
        for Binding { device, site, .. } in bindings {
            archive.members.entry(device).or_insert(site);
        }
        if let Some(last) = last.filter(|_| is_new && log.device == self.key())
            && self.is_news(&log)
        {
            self.answer_for(log.epoch, last.id.0);
        }
        if !self.acks_early {
            self.disk.commit();
        }
        Ok(())
    }

    /// Whether an entry of its own that came from elsewhere proves that it was put back.
    fn is_news(&self, log: &LogName) -> bool {
        let archive = self.disk.now();
        let mut epochs = archive.epochs(self.key()).filter(|(epoch, _)| *epoch == log.epoch);
        log.epoch == archive.epoch || epochs.any(|(_, count)| archive.count <= count)
    }

    /// Makes a receipt of everything held of a device; the places that it names and that are held
    /// are named too.
    pub(crate) fn receipt(
        &mut self,
        device: DeviceKey,
        above: u64,
        named: &[BranchHead],
    ) -> Result<Receipt, String> {
        let mut whole = Vec::new();
        let mut heads = Vec::new();
        let own = self.disk.now().shelves().filter(|shelf| shelf.log.device == device);
        for shelf in own {
            let mut skipped = Some(skipped(shelf, named));
            for head in shelf.heads() {
                whole.push((shelf.log.clone(), head));
                let skipped = skipped.take().unwrap_or_default();
                heads.push(BranchHead { skipped, ..BranchHead::of(&shelf.log, head) });
            }
        }
        self.compare_with_the_last(device, whole);
        let last = self.disk.now().numbers.get(&device).copied().unwrap_or(0);
        let number = if self.numbers_again { last } else { last.max(above) } + 1;
        let archive = self.disk.write();
        archive.numbers.insert(device, number);
        let hub_epoch = archive.epoch;
        let receipt = Receipt {
            hub: self.key(),
            hub_epoch,
            run: Run([1; 8]),
            number,
            device,
            previous: None,
            at_ms: self.clock_ms,
            heads: if self.receipts_what_was_asked { named.to_vec() } else { heads },
            advances: Vec::new(),
            lost: Vec::new(),
            signature: Signature::NONE,
        };
        let receipt = receipt.sign(&self.secret).map_err(|error| error.to_string())?;
        self.disk.write().given.insert((device, number, receipt.name().id));
        if !self.acks_early {
            self.disk.commit();
        }
        Ok(receipt)
    }

    /// What one receipt names, every later one must cover, as long as no disk was put back.
    fn compare_with_the_last(&mut self, device: DeviceKey, heads: Vec<(LogName, Head)>) {
        let held = &self.disk.now().logs;
        for (log, head) in self.told.get(&device).into_iter().flatten() {
            if !held.get(log).is_some_and(|shelf| shelf.holds(*head)) {
                self.wrongs.push(format!("a receipt falls behind entry {} of another", head.seq));
            }
        }
        self.told.insert(device, heads);
    }
}

/// Returns the places that were named, are held and are no heads.
fn skipped(shelf: &Shelf, named: &[BranchHead]) -> Vec<(u64, ShortId)> {
    let heads: Vec<_> = shelf.heads().iter().map(|head| (head.seq, head.id.short())).collect();
    let own = named.iter().filter(|head| head.log == shelf.log);
    let places =
        own.flat_map(|head| std::iter::once((head.seq, head.id)).chain(head.skipped.clone()));
    let held = |(seq, id): &(u64, ShortId)| {
        0 < *seq
            && !heads.contains(&(*seq, *id))
            && shelf.ids_at(*seq).iter().any(|held| held.short() == *id)
    };
    let places: BTreeSet<(u64, ShortId)> = places.filter(held).collect();
    places.into_iter().collect()
}
