//! What people write: new records by the shipped forms, amendments of what they see, acts of
//! review, cards of persons and sites.

use std::sync::{Arc, LazyLock};

use agent::Catalogues;
use journal::{Binding, BindingState, DeviceKey, Dot, Kind, SiteCode};
use record::{
    Action, Catalogue, Change, Due, Facts, NothingKnown, Path, PersonCard, PersonId, Reader,
    RecordId, RecordKey, Review, ReviewEntry, SiteCard, State, Value, Words, Write,
};
use serde_json::{Value as Json, json};

use crate::chance::Chance;

/// The forms and lists of every program.
static CATALOGUES: LazyLock<Option<Arc<Catalogues>>> =
    LazyLock::new(|| Catalogues::new().ok().map(Arc::new));

/// A new record of each form that is written here, to be varied, and a field to amend.
static TEMPLATES: LazyLock<Vec<(Change, &'static str)>> = LazyLock::new(templates);

/// What is to become an entry.
pub(crate) type Written = (Kind, Vec<u8>);

/// Returns the forms and lists of every program.
pub(crate) fn catalogues() -> Result<Arc<Catalogues>, String> {
    CATALOGUES.clone().ok_or_else(|| "the shipped forms can't be read".to_owned())
}

fn templates() -> Vec<(Change, &'static str)> {
    let incident = json!({
        "kind": "FIRE",
        "occurred_at": "2026-11-20T03:10:00+06:00",
        "severity": 3,
        "location_type": "workshop",
        "narrative": "A machine burned; nobody was hurt."
    });
    let search = json!({
        "at": "2026-11-20T15:29:42+06:00",
        "place": "gate",
        "target": "person_staff",
        "kind": "routine",
        "intimate": false,
        "count": 37,
        "result": "nothing"
    });
    let Ok(catalogue) = Catalogue::shipped() else { return Vec::new() };
    let read = |(form, json, field): (&str, Json, &'static str)| {
        let form = catalogue.form(form)?;
        let resolve = &NothingKnown;
        let reader = Reader { catalogue: &catalogue, form, resolve, facts: Facts::default() };
        let new = reader.read_new(json.as_object()?, RecordId([0; 16])).ok()?;
        let key = RecordKey { site: "INST-001".parse().ok()?, id: RecordId([0; 16]) };
        Some((new.into_change(key, form, PersonId([0; 16])), field))
    };
    let all = [("incident", incident, "narrative"), ("search", search, "count")];
    all.into_iter().filter_map(read).collect()
}

/// Draws the id of a record.
pub(crate) fn fresh_id(chance: &mut Chance) -> RecordId {
    RecordId((u128::from(chance.draw()) << 64 | u128::from(chance.draw())).to_be_bytes())
}

/// Returns a person of a site.
fn person(site: &SiteCode, chance: &mut Chance) -> PersonId {
    let mut id = [u8::try_from(chance.below(3)).unwrap_or(0); 16];
    id.iter_mut().zip(site.as_str().bytes()).for_each(|(to, from)| *to = from);
    PersonId(id)
}

/// Writes a new record; `noise` makes it long.
pub(crate) fn new_record(
    site: &SiteCode,
    noise: &[u8],
    chance: &mut Chance,
) -> Result<Written, String> {
    let at = chance.below(TEMPLATES.len());
    let (template, field) = TEMPLATES.get(at).ok_or("a shipped form takes no record")?;
    let mut change = template.clone();
    change.record = RecordKey { site: site.clone(), id: fresh_id(chance) };
    change.author = person(site, chance);
    change.urgent = chance.one_in(8);
    let path = Path::field(field);
    for write in change.writes.iter_mut().filter(|write| write.path == path) {
        write.value = another(&write.value, noise, chance);
    }
    Ok((Change::KIND, change.to_payload().map_err(|error| error.to_string())?))
}

/// Writes over one field of a record as its author sees it.
pub(crate) fn amendment(state: &State, chance: &mut Chance) -> Result<Option<Written>, String> {
    let form = state.form().map(|form| form.id.as_str());
    let template = TEMPLATES.iter().find(|(change, _)| Some(change.form.id.as_str()) == form);
    let Some((template, field)) = template else { return Ok(None) };
    let path = Path::field(field);
    let (seen, live) = (state.live_dots(), &state.get(&path).live);
    let replaces = live.keys().filter_map(|dot| seen.binary_search(dot).ok());
    let replaces = replaces.filter_map(|at| u32::try_from(at).ok()).collect();
    let Some(before) = live.values().next() else { return Ok(None) };
    let value = another(before, &[], chance);
    let change = Change {
        record: state.key.clone(),
        author: person(&state.key.site, chance),
        reason: Some("it was wrong".to_owned()),
        seen,
        writes: vec![Write { path, value, replaces }],
        ..template.clone()
    };
    Ok(Some((Change::KIND, change.to_payload().map_err(|error| error.to_string())?)))
}

/// Says something about a record, as far as its state lets this side.
pub(crate) fn act(
    (state, review): (&State, &Review<'_>),
    is_centre: bool,
    chance: &mut Chance,
) -> Result<Option<Written>, String> {
    let of_centre = [
        Action::Accept,
        Action::Return { due: Due::Days(3) },
        Action::Hold,
        Action::NotReportable,
        Action::Reopen,
        Action::GrantRecall,
    ];
    let of_site = [Action::Comment, Action::Resubmit, Action::AskRecall, Action::Seen];
    let actions: &[Action] = if is_centre { &of_centre } else { &of_site };
    let can = |action: &&Action| review.state.after(action.step()).is_some();
    let can: Vec<&Action> = actions.iter().filter(can).collect();
    let Some(action) = can.get(chance.below(can.len())) else { return Ok(None) };
    let mut seen: Vec<Dot> = state.live_dots();
    seen.extend(review.to_see());
    seen.sort_unstable();
    seen.dedup();
    let answers = if is_centre { review.answer } else { review.decision };
    let entry = ReviewEntry {
        record: state.key.clone(),
        author: person(&state.key.site, chance),
        action: (*action).clone(),
        seen,
        answers: answers.map(|act| act.dot),
        remark: Some("see the order".to_owned()),
        fields: Vec::new(),
    };
    Ok(Some((ReviewEntry::KIND, entry.to_payload().map_err(|error| error.to_string())?)))
}

/// Says who a person of a site is.
pub(crate) fn person_card(site: &SiteCode, chance: &mut Chance) -> Result<Written, String> {
    let (id, name) = (person(site, chance), format!("Officer {}", chance.below(1_000)));
    let card = PersonCard { id, name, role: "recorder".to_owned(), site: site.clone() };
    Ok((PersonCard::KIND, card.to_payload().map_err(|error| error.to_string())?))
}

/// Says what a site is.
pub(crate) fn site_card(site: &SiteCode, chance: &mut Chance) -> Result<Written, String> {
    let name = format!("Institution {}", chance.below(1_000));
    let card = SiteCard {
        code: site.clone(),
        names: Words { en: Some(name), ..Words::default() },
        kind: None,
        region: None,
        valid_from: None,
        valid_to: None,
        successor_of: Vec::new(),
    };
    Ok((SiteCard::KIND, card.to_payload().map_err(|error| error.to_string())?))
}

/// Vouches for the key of a device.
pub(crate) fn binding(device: DeviceKey, site: &SiteCode) -> Result<Written, String> {
    let binding = Binding {
        device,
        name: "gate".to_owned(),
        letter: "A".to_owned(),
        site: site.clone(),
        predecessors: Vec::new(),
        publishes: true,
        state: BindingState::Active,
    };
    Ok((Kind::BINDING, binding.to_payload().map_err(|error| error.to_string())?))
}

/// Returns another value of the same sort.
fn another(value: &Value, noise: &[u8], chance: &mut Chance) -> Value {
    if let Value::Int(_) = value {
        return Value::Int(i64::try_from(chance.below(500)).unwrap_or(0));
    }
    let noise: String = noise.iter().map(|byte| format!("{byte:02x}")).collect();
    Value::Text(format!("Protocol {}. {noise}", chance.below(1_000_000)))
}
