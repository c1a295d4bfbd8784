//! What waits for a reviewer: how much of it there is, and which record comes next.

use pages::Shortcut;
use record::{RecordKey, RecordView, ReviewState};

use crate::db::Conn;
use crate::read::{self, Query, ViewError};
use crate::tables::search;

/// States of the review in which somebody at the centre, or at the site, has something to do.
const STATES: [ReviewState; 5] = [
    ReviewState::Submitted,
    ReviewState::Resubmitted,
    ReviewState::ChangedAfterAcceptance,
    ReviewState::OnHold,
    ReviewState::Returned,
];

/// Those in which the centre has to decide.
const UNDECIDED: [ReviewState; 3] =
    [ReviewState::Submitted, ReviewState::Resubmitted, ReviewState::ChangedAfterAcceptance];

/// Records looked at for the next one: enough to get past those that are void.
const LOOK_AHEAD: u32 = 50;

/// Returns how many records wait in each state, and how many have a conflict; no line for none.
pub(super) async fn shortcuts(conn: &mut Conn) -> Result<Vec<Shortcut>, ViewError> {
    let waiting = read::waiting(conn).await?;
    let shortcut = |state: ReviewState| {
        let number = waiting.states.get(state.word()).copied().unwrap_or(0);
        Shortcut { state: Some(state.word()), number }
    };
    let mut shortcuts: Vec<Shortcut> = STATES.into_iter().map(shortcut).collect();
    shortcuts.push(Shortcut { state: None, number: waiting.conflicts });
    shortcuts.retain(|shortcut| shortcut.number != 0);
    Ok(shortcuts)
}

/// Returns the record that is to be decided on after this one: the next older one that is not void,
/// or else the newest, so that somebody who leaves one out does not come back to it at once.
pub(super) async fn next(
    conn: &mut Conn,
    key: &RecordKey,
    view: &RecordView,
) -> Result<Option<RecordKey>, ViewError> {
    let state = view.review.state.parse::<ReviewState>().ok();
    let own = state.filter(|state| UNDECIDED.contains(state));
    let others = UNDECIDED.into_iter().filter(|state| Some(*state) != own);
    let occurred_ms = view.occurred_at.as_deref().and_then(search::instant_ms).unwrap_or(0);
    let here = format!("{occurred_ms}:{key}");
    for state in own.into_iter().chain(others) {
        let query = Query { state: Some(state.word().to_owned()), ..Query::default() };
        for cursor in [Some(here.as_str()), None] {
            let page = read::page(conn, &query, cursor, LOOK_AHEAD).await?;
            let mut rows = page.rows.into_iter().zip(page.voided);
            let next = rows.find(|((other, _row), voided)| other != key && !voided);
            if let Some(((next, _row), _voided)) = next {
                return Ok(Some(next));
            }
        }
    }
    Ok(None)
}
