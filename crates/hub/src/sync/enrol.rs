//! A device asks to be let in, with a code.

use journal::{DeviceKey, codec};
use protocol::{EnrolAnswer, EnrolRequest};

use super::Port;
use super::routes::Unanswered;
use crate::limits::ENROL_BYTES_MAX;
use crate::truth::{Fault, invitations};

/// Reads the request, decides, commits, answers.
pub(super) async fn answer(
    port: &Port,
    peer: DeviceKey,
    body: &[u8],
) -> Result<Vec<u8>, Unanswered> {
    let request: EnrolRequest =
        codec::decode(body, ENROL_BYTES_MAX).map_err(|_other| Unanswered::Malformed)?;
    let answer = if request.device == peer {
        let mut tx = port.truth.db.begin().await.map_err(Fault::from)?;
        let now_ms = port.truth.clock.now_ms();
        let answer = invitations::redeem(&port.truth, &mut tx, &request, now_ms).await?;
        tx.commit().await.map_err(Fault::from)?;
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
