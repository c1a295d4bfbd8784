//! Who this machine is: its key, its epoch, and what it was enrolled as.
//!
//! All of it is small files under `local/`, since none of it can be rebuilt from the journal.

mod epoch;
mod post;

use std::sync::Arc;

use journal::codec::{self, CodecError};
use journal::{DeviceKey, DeviceSecret, Draft, Epoch, EpochStart, Kind, Lane, LogName, SiteCode};
use record::{PersonCard, PersonId};
use serde::{Deserialize, Serialize};
use store::{Fault, Store};

use self::epoch::Before;
use crate::{clock, kept};

const KEY_FILE: &str = "device.key";
const EPOCH_FILE: &str = "epoch";
const ENROLMENT_FILE: &str = "enrolment";

/// Bytes of the enrolment file: a site with many predecessors still fits.
const ENROLMENT_BYTES_MAX: usize = 16 * 1024;

/// Who this machine is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its key.
    pub secret: Arc<DeviceSecret>,
    /// Its present epoch.
    pub epoch: Epoch,
    /// What it was enrolled as.
    pub enrolment: Enrolment,
}

/// What a device was enrolled as.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The hub's key, pinned.
    pub hub: DeviceKey,
    /// The hub's sync address, `host:port`, as the code named it.
    pub address: String,
    /// The device's site.
    pub site: SiteCode,
    /// The sites that merged into it.
    pub predecessors: Vec<SiteCode>,
    /// The device's name.
    pub name: String,
    /// The letter in its records' references.
    pub letter: String,
    /// Whether it may publish to everyone.
    pub publishes: bool,
    /// The machine's administrator.
    pub administrator: PersonId,
    /// That person's name.
    pub administrator_name: String,
    /// When it was enrolled, by its own clock, in milliseconds since 1970.
    pub enrolled_ms: i64,
}

/// The files that say who this machine is can't be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] Fault),
    /// A file is damaged.
    #[error("{file} under local/ is damaged ({source}); restore it from a backup")]
    Damaged {
        /// Which file.
        file: &'static str,
        /// What is wrong with it.
        source: CodecError,
    },
    /// A file is gone.
    #[error(
        "{file} under local/ is missing, without which an enrolled machine is nobody; restore it \
         from a backup"
    )]
    Missing {
        /// Which file.
        file: &'static str,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    NoEntropy(#[source] getrandom::Error),
    /// The log could not be opened.
    #[error("the log can't be opened: {0}")]
    Log(String),
}

impl Identity {
    /// Reads who this machine is, or `None` while it is not enrolled.
    ///
    /// Where the name of its epoch is lost it goes on in its next one, which is told.
    ///
    /// # Errors
    ///
    /// Returns [`IdentityError`] if a file can't be read.
    pub fn load(store: &Store) -> Result<Option<Self>, IdentityError> {
        let local = store.local();
        let Some(enrolment) = local.read(ENROLMENT_FILE)? else { return Ok(None) };
        let key = local.read(KEY_FILE)?.ok_or(IdentityError::Missing { file: KEY_FILE })?;
        let damaged = |file| move |source| IdentityError::Damaged { file, source };
        let seed: [u8; 32] = codec::decode(&key, 32).map_err(damaged(KEY_FILE))?;
        let epoch = match kept::read(store, EPOCH_FILE, 8)? {
            Some(epoch) => epoch,
            None => {
                tracing::error!("the name of this machine's epoch is lost; its next one is opened");
                Self::fresh_epoch(store)?
            }
        };
        let enrolment =
            codec::decode(&enrolment, ENROLMENT_BYTES_MAX).map_err(damaged(ENROLMENT_FILE))?;
        Ok(Some(Self { secret: Arc::new(DeviceSecret::from_bytes(&seed)), epoch, enrolment }))
    }

