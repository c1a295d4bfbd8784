//! `invite`: a one-time code for one device.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use journal::SiteCode;
use protocol::Invitation;
use serde_json::{Value as Json, json};

use super::global::Global;
use super::out;
use super::span::Span;
use crate::addresses::Addresses;
use crate::config::Config;
use crate::db::Conn;
use crate::failure::Failure;
use crate::print;
use crate::truth::invitations::{self, Terms};
use crate::truth::{Truth, sites};
use crate::{clock, keys};

/// Prints a one-time code with which a device of a site enrols.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The site's code.
    site: SiteCode,
    /// The name the device will have.
    #[arg(long, value_name = "NAME", default_value = "")]
    device: String,
    #[command(flatten)]
    offer: Offer,
}

/// How a code is handed over.
#[derive(Debug, ClapArgs)]
pub(super) struct Offer {
    /// How long the code holds: 7d, 12h, 30m.
    #[arg(long, value_name = "SPAN", default_value = "7d")]
    valid: Span,
    /// Writes the code to a file, for a stick.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Prints the code as a picture.
    #[arg(long)]
    qr: bool,
}

pub(super) async fn perform(global: &Global, args: Args) -> Result<(), Failure> {
    if protocol::limits::DEVICE_NAME_CHARS_MAX < args.device.chars().count() {
        return Err(Failure::Usage("the device's name is too long".to_owned()));
    }
    args.offer.check(global)?;
    let truth = global.open_for_everyone().await?;
    let mut tx = truth.db.begin().await?;
    let Some(card) = sites::find(&mut tx, &args.site).await? else {
        return Err(Failure::Refused(format!(
            "there is no site {0} here: add it with `ashuu-hub site add {0} --name-en NAME`",
            args.site
        )));
    };
    if let Some(closed) = sites::closed(&card, truth.clock.now_ms()) {
        print::remark(&format!(
            "{} is closed since {closed}; the code is made all the same",
            card.code
        ));
    }
    let terms = Terms { site: args.site, name: args.device, expires_ms: 0, replaces: None };
    let (value, words) = args.offer.mint(global, &truth, &mut tx, terms).await?;
    tx.commit().await?;
    out::say(global, &value, || words)
}

impl Offer {
    /// Refuses what can't be done before anything is changed.
    pub(super) fn check(&self, global: &Global) -> Result<(), Failure> {
        if self.qr {
            let words = "this version prints no pictures: paste the code, or write it --to FILE";
            return Err(Failure::Usage(words.to_owned()));
        }
        address(&global.config()?).map(drop)
    }

    /// Makes a code; it is good once the transaction is committed. Returns what is said of it.
    pub(super) async fn mint(
        &self,
        global: &Global,
        truth: &Truth,
        conn: &mut Conn,
        terms: Terms,
    ) -> Result<(Json, String), Failure> {
        let address = address(&global.config()?)?;
        let token = keys::random()?;
        let now_ms = truth.clock.now_ms();
        let expires_ms = now_ms.saturating_add(self.valid.0);
        let terms = Terms { expires_ms, ..terms };
        invitations::mint(conn, &token, &terms, now_ms).await?;
        let (hub, site) = (truth.key(), terms.site);
        let code =
            Invitation { address: address.clone(), hub, site: site.clone(), token, expires_ms };
        let code = code.to_string();
        if let Some(file) = &self.to {
            keys::write_private(file, format!("{code}\n").as_bytes())
                .map_err(|error| Failure::Unavailable(format!("{}: {error}", file.display())))?;
        }
        let expires = clock::rfc3339(expires_ms);
        let fingerprint = protocol::fingerprint(&hub);
        let words = match &self.to {
            Some(file) => format!("{} holds a code for one device of {site}.", file.display()),
            None => format!(
                "{code}\n\nFor one device of {site}, until {expires}; it will connect to {address}.\n\
                 The hub's key in words, to compare by phone: {fingerprint}"
            ),
        };
        let value = json!({
            "code": code, "site": site.as_str(), "expires": expires,
            "address": address, "fingerprint": fingerprint,
        });
        Ok((value, words))
    }
}

/// What the device will connect to.
fn address(config: &Config) -> Result<String, Failure> {
    if !config.public_address.is_empty() {
        return Ok(config.public_address.clone());
    }
    let listen: Option<SocketAddr> = config.sync_listen.parse().ok();
    match listen {
        Some(listen) if listen.port() == 0 => match Addresses::read(&config.data) {
            Some(addresses) => Ok(addresses.sync),
            None => Err(Failure::Refused(
                "the sync port is chosen when the hub starts: run it first, or set public_address"
                    .to_owned(),
            )),
        },
        Some(listen) if listen.ip().is_unspecified() => Err(Failure::Refused(
            "set public_address in the configuration: devices can't connect to every address"
                .to_owned(),
        )),
        Some(_) | None => Ok(config.sync_listen.clone()),
    }
}
