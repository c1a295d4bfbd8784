//! The versions of a form or vocabulary, and who published each.

use record::{PersonId, Subject};
use serde::Serialize;

use super::ViewError;
use super::time::written;
use crate::db::{self, Conn};
use crate::tables::catalogue::{self, Published};

/// Who published a version, and when.
#[derive(Clone, Debug, Serialize)]
pub struct VersionView {
    /// Its number.
    pub version: u32,
    /// Whether the program brought it along.
    pub shipped: bool,
    /// When it was published.
    pub published_at: Option<String>,
    /// Who published it.
    pub by: Option<String>,
    /// Why this hub's software can't use it, if it can't.
    pub unread: Option<String>,
}

/// Returns all versions of a form or vocabulary, the newest last, those that can't be used too.
///
/// # Errors
///
/// Returns [`ViewError`] if the database can't be read.
pub async fn versions(
    conn: &mut Conn,
    subject: Subject,
    name: &str,
) -> Result<Vec<VersionView>, ViewError> {
    let catalogue = catalogue::catalogue(conn).await?;
    let shipped = |version: &record::Version| VersionView {
        version: version.version,
        shipped: version.shipped,
        published_at: None,
        by: None,
        unread: None,
    };
    let mut versions: Vec<VersionView> =
        catalogue.versions(subject, name).iter().filter(|it| it.shipped).map(shipped).collect();
    let of_name = |it: &Published| it.publication.subject == subject && it.publication.name == name;
    for published in catalogue::all(conn).await?.into_iter().filter(of_name) {
        let Published { at_ms, publication, .. } = published;
        let version = publication.version;
        let unread = catalogue.unread().iter().find(|unread| {
            unread.subject == subject && unread.name == name && unread.version == version
        });
        versions.retain(|other| other.version != version);
        versions.push(VersionView {
            version,
            shipped: false,
            published_at: Some(written(at_ms)),
            by: Some(name_of(conn, publication.author).await?),
            unread: unread.map(|unread| unread.why.to_string()),
        });
    }
    versions.sort_by_key(|version| version.version);
    Ok(versions)
}

async fn name_of(conn: &mut Conn, person: PersonId) -> Result<String, ViewError> {
    let select = "SELECT name FROM person WHERE id = $1";
    let name: Option<String> =
        db::query_scalar(select).bind(person.0.as_slice()).fetch_optional(conn).await?;
    Ok(name.unwrap_or_else(|| person.to_string()))
}
