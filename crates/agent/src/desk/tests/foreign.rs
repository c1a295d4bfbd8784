//! What becomes of entries that others wrote: the hub, a device of the site, a device of another.

use journal::{
    Binding, BindingState, DeviceSecret, Epoch, EpochStart, Head, Kind, Lane, LogName, Seed,
    SiteCode, Writer,
};
use record::{FormVersion, PersonCard, RecordKey, Value, Write};

use super::*;

/// A device that writes elsewhere.
pub(super) struct Foreign {
    secret: DeviceSecret,
    writer: Writer,
}

impl Foreign {
    /// Writes to the lane of our site, as a device of `site`.
    pub(super) fn new(seed: u8, machine: &Machine, site: &str) -> Self {
        let secret = DeviceSecret::from_bytes(&[seed; 32]);
        let lane = Lane::Site("INST-027".parse().unwrap());
        let log = LogName { device: secret.public(), epoch: Epoch([seed; 8]), lane };
        let head = Head::empty(log.id());
        let mut device = Self { secret, writer: Writer::resume(log, head) };
        let start = EpochStart {
            site: site.parse().unwrap(),
            predecessors: Vec::new(),
            opened_at_ms: 0,
            count: 1,
            previous: None,
            abandoned: None,
        };
        device.send(machine, Kind::EPOCH_START, start.to_payload().unwrap());
        device
    }

    pub(super) fn send(&mut self, machine: &Machine, kind: Kind, payload: Vec<u8>) {
        let stamp = Stamp { claimed_ms: 1_000, ..Stamp::default() };
        let draft = Draft { kind, payload, stamp, receipt: 0 };
        let frames = self.writer.append(vec![draft], &[Seed([5; 32]), Seed([6; 32])], &self.secret);
        machine.desk().store().keep(frames).unwrap();
    }

    /// Writes `count` of the search that [`ID`] names, having seen nothing.
    pub(super) fn write(&mut self, machine: &Machine, count: i64) {
        let value = Value::Int(count);
        let change = Change {
            record: RecordKey { site: "INST-027".parse().unwrap(), id: ID.parse().unwrap() },
            form: FormVersion { id: "search".to_owned(), version: 1 },
            lists: Vec::new(),
            author: PersonId([8; 16]),
            reason: None,
            urgent: false,
            seen: Vec::new(),
            writes: vec![Write { path: record::Path::field("count"), value, replaces: Vec::new() }],
        };
        self.send(machine, Change::KIND, change.to_payload().unwrap());
    }
}

fn binding(device: &Foreign, state: BindingState) -> Vec<u8> {
    let site: SiteCode = "INST-027".parse().unwrap();
    let binding = Binding {
        device: device.secret.public(),
        name: "gate".to_owned(),
        letter: "B".to_owned(),
        site,
        predecessors: Vec::new(),
        publishes: false,
        state,
    };
    binding.to_payload().unwrap()
}

#[test]
fn a_change_of_another_device_of_the_site_stands_against_ours() {
    let machine = Machine::new();
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    let mut hub = Foreign::new(9, &machine, "CENTRE");
    let mut gate = Foreign::new(3, &machine, "INST-027");
    hub.send(&machine, Kind::BINDING, binding(&gate, BindingState::Active));
    let card = PersonCard {
        id: PersonId([8; 16]),
        name: "Бакыт".to_owned(),
        role: "recorder".to_owned(),
        site: "INST-027".parse().unwrap(),
    };
    gate.send(&machine, PersonCard::KIND, card.to_payload().unwrap());
    gate.write(&machine, 4);
    let record = machine.show(ID);
    let values = record["conflicts"][0]["values"].as_array().unwrap();
    assert_eq!(values.len(), 2);
    assert_eq!((&values[1]["author"], &values[1]["device"]), (&json!("Бакыт"), &json!("gate")));
    // Ours waits for the hub; theirs came through it.
    assert_eq!(record["custody"], "saved");
    machine.amend(ID, json!({"count": 4}), None);
    assert_eq!(machine.show(ID)["conflicts"], json!([]));
}

#[test]
fn only_the_hub_vouches_for_a_device_and_its_newest_word_holds() {
    let machine = Machine::new();
    let mut hub = Foreign::new(9, &machine, "CENTRE");
    let mut gate = Foreign::new(3, &machine, "INST-027");
    let key = gate.secret.public();
    let is_bound = || crate::sync::Desk::is_bound(machine.desk(), &key);
    let vouched = binding(&gate, BindingState::Active);
    gate.send(&machine, Kind::BINDING, vouched.clone());
    assert!(!is_bound());
    assert_eq!(machine.status()["findings"][0]["rule"], "not_its_word");
    hub.send(&machine, Kind::BINDING, vouched);
    assert!(is_bound());
    let revoked = BindingState::Revoked { reason: "lost".to_owned() };
    hub.send(&machine, Kind::BINDING, binding(&gate, revoked));
    assert!(is_bound(), "what it wrote before is still taken");
}

#[test]
fn a_contact_that_brings_nothing_new_waits_for_nobody() {
    let machine = Machine::new();
    let mut hub = Foreign::new(9, &machine, "CENTRE");
    let desk = machine.shared();
    let (device, enrolment) = (desk.identity().device(), desk.identity().enrolment.clone());
    let binding = Binding {
        device,
        name: enrolment.name,
        letter: enrolment.letter,
        site: enrolment.site,
        predecessors: Vec::new(),
        publishes: false,
        state: BindingState::Active,
    };
    hub.send(&machine, Kind::BINDING, binding.to_payload().unwrap());
    let _someone_reads = machine.desk().lives.still();
    let (done, is_done) = std::sync::mpsc::channel();
    let follow = move || {
        let next = desk.follow_binding().unwrap();
        done.send(next.is_none()).unwrap();
    };
    std::thread::spawn(follow);
    assert_eq!(is_done.recv_timeout(std::time::Duration::from_secs(10)), Ok(true));
}

#[test]
fn an_entry_that_is_not_understood_is_kept_with_a_finding() {
    let mut machine = Machine::new();
    machine.add("search", &[&search(Some(ID), "2026-11-20T03:10:00+06:00")]);
    let mut gate = Foreign::new(3, &machine, "INST-027");
    gate.send(&machine, Kind(999), vec![1, 2, 3]);
    gate.send(&machine, Change::KIND, vec![1, 2, 3]);
    let mut other = Foreign::new(4, &machine, "INST-001");
    other.write(&machine, 4);
    machine.restart_after(|data| std::fs::remove_dir_all(data.join("sled")).unwrap());
    machine.desk().store().settled().unwrap();
    let status = machine.status();
    let findings = status["findings"].as_array().unwrap();
    let mut rules: Vec<&str> = findings.iter().map(|one| one["rule"].as_str().unwrap()).collect();
    rules.sort_unstable();
    assert_eq!(rules, ["does_not_count", "unknown_kind", "unreadable"]);
    let record = machine.show(ID);
    assert_eq!(record["values"]["count"], 3);
    let rules = record["findings"].as_array().unwrap().iter();
    assert!(rules.filter(|one| one["rule"] == "does_not_count").count() == 1);
}
