//! Who speaks through a token: a person with a card, so that what is said bears a name everywhere.

use journal::Lane;
use record::{PersonCard, PersonId};

use super::Truth;
use super::fault::{self, Fault};
use super::tokens::Token;
use crate::db::{self, Conn};
use crate::{clock, keys};

/// Returns the person a token speaks for; one that never spoke gets a card now.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn of(truth: &Truth, token: &Token) -> Result<PersonId, Fault> {
    if let Some(person) = known(&mut *truth.db.read().await?, token).await? {
        return Ok(person);
    }
    let mut tx = truth.db.begin().await?;
    let person = introduce(truth, &mut tx, token).await?;
    tx.commit().await?;
    Ok(person)
}

/// Gives a token a person with a card, unless it has one. `conn` must be a write transaction.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn introduce(truth: &Truth, conn: &mut Conn, token: &Token) -> Result<PersonId, Fault> {
    // Written before it is read: two requests of a new token make one person.
    let lock = "UPDATE token SET name = name WHERE name = $1";
    db::query(lock).bind(&token.name).execute(&mut *conn).await?;
    if let Some(person) = known(conn, token).await? {
        return Ok(person);
    }
    let now_ms = u64::try_from(clock::wall_ms()).unwrap_or(0);
    let random = keys::random().map_err(Fault::random)?;
    let id = uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid();
    let card = PersonCard {
        id: PersonId(id.into_bytes()),
        name: token.name.clone(),
        role: token.role.clone(),
        site: truth.lanes.site().clone(),
    };
    let payload = (PersonCard::KIND, card.to_payload()?);
    truth.lanes.append(conn, &Lane::Everyone, vec![payload]).await?;
    db::query("UPDATE token SET person = $2 WHERE name = $1")
        .bind(&token.name)
        .bind(card.id.0.as_slice())
        .execute(conn)
        .await?;
    Ok(card.id)
}

async fn known(conn: &mut Conn, token: &Token) -> Result<Option<PersonId>, Fault> {
    let select = "SELECT person FROM token WHERE name = $1";
    let person: Option<Option<Vec<u8>>> =
        db::query_scalar(select).bind(&token.name).fetch_optional(conn).await?;
    let read = |id| Ok(PersonId(fault::array("a person's id", id)?));
    person.flatten().map(read).transpose()
}
