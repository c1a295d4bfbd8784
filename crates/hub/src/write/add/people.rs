//! Who is meant by `@author`: a person's id, or a name that only one person of the site has.

use journal::SiteCode;
use record::{FieldError, Language, PersonId, message};

use crate::db::{self, Conn};
use crate::read::ViewError;
use crate::truth::fault::array;

/// Returns the person meant, or why nobody is.
pub(super) async fn named(
    conn: &mut Conn,
    site: &SiteCode,
    name: &str,
    language: Language,
) -> Result<Result<PersonId, FieldError>, ViewError> {
    let name = name.trim();
    let rows: Vec<(Vec<u8>, String)> =
        db::query_as("SELECT id, name FROM person WHERE site = $1 ORDER BY id")
            .bind(site.as_str())
            .fetch_all(conn)
            .await?;
    let id: Option<PersonId> = name.parse().ok();
    let mut found = Vec::new();
    for (person, called) in rows {
        let person = PersonId(array("a person's id", person)?);
        if id.map_or_else(|| called == name, |id| id == person) {
            found.push(person);
        }
    }
    let refuse = |reason| Err(FieldError { field: "@author".to_owned(), reason });
    Ok(match found.as_slice() {
        [person] => Ok(*person),
        [] => refuse(message::author_unknown(language)),
        [_, _, ..] => refuse(message::author_ambiguous(language)),
    })
}
