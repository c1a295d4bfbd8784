//! Records given away, some at a time: whoever asks goes on where the last page ended.
//!
//! No page holds the store up, and a program that runs answers others in between. A record that
//! comes in meanwhile may or may not be among them; none is there twice.

use record::table::{Export, Layout};
use record::{RecordId, Resolve as _};

use super::Desk;
use super::here::Here;
use super::list::{check, passes, row};
use crate::limits::{EXPORT_LOOKED_AT, EXPORT_RECORDS};
use crate::problem::{Cause, Problem};
use crate::projector::{Records, count, summaries_after};
use crate::request::{Exported, Page};

impl Desk {
    /// Returns the next records of one form that the filter lets through, by id.
    pub(super) fn export(&self, page: &Page) -> Result<Exported, Problem> {
        let unnamed = || Problem::new(Cause::Usage, "name the form whose records to export");
        let form = self.form(page.filter.form.as_deref().ok_or_else(unnamed)?)?;
        check(&page.filter)?;
        let after = page.after.as_deref().map(str::parse).transpose();
        let after = after.map_err(|error| Problem::new(Cause::Usage, format!("{error}")))?;
        let catalogue = self.catalogue()?;
        let name = |of: &str, id: RecordId| {
            catalogue.form(of)?.key()?;
            Here(&self.reader, &catalogue).name(of, id)
        };
        let export = Export { form: &form, name: &name };
        let held = self.held_up_to();
        let (mut records, mut last, mut seen) = (Vec::new(), None, 0_u64);
        let mut summaries = summaries_after(&self.reader, after.as_ref());
        while let Some(next) = summaries.next().filter(|_| records.len() < EXPORT_RECORDS) {
            let (key, summary) = next?;
            seen += 1;
            if passes(&row(&key, summary, &held), &page.filter)
                && let Some(state) = Records(&self.reader).state(&key)?
            {
                records.push(export.flat(&key, &record::summary(&state, &catalogue)));
            }
            last = Some(key.to_string());
            if EXPORT_LOOKED_AT <= seen {
                break;
            }
        }
        let is_full = EXPORT_RECORDS <= records.len() || EXPORT_LOOKED_AT <= seen;
        // Counting takes as long as many pages: only the first one says it.
        let all = if after.is_none() { count(&self.reader)? } else { 0 };
        let layout = Layout::of(&form);
        Ok(Exported { layout, records, seen, all, next: last.filter(|_| is_full) })
    }
}
