//! Making logs whole again that lost entries or their own row: each ends where its chain does, what
//! is sound behind a hole is set aside, and the facts of the hub are read from its own lanes.

use journal::{DeviceKey, EntryId, EpochStart, Frame, Head, Kind, Lane};
use protocol::Keep;
use record::PersonCard;

use super::BackupFault;
use super::rescue::Rescued;
use crate::clock::Moment;
use crate::db::{self, Tx, to_db};
use crate::truth::logs::{self, Log};
use crate::truth::quarantine::{self, QuarantineError};
use crate::truth::{ADMINISTRATOR, EPOCH, Fault, SITE, fact, forks, frames};

/// Mends all that was saved.
pub(super) async fn all(
    tx: &mut Tx,
    hub: &DeviceKey,
    rescued: &mut Rescued,
) -> Result<(), BackupFault> {
    missing_rows(tx, rescued).await?;
    let mut rows = logs::all(tx).await?;
    // A branch is judged when what it continues was.
    rows.sort_by_key(|log| (log.parent.is_some(), log.first));
    for log in rows {
        whole(tx, &log, rescued).await?;
    }
    forks::index_anew(tx).await?;
    facts(tx, hub, rescued).await
}

/// Makes rows for logs whose frames name them.
async fn missing_rows(tx: &mut Tx, rescued: &mut Rescued) -> Result<(), BackupFault> {
    let select = "SELECT DISTINCT f.log FROM frame AS f LEFT JOIN log AS l ON l.id = f.log \
                  WHERE l.id IS NULL";
    let numbers: Vec<i64> = db::query_scalar(select).fetch_all(tx).await?;
    for number in numbers {
        let rows = frames_from(tx, number, 0).await?;
        let Some((keep, arrived)) = rows.first() else { continue };
        let name = &keep.frame.log;
        let begins = keep.frame.first == 1 && keep.prev == Head::empty(name.id()).id;
        let (Some(first), Some(last), true) = (keep.entries.first(), keep.entries.last(), begins)
        else {
            set_aside(tx, number, 0, rescued).await?;
            continue;
        };
        let is_start = first.header.kind == Kind::EPOCH_START;
        let start = first.bytes().filter(|_| is_start);
        let site = start.and_then(|start| EpochStart::from_payload(start).ok());
        let insert = "INSERT INTO log (id, log_id, device, epoch, lane, site, start, first, \
                      first_id, prev_id, head_seq, head_id, begun_ms) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11, $12)";
        db::query(insert)
            .bind(number)
            .bind(name.id().0)
            .bind(name.device.0)
            .bind(name.epoch.0)
            .bind(name.lane.to_string())
            .bind(site.map(|start| start.site.to_string()))
            .bind(start.map(<[u8]>::to_vec))
            .bind(first.id.0)
            .bind(keep.prev.0)
            .bind(to_db(last.header.seq))
            .bind(last.id.0)
            .bind(arrived.ms)
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// Lets a log end where its chain does.
async fn whole(tx: &mut Tx, log: &Log, rescued: &mut Rescued) -> Result<(), BackupFault> {
    let root = Head { seq: log.first.saturating_sub(1), id: log.prev };
    let mut head = root;
    let mut behind: Option<u64> = None;
    if is_rooted(tx, log, root).await? {
        frames::each_stored(tx, log.number, |stored| {
            let continues = stored.first == head.seq + 1
                && stored.ids().is_ok_and(|(prev, _last)| prev == head.id);
            match stored.ids() {
                Ok((_prev, last_id)) if continues && behind.is_none() => {
                    head = Head { seq: stored.last, id: last_id };
                }
                Ok(_) | Err(_) => behind = behind.or(Some(stored.first)),
            }
        })
        .await?;
    } else {
        behind = Some(0);
    }
    let to = behind.map_or(log.head.seq, |first| first.saturating_sub(1));
    if head.seq < to {
        let missing = format!("{}: entries {} to {to} are lost", named(log), head.seq + 1);
        rescued.lost.push(missing);
    }
    if let Some(first) = behind {
        set_aside(tx, log.number, first, rescued).await?;
    }
    if head == root {
        db::query("DELETE FROM log WHERE id = $1").bind(log.number).execute(tx).await?;
    } else if head != log.head {
        logs::advance(tx, log.number, head).await?;
    }
    Ok(())
}

/// Returns whether the entry that a branch continues is held.
async fn is_rooted(tx: &mut Tx, log: &Log, root: Head) -> Result<bool, BackupFault> {
    let Some(parent) = log.parent else { return Ok(root == Head::empty(log.name.id())) };
    let select = "SELECT COUNT(*) FROM log WHERE id = $1 AND first <= $2 AND head_seq >= $2";
    let held: i64 =
        db::query_scalar(select).bind(parent).bind(to_db(root.seq)).fetch_one(tx).await?;
    if held == 0 {
        return Ok(false);
    }
    let parent = logs::by_number(tx, parent).await?;
    Ok(frames::id_at(tx, &parent, root.seq).await? == Some(root.id))
}

/// Moves the frames of a log from a number on into quarantine.
async fn set_aside(
    tx: &mut Tx,
    number: i64,
    from: u64,
    rescued: &mut Rescued,
) -> Result<(), BackupFault> {
    for (keep, arrived) in frames_from(tx, number, from).await? {
        let (first, last) = (keep.frame.first, keep.entries.last().map(|last| last.header.seq));
        let what = format!(
            "{}: entries {first} to {} follow nothing that is held",
            keep.frame.log.device,
            last.unwrap_or(first)
        );
        match quarantine::set_aside(tx, &keep, arrived).await {
            Ok(()) => rescued.set_aside.push(what),
            Err(QuarantineError::Fault(fault)) => return Err(fault.into()),
            Err(full) => rescued.lost.push(format!("{what}, and can't be set aside ({full})")),
        }
    }
    let delete = "DELETE FROM frame WHERE log = $1 AND first >= $2";
    db::query(delete).bind(number).bind(to_db(from)).execute(tx).await?;
    Ok(())
}

/// Returns the frames of a log from a number on; each was found sound before.
async fn frames_from(
    tx: &mut Tx,
    number: i64,
    from: u64,
) -> Result<Vec<(Keep, Moment)>, BackupFault> {
    let select = "SELECT prev_id, bytes, arrived_ms, clock FROM frame WHERE log = $1 AND first >= $2 \
                  ORDER BY first";
    type Columns = (Vec<u8>, Vec<u8>, i64, Option<Vec<u8>>);
    let rows: Vec<Columns> =
        db::query_as(select).bind(number).bind(to_db(from)).fetch_all(tx).await?;
    let read = |(prev, bytes, arrived_ms, clock): Columns| {
        let prev = EntryId(crate::truth::fault::array("an entry's id", prev)?);
        let frame = Frame::from_bytes(&bytes)?;
        let entries = frame.verify(prev)?;
        let arrived = Moment::of_columns(arrived_ms, clock.as_deref());
        Ok::<_, Fault>((Keep { frame, entries, prev }, arrived))
    };
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Reads the facts of the hub from its own lanes, where their rows are lost.
async fn facts(tx: &mut Tx, hub: &DeviceKey, rescued: &mut Rescued) -> Result<(), BackupFault> {
    let everyone = logs::starts(tx, hub).await?.into_iter();
    let mut everyone: Vec<Log> =
        everyone.filter(|log| log.name.lane == Lane::Everyone && log.start.is_some()).collect();
    everyone.sort_by_key(|log| log.start.as_ref().map_or(0, |start| start.count));
    let (Some(first), Some(newest)) = (everyone.first(), everyone.last()) else {
        return Ok(());
    };
    let site = newest.start.as_ref().map(|start| start.site.as_str().as_bytes().to_vec());
    let founder = frames::entries_from(tx, first, 1, 2).await?.into_iter().find_map(|arrived| {
        let is_card = arrived.entry.header.kind == PersonCard::KIND;
        let payload = arrived.entry.bytes().filter(|_| is_card)?;
        PersonCard::from_payload(payload).ok().map(|card| card.id.0.to_vec())
    });
    // Whose turn it is says nothing once nobody writes.
    rescued.lost.retain(|what| !what.starts_with("meta: key turn/"));
    let facts =
        [(EPOCH, Some(newest.name.epoch.0.to_vec())), (SITE, site), (ADMINISTRATOR, founder)];
    for (key, value) in facts {
        let (None, Some(value)) = (fact(tx, key).await?, value) else { continue };
        let insert = "INSERT INTO meta (key, value) VALUES ($1, $2)";
        db::query(insert).bind(key).bind(value).execute(tx).await?;
        tracing::info!(key, "read from the hub's own lane");
        rescued.rows += 1;
        rescued.lost.retain(|what| *what != format!("meta: key {key} can't be read"));
    }
    Ok(())
}

fn named(log: &Log) -> String {
    format!("device {} epoch {} {}", log.name.device, log.name.epoch, log.name.lane)
}
