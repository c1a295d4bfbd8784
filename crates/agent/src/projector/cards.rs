//! Who persons, devices and sites are. Within one log the newest says; each log keeps its say.

use journal::{Binding, DeviceKey, Entry, LogName};
use record::{PersonCard, SiteCard};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Fault, View};

use super::rows;

/// Keeps what the hub says of a device; `None` if it can't be read.
///
/// Nobody else vouches for a device: the same words in another's log say nothing.
pub(super) fn binding(
    view: &mut dyn View,
    (log, hub): (&LogName, &DeviceKey),
    entry: &Entry,
    payload: &[u8],
) -> Result<Option<()>, Fault> {
    let Ok(binding) = Binding::from_payload(payload) else { return Ok(None) };
    if log.device != *hub {
        return Ok(Some(()));
    }
    let key = rows::said_key(&binding.device.0, entry.log);
    newest(view, rows::BINDINGS, key, (entry.header.seq, binding))
}

/// Keeps a person's card; `None` if it can't be read.
pub(super) fn person(
    view: &mut dyn View,
    log: &LogName,
    entry: &Entry,
    payload: &[u8],
) -> Result<Option<()>, Fault> {
    let Ok(card) = PersonCard::from_payload(payload) else { return Ok(None) };
    let key = rows::said_key(&card.id.0, log.id());
    newest(view, rows::PERSONS, key, (entry.header.seq, card))
}

/// Keeps what the hub says of a site; `None` if it can't be read.
pub(super) fn site(
    view: &mut dyn View,
    (log, hub): (&LogName, &DeviceKey),
    entry: &Entry,
    payload: &[u8],
) -> Result<Option<()>, Fault> {
    let Ok(card) = SiteCard::from_payload(payload) else { return Ok(None) };
    if log.device != *hub {
        return Ok(Some(()));
    }
    let code = [card.code.as_str().as_bytes(), &[0]].concat();
    let key = rows::said_key(&code, entry.log);
    newest(view, rows::SITES, key, (entry.header.seq, card))
}

fn newest<T: Serialize + DeserializeOwned>(
    view: &mut dyn View,
    table: u8,
    key: Vec<u8>,
    said: (u64, T),
) -> Result<Option<()>, Fault> {
    let before: Option<(u64, T)> = rows::get(view, table, &key)?;
    if before.is_some_and(|(seq, _card)| said.0 <= seq) {
        return Ok(Some(()));
    }
    Ok(rows::put(view, table, key, &said))
}
