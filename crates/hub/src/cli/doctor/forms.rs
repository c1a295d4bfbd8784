//! A look at what was published: whether this software can use all of it.

use terminal::Check;

use crate::tables;
use crate::truth::Truth;

/// Looks for published versions that only newer software can use.
pub(super) async fn forms(truth: &Truth) -> Result<Check, String> {
    let mut conn = truth.db.read().await.map_err(|error| error.to_string())?;
    let catalogue = tables::catalogue(&mut conn).await.map_err(|fault| fault.to_string())?;
    let unread = catalogue.unread().iter();
    let unread: Vec<String> =
        unread.map(|it| format!("{} {} version {}", it.subject, it.name, it.version)).collect();
    Ok(if unread.is_empty() {
        let (forms, lists) = (catalogue.forms().count(), catalogue.lists().count());
        Check::ok("forms", format!("{forms} forms and {lists} lists can be used"))
    } else {
        let remedy = "install newer software; until then the versions before go on";
        Check::warn("forms", format!("this software can't use {}", unread.join(", ")), remedy)
    })
}
