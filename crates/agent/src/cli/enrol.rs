//! Letting this machine in.

use serde_json::json;
use tokio::runtime::Runtime;

use super::screen::Screen;
use crate::config::Config;
use crate::desk::{catalogues, open_store, pin};
use crate::enrol::{self, EnrolError};
use crate::identity::Identity;
use crate::problem::{Cause, Problem};

/// Enrols this machine with the hub that the code names.
pub(super) fn enrol(
    runtime: &Runtime,
    config: &Config,
    (code, administrator): (&str, &str),
    screen: &Screen,
) -> Result<u8, Problem> {
    let invitation: protocol::Invitation =
        code.trim().parse().map_err(|error: protocol::MalformedInvitation| {
            Problem::new(Cause::Usage, error.to_string())
        })?;
    let store = open_store(&config.data, invitation.hub, &catalogues()?)?;
    if Identity::load(&store)?.is_none() {
        pin(&config.data, &invitation.hub)?;
    }
    let enrolled = runtime.block_on(enrol::enrol(&store, &invitation, administrator))?;
    let (enrolment, key) = (&enrolled.enrolment, enrolled.device());
    if screen.is_json() {
        screen.json(&json!({
            "device": enrolment.name, "device_key": key.to_string(),
            "site": enrolment.site.to_string(), "letter": enrolment.letter,
        }));
    } else {
        screen.out(&format!("enrolled as {} of {}", enrolment.name, enrolment.site));
    }
    Ok(0)
}

impl From<EnrolError> for Problem {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Identity(error) => error.into(),
            EnrolError::Already { .. } => Self::new(Cause::Refused, error.to_string()),
            EnrolError::Refused(_) | EnrolError::Unreachable(_) => {
                Self::new(Cause::Hub, error.to_string())
            }
        }
    }
}
