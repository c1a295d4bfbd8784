//! Reads what the projection wrote: records by any of their names, persons, devices, remarks.

use journal::{Binding, BindingState, DeviceKey, EpochStart, LogId, LogName, SiteCode};
use record::{PersonCard, PersonId, RecordId, RecordKey, SiteCard, State};
use store::{Fault, Lookup};

use super::remark::Remark;
use super::rows::{self, Summary};

/// The rows of the projection, over the store's views or over a group that is being decided.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a, L: Lookup + ?Sized>(pub &'a L);

impl<L: Lookup + ?Sized> Records<'_, L> {
    /// Returns the fold of a record.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn state(&self, key: &RecordKey) -> Result<Option<State>, Fault> {
        let bytes = self.0.get(rows::RECORDS, &rows::record_key(key))?;
        let damaged = |error| Fault::Damaged(format!("a record of the views ({error})"));
        bytes.map(|bytes| State::from_bytes(&bytes).map_err(damaged)).transpose()
    }

    /// Returns what a list shows of a record.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn summary(&self, key: &RecordKey) -> Result<Option<Summary>, Fault> {
        rows::get(self.0, rows::SUMMARIES, &rows::record_key(key))
    }

    /// Returns what a list shows of all records, by id.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn summaries(&self) -> Result<Vec<(RecordKey, Summary)>, Fault> {
        let rows = rows::scan(self.0, rows::SUMMARIES, &[])?.into_iter();
        Ok(rows
            .filter_map(|(key, summary)| Some((rows::read_record_key(&key)?, summary)))
            .collect())
    }

    /// Returns every record with that id: it may stand at several sites.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn with_id(&self, id: RecordId) -> Result<Vec<RecordKey>, Fault> {
        let rows = self.0.scan(rows::SUMMARIES, &id.0)?;
        Ok(rows.iter().filter_map(|(key, _)| rows::read_record_key(key)).collect())
    }

    /// Returns every record that was ever given that reference.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn with_reference(&self, reference: &str) -> Result<Vec<RecordKey>, Fault> {
        let prefix = rows::reference_prefix(reference);
        let rows = self.0.scan(rows::REFERENCES, &prefix)?;
        let key = |row: &[u8]| rows::read_record_key(row.get(prefix.len()..)?);
        Ok(rows.iter().filter_map(|(row, _)| key(row)).collect())
    }

    /// Returns the highest number among the references that the changes of a log gave.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn highest_number_given(&self, log: LogId) -> Result<u64, Fault> {
        Ok(rows::get(self.0, rows::COUNTERS, &log.0)?.unwrap_or(0))
    }

    /// Returns whose log it is, and its first entry.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn log(&self, log: LogId) -> Result<Option<(LogName, EpochStart)>, Fault> {
        rows::log(self.0, log)
    }

    /// Returns a person's card.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn person(&self, id: PersonId) -> Result<Option<PersonCard>, Fault> {
        Ok(newest(rows::scan(self.0, rows::PERSONS, &id.0)?))
    }

    /// Returns the cards of all persons of a site.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn persons(&self, site: &SiteCode) -> Result<Vec<PersonCard>, Fault> {
        let mut cards: Vec<(Vec<u8>, (u64, PersonCard))> = rows::scan(self.0, rows::PERSONS, &[])?;
        cards.sort_by_key(|(key, (seq, card))| (card.id, *seq, key.clone()));
        let mut newest: Vec<PersonCard> = Vec::new();
        for (_key, (_seq, card)) in cards {
            newest.pop_if(|last| last.id == card.id);
            newest.push(card);
        }
        newest.retain(|card| card.site == *site);
        Ok(newest)
    }

    /// Returns a site's card.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn site(&self, code: &SiteCode) -> Result<Option<SiteCard>, Fault> {
        Ok(newest(rows::scan(self.0, rows::SITES, &rows::site_prefix(code))?))
    }

    /// Returns what the hub says of a device.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn binding(&self, device: &DeviceKey) -> Result<Option<Binding>, Fault> {
        Ok(newest(rows::scan(self.0, rows::BINDINGS, &device.0)?))
    }

    /// Returns whether the hub vouches for a device; a revoked one's older entries are still taken.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn is_bound(&self, device: &DeviceKey) -> Result<bool, Fault> {
        let binding = self.binding(device)?;
        Ok(binding.is_some_and(|binding| match binding.state {
            BindingState::Active | BindingState::Revoked { .. } => true,
        }))
    }

    /// Returns how many urgent entries of a log stand after `seq`, and their bytes.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn urgent_after(&self, log: LogId, seq: u64) -> Result<(u64, u64), Fault> {
        let rows: Vec<(Vec<u8>, u32)> = rows::scan(self.0, rows::URGENT, &log.0)?;
        let first = rows::entry_key(log, seq.saturating_add(1));
        let after = rows.iter().filter(|(key, _bytes)| first <= *key);
        Ok(after.fold((0, 0), |(entries, total), (_key, bytes)| {
            (entries + 1, total + u64::from(*bytes))
        }))
    }

    /// Returns the remarks on entries.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn remarks(&self) -> Result<Vec<Remark>, Fault> {
        let rows = rows::scan(self.0, rows::REMARKS, &[])?;
        Ok(rows.into_iter().map(|(_key, remark)| remark).collect())
    }
}

/// Of what several logs say, the one with the highest number; of equal ones that of the larger log.
fn newest<T>(said: Vec<(Vec<u8>, (u64, T))>) -> Option<T> {
    let newest = said.into_iter().max_by(|(one, (a, _)), (two, (b, _))| (a, one).cmp(&(b, two)));
    newest.map(|(_key, (_seq, card))| card)
}

/// Returns how many records there are.
pub(crate) fn count(reader: &store::Reader) -> Result<u64, Fault> {
    reader.count(rows::SUMMARIES, &[])
}
