//! The truth of a hub: logs as they were received and written, and who may write them.
//!
//! Everything else (records, lists, sites by name) is folded from this and can be folded again.
//! This module does not know what a record is.

pub mod backup;
pub mod devices;
pub mod epoch;
pub mod fault;
pub mod forks;
pub mod frames;
pub mod health;
pub mod hub_time;
pub mod invitations;
pub mod lanes;
pub mod logs;
pub mod probe;
pub mod quarantine;
pub mod receipts;
pub mod returned;
pub mod reviews;
pub mod shards;
pub mod sites;
pub mod speakers;
pub mod tokens;
pub mod turns;
pub(crate) mod upgrade;
pub mod verify;
mod vouched;

use std::path::PathBuf;
use std::sync::Arc;

use journal::{DeviceKey, DeviceSecret, Lane};
use record::{PersonCard, PersonId};

pub use fault::Fault;
pub use lanes::Lanes;
pub use receipts::Receipts;

use crate::clock::HubClock;
use crate::db::{self, Conn, Db};
use crate::keys;

/// The facts kept under `meta`.
const EPOCH: &str = "hub_epoch";
const SITE: &str = "hub_site";
const ADMINISTRATOR: &str = "administrator";

/// One hub's truth, opened.
#[derive(Clone, Debug)]
pub struct Truth {
    /// The database.
    pub db: Db,
    /// The hub's own lanes.
    pub lanes: Lanes,
    /// Makes receipts.
    pub receipts: Receipts,
    /// The hub's time.
    pub clock: Arc<HubClock>,
    /// What the administrator set for reviews.
    pub review: reviews::Terms,
    /// What devices may begin before the administrator must look at them.
    pub bounds: devices::limits::Limits,
    /// Whether it can receive, as was last found out.
    pub health: health::Health,
    /// The folder in which `verify` folds the views once more; what it puts there only its owner
    /// reads.
    pub scratch: PathBuf,
}

impl Truth {
    /// Founds a hub in an empty database: its epoch, and its first entry, which is the card of
    /// the person who acts at its command line.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be written.
    pub async fn found(db: Db, secret: DeviceSecret, founder: &PersonCard) -> Result<Self, Fault> {
        let epoch: [u8; 8] = keys::random().map_err(Fault::random)?;
        let site = founder.site.clone();
        let facts = [
            (EPOCH, epoch.as_slice()),
            (SITE, site.as_str().as_bytes()),
            (ADMINISTRATOR, founder.id.0.as_slice()),
        ];
        let mut tx = db.begin().await?;
        for (key, value) in facts {
            db::query("INSERT INTO meta (key, value) VALUES ($1, $2)")
                .bind(key)
                .bind(value)
                .execute(&mut tx)
                .await?;
        }
        let secret = Arc::new(secret);
        let run = journal::Run(keys::random().map_err(Fault::random)?);
        let lanes = Lanes::new(Arc::clone(&secret), site, run);
        let card = (PersonCard::KIND, founder.to_payload()?);
        lanes.append(&mut tx, &Lane::Everyone, vec![card]).await?;
        tx.commit().await?;
        Self::open(db, secret).await
    }

    /// Returns whether a hub was founded in this database.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be read.
    pub async fn is_founded(db: &Db) -> Result<bool, Fault> {
        let mut conn = db.read().await?;
        Ok(fact(&mut conn, EPOCH).await?.is_some())
    }

    /// Opens the truth of a hub that was founded.
    ///
    /// # Errors
    ///
    /// Returns [`Fault::NotInitialised`] if it was not.
    pub async fn open(db: Db, secret: Arc<DeviceSecret>) -> Result<Self, Fault> {
        let mut conn = db.read().await?;
        epoch::present(&mut conn).await?;
        let site = fact(&mut conn, SITE).await?.ok_or(Fault::NotInitialised)?;
        let site = String::from_utf8(site).map_err(|_not_text| fault::damaged("the hub's site"))?;
        let site = fault::site(site)?;
        // A hub writes at its founding, so one that wrote nothing here was founded elsewhere.
        if logs::of_device(&mut conn, &secret.public()).await?.is_empty() {
            return Err(Fault::OtherHub);
        }
        drop(conn);
        let run = journal::Run(keys::random().map_err(Fault::random)?);
        let clock = Arc::new(HubClock::new(run));
        let receipts = Receipts::new(Arc::clone(&secret), run);
        let lanes = Lanes::new(secret, site, run);
        let review = reviews::Terms::default();
        let bounds = devices::limits::Limits::default();
        let health = health::Health::default();
        let scratch = std::env::temp_dir();
        Ok(Self { db, lanes, receipts, clock, review, bounds, health, scratch })
    }

    /// Returns who acts at this hub's command line.
    ///
    /// # Errors
    ///
    /// Returns [`Fault`] if the database can't be read.
    pub async fn administrator(&self, conn: &mut Conn) -> Result<PersonId, Fault> {
        let id = fact(conn, ADMINISTRATOR).await?.ok_or(Fault::NotInitialised)?;
        Ok(PersonId(fault::array("the administrator's id", id)?))
    }

    /// Returns the hub's public key.
    #[must_use]
    pub fn key(&self) -> DeviceKey {
        self.lanes.key()
    }
}

async fn fact(conn: &mut Conn, key: &str) -> Result<Option<Vec<u8>>, Fault> {
    let select = "SELECT value FROM meta WHERE key = $1";
    Ok(db::query_scalar(select).bind(key).fetch_optional(conn).await?)
}
