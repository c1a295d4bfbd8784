//! Training coverage: of everyone in service and each course that is mandatory for the post, how
//! many hold a certificate.

use std::collections::{BTreeMap, BTreeSet};

use journal::SiteCode;
use record::{Catalogue, Count, RecordId, Resolve, Roll, SOON_DAYS, State, count_coverage};
use serde::Serialize;

use super::{ViewError, time};
use crate::db::{Builder, Conn};
use crate::tables;
use crate::truth::fault::{array, damaged};
use crate::truth::sites as cards;

/// Which records bear a text that is theirs alone: a course's code, a service number. A session may
/// name what was not yet here when it was saved.
struct Named(BTreeMap<(String, String), BTreeSet<(String, RecordId)>>);

/// What a record of one site means by such a text.
struct At<'a> {
    site: &'a str,
    named: &'a Named,
}

/// Records read at once.
const STEP: i64 = 1000;

/// How a site stands in a course that is mandatory there.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageView {
    /// The site's code.
    pub site: String,
    /// The course's code.
    pub course: String,
    /// Persons in service whose post asks for it.
    pub needed: u64,
    /// Of these, those with a valid certificate.
    pub valid: u64,
    /// Those whose last certificate expired.
    pub expired: u64,
    /// Those who never had one.
    pub never: u64,
    /// Of the valid ones, those that expire within so many days.
    pub expiring: BTreeMap<String, u64>,
}

/// Returns how each site stands in each course today, by site and code.
///
/// # Errors
///
/// Returns [`ViewError::NoSite`] if there is no such site, else only if the database can't be read.
pub async fn coverage(conn: &mut Conn, site: Option<&str>) -> Result<Vec<CoverageView>, ViewError> {
    if let Some(site) = site {
        let code: Option<SiteCode> = site.parse().ok();
        let card = match &code {
            Some(code) => cards::find(conn, code).await?,
            None => None,
        };
        if card.is_none() {
            return Err(ViewError::NoSite(site.to_owned()));
        }
    }
    let catalogue = tables::catalogue(conn).await?;
    let roll = roll(conn, &catalogue).await?;
    let Some(on) = time::now().date() else { return Ok(Vec::new()) };
    let counts = count_coverage(&roll.coverage(on), on).into_iter();
    let counts = counts.filter(|((at, _), _)| site.is_none_or(|site| at.as_str() == site));
    let view = |((site, course), count): ((SiteCode, String), Count)| {
        let Count { needed, valid, expired, never, soon } = count;
        let expiring = SOON_DAYS.iter().map(ToString::to_string).zip(soon).collect();
        let site = site.as_str().to_owned();
        CoverageView { site, course, needed, valid, expired, never, expiring }
    };
    Ok(counts.map(view).collect())
}

impl Named {
    async fn read(conn: &mut Conn) -> Result<Self, ViewError> {
        let mut query = Builder::new("SELECT form, text, site, id FROM named WHERE form IN (");
        let mut forms = query.separated();
        for form in Roll::FORMS {
            forms.push_bind(form);
        }
        query.push(")");
        let rows: Vec<(String, String, String, Vec<u8>)> = query.build_as().fetch_all(conn).await?;
        let mut named: BTreeMap<_, BTreeSet<(String, RecordId)>> = BTreeMap::new();
        for (form, text, site, id) in rows {
            named
                .entry((form, text))
                .or_default()
                .insert((site, RecordId(array("a record's id", id)?)));
        }
        Ok(Self(named))
    }
}

impl Resolve for At<'_> {
    fn record(&self, form: &str, text: &str) -> Option<RecordId> {
        let bearers = self.named.0.get(&(form.to_owned(), text.to_owned()))?;
        let own: BTreeSet<_> = bearers.iter().filter(|(site, _id)| site == self.site).collect();
        let meant = if own.is_empty() { bearers.iter().collect() } else { own };
        let one = meant.first().filter(|_one| meant.len() == 1);
        one.map(|(_site, id)| *id)
    }
}

/// Reads everything that coverage is reckoned from.
async fn roll(conn: &mut Conn, catalogue: &Catalogue) -> Result<Roll, ViewError> {
    let (mut roll, named) = (Roll::default(), Named::read(conn).await?);
    let mut last = (String::new(), Vec::new());
    loop {
        let mut query = Builder::new("SELECT site, id, state FROM record WHERE form IN (");
        let mut forms = query.separated();
        for form in Roll::FORMS {
            forms.push_bind(form);
        }
        query.push(") AND (site, id) > (").push_bind(last.0.clone());
        query.push(", ").push_bind(last.1.clone());
        query.push(") ORDER BY site, id LIMIT ").push_bind(STEP);
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> = query.build_as().fetch_all(&mut *conn).await?;
        let Some((site, id, _state)) = rows.last() else { break };
        last = (site.clone(), id.clone());
        for (site, _id, bytes) in rows {
            let state =
                State::from_bytes(&bytes).map_err(|_not_a_state| damaged("a record's fold"))?;
            roll.take(&state, catalogue, &At { site: &site, named: &named });
        }
    }
    Ok(roll)
}
