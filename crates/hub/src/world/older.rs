//! For tests: databases as older software left them, written by statements.

use std::collections::BTreeSet;

use journal::{
    DeviceSecret, Draft, Epoch, EpochStart, Frame, Head, Kind, Lane, LogName, Seed, Stamp, Writer,
};
use record::{PersonCard, PersonId};

use super::{Device, Sent, change, code, incident, key};
use crate::db::{self, Conn, Db, Place, to_db};

/// A database of an older layout.
pub(crate) struct Older {
    pub(crate) db: Db,
    /// The log of its device.
    pub(crate) log: LogName,
    /// Every entry of that log, and where its branches end.
    pub(crate) entries: BTreeSet<(u64, [u8; 32])>,
    pub(crate) heads: BTreeSet<(u64, [u8; 32])>,
}

/// The key of the hub in every such database.
pub(crate) fn secret() -> DeviceSecret {
    DeviceSecret::from_bytes(&[200; 32])
}

/// Makes a database of a hub with one device, of the layout with this number.
pub(crate) async fn hub(place: &Place, layout: i64) -> Older {
    let db = Db::make_older(place, layout).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    for (name, value) in [
        ("hub_epoch", [3; 8].to_vec()),
        ("hub_site", b"INST-000".to_vec()),
        ("administrator", vec![1; 16]),
    ] {
        let insert = "INSERT INTO meta (key, value) VALUES ($1, $2)";
        db::query(insert).bind(name).bind(value).execute(&mut tx).await.unwrap();
    }
    let frame = founding();
    let name = frame.log.clone();
    let prev = Head::empty(name.id()).id;
    let number = log(&mut tx, 1, &name, &[Sent { frame, prev, dots: Vec::new() }]).await;
    assert_eq!(number, 1);
    let mut device = Device::new("INST-027", 5);
    let insert = "INSERT INTO device (key, name, letter, site, publishes, state, enrolled_ms) \
                  VALUES ($1, 'Laptop', 'A', 'INST-027', FALSE, 'active', 7)";
    db::query(insert).bind(device.key().0).execute(&mut tx).await.unwrap();
    let mut older = Older {
        db: db.clone(),
        log: device.log().clone(),
        entries: BTreeSet::new(),
        heads: BTreeSet::new(),
    };
    let start = device.begin();
    let record = device.write(vec![new_record(1)]);
    log(&mut tx, 2, &older.log, &[start.clone(), record.clone()]).await;
    older.took(&[start, record]);
    older.ends(&device);
    tx.commit().await.unwrap();
    older
}

/// Makes one whose device wrote its log four times: after entry 3 twice, after the second branch's
/// first entry again, and once in a frame that repeats what was there.
pub(crate) async fn forked_hub(place: &Place) -> Older {
    let db = Db::make_older(place, 8).await.unwrap();
    db.close().await;
    let mut older = hub(place, 8).await;
    let mut device = Device::new("INST-027", 5);
    device.begin();
    device.write(vec![new_record(1)]);
    let fork = device.head();
    let mut tx = older.db.begin().await.unwrap();
    // The first branch goes on in a frame of its own.
    let mut one = device.twin();
    let more = one.write(vec![new_record(2), new_record(3)]);
    frame(&mut tx, "frame", &[2], &more).await;
    let update = "UPDATE log SET head_seq = $1, head_id = $2 WHERE id = 2";
    let head = one.head();
    db::query(update).bind(to_db(head.seq)).bind(head.id.0).execute(&mut tx).await.unwrap();
    older.heads.clear();
    older.took(&[more]);
    older.ends(&one);
    // A second one, in two frames.
    let mut two = device.twin();
    let second = two.write(vec![new_record(4)]);
    let mut shared = two.twin();
    let third = two.write(vec![new_record(5), new_record(6)]);
    frame(&mut tx, "branch", &[2, 2], &second).await;
    frame(&mut tx, "branch", &[2, 2], &third).await;
    older.took(&[second.clone(), third]);
    older.ends(&two);
    // A third one, which has the beginning of the second and was stored with it.
    let rest = shared.write(vec![new_record(7)]);
    let joined = Frame::join(vec![second.frame.clone(), rest.frame.clone()]).unwrap();
    let whole = Sent { frame: joined, prev: second.prev, dots: Vec::new() };
    frame(&mut tx, "branch", &[2, 3], &whole).await;
    older.took(&[whole]);
    older.ends(&shared);
    // A fourth one, whose frame repeats an entry of the first branch.
    let mut four = Device::new("INST-027", 5);
    let start = four.begin();
    let again = four.write(vec![new_record(1)]);
    assert_eq!(four.head(), fork);
    let other = four.write(vec![new_record(8)]);
    let joined = Frame::join(vec![again.frame, other.frame]).unwrap();
    let prev = start.frame.rebuild(start.prev).unwrap().last().unwrap().id;
    let whole = Sent { frame: joined, prev, dots: Vec::new() };
    frame(&mut tx, "branch", &[2, 4], &whole).await;
    older.took(&[whole]);
    older.ends(&four);
    tx.commit().await.unwrap();
    older
}

