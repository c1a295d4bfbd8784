//! Plausible incidents in any number, from a seed: the sample records, recomposed.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark whose samples are wrong has failed"
)]

use serde_json::{Map, Value};

const SAMPLES: [&str; 3] = [
    include_str!("../data/INST-016.incident.jsonl"),
    include_str!("../data/INST-021.incident.jsonl"),
    include_str!("../data/INST-027.incident.jsonl"),
];

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
        lines += &serde_json::to_string(&record).unwrap();
        lines.push('\n');
    }
    lines
}

/// A sentence of the samples with the number in it drawn anew.
fn sentence(dice: &mut Dice, sentences: &[String]) -> String {
    let sentence = dice.pick(sentences).clone();
    match sentence.split_once('№') {
        Some((text, _number)) => format!("{text}№{}", dice.below(400)),
        None => sentence,
    }
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
