//! Why something may not be said about a record, or changed in it.

use pages::Lang;
use record::ReviewRefusal;

use super::list::state;
use super::words;

/// Returns what to tell whoever was refused.
pub(crate) fn refusal(lang: Lang, refusal: &ReviewRefusal) -> String {
    let w = words(lang);
    match refusal {
        ReviewRefusal::NotNow { state: now, step: _ } => {
            w.with("refused-now", &state(w, now.word()))
        }
        ReviewRefusal::NoReason => w.t("refused-reason"),
        ReviewRefusal::NothingNew => w.t("refused-nothing-new"),
        ReviewRefusal::NoRemark
        | ReviewRefusal::TooLong
        | ReviewRefusal::OfItself
        | ReviewRefusal::OpenConflict
        | ReviewRefusal::ToComplete
        | ReviewRefusal::FirstMissing
        | ReviewRefusal::TooMany
        | ReviewRefusal::EmptyRemark(_) => refusal.words(lang.into()),
    }
}
