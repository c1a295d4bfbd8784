//! What a hub must stand: entries it doesn't know, records that break rules, altered frames, keys
//! that are not, or no longer, good.

use journal::{DeviceSecret, Envelope, Epoch, Frame, Kind, Lane, LogName};
use protocol::{Message, Refused, Why};
use record::{Change, DateTime, FormVersion, Path, RecordId, RecordKey, Value, Write};
use serde_json::{Value as Json, json};

use crate::data;
use crate::rig::{Colony, Hub, Insider, Sender, packed, post};

/// A kind of entry that this version has never heard of.
const UNKNOWN: Kind = Kind(4_711);

#[test]
fn an_entry_of_an_unknown_kind_is_held_receipted_and_remarked_on_by_both_sides() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let before = colony.add_one("incident", &data::incident());
    let payload = Envelope::pack(1, &"from the future".to_owned()).unwrap();
    let dot = Insider::at(&colony, hub.key()).append(UNKNOWN, payload);
    let after = colony.add_one("incident", &data::incident());
    colony.sync();

    assert_eq!(colony.waiting(), 0, "it is receipted like any other");
    assert_eq!(data::ids(&hub.list()), [before, after].into());
    for (whose, findings) in [("hub", hub.findings()), ("colony", colony.findings())] {
        let about = findings.iter().find(|finding| finding["dot"] == json!(dot.to_string()));
        let about = about.unwrap_or_else(|| panic!("the {whose} says only {findings:?}"));
        assert_eq!(about["rule"], "unknown_kind", "{whose}");
    }
    colony.assert_sound();
    hub.assert_sound();
}

#[test]
fn a_record_that_breaks_a_rule_is_held_receipted_and_has_findings_on_both_sides() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add_one("incident", &data::incident());
    let id = RecordId([0x77; 16]);
    {
        let insider = Insider::at(&colony, hub.key());
        let change = impossible_incident(id, insider.identity.enrolment.administrator);
        insider.append(Change::KIND, change.to_payload().unwrap());
    }
    colony.sync();

    assert_eq!(colony.waiting(), 0);
    let id = id.to_string();
    let (here, there) = (colony.show(&id), hub.show(&id));
    assert_eq!(here["custody"], "held");
    assert_eq!(here["state_hash"], there["state_hash"]);
    assert_eq!(here["values"], there["values"]);
    for shown in [&here, &there] {
        let fields: Vec<&str> = shown["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|finding| finding["field"].as_str())
            .collect();
        for field in ["discovered_at", "location_type", "narrative"] {
            assert!(fields.contains(&field), "{field} is remarked on in {fields:?}");
        }
    }
    colony.assert_sound();
    hub.assert_sound();
}

#[test]
fn a_frame_with_one_flipped_bit_is_refused_whole_and_nothing_of_it_is_stored() {
    let hub = Hub::start(&["INST-027"]);
    let (colony, other) = (Colony::enrol(&hub, "INST-027"), Colony::enrol(&hub, "INST-027"));
    colony.add("search", &data::lines(&data::searches(1, 12)));
    {
        let insider = Insider::at(&colony, hub.key());
        let sound = Frame::join(insider.frames(1)).unwrap();
        let bytes = sound.to_bytes().unwrap();
        let mut reasons = Vec::new();
        for part in 0..40 {
            let mut altered = bytes.clone();
            altered[bytes.len() * part / 40] ^= 1 << (part % 8);
            let packed = zstd::bulk::compress(&altered, 3).unwrap();
            reasons.push(refusal(&insider.post(&hub.sync_address(), &[packed])).why);
        }
        assert!(reasons.contains(&Why::Frame), "{reasons:?}");
        // The same of a payload: it names where, and why.
        let text = bytes.windows(7).position(|window| window == b"routine").unwrap();
        let mut altered = bytes;
        altered[text] ^= 1;
        let packed = zstd::bulk::compress(&altered, 3).unwrap();
        let refused = refusal(&insider.post(&hub.sync_address(), &[packed]));
        assert_eq!((refused.why, refused.seq), (Why::Frame, 1));
        assert_eq!(refused.log, Some(insider.identity.site_log()));
        assert!(refused.words.contains("altered"), "{}", refused.words);
    }
    assert!(hub.list().is_empty());
    assert_eq!(entries_held(&hub, 0), 0, "nothing of it is stored");

    other.add("search", &data::lines(&data::searches(2, 3)));
    other.sync();
    assert_eq!(hub.list().len(), 3, "other logs flow on");
    colony.sync();
    assert_eq!(hub.list().len(), 15, "and so does this one, when it is sound");
    colony.assert_sound();
    hub.assert_sound();
}

