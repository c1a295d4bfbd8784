//! The catalogue: the forms and vocabularies that records are folded, shown and resolved by.
//!
//! The catalogue follows from the rows of published versions alone and is kept by what they say, so
//! every process and every request has the one that the records it reads were folded by; nobody has
//! to be told that something was published.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use record::{Catalogue, CatalogueError, Publication, Subject};
use tokio::task::spawn_blocking;

use crate::db::{self, Conn};
use crate::limits::CATALOGUES_MAX;
use crate::truth::Fault;
use crate::truth::fault::{array, damaged};

/// A publication as the hub's lane has it.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    /// The bytes of its [`record::Rank`]: of several of one version the highest holds.
    pub(crate) rank: Vec<u8>,
    /// When it was published, by the hub's clock.
    pub(crate) at_ms: i64,
    /// What it says.
    pub(crate) publication: Publication,
}

/// What tells publications apart: subject, name, version.
pub(crate) type Name = (u8, String, u32);

/// Which publications there are, and what each says.
type Digest = BTreeMap<Name, [u8; 32]>;

/// The catalogues that were made last, the latest one last.
static MADE: Mutex<Vec<(Digest, Arc<Catalogue>)>> = Mutex::new(Vec::new());

/// Returns the forms and lists that records are folded, shown and resolved by.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(crate) async fn catalogue(conn: &mut Conn) -> Result<Arc<Catalogue>, Fault> {
    catalogue_with(conn, &[]).await
}

/// Returns the catalogue as it will be when `more` is written too.
pub(crate) async fn catalogue_with(
    conn: &mut Conn,
    more: &[Published],
) -> Result<Arc<Catalogue>, Fault> {
    let mut ranks = BTreeMap::new();
    let mut digest = Digest::new();
    for (name, rank, hash) in kept(conn).await? {
        ranks.insert(name.clone(), rank);
        digest.insert(name, hash);
    }
    let mut newer = BTreeMap::new();
    for published in more {
        let name = published.name();
        if ranks.get(&name).is_none_or(|rank| *rank <= published.rank) {
            ranks.insert(name.clone(), published.rank.clone());
            digest.insert(name.clone(), published.publication.hash());
            newer.insert(name, published.publication.clone());
        }
    }
    if let Some(catalogue) = made(&digest) {
        return Ok(catalogue);
    }
    let shipped = shipped()?;
    let mut publications = BTreeMap::new();
    for published in all(conn).await? {
        publications.insert(published.name(), published.publication);
    }
    publications.extend(newer);
    let make = move || Arc::new(shipped.with_publications(publications.values()));
    let catalogue = spawn_blocking(make)
        .await
        .map_err(|_panic| damaged("a publication that stopped the fold"))?;
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if CATALOGUES_MAX <= made.len() {
        made.remove(0);
    }
    made.push((digest, Arc::clone(&catalogue)));
    Ok(catalogue)
}

/// Returns every publication that holds, forms first, by name and version.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<Published>, Fault> {
    let select = "SELECT rank, published_ms, payload FROM publication \
                  ORDER BY subject, name, version";
    let rows: Vec<(Vec<u8>, i64, Vec<u8>)> = db::query_as(select).fetch_all(conn).await?;
    let read = |(rank, at_ms, payload): (Vec<u8>, i64, Vec<u8>)| {
        let publication = Publication::from_payload(&payload);
        let publication = publication.map_err(|_not_one| damaged("a publication"))?;
        Ok(Published { rank, at_ms, publication })
    };
    rows.into_iter().map(read).collect()
}

/// Returns which publications there are: their names, ranks and hashes.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(crate) async fn kept(conn: &mut Conn) -> Result<Vec<(Name, Vec<u8>, [u8; 32])>, Fault> {
    type Columns = (i64, String, i64, Vec<u8>, Vec<u8>);
    let select = "SELECT subject, name, version, rank, hash FROM publication \
                  ORDER BY subject, name, version";
    let rows: Vec<Columns> = db::query_as(select).fetch_all(conn).await?;
    let read = |(subject, name, version, rank, hash): Columns| {
        let version = u32::try_from(version).map_err(|_large| damaged("a version"))?;
        let subject = u8::try_from(subject).map_err(|_large| damaged("a subject"))?;
        let hash = array("a publication's hash", hash)?;
        Ok(((subject, name, version), rank, hash))
    };
    rows.into_iter().map(read).collect()
}

fn made(digest: &Digest) -> Option<Arc<Catalogue>> {
    let made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.iter().find(|(known, _)| known == digest).map(|(_, catalogue)| Arc::clone(catalogue))
}

fn shipped() -> Result<&'static Catalogue, Fault> {
    static SHIPPED: LazyLock<Result<Catalogue, CatalogueError>> = LazyLock::new(Catalogue::shipped);
    SHIPPED.as_ref().map_err(|mistake| Fault::Damaged(mistake.to_string()))
}

impl Published {
    /// Returns what tells it apart from others.
    pub(crate) fn name(&self) -> Name {
        let Publication { subject, name, version, .. } = &self.publication;
        (Subject::number(*subject), name.clone(), *version)
    }
}
