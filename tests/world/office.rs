//! The hub: its disk, whom it knows, and the receipts it gave.

use std::collections::BTreeMap;

use journal::{
    BranchHead, DeviceKey, DeviceSecret, Epoch, Head, Lane, LogName, Receipt, Run, Signature,
    SiteCode,
};
use protocol::{Held, Keep, Member, Post, Standing};

use crate::chance::Chance;
use crate::device;
use crate::disk::Disk;
use crate::fold::Fold;
use crate::pen::Written;
use crate::shelf::Shelf;

/// What the hub keeps on its disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Archive {
    pub(crate) logs: BTreeMap<LogName, Shelf>,
    /// The number of the last receipt.
    number: u64,
}

/// The hub.
#[derive(Debug)]
pub(crate) struct Office {
    secret: DeviceSecret,
    pub(crate) disk: Disk<Archive>,
    members: BTreeMap<DeviceKey, SiteCode>,
    /// What each device was last told, with all of each id.
    told: BTreeMap<DeviceKey, Vec<(LogName, Head)>>,
    /// The hub's epoch, which grows when its disk is put back.
    epoch: u8,
    /// What was found wrong while it worked.
    pub(crate) wrongs: Vec<String>,
    pub(crate) acks_early: bool,
    pub(crate) receipts_what_was_asked: bool,
    was_set_back: bool,
    /// What it lists.
    pub(crate) fold: Fold,
}

impl Office {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        let secret = DeviceSecret::from_bytes(&chance.bytes());
        Self {
            fold: Fold::new(secret.public()),
            secret,
            disk: Disk::new(Archive::default()),
            members: BTreeMap::new(),
            told: BTreeMap::new(),
            epoch: 9,
            wrongs: Vec::new(),
            acks_early: false,
            receipts_what_was_asked: false,
            was_set_back: false,
        }
    }

    pub(crate) fn key(&self) -> DeviceKey {
        self.secret.public()
    }

    pub(crate) const fn epoch(&self) -> Epoch {
        Epoch([self.epoch; 8])
    }

    /// Whether its disk was ever put back.
    pub(crate) const fn was_set_back(&self) -> bool {
        self.was_set_back
    }

    /// Goes on from an old copy of its disk, in a new epoch.
    pub(crate) fn set_back(&mut self, copy: Archive, as_it_is: bool) {
        self.disk.set_back(copy);
        self.epoch += u8::from(!as_it_is);
        self.was_set_back = true;
        self.told.clear();
        self.fold = Fold::new(self.key());
    }

    /// Lists what is new on its disk.
    pub(crate) fn list(&mut self) {
        self.fold.fold(self.disk.durable().logs.values());
    }

    pub(crate) fn let_in(&mut self, device: DeviceKey, site: SiteCode) {
        self.members.insert(device, site);
    }

    /// Writes to the hub's own lane of a site.
    pub(crate) fn write(&mut self, site: &SiteCode, written: Written, chance: &mut Chance) {
        let lane = Lane::Site(site.clone());
        let log = LogName { device: self.key(), epoch: self.epoch(), lane };
        let shelf = self.disk.write().logs.entry(log.clone()).or_insert_with(|| Shelf::new(log));
        device::write(shelf, &self.secret, site, vec![written], chance);
        self.disk.commit();
    }

    /// Returns the logs that a device of `site` follows.
    pub(crate) fn followed(&self, device: DeviceKey, site: &SiteCode) -> Vec<&Shelf> {
        let lane = Lane::Site(site.clone());
        let reads = |log: &LogName| log.lane == lane || log.lane == Lane::Everyone;
        let logs = self.disk.now().logs.values();
        logs.filter(|shelf| shelf.log.device != device && reads(&shelf.log)).collect()
    }

    pub(crate) fn standing(&self, device: DeviceKey) -> Standing {
        let Some(site) = self.members.get(&device) else { return Standing::Unknown };
        let held = |shelf: &Shelf| Held {
            log: shelf.log.clone(),
            head: shelf.head(),
            branches: shelf.branches(),
        };
        let own = self.disk.now().logs.values().filter(|shelf| shelf.log.device == device);
        Standing::Active(Box::new(Member {
            posts: vec![Post { site: site.clone(), predecessors: Vec::new() }],
            publishes: true,
            own: own.map(held).collect(),
            follow: self.followed(device, site).into_iter().map(held).collect(),
        }))
    }

    pub(crate) fn keep(&mut self, keep: &Keep) -> Result<(), String> {
        let log = keep.frame.log.clone();
        let shelf = self.disk.write().logs.entry(log.clone()).or_insert_with(|| Shelf::new(log));
        shelf.keep(keep)?;
        if !self.acks_early {
            self.disk.commit();
        }
        Ok(())
    }

    /// Makes a receipt of everything held of a device.
    pub(crate) fn receipt(
        &mut self,
        device: DeviceKey,
        above: u64,
        asked: &[BranchHead],
    ) -> Result<Receipt, String> {
        let logs = self.disk.now().logs.values().filter(|shelf| shelf.log.device == device);
        let heads: Vec<(LogName, Head)> = logs
            .flat_map(|shelf| {
                let heads = std::iter::once(shelf.head()).chain(shelf.branches());
                heads.map(|head| (shelf.log.clone(), head)).collect::<Vec<_>>()
            })
            .collect();
        self.compare_with_the_last(device, &heads);
        let number = self.disk.now().number.max(above) + 1;
        self.disk.write().number = number;
        if !self.acks_early {
            self.disk.commit();
        }
        let branch_head = |(log, head): (LogName, Head)| BranchHead {
            log,
            seq: head.seq,
            id: head.id.short(),
            skipped: Vec::new(),
        };
        let heads = heads.into_iter().map(branch_head).collect();
        let receipt = Receipt {
            hub: self.key(),
            hub_epoch: self.epoch(),
            run: Run([1; 8]),
            number,
            device,
            previous: None,
            at_ms: 0,
            heads: if self.receipts_what_was_asked { asked.to_vec() } else { heads },
            advances: Vec::new(),
            lost: Vec::new(),
            signature: Signature::NONE,
        };
        receipt.sign(&self.secret).map_err(|error| error.to_string())
    }

    /// What one receipt names, every later one must cover.
    fn compare_with_the_last(&mut self, device: DeviceKey, heads: &[(LogName, Head)]) {
        let held = &self.disk.now().logs;
        for (log, head) in self.told.get(&device).into_iter().flatten() {
            let furthest = heads.iter().filter(|(now, _)| now == log).map(|(_, head)| head.seq);
            if !held.get(log).is_some_and(|shelf| shelf.holds(head.id))
                || furthest.max() < Some(head.seq)
            {
                self.wrongs.push(format!("a receipt falls behind entry {} of another", head.seq));
            }
        }
        self.told.insert(device, heads.to_vec());
    }
}
