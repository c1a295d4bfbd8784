//! Letting this machine in: its key is made here and never leaves; the code says where the hub is.

use journal::codec;
use protocol::{EnrolAnswer, EnrolRequest, Invitation};
use record::PersonId;
use store::Store;

use crate::clock;
use crate::identity::{Enrolment, Identity, IdentityError, random};
use crate::sync::{Link, LinkError};

/// Bytes of an enrolment message: names and codes are short.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// The machine was not let in.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// It is in already.
    #[error("this machine is enrolled already, as {name} of {site}")]
    Already {
        /// Its name.
        name: String,
        /// Its site.
        site: String,
    },
    /// The hub said no.
    #[error("the hub refused: {0}")]
    Refused(String),
    /// The hub did not answer.
    #[error("{0}; the code stays good until it expires: try again when the link is up")]
    Unreachable(String),
    /// This machine's own disk or system failed.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// Enrols this machine with the hub that `invitation` names, for the person `administrator`.
///
/// An enrolment whose answer was lost is repeated with the same key, and the hub answers the same.
///
/// # Errors
///
/// Returns [`EnrolError`] if the machine was not let in.
pub async fn enrol(
    store: &Store,
    invitation: &Invitation,
    administrator: &str,
) -> Result<Identity, EnrolError> {
    if let Some(identity) = Identity::load(store)? {
        let Enrolment { name, site, .. } = identity.enrolment;
        return Err(EnrolError::Already { name, site: site.to_string() });
    }
    let (secret, epoch) = Identity::prepare(store)?;
    let request = EnrolRequest {
        token: invitation.token,
        device: secret.public(),
        epoch,
        name: String::new(),
    };
    let unreachable = |error: LinkError| EnrolError::Unreachable(error.to_string());
    let unreadable = |error: codec::CodecError| EnrolError::Unreachable(error.to_string());
    let body = codec::encode(&request, MESSAGE_BYTES_MAX).map_err(unreadable)?;
    let link = Link::new(&secret, invitation.hub, &invitation.address).map_err(unreachable)?;
    let answer = link.post("/v1/enrol", body).await.map_err(unreachable)?;
    let answer: EnrolAnswer = codec::decode(&answer.body, MESSAGE_BYTES_MAX).map_err(unreadable)?;
    let (site, predecessors, name, letter, publishes) = match answer {
        EnrolAnswer::Welcome { site, predecessors, name, letter, publishes, .. } => {
            (site, predecessors, name, letter, publishes)
        }
        EnrolAnswer::Refused { words } => return Err(EnrolError::Refused(words)),
    };
    let enrolment = Enrolment {
        hub: invitation.hub,
        address: invitation.address.clone(),
        site,
        predecessors,
        name,
        letter,
        publishes,
        administrator: PersonId(random()?),
        administrator_name: administrator.to_owned(),
        enrolled_ms: clock::now_ms(),
    };
    Identity::enrolled(store, &enrolment)?;
    let identity = Identity { secret, epoch, enrolment };
    identity.open_log(store)?;
    Ok(identity)
}
