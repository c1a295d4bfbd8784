//! Two entries with one name, which only forging brings about: neither counts where both are.

use journal::{DeviceSecret, Epoch, Frame, Lane, LogName};
use protocol::Invitation;
use record::RecordId;
use serde_json::{Value as Json, json};

use crate::data;
use crate::rig::{Colony, Hub, Insider, Sender, enter, packed, post};

/// Both branches of one log: it begins, and says of one record that its severity is 2, or 4. The
/// second entries have one name; `tests/fixtures/README.md` says how they were found.
const BRANCHES: [&[u8]; 2] = [
    include_bytes!("../fixtures/forged/severity-2.frame"),
    include_bytes!("../fixtures/forged/severity-4.frame"),
];

/// The record that they are about.
const RECORD: RecordId = RecordId([0x77; 16]);

#[test]
fn of_two_entries_with_one_name_neither_counts_where_both_are() {
    let [first, second] = BRANCHES.map(|bytes| Frame::from_bytes(bytes).unwrap());
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let kept = colony.add_one("incident", &data::incident());
    let forger = Forger::enter(&hub);
    forger.send(&first);
    colony.sync();
    let id = RECORD.to_string();
    assert_eq!(data::ids(&hub.list()), [kept.clone(), id.clone()].into(), "nothing is forged yet");
    assert_eq!(data::ids(&colony.list()), [kept.clone(), id].into());
    assert_eq!(forgeries(&hub.findings(), &first), 0);

    forger.send(&second);
    assert_eq!(data::ids(&hub.list()), [kept.clone()].into(), "what was listed is taken back");
    // At the hub a branch is remarked on, at an agent a name.
    assert_eq!(forgeries(&hub.findings(), &first), 2);
    // Heads are named by the beginning of their ids, so an exchange brings one of the two.
    Insider::at(&colony, hub.key()).keep(second);
    assert_eq!(data::ids(&colony.list()), [kept].into(), "here too");
    assert_eq!(forgeries(&colony.findings(), &first), 1);

    let device = first.log.device.to_string();
    let state = |it: &Json| it["state"].clone();
    let devices = hub.devices();
    let revoked = devices.iter().find(|item| item["device"] == json!(device)).map(state);
    assert_eq!(revoked, Some(json!("revoked")), "{devices:?}");
    let verified = colony.command(&["verify"]).ended(5).json();
    let whats =
        verified["faults"].as_array().unwrap().iter().map(|fault| fault["what"].to_string());
    assert!(whats.into_iter().any(|what| what.contains("one name")), "{verified}");
    let rebuilt = colony.command(&["rebuild"]).done().json();
    assert_eq!(rebuilt["old"], rebuilt["new"], "views made anew are the same");
    let rebuilt = hub.command(&["rebuild"]).done().json();
    assert_eq!(rebuilt["old"], rebuilt["new"], "views made anew are the same");
    assert_eq!(data::ids(&colony.list()), data::ids(&hub.list()));
}

/// Returns how many remarks say that entries have the name of the second one of this frame.
fn forgeries(findings: &[Json], frame: &Frame) -> usize {
    let device = frame.log.device.to_string();
    let about = |finding: &&Json| {
        finding["rule"] == "forged" && finding["device"] == json!(device) && finding["seq"] == 2
    };
    findings.iter().filter(about).count()
}

/// Somebody who was let in with a key that he uses as no program does.
struct Forger {
    secret: DeviceSecret,
    invitation: Invitation,
    log: LogName,
}

impl Forger {
    fn enter(hub: &Hub) -> Self {
        let secret = DeviceSecret::from_bytes(&[6; 32]);
        let invitation: Invitation = hub.invite("INST-027").parse().unwrap();
        let lane = Lane::Site("INST-027".parse().unwrap());
        let log = LogName { device: secret.public(), epoch: Epoch([8; 8]), lane };
        enter(&secret, &invitation, log.epoch);
        Self { secret, invitation, log }
    }

    fn send(&self, frame: &Frame) {
        let Self { secret, invitation, log } = self;
        let sender =
            Sender { secret, hub: invitation.hub, address: &invitation.address, log: log.clone() };
        post(&sender, &packed(vec![frame.clone()]));
    }
}
