//! One-time codes: minted, redeemed once; the same device may redeem its code again.

use journal::{Binding, BindingState, DeviceKey, SiteCode};
use protocol::limits::DEVICE_NAME_CHARS_MAX;
use protocol::{EnrolAnswer, EnrolRequest};

use super::devices::{self, Device, DeviceState};
use super::fault::{self, Fault};
use super::{Truth, sites};
use crate::clock::Moment;
use crate::db::{self, Conn};

/// What an invitation is for.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The site the device will belong to.
    pub site: SiteCode,
    /// The name it will have; empty: its own wish.
    pub name: String,
    /// When it expires, in milliseconds since 1970.
    pub expires_ms: i64,
    /// The device whose place the new one takes.
    pub replaces: Option<DeviceKey>,
}

/// Stores an invitation under the hash of its secret.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn mint(
    conn: &mut Conn,
    token: &[u8; 16],
    terms: &Terms,
    now_ms: i64,
) -> Result<(), Fault> {
    let insert = "INSERT INTO invitation \
                  (token_hash, site, name, created_ms, expires_ms, replaces) \
                  VALUES ($1, $2, $3, $4, $5, $6)";
    db::query(insert)
        .bind(hash(token).as_slice())
        .bind(terms.site.as_str())
        .bind(&terms.name)
        .bind(now_ms)
        .bind(terms.expires_ms)
        .bind(terms.replaces.map(|device| device.0.to_vec()))
        .execute(conn)
        .await?;
    Ok(())
}

/// Lets a device in, or says why not. `conn` must be a write transaction.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be used.
pub async fn redeem(
    truth: &Truth,
    conn: &mut Conn,
    request: &EnrolRequest,
    now: Moment,
) -> Result<EnrolAnswer, Fault> {
    let token = hash(&request.token);
    // Written before it is read: one code lets in one device, whichever process it is told to.
    db::query("UPDATE invitation SET site = site WHERE token_hash = $1")
        .bind(token.as_slice())
        .execute(&mut *conn)
        .await?;
    let Some((terms, used_by)) = find(conn, &token).await? else {
        return Ok(refused("this code is not known here: was it copied whole, for this hub?"));
    };
    let known = devices::find(conn, &request.device).await?;
    if let Some(device) = &known {
        match answer_known(device, &terms) {
            Some(Known::Refused(words)) => return Ok(refused(&words)),
            Some(Known::Again) => return welcome(conn, device, now.ms).await,
            None => (),
        }
    }
    if used_by.is_some() {
        return Ok(refused("this code was used by another device: ask for a new one"));
    }
    if terms.expires_ms <= now.ms {
        return Ok(refused("this code has expired: ask for a new one"));
    }
    let binding = binding(conn, request, terms).await?;
    devices::bind(truth, conn, &binding, now).await?;
    db::query("UPDATE invitation SET used_by = $2 WHERE token_hash = $1")
        .bind(token.as_slice())
        .bind(request.device.0.as_slice())
        .execute(&mut *conn)
        .await?;
    match devices::find(conn, &request.device).await? {
        Some(device) => welcome(conn, &device, now.ms).await,
        None => Err(fault::damaged("a device")),
    }
}

enum Known {
    Again,
    Refused(String),
}

/// What a key that is known already is told.
fn answer_known(device: &Device, terms: &Terms) -> Option<Known> {
    match (&device.state, &device.site) {
        (DeviceState::Waiting, _) | (DeviceState::Active, None) => None,
        (DeviceState::Revoked { reason }, _) => {
            Some(Known::Refused(format!("this device was revoked: {reason}")))
        }
        (DeviceState::Active, Some(site)) if *site == terms.site => Some(Known::Again),
        (DeviceState::Active, Some(site)) => Some(Known::Refused(format!(
            "this device is enrolled for {site}: use a data directory of its own for {}",
            terms.site
        ))),
    }
}

async fn welcome(conn: &mut Conn, device: &Device, now_ms: i64) -> Result<EnrolAnswer, Fault> {
    let Some(site) = device.site.clone() else { return Err(fault::damaged("a device's site")) };
    Ok(EnrolAnswer::Welcome {
        predecessors: sites::predecessors(conn, &site).await?,
        site,
        name: device.name.clone(),
        letter: device.letter.clone(),
        publishes: device.publishes,
        hub_ms: now_ms,
    })
}

async fn binding(conn: &mut Conn, request: &EnrolRequest, terms: Terms) -> Result<Binding, Fault> {
    let letter = devices::next_letter(conn, &terms.site).await?;
    let wish: String = request
        .name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(DEVICE_NAME_CHARS_MAX)
        .collect();
    let names = [terms.name, wish.trim().to_owned(), format!("{}-{letter}", terms.site)];
    let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let publishes = sites::find(conn, &terms.site).await?.as_ref().is_some_and(sites::publishes);
    Ok(Binding {
        device: request.device,
        name,
        letter,
        predecessors: sites::predecessors(conn, &terms.site).await?,
        site: terms.site,
        publishes,
        state: BindingState::Active,
    })
}

async fn find(
    conn: &mut Conn,
    hash: &[u8; 32],
) -> Result<Option<(Terms, Option<DeviceKey>)>, Fault> {
    let select = "SELECT site, name, expires_ms, used_by FROM invitation WHERE token_hash = $1";
    let row: Option<(String, String, i64, Option<Vec<u8>>)> =
        db::query_as(select).bind(hash.as_slice()).fetch_optional(conn).await?;
    let Some((site, name, expires_ms, used_by)) = row else { return Ok(None) };
    let used_by = used_by.map(|key| fault::array("a device's key", key).map(DeviceKey));
    let terms = Terms { site: fault::site(site)?, name, expires_ms, replaces: None };
    Ok(Some((terms, used_by.transpose()?)))
}

/// Returns the device that took another's place, if one did.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn successor(conn: &mut Conn, device: &DeviceKey) -> Result<Option<DeviceKey>, Fault> {
    let select = "SELECT used_by FROM invitation WHERE replaces = $1 AND used_by IS NOT NULL \
                  ORDER BY created_ms DESC LIMIT 1";
    let key: Option<Vec<u8>> = db::query_scalar(select).bind(device.0).fetch_optional(conn).await?;
    key.map(|key| fault::array("a device's key", key).map(DeviceKey)).transpose()
}

fn refused(words: &str) -> EnrolAnswer {
    EnrolAnswer::Refused { words: words.to_owned() }
}

fn hash(token: &[u8; 16]) -> [u8; 32] {
    blake3::derive_key("ashuu 2026 invitation hash v1", token)
}