#[test]
fn a_sound_frame_before_an_altered_one_is_kept() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 4)));
    let sound = Frame::join(Insider::at(&colony, hub.key()).frames(1)).unwrap();
    colony.add("search", &data::lines(&data::searches(2, 4)));
    {
        let insider = Insider::at(&colony, hub.key());
        let mut altered =
            Frame::join(insider.frames(sound.last() + 1)).unwrap().to_bytes().unwrap();
        let middle = altered.len() / 2;
        altered[middle] ^= 4;
        let packed = [sound.to_bytes().unwrap(), altered]
            .map(|bytes| zstd::bulk::compress(&bytes, 3).unwrap());
        let refused = refusal(&insider.post(&hub.sync_address(), &packed));
        assert_eq!((refused.why, refused.seq), (Why::Frame, sound.last() + 1));
    }
    assert_eq!(hub.list().len(), 4);
    colony.sync();
    assert_eq!(hub.list().len(), 8);
    hub.assert_sound();
}

#[test]
fn a_revoked_key_is_refused_with_the_reason_and_nothing_is_stored() {
    let hub = Hub::start(&["INST-027"]);
    let (colony, other) = (Colony::enrol(&hub, "INST-027"), Colony::enrol(&hub, "INST-027"));
    colony.add("search", &data::lines(&data::searches(1, 2)));
    colony.sync();
    let device = colony.status()["device_key"].as_str().unwrap().to_owned();
    hub.command(&["device", "revoke", &device, "--reason", "lost on the road"]).done();
    let before = entries_held(&hub, 0) + entries_held(&hub, 1);

    colony.add("search", &data::lines(&data::searches(2, 2)));
    let ran = colony.command(&["sync"]).ended(4);
    let said = ran.stdout + &ran.stderr;
    assert!(said.contains("revoked") && said.contains("lost on the road"), "{said}");
    assert_eq!(entries_held(&hub, 0) + entries_held(&hub, 1), before);
    assert_eq!(hub.list().len(), 2);
    assert!(2 <= colony.waiting(), "what it recorded stays with it");
    let listed = hub.devices();
    let revoked = listed.iter().find(|item| item["state"] == "revoked").unwrap();
    assert_eq!(revoked["reason"], "lost on the road");

    other.add("search", &data::lines(&data::searches(3, 1)));
    other.sync();
    assert_eq!(hub.list().len(), 3, "other logs flow on");
    hub.assert_sound();
}

#[test]
fn an_unknown_key_is_refused_with_the_reason_and_listed_as_waiting() {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    colony.add("search", &data::lines(&data::searches(1, 2)));
    let stranger = DeviceSecret::from_bytes(&[5; 32]);
    let lane = Lane::Site("INST-027".parse().unwrap());
    let log = LogName { device: stranger.public(), epoch: Epoch([1; 8]), lane };
    let address = hub.sync_address();
    let sender = Sender { secret: &stranger, hub: hub.key(), address: &address, log };
    let stolen = Insider::at(&colony, hub.key()).frames(1);
    let refused = refusal(&post(&sender, &packed(stolen)));
    assert_eq!(refused.why, Why::UnknownDevice);
    assert!(!refused.words.is_empty());

    assert!(hub.list().is_empty(), "nothing of it is stored");
    let key = stranger.public().to_string();
    let listed = hub.devices();
    let waiting: Vec<&Json> = listed.iter().filter(|item| item["state"] == "waiting").collect();
    assert_eq!(waiting.len(), 1, "{listed:?}");
    assert_eq!(waiting[0]["device"], json!(key));
    colony.sync();
    assert_eq!(hub.list().len(), 2, "other logs flow on");
    hub.assert_sound();
}

/// An incident found before it happened, of which most is missing.
fn impossible_incident(id: RecordId, author: record::PersonId) -> Change {
    let write = |field: &str, value| Write { path: Path::field(field), value, replaces: vec![] };
    let at = |text: &str| Value::DateTime(text.parse::<DateTime>().unwrap());
    Change {
        record: RecordKey { site: "INST-027".parse().unwrap(), id },
        form: FormVersion { id: "incident".to_owned(), version: 1 },
        lists: Vec::new(),
        author,
        reason: None,
        urgent: false,
        seen: Vec::new(),
        writes: vec![
            write("discovered_at", at("2025-08-20T00:00:00+06:00")),
            write("kind", Value::Code("DRONE_SIGHTING".to_owned())),
            write("occurred_at", at("2025-08-21T01:27:49+06:00")),
            write("severity", Value::Int(2)),
        ],
    }
}

/// Returns the refusal in an answer; fails if there is none.
fn refusal(answer: &[Message]) -> Refused {
    let refused = answer.iter().find_map(|message| match message {
        Message::Refused(refused) => Some((**refused).clone()),
        Message::Hello(_) | Message::Frame(_) | Message::Continued(_) | Message::Receipt(_) => None,
    });
    refused.unwrap_or_else(|| panic!("nothing was refused: {answer:?}"))
}

/// Returns how many entries of a device the hub holds, in the order in which they were let in.
fn entries_held(hub: &Hub, device: usize) -> u64 {
    let mut devices = hub.devices();
    devices.sort_by_key(|item| item["letter"].to_string());
    let key = devices[device]["device"].as_str().unwrap().to_owned();
    let shown = hub.command(&["device", "show", &key]).done().json();
    shown["logs"].as_array().unwrap().iter().map(|log| log["entries"].as_u64().unwrap()).sum()
}