fn new_record(id: u8) -> (Kind, Vec<u8>) {
    change(&key("INST-027", id), incident(&format!("Record {id}")), &[])
}

impl Older {
    fn took(&mut self, sent: &[Sent]) {
        for Sent { frame, prev, .. } in sent {
            let entries = frame.rebuild(*prev).unwrap();
            self.entries.extend(entries.iter().map(|entry| (entry.header.seq, entry.id.0)));
        }
    }

    fn ends(&mut self, device: &Device) {
        self.heads.insert((device.head().seq, device.head().id.0));
    }
}

/// The hub's first words to everyone.
fn founding() -> Frame {
    let log = LogName { device: secret().public(), epoch: Epoch([3; 8]), lane: Lane::Everyone };
    let start = EpochStart {
        site: code("INST-000"),
        predecessors: Vec::new(),
        opened_at_ms: 0,
        count: 1,
        previous: None,
        abandoned: None,
    };
    let founder = PersonCard {
        id: PersonId([1; 16]),
        name: "Administrator".to_owned(),
        role: "administrator".to_owned(),
        site: code("INST-000"),
    };
    let payloads = [
        (Kind::EPOCH_START, start.to_payload().unwrap()),
        (PersonCard::KIND, founder.to_payload().unwrap()),
    ];
    let draft = |(kind, payload)| Draft { kind, payload, stamp: Stamp::default(), receipt: 0 };
    let drafts = payloads.into_iter().map(draft).collect();
    let head = Head::empty(log.id());
    Writer::resume(log, head).append(drafts, &[Seed([4; 32])], &secret()).remove(0)
}

/// Writes a log with its frames, as every layout before 9 has it.
async fn log(conn: &mut Conn, number: i64, name: &LogName, sent: &[Sent]) -> i64 {
    let last = sent.last().unwrap();
    let last = last.frame.rebuild(last.prev).unwrap().pop().unwrap();
    let start = sent[0].frame.rebuild(sent[0].prev).unwrap().remove(0);
    let insert = "INSERT INTO log (id, log_id, device, epoch, lane, site, start, head_seq, head_id) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let site = EpochStart::from_payload(start.bytes().unwrap()).unwrap().site;
    db::query(insert)
        .bind(number)
        .bind(name.id().0)
        .bind(name.device.0)
        .bind(name.epoch.0)
        .bind(name.lane.to_string())
        .bind(site.as_str())
        .bind(start.bytes().unwrap())
        .bind(to_db(last.header.seq))
        .bind(last.id.0)
        .execute(conn)
        .await
        .unwrap();
    for sent in sent {
        frame(conn, "frame", &[number], sent).await;
    }
    number
}

/// Writes a frame into one of the two tables, whose keys begin with these numbers.
async fn frame(conn: &mut Conn, table: &'static str, keys: &[i64], sent: &Sent) {
    let last = sent.frame.rebuild(sent.prev).unwrap().pop().unwrap();
    let columns = if table == "frame" { "log" } else { "log, branch" };
    let mut query = db::Builder::new("INSERT INTO ");
    query.push(table).push(" (").push(columns);
    query.push(", first, last, last_id, prev_id, bytes, arrived_ms) VALUES (");
    let mut values = query.separated();
    for key in keys {
        values.push_bind(*key);
    }
    values.push_bind(to_db(sent.frame.first)).push_bind(to_db(last.header.seq));
    values.push_bind(last.id.0).push_bind(sent.prev.0);
    values.push_bind(sent.frame.to_bytes().unwrap()).push_bind(5_000);
    query.push(")");
    query.build().execute(conn).await.unwrap();
}
