//! Whether a row of the truth is what was once received or signed, as far as it proves that itself.

use journal::{DeviceKey, EntryId, Frame, Head, LogName, Receipt};

use super::item::Cell;
use super::tables::Table;

/// Returns whether the rows of a table prove themselves by a signature.
pub(super) fn is_signed(table: &Table) -> bool {
    matches!(table.name, "frame" | "quarantine_frame" | "receipt")
}

/// Says what is wrong with a row; rows of tables that hold nothing signed can't be told from others.
pub(super) fn fault(hub: &DeviceKey, table: &Table, row: &[Cell]) -> Option<String> {
    let wrong = match table.name {
        "frame" => FrameRow::read(row).and_then(|frame| frame.judge()).err(),
        "quarantine_frame" => set_aside(row).err(),
        "receipt" => receipt(hub, row).err(),
        _unsigned => None,
    };
    wrong.map(|what| match row {
        [Cell::Int(log), Cell::Int(first), ..] => {
            format!("{}: {log} from entry {first}: {what}", table.name)
        }
        [Cell::Bytes(device), Cell::Int(number), ..] => {
            let device: String = device.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{}: number {number} of device {device}: {what}", table.name)
        }
        _other => format!("{}: {what}", table.name),
    })
}

/// A row of frames.
pub(super) struct FrameRow<'r> {
    pub(super) log: i64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) last_id: EntryId,
    pub(super) prev_id: EntryId,
    pub(super) bytes: &'r [u8],
}

impl<'r> FrameRow<'r> {
    pub(super) fn read(row: &'r [Cell]) -> Result<Self, String> {
        let [
            Cell::Int(log),
            Cell::Int(first),
            Cell::Int(last),
            Cell::Bytes(last_id),
            Cell::Bytes(prev_id),
            Cell::Bytes(bytes),
            ..,
        ] = row
        else {
            return Err("it is no frame".to_owned());
        };
        let (last_id, prev_id) = (id(last_id)?, id(prev_id)?);
        let (log, first, last) = (*log, *first, *last);
        Ok(Self { log, first, last, last_id, prev_id, bytes })
    }

    /// Checks it by itself: its entries, its signature, its place.
    fn judge(&self) -> Result<(), String> {
        let (name, ends) = verified(self.bytes, self.prev_id)?;
        let place = Head { seq: crate::db::from_db(self.last), id: self.last_id };
        if ends != place || name.1 != crate::db::from_db(self.first) {
            return Err("the frame is of another place".to_owned());
        }
        Ok(())
    }
}

/// Returns what log a frame is of, its first entry's number, and where it ends.
fn verified(bytes: &[u8], prev: EntryId) -> Result<((LogName, u64), Head), String> {
    let frame = Frame::from_bytes(bytes).map_err(|fault| fault.to_string())?;
    let entries = frame.verify(prev).map_err(|fault| fault.to_string())?;
    let last = entries.last().ok_or("the frame is empty")?;
    Ok(((frame.log, frame.first), Head { seq: last.header.seq, id: last.id }))
}

fn set_aside(row: &[Cell]) -> Result<(), String> {
    let [_item, _first, Cell::Bytes(last_id), Cell::Bytes(prev_id), Cell::Bytes(bytes), ..] = row
    else {
        return Err("it is no frame".to_owned());
    };
    let (_name, ends) = verified(bytes, id(prev_id)?)?;
    let fits = ends.id == id(last_id)?;
    if fits { Ok(()) } else { Err("the frame is of another place".to_owned()) }
}

fn receipt(hub: &DeviceKey, row: &[Cell]) -> Result<(), String> {
    let [Cell::Bytes(device), Cell::Int(number), _at, Cell::Bytes(bytes), ..] = row else {
        return Err("it is no receipt".to_owned());
    };
    let receipt = Receipt::from_bytes(bytes).map_err(|error| error.to_string())?;
    receipt.verify(hub).map_err(|error| error.to_string())?;
    let fits =
        receipt.device.0.as_slice() == device && receipt.number == crate::db::from_db(*number);
    if fits { Ok(()) } else { Err("the receipt is of another place".to_owned()) }
}

fn id(bytes: &[u8]) -> Result<EntryId, String> {
    bytes.try_into().map(EntryId).map_err(|_other| "an id is damaged".to_owned())
}
