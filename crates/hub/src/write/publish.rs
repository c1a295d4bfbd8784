//! Publishing a form or vocabulary: an entry of the hub's lane for everyone, judged by the newest
//! version there is at the moment it is written.

use journal::{Dot, Lane};
use record::{Difference, Objection, Proposal, Proposed, Publication, Subject};
use serde::Serialize;

use super::own_lane;
use crate::db::{self, Conn};
use crate::fold;
use crate::read::ViewError;
use crate::tables;
use crate::truth::{Fault, Truth};

/// How often it is begun anew when somebody else writes to the lane meanwhile.
const TRIES: u32 = 5;

/// What somebody wants to publish.
#[derive(Clone, Debug)]
pub struct Source {
    /// Whether it is a form or a vocabulary.
    pub subject: Subject,
    /// The file's name.
    pub file: String,
    /// What is in it.
    pub text: String,
}

/// What a source would be, or has become, as a version.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// The form's id or the vocabulary's name.
    pub name: String,
    /// The version it is, or would be.
    pub version: u32,
    /// Whether the newest version is the same text.
    pub unchanged: bool,
    /// What it differs in from the version before it.
    pub differences: Vec<Difference>,
    /// What may be published and could be better.
    pub remarks: Vec<Objection>,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    /// The source can't be a version; each objection says what to do.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Objections(Vec<Objection>),
    /// The hub can't say, or can't write.
    #[error(transparent)]
    View(#[from] ViewError),
}

impl From<Fault> for NotPublished {
    fn from(fault: Fault) -> Self {
        Self::View(fault.into())
    }
}

impl From<db::Error> for NotPublished {
    fn from(error: db::Error) -> Self {
        Self::View(error.into())
    }
}

/// Says what a source would be; nothing is written.
///
/// # Errors
///
/// Returns [`NotPublished::Objections`] if it can't be published.
pub async fn judge(truth: &Truth, source: &Source) -> Result<Judged, NotPublished> {
    fold::catch_up_lane(truth, &Lane::Everyone).await?;
    let mut conn = truth.db.read().await?;
    Ok(propose(&mut conn, truth, source).await?.into())
}

/// Publishes a source in the name of the hub's administrator, and folds it. The newest version's
/// own text is not published again.
///
/// # Errors
///
/// Returns [`NotPublished::Objections`] if it can't be published.
pub async fn publish(truth: &Truth, source: &Source) -> Result<Judged, NotPublished> {
    for _ in 0..TRIES {
        fold::catch_up_lane(truth, &Lane::Everyone).await?;
        let mut tx = truth.db.begin().await?;
        let head = truth.lanes.hold(&mut tx, &Lane::Everyone).await?.end().seq;
        if !fold::is_caught_up(&mut tx, &Lane::Everyone).await? {
            continue;
        }
        let proposal = propose(&mut tx, truth, source).await?;
        if proposal.unchanged {
            return Ok(proposal.into());
        }
        let payload = proposal.publication.to_payload().map_err(Fault::from)?;
        let payloads = vec![(Publication::KIND, payload)];
        let dots = match truth.lanes.append(&mut tx, &Lane::Everyone, payloads).await {
            Ok(dots) => dots,
            Err(Fault::Moved) => continue,
            Err(fault) => return Err(fault.into()),
        };
        // Somebody else's version may have come between the look and the entry.
        if !follows(&dots, head) {
            continue;
        }
        tx.commit().await.map_err(Fault::from)?;
        own_lane::fold_written(truth, &Lane::Everyone).await;
        return Ok(proposal.into());
    }
    Err(Fault::Moved.into())
}

/// Returns whether the one entry stands right behind the head that was looked at, or behind the
/// lane's first entry, which is written by itself.
fn follows(dots: &[Dot], head: u64) -> bool {
    dots.first().is_some_and(|dot| dot.seq == head + 1 || (head == 0 && dot.seq == 2))
}

async fn propose(
    conn: &mut Conn,
    truth: &Truth,
    source: &Source,
) -> Result<Proposal, NotPublished> {
    let author = truth.administrator(conn).await?;
    let catalogue = tables::catalogue(conn).await?;
    let Source { subject, file, text } = source;
    let proposed = Proposed { subject: *subject, file, text, author };
    catalogue.propose(&proposed).map_err(NotPublished::Objections)
}

impl From<Proposal> for Judged {
    fn from(proposal: Proposal) -> Self {
        let Proposal { publication, differences, remarks, unchanged } = proposal;
        let Publication { name, mut version, .. } = publication;
        if unchanged {
            version = version.saturating_sub(1);
        }
        Self { name, version, unchanged, differences, remarks }
    }
}

#[cfg(test)]
mod tests;
