//! When two lines are the same line.

use super::*;

fn hash(over: Json) -> [u8; 8] {
    let mut over = over;
    let id = json!("0193a7c0-5b1e-7cc3-9d0e-8a4d2f10b7aa");
    over.as_object_mut().unwrap().insert("@id".to_owned(), id);
    read_new("incident", &with(over)).unwrap().import.unwrap()
}

#[test]
fn the_order_of_keys_and_outer_spaces_do_not_matter() {
    let one = json!({"persons": [{"role": "witness", "name": "é"}], "title": "Fire"});
    let two = json!({"title": " Fire ", "persons": [{"name": "e\u{301}", "role": "witness"}]});
    assert_eq!(hash(one), hash(two));
}

#[test]
fn everything_else_matters() {
    let lines = [
        json!({}),
        json!({"title": "Fires"}),
        json!({"title": "Fire"}),
        json!({"title": "Fire", "@author": "A"}),
        json!({"title": "Fire", "actions": ["evacuation", "other"]}),
        json!({"title": "Fire", "actions": ["other", "evacuation"]}),
        json!({"title": "Fire", "alone": true}),
        json!({"title": "Fire", "alone": false}),
        json!({"severity": 2}),
    ];
    let hashes: std::collections::BTreeSet<[u8; 8]> = lines.into_iter().map(hash).collect();
    assert_eq!(hashes.len(), 9);
}
