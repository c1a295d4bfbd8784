//! The sample records, as a colony would have them.

use super::*;

macro_rules! sample {
    ($file:literal) => {
        ($file, include_str!(concat!("../../../../../tests/data/", $file)))
    };
}

pub(super) const FILES: [(&str, &str); 9] = [
    sample!("INST-016.incident.jsonl"),
    sample!("INST-016.search.jsonl"),
    sample!("INST-016.training_session.jsonl"),
    sample!("INST-021.incident.jsonl"),
    sample!("INST-021.search.jsonl"),
    sample!("INST-021.training_session.jsonl"),
    sample!("INST-027.incident.jsonl"),
    sample!("INST-027.search.jsonl"),
    sample!("INST-027.training_session.jsonl"),
];

#[test]
fn every_sample_record_is_taken() {
    let catalogue = Catalogue::shipped().unwrap();
    let mut rules = std::collections::BTreeMap::new();
    for (file, text) in FILES {
        let form = file.split('.').nth(1).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            let record: Json = serde_json::from_str(line).unwrap();
            let read = reader(&catalogue, form).read_new(record.as_object().unwrap(), FRESH);
            let read = read.unwrap_or_else(|errors| panic!("{file} line {number}: {errors:?}"));
            for finding in read.findings {
                *rules.entry((form, finding.rule)).or_insert(0) += 1;
            }
        }
    }
    expect![[r#"
        {
            (
                "incident",
                "independent_authority_not_told",
            ): 78,
            (
                "search",
                "officers_not_named",
            ): 600,
            (
                "training_session",
                "unresolved",
            ): 46,
        }
    "#]].assert_debug_eq(&rules);
}
