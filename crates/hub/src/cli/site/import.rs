//! `site import`: many cards from one file. A broken line does not stop the others.

use std::path::Path;

use journal::SiteCode;
use record::{SiteCard, Words};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Failure, Global, Truth, check, publish, sites};
use crate::cli::out;

/// One line, as far as it is used here; further columns are for people.
#[derive(Deserialize)]
struct Line {
    code: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name_en: String,
    #[serde(default)]
    name_ru: String,
    #[serde(default)]
    name_ky: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    valid_from: String,
    #[serde(default)]
    valid_to: String,
    #[serde(default)]
    successor_of: String,
}

pub(super) async fn perform(global: &Global, truth: &Truth, file: &Path) -> Result<(), Failure> {
    let name = file.display();
    let reader = csv::Reader::from_path(file);
    let mut reader = reader.map_err(|error| Failure::Refused(format!("{name}: {error}")))?;
    let (mut cards, mut refused, mut same) = (Vec::new(), Vec::new(), 0_usize);
    let mut conn = truth.db.read().await?;
    for row in reader.deserialize::<Line>() {
        match row.map_err(|error| of_csv(&error)).and_then(card) {
            Ok(card) if sites::find(&mut conn, &card.code).await?.as_ref() == Some(&card) => {
                same += 1
            }
            Ok(card) => cards.push(card),
            Err(words) => refused.push(words),
        }
    }
    drop(conn);
    if !cards.is_empty() {
        publish(truth, &cards).await?;
    }
    let saved = cards.len();
    let errors: Vec<Json> = refused.iter().map(|words| json!(words)).collect();
    let value = json!({ "saved": saved, "unchanged": same, "errors": errors });
    out::say(global, &value, || format!("{saved} saved, {same} unchanged"))?;
    for words in &refused {
        out::remark(words);
    }
    if refused.is_empty() {
        return Ok(());
    }
    Err(Failure::Refused(format!("{name}: {} lines were refused", refused.len())))
}

fn card(line: Line) -> Result<SiteCard, String> {
    let some = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let code = |text: &str| {
        SiteCode::try_from(text.trim().to_owned()).map_err(|error| format!("\"{text}\": {error}"))
    };
    let before = line.successor_of.split([' ', ';', ',']).filter(|code| !code.is_empty());
    let card = SiteCard {
        code: code(&line.code)?,
        names: Words { en: some(line.name_en), ru: some(line.name_ru), ky: some(line.name_ky) },
        kind: some(line.kind),
        region: some(line.region),
        valid_from: some(line.valid_from),
        valid_to: some(line.valid_to),
        successor_of: before.map(code).collect::<Result<_, _>>()?,
    };
    check(&card)?;
    Ok(card)
}

fn of_csv(error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    format!("line {line}: {error}")
}
