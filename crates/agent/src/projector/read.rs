//! Reads what the projection wrote: records by any of their names, persons, devices, remarks.

use std::collections::BTreeMap;
use std::ops::Bound;

use journal::{Binding, DeviceKey, Dot, EpochStart, Lane, LogId, LogName, SiteCode};
use record::{Act, PersonCard, PersonId, RecordId, RecordKey, Review, SiteCard, State};
use serde::de::DeserializeOwned;
use store::{Fault, Lookup};

use super::cards::Said;
use super::named;
use super::remark::Remark;
use super::review;
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

    /// Returns the records on which the site has to answer the centre.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn to_answer(&self) -> Result<Vec<RecordKey>, Fault> {
        let rows = self.0.scan(rows::TO_ANSWER, &[])?;
        Ok(rows.iter().filter_map(|(key, _)| rows::read_record_key(key)).collect())
    }

    /// Returns the acts of review about a record, sorted by dot.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn acts(&self, key: &RecordKey) -> Result<Vec<Act>, Fault> {
        review::acts(self.0, key)
    }

    /// Returns what acts come to beside a record's fold, under this hub.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn review<'a>(
        &self,
        hub: &DeviceKey,
        acts: &'a [Act],
        state: &State,
    ) -> Result<Review<'a>, Fault> {
        review::review(self.0, hub, acts, state)
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

    /// Returns every record of the form in whose unique field the text stands.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn with_text(&self, form: &str, field: &str, text: &str) -> Result<Vec<RecordKey>, Fault> {
        named::find(self.0, form, field, text)
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
        Ok(highest(self.said(rows::PERSONS, &id.0)?))
    }

    /// Returns the cards of all persons of a site.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn persons(&self, site: &SiteCode) -> Result<Vec<PersonCard>, Fault> {
        let mut persons: BTreeMap<PersonId, Vec<Said<PersonCard>>> = BTreeMap::new();
        for said in self.said::<PersonCard>(rows::PERSONS, &[])? {
            persons.entry(said.card.id).or_default().push(said);
        }
        let cards = persons.into_values().filter_map(highest);
        Ok(cards.filter(|card| card.site == *site).collect())
    }

    /// Returns a site's card.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn site(&self, code: &SiteCode) -> Result<Option<SiteCard>, Fault> {
        Ok(highest(self.said(rows::SITES, &rows::site_prefix(code))?))
    }

    /// Returns when the hub first vouched for a device, by the hub's clock.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn first_bound_ms(&self, device: &DeviceKey) -> Result<Option<i64>, Fault> {
        let said: Vec<Said<Binding>> = self.said(rows::BINDINGS, &device.0)?;
        Ok(said.iter().map(|said| said.claimed_ms).min())
    }

    /// Returns what the hub says of a device.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn binding(&self, device: &DeviceKey) -> Result<Option<Binding>, Fault> {
        Ok(highest(self.said(rows::BINDINGS, &device.0)?))
    }

    /// Returns what the hub says of a device in its lane of this site, also that it moved away.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn binding_at(
        &self,
        device: &DeviceKey,
        site: &SiteCode,
    ) -> Result<Option<Binding>, Fault> {
        let mut said: Vec<Said<Binding>> = self.said(rows::BINDINGS, &device.0)?;
        said.retain(|said| matches!(&said.lane, Lane::Site(lane) if lane == site));
        Ok(highest(said))
    }

    /// Returns whether the hub vouches for a device, on any branch of any of its logs; a revoked
    /// one's older entries are still taken.
    ///
    /// # Errors
    ///
    /// Returns why it can't be read.
    pub fn is_bound(&self, device: &DeviceKey) -> Result<bool, Fault> {
        Ok(!self.0.scan(rows::BINDINGS, &device.0)?.is_empty())
    }

    fn said<C: DeserializeOwned>(&self, table: u8, of: &[u8]) -> Result<Vec<Said<C>>, Fault> {
        let rows = rows::scan(self.0, table, of)?;
        Ok(rows.into_iter().map(|(_key, said)| said).collect())
    }

    /// Returns how many urgent entries of a log there are beside those that are held, and their
    /// bytes.
    ///
    /// # Errors
    ///
    /// Returns why they can't be read.
    pub fn urgent_unless(
        &self,
        log: LogId,
        is_held: impl Fn(&Dot) -> bool,
    ) -> Result<(u64, u64), Fault> {
        let rows: Vec<(Vec<u8>, u32)> = rows::scan(self.0, rows::URGENT, &log.0)?;
        let waits = |key: &[u8]| rows::read_dot(key).is_some_and(|dot| !is_held(&dot));
        let waiting = rows.iter().filter(|(key, _bytes)| waits(key));
        Ok(waiting.fold((0, 0), |(entries, total), (_key, bytes)| {
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

/// Returns the card that holds.
fn highest<C>(said: Vec<Said<C>>) -> Option<C> {
    said.into_iter().max_by_key(|said| said.rank).map(|said| said.card)
}

/// Returns how many records there are.
pub(crate) fn count(reader: &store::Reader) -> Result<u64, Fault> {
    reader.count(rows::SUMMARIES, &[])
}

/// Returns what a list shows of the records after one, by id; of all, without one.
pub(crate) fn summaries_after(
    reader: &store::Reader,
    after: Option<&RecordKey>,
) -> impl Iterator<Item = Result<(RecordKey, Summary), Fault>> {
    let after = after.map(rows::record_key);
    let from = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let rows = reader.range(rows::SUMMARIES, (from, Bound::Unbounded));
    rows.filter_map(|row| rows::keyed_summary(row).transpose())
}
