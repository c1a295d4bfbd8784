//! `init`: a new hub.

use clap::Args as ClapArgs;
use journal::DeviceSecret;
use record::{PersonCard, PersonId};
use serde_json::json;

use super::global::Global;
use super::out;
use crate::config::Config;
use crate::db::{Db, Place};
use crate::failure::Failure;
use crate::keys::{self, KeyFault};
use crate::truth::Truth;
use crate::{clock, fold};

/// Makes the hub's key and database.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The database, as `sqlite:FILE` or `postgres://user:password@host:port/name`.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The name on the card of this machine's administrator.
    #[arg(long, value_name = "NAME", default_value = "Administrator of the hub")]
    name: String,
}

pub(super) async fn perform(global: &Global, args: Args) -> Result<(), Failure> {
    let mut config = global.config()?;
    if let Some(database) = args.database {
        config.database = database;
    }
    let place = config.database_place()?;
    // A server is asked before anything is written here: a wrong password leaves nothing behind.
    let server = match &place {
        Place::Postgres(_) => Some(empty(&config, &place).await?),
        Place::Sqlite(_) => None,
    };
    // A hub whose making was cut short has a key but is not founded: it is made whole here.
    let secret = match keys::load(&config.data) {
        Ok(secret) => secret,
        Err(KeyFault::NotInitialised) => keys::create(&config.data)?,
        Err(fault) => return Err(fault.into()),
    };
    config.note_database()?;
    let db = match server {
        Some(db) => db,
        None => empty(&config, &place).await?,
    };
    let truth = found(db, secret, &config, args.name).await?;
    fold::catch_up(&truth).await?;
    let fingerprint = protocol::fingerprint(&truth.key());
    let key = truth.key().to_string();
    let value = json!({
        "hub": key,
        "fingerprint": fingerprint,
        "data": config.data.display().to_string(),
    });
    out::say(global, &value, || {
        format!(
            "The hub is ready in {}.\nIts key in words, to compare by phone: {fingerprint}\n\
             There are no accounts yet: pages and API are for this machine only, the API with a \
             token.\nNext: ashuu-hub site add CODE --name-en NAME, ashuu-hub run, ashuu-hub invite \
             CODE",
            config.data.display()
        )
    })
}

/// Opens a database that no hub lives in.
async fn empty(config: &Config, place: &Place) -> Result<Db, Failure> {
    let db = Db::make(place).await?;
    if !Truth::is_founded(&db).await? {
        return Ok(db);
    }
    let here = config.data.display();
    Err(Failure::Usage(match place {
        Place::Sqlite(_) => format!("{here} holds a hub already: give another --data"),
        Place::Postgres(_) => format!(
            "{place} holds a hub already: give another database, or, to serve that hub from here \
             too, copy its hub.key into {here} and set `database` in the configuration"
        ),
    }))
}

async fn found(
    db: Db,
    secret: DeviceSecret,
    config: &Config,
    name: String,
) -> Result<Truth, Failure> {
    let now_ms = u64::try_from(clock::wall_ms()).unwrap_or(0);
    let random = keys::random()?;
    let id = uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid();
    let founder = PersonCard {
        id: PersonId(id.into_bytes()),
        name,
        role: "administrator".to_owned(),
        site: config.site.clone(),
    };
    Ok(Truth::found(db, secret, &founder).await?)
}
