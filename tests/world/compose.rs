//! What is written next at a place, by what people see there.

use journal::SiteCode;

use crate::chance::Chance;
use crate::device::Device;
use crate::office::Office;
use crate::pen::{self, Written};

impl Device {
    /// Writes a new record, an amendment, or an act about one that is listed here.
    pub(crate) fn compose(&self, noise: &[u8], chance: &mut Chance) -> Result<Written, String> {
        let kind = chance.below(8);
        if kind < 4 || !noise.is_empty() {
            return pen::new_record(&self.site, noise, chance);
        }
        let summaries = self.listing.records().summaries().map_err(|fault| fault.to_string())?;
        let own: Vec<_> = summaries.iter().filter(|(key, _)| key.site == self.site).collect();
        let seen = own.get(chance.below(own.len())).map(|(key, _)| self.listing.record(key));
        let Some((state, acts)) = seen.transpose()?.flatten() else {
            return pen::new_record(&self.site, noise, chance);
        };
        let written = if kind < 6 {
            pen::amendment(&state, chance)?
        } else {
            let review = self.listing.records().review(self.listing.hub(), &acts, &state);
            let review = review.map_err(|fault| fault.to_string())?;
            pen::act((&state, &review), false, chance)?
        };
        written.map_or_else(|| pen::new_record(&self.site, noise, chance), Ok)
    }
}

impl Office {
    /// Decides about a record of a site, resolves one, or says who somebody is.
    pub(crate) fn compose(&self, site: &SiteCode, chance: &mut Chance) -> Result<Written, String> {
        let kind = chance.below(8);
        if kind == 0 {
            return pen::site_card(site, chance);
        }
        let of_site = self.fold.records.iter().filter(|(key, _)| key.site == *site);
        let of_site = of_site.filter_map(|(_, record)| Some((record, record.state.as_ref()?)));
        let of_site: Vec<_> = of_site.collect();
        // Much is said about one record, so that the hub's two lives meet there.
        let at = if chance.one_in(2) { 0 } else { chance.below(of_site.len()) };
        let Some((record, state)) = of_site.get(at).copied() else {
            return pen::person_card(site, chance);
        };
        let written = match kind {
            1 => None,
            2 | 3 => pen::amendment(state, chance)?,
            _decision => pen::act((state, &self.fold.review(record, state)), true, chance)?,
        };
        written.map_or_else(|| pen::person_card(site, chance), Ok)
    }
}