    /// Returns the key and epoch to enrol with; made once, and kept before anybody hears of them.
    ///
    /// # Errors
    ///
    /// Returns [`IdentityError`] if they can't be made or kept.
    pub fn prepare(store: &Store) -> Result<(Arc<DeviceSecret>, Epoch), IdentityError> {
        let seed: [u8; 32] = kept_or_made(store, KEY_FILE)?;
        let epoch: [u8; 8] = kept_or_made(store, EPOCH_FILE)?;
        Ok((Arc::new(DeviceSecret::from_bytes(&seed)), Epoch(epoch)))
    }

    /// Keeps what the machine was enrolled as.
    ///
    /// # Errors
    ///
    /// Returns [`IdentityError`] if the disk fails.
    pub fn enrolled(store: &Store, enrolment: &Enrolment) -> Result<(), IdentityError> {
        let damaged = |source| IdentityError::Damaged { file: ENROLMENT_FILE, source };
        let bytes = codec::encode(enrolment, ENROLMENT_BYTES_MAX).map_err(damaged)?;
        Ok(store.local().write(ENROLMENT_FILE, &bytes)?)
    }

    /// Returns the public key: the device's name.
    #[must_use]
    pub fn device(&self) -> DeviceKey {
        self.secret.public()
    }

    /// Returns the log of this device for its site.
    #[must_use]
    pub fn site_log(&self) -> LogName {
        let lane = Lane::Site(self.enrolment.site.clone());
        LogName { device: self.device(), epoch: self.epoch, lane }
    }

    /// Returns the log of this device for everyone; it is written where the hub lets it publish.
    #[must_use]
    pub fn everyone_log(&self) -> LogName {
        LogName { device: self.device(), epoch: self.epoch, lane: Lane::Everyone }
    }

    /// Writes the first entries of the site's log, unless they stand: whose log it is, which epoch
    /// was before it, and in the first epoch the card of the machine's administrator.
    ///
    /// # Errors
    ///
    /// Returns [`IdentityError`] if they can't be written.
    pub fn open_log(&self, store: &Store) -> Result<(), IdentityError> {
        let log = self.site_log();
        if 0 < store.head(&log).seq {
            return Ok(());
        }
        let before = self.before(store)?;
        let drafts = self.first_drafts(before);
        let drafts = drafts.map_err(|error| IdentityError::Log(error.to_string()))?;
        epoch::begin(self, store, &log, drafts)
    }

    fn first_drafts(&self, before: Option<Before>) -> Result<Vec<Draft>, CodecError> {
        let Enrolment { site, predecessors, administrator, administrator_name, .. } =
            self.enrolment.clone();
        let stamp = clock::stamp();
        let start = EpochStart {
            site: site.clone(),
            predecessors,
            opened_at_ms: stamp.claimed_ms,
            count: before.as_ref().map_or(1, |before| before.count.saturating_add(1)),
            previous: before.as_ref().map(|before| before.epoch.clone()),
            abandoned: None,
        };
        let draft = |kind, payload| Draft { kind, payload, stamp, receipt: 0 };
        let mut drafts = vec![draft(Kind::EPOCH_START, start.to_payload()?)];
        // Her card says where she works, so it is written again at another site.
        if before.as_ref().is_none_or(|before| before.site.as_ref() != Some(&site)) {
            let name = administrator_name;
            let card = PersonCard { id: administrator, name, role: "admin".to_owned(), site };
            drafts.push(draft(PersonCard::KIND, card.to_payload()?));
        }
        Ok(drafts)
    }
}

/// Returns what the file holds, or fresh random bytes that it now holds.
fn kept_or_made<const N: usize>(store: &Store, file: &'static str) -> Result<[u8; N], IdentityError>
where
    [u8; N]: Serialize + for<'de> Deserialize<'de>,
{
    let damaged = |source| IdentityError::Damaged { file, source };
    if let Some(bytes) = store.local().read(file)? {
        return codec::decode(&bytes, N).map_err(damaged);
    }
    let bytes = random()?;
    store.local().write(file, &codec::encode(&bytes, N).map_err(damaged)?)?;
    Ok(bytes)
}

/// Returns fresh random bytes.
///
/// # Errors
///
/// Returns [`IdentityError::NoEntropy`] if the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], IdentityError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(IdentityError::NoEntropy)?;
    Ok(bytes)
}
