//! A device asks to be let in, with a code.

use journal::{DeviceKey, codec};
use protocol::{EnrolAnswer, EnrolRequest};

use super::Port;
use super::routes::Unanswered;
use crate::limits::ENROL_BYTES_MAX;
use crate::truth::turns::retry;
use crate::truth::{Fault, Truth, hub_time, invitations};

/// Reads the request, decides, commits, answers.
pub(super) async fn answer(
    port: &Port,
    peer: DeviceKey,
    body: &[u8],
) -> Result<Vec<u8>, Unanswered> {
    let request: EnrolRequest =
        codec::decode(body, ENROL_BYTES_MAX).map_err(|_other| Unanswered::Malformed)?;
    let answer = if request.device == peer {
        let answer = retry(|| redeem(&port.truth, &request)).await?;
        port.kept.notify_one();
        answer
    } else {
        let words = "the request names another device than the connection".to_owned();
        EnrolAnswer::Refused { words }
    };
    match &answer {
        EnrolAnswer::Welcome { site, letter, .. } => {
            tracing::info!(device = %peer.short(), %site, letter, "a device was let in");
        }
        EnrolAnswer::Refused { words } => {
            tracing::warn!(device = %peer.short(), words, "a device was not let in");
        }
    }
    Ok(codec::encode(&answer, ENROL_BYTES_MAX).map_err(Fault::from)?)
}

async fn redeem(truth: &Truth, request: &EnrolRequest) -> Result<EnrolAnswer, Fault> {
    hub_time::look(truth).await?;
    let mut tx = truth.db.begin().await?;
    let answer = invitations::redeem(truth, &mut tx, request, truth.clock.now()).await?;
    tx.commit().await?;
    Ok(answer)
}
