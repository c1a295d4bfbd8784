//! Tokens of the API: shown once, kept as a hash, with a role and an expiry.

use super::fault::Fault;
use crate::db::{self, Conn};
use crate::keys;

/// What every token begins with, so that a leaked one is recognised.
const PREFIX: &str = "ashuu_";

/// A token, without its secret.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its name.
    pub name: String,
    /// What its bearer may do.
    pub role: String,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it expires.
    pub expires_ms: i64,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// Makes a token and returns its secret, which is shown once; `None` if the name is taken.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn add(conn: &mut Conn, token: &Token) -> Result<Option<String>, Fault> {
    use std::fmt::Write as _;

    let random: [u8; 32] = keys::random().map_err(Fault::random)?;
    let mut secret = PREFIX.to_owned();
    for byte in random {
        write!(secret, "{byte:02x}").map_err(|error| Fault::Random(error.to_string()))?;
    }
    let insert = "INSERT INTO token (name, hash, role, created_ms, expires_ms, revoked) \
                  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING";
    let done = db::query(insert)
        .bind(&token.name)
        .bind(hash(&secret).as_slice())
        .bind(&token.role)
        .bind(token.created_ms)
        .bind(token.expires_ms)
        .bind(token.revoked)
        .execute(conn)
        .await?;
    Ok((0 < done.rows_affected()).then_some(secret))
}

/// Returns all tokens, by name.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn list(conn: &mut Conn) -> Result<Vec<Token>, Fault> {
    let select = "SELECT name, role, created_ms, expires_ms, revoked FROM token ORDER BY name";
    let rows: Vec<Columns> = db::query_as(select).fetch_all(conn).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Takes a token back; false if there is none of this name.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn revoke(conn: &mut Conn, name: &str) -> Result<bool, Fault> {
    let update = "UPDATE token SET revoked = $2 WHERE name = $1";
    let done = db::query(update).bind(name).bind(true).execute(conn).await?;
    Ok(0 < done.rows_affected())
}

/// Returns the token whose secret this is, if it is good now.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn check(conn: &mut Conn, secret: &str, now_ms: i64) -> Result<Option<Token>, Fault> {
    // The secret is compared through its hash, so how long that takes says nothing about it.
    let select = "SELECT name, role, created_ms, expires_ms, revoked FROM token WHERE hash = $1";
    let row: Option<Columns> =
        db::query_as(select).bind(hash(secret).as_slice()).fetch_optional(conn).await?;
    Ok(row.map(read).filter(|token| !token.revoked && now_ms < token.expires_ms))
}

type Columns = (String, String, i64, i64, bool);

fn read((name, role, created_ms, expires_ms, revoked): Columns) -> Token {
    Token { name, role, created_ms, expires_ms, revoked }
}

fn hash(secret: &str) -> [u8; 32] {
    blake3::derive_key("ashuu 2026 api token hash v1", secret.as_bytes())
}
