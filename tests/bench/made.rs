//! Plausible incidents in any number, from a seed: the sample records, recomposed.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark whose samples are wrong has failed"
)]

use std::sync::LazyLock;

use journal::SiteCode;
use record::{
    Catalogue, Change, Facts, FormVersion, NothingKnown, PersonId, Reader, RecordId, RecordKey,
    Write,
};
use serde_json::{Map, Value};

const SAMPLES: [&str; 3] = [
    include_str!("../data/INST-016.incident.jsonl"),
    include_str!("../data/INST-021.incident.jsonl"),
    include_str!("../data/INST-027.incident.jsonl"),
];

/// What is told of how a find was made; it goes with any find.
const FIND: &[&str] = &["how_found", "entry_route", "entry_stage", "possession_by", "concealment"];

/// Returns `count` incidents as JSON lines; the same seed gives the same lines.
pub(crate) fn incidents(count: usize, seed: u64) -> String {
    let mut dice = Dice(seed | 1);
    let samples: Vec<Map<String, Value>> = SAMPLES
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let sentences: Vec<String> = samples
        .iter()
        .filter_map(|sample| sample.get("narrative")?.as_str())
        .flat_map(|narrative| narrative.split(". "))
        .map(|sentence| sentence.trim_end_matches('.').to_owned())
        .collect();
    let mut lines = String::new();
    for _line in 0..count {
        let mut record = dice.pick(&samples).clone();
        record.insert("@id".to_owned(), dice.id().into());
        for field in ["title", "actions", "notified"].iter().chain(FIND) {
            if record.contains_key(*field)
                && let Some(other) = dice.pick(&samples).get(*field)
            {
                record.insert((*field).to_owned(), other.clone());
            }
        }
        let told: Vec<String> =
            (0..=dice.below(3)).map(|_| sentence(&mut dice, &sentences)).collect();
        record.insert("narrative".to_owned(), format!("{}.", told.join(". ")).into());
        if record.contains_key("evidence_bag") {
            let bag = format!("П-2025-{:04}", dice.below(10_000));
            record.insert("evidence_bag".to_owned(), bag.into());
        }
        for item in record.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
            reweigh(&mut dice, item);
        }
        let minutes = dice.below(300 * 24 * 60);
        for value in record.values_mut() {
            retell(&mut dice, value, minutes);
        }
        lines += &serde_json::to_string(&record).unwrap();
        lines.push('\n');
    }
    lines
}

/// Returns what a device writes of a line: it makes the record that the line is about.
pub(crate) fn change(site: &SiteCode, line: &str) -> Change {
    static SHIPPED: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::shipped().unwrap());
    let catalogue = &*SHIPPED;
    let form = catalogue.form("incident").unwrap();
    let facts = Facts::default();
    let reader = Reader { catalogue, form, resolve: &NothingKnown, facts };
    let object: Map<String, Value> = serde_json::from_str(line).unwrap();
    let mut id = [0; 16];
    getrandom::fill(&mut id).unwrap();
    let new = reader.read_new(&object, RecordId(id)).unwrap();
    let write = |(path, value)| Write { path, value, replaces: Vec::new() };
    Change {
        record: RecordKey { site: site.clone(), id: new.id.unwrap() },
        form: FormVersion { id: form.id.clone(), version: form.version },
        lists: new.lists,
        author: PersonId([1; 16]),
        reason: None,
        urgent: new.urgent,
        seen: Vec::new(),
        writes: new.values.into_iter().map(write).collect(),
    }
}

/// A sentence of the samples with the number in it drawn anew.
fn sentence(dice: &mut Dice, sentences: &[String]) -> String {
    let sentence = dice.pick(sentences).clone();
    match sentence.split_once('№') {
        Some((text, _number)) => format!("{text}№{}", dice.below(400)),
        None => sentence,
    }
}

/// Moves every time by so many minutes, and draws every person anew.
fn retell(dice: &mut Dice, value: &mut Value, minutes: u64) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| retell(dice, value, minutes)),
        Value::Object(fields) => {
            if let Some(number) = fields.get_mut("register_no") {
                *number = format!("0{}-{:04}", 16 + dice.below(12), dice.below(1_500)).into();
            }
            fields.values_mut().for_each(|value| retell(dice, value, minutes));
        }
        Value::String(text) => {
            if let Some(moved) = moved(text, minutes) {
                *text = moved;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => (),
    }
}

/// A date and time of the samples, later by so many minutes; it falls into months of 28 days.
fn moved(text: &str, minutes: u64) -> Option<String> {
    let (date, time) = text.split_once('T').filter(|_| text.ends_with("+06:00"))?;
    let number = |text: &str, at: std::ops::Range<usize>| text.get(at)?.parse::<u64>().ok();
    let (month, day) = (number(date, 5..7)?, number(date, 8..10)?);
    let (hour, minute) = (number(time, 0..2)?, number(time, 3..5)?);
    let all = (((month - 1) * 31 + day - 1) * 24 + hour) * 60 + minute + minutes;
    let (days, minute) = (all / 1_440, all % 1_440);
    let (month, day) = (days / 28 % 12 + 1, days % 28 + 1);
    let (year, hour, minute) = (2025 + days / (28 * 12), minute / 60, minute % 60);
    let seconds = time.get(6..8)?;
    Some(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{seconds}+06:00"))
}

fn reweigh(dice: &mut Dice, item: &mut Value) {
    let fraction =
        item.get("quantity").and_then(Value::as_str).is_some_and(|text| text.contains('.'));
    if fraction && let Some(item) = item.as_object_mut() {
        let quantity = format!("{}.{}", dice.below(20), 1 + dice.below(9));
        item.insert("quantity".to_owned(), quantity.into());
    }
}

/// Xorshift: small, seeded, and good enough for plausible records.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = self.below(from.len() as u64);
        &from[usize::try_from(index).unwrap()]
    }

    /// A `UUIDv7` of some moment of a year.
    fn id(&mut self) -> String {
        let ms = 1_735_689_600_000 + self.below(365 * 86_400_000);
        let (a, b, c) = (self.below(1 << 12), self.below(1 << 14), self.below(1 << 48));
        format!("{:08x}-{:04x}-7{a:03x}-{:04x}-{c:012x}", ms >> 16, ms & 0xFFFF, 0x8000 | b)
    }
}
