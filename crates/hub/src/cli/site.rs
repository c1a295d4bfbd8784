//! `site`: institutions, each a card in the hub's lane for everyone.

mod import;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use journal::{Lane, SiteCode};
use record::{SiteCard, Words};
use serde_json::{Value as Json, json};

use super::failure::Failure;
use super::global::Global;
use super::out;
use crate::fold;
use crate::truth::{Truth, sites};

/// Adds, changes and lists institutions.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Adds an institution.
    Add(Card),
    /// Changes what is said of an institution; what is not given stays.
    Edit(Card),
    /// Lists institutions.
    List,
    /// Adds or changes the institutions of a CSV file.
    Import {
        /// The file; its header is that of institutions.csv.
        file: PathBuf,
    },
}

/// What is said of an institution.
#[derive(Debug, ClapArgs)]
pub(super) struct Card {
    /// Its code, such as INST-027.
    code: SiteCode,
    /// Its name in English.
    #[arg(long, value_name = "NAME")]
    name_en: Option<String>,
    /// Its name in Russian.
    #[arg(long, value_name = "NAME")]
    name_ru: Option<String>,
    /// Its name in Kyrgyz.
    #[arg(long, value_name = "NAME")]
    name_ky: Option<String>,
    /// What sort of institution it is, such as `correctional_colony` or `training_centre`.
    #[arg(long)]
    kind: Option<String>,
    /// The code of its region, such as KG-C.
    #[arg(long)]
    region: Option<String>,
    /// The first day it exists: a date, a month or a year.
    #[arg(long, value_name = "DATE")]
    valid_from: Option<String>,
    /// The last day it exists; a month or a year includes its end.
    #[arg(long, value_name = "DATE")]
    valid_to: Option<String>,
    /// A site that merged into it; may be given several times.
    #[arg(long, value_name = "CODE")]
    successor_of: Vec<SiteCode>,
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    let truth = global.open().await?;
    match command {
        Command::Add(card) => add(global, &truth, card).await,
        Command::Edit(card) => edit(global, &truth, card).await,
        Command::List => list(global, &truth).await,
        Command::Import { file } => import::perform(global, &truth, &file).await,
    }
}

async fn add(global: &Global, truth: &Truth, card: Card) -> Result<(), Failure> {
    if sites::find(&mut *truth.db.read().await?, &card.code).await?.is_some() {
        return Err(Failure::Refused(format!(
            "{} is here already: change it with `ashuu-hub site edit`",
            card.code
        )));
    }
    let nothing = SiteCard {
        code: card.code.clone(),
        names: Words::default(),
        kind: None,
        region: None,
        valid_from: None,
        valid_to: None,
        successor_of: Vec::new(),
    };
    write(global, truth, card.over(nothing)).await
}

async fn edit(global: &Global, truth: &Truth, card: Card) -> Result<(), Failure> {
    let found = sites::find(&mut *truth.db.read().await?, &card.code).await?;
    let Some(before) = found else {
        return Err(Failure::Refused(format!("there is no site {} here", card.code)));
    };
    write(global, truth, card.over(before)).await
}

async fn write(global: &Global, truth: &Truth, card: SiteCard) -> Result<(), Failure> {
    check(&card).map_err(Failure::Usage)?;
    publish(truth, std::slice::from_ref(&card)).await?;
    out::say(global, &to_json(&card), || format!("{} is saved.", card.code))
}

/// Writes cards as entries of the lane for everyone, and folds them.
async fn publish(truth: &Truth, cards: &[SiteCard]) -> Result<(), Failure> {
    let mut payloads = Vec::with_capacity(cards.len());
    for card in cards {
        let payload = card.to_payload().map_err(|error| Failure::Refused(error.to_string()))?;
        payloads.push((SiteCard::KIND, payload));
    }
    let mut tx = truth.db.begin().await?;
    truth.lanes.append(&mut tx, &Lane::Everyone, payloads).await?;
    tx.commit().await?;
    fold::catch_up(truth).await?;
    Ok(())
}

async fn list(global: &Global, truth: &Truth) -> Result<(), Failure> {
    let cards = sites::list(&mut *truth.db.read().await?).await?;
    let value: Vec<Json> = cards.iter().map(to_json).collect();
    out::say(global, &value, || {
        let name = |card: &SiteCard| {
            let Words { en, ru, ky } = card.names.clone();
            en.or(ru).or(ky).unwrap_or_default()
        };
        let lines: Vec<String> =
            cards.iter().map(|card| format!("{:<12} {}", card.code.as_str(), name(card))).collect();
        if lines.is_empty() { "no sites yet".to_owned() } else { lines.join("\n") }
    })
}

impl Card {
    /// Lays what was given over what is known.
    fn over(self, before: SiteCard) -> SiteCard {
        let names = before.names;
        SiteCard {
            code: self.code,
            names: Words {
                en: self.name_en.or(names.en),
                ru: self.name_ru.or(names.ru),
                ky: self.name_ky.or(names.ky),
            },
            kind: self.kind.or(before.kind),
            region: self.region.or(before.region),
            valid_from: self.valid_from.or(before.valid_from),
            valid_to: self.valid_to.or(before.valid_to),
            successor_of: if self.successor_of.is_empty() {
                before.successor_of
            } else {
                self.successor_of
            },
        }
    }
}

/// Says what is wrong with a card.
fn check(card: &SiteCard) -> Result<(), String> {
    let Words { en, ru, ky } = &card.names;
    if [en, ru, ky].into_iter().flatten().all(|name| name.trim().is_empty()) {
        return Err(format!("{} needs a name: --name-en, --name-ru or --name-ky", card.code));
    }
    if card.successor_of.contains(&card.code) {
        return Err(format!("{} can't be its own successor", card.code));
    }
    for (field, date) in [("valid_from", &card.valid_from), ("valid_to", &card.valid_to)] {
        if date.as_ref().is_some_and(|date| !is_date(date)) {
            return Err(format!(
                "{field}: write a date, a month or a year: 2026-11-20, 2026-11, 2026"
            ));
        }
    }
    Ok(())
}

/// Whether the text is a date, a month or a year.
fn is_date(text: &str) -> bool {
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    whole.len() == 10 && whole.parse::<jiff::civil::Date>().is_ok()
}

fn to_json(card: &SiteCard) -> Json {
    let before: Vec<&str> = card.successor_of.iter().map(SiteCode::as_str).collect();
    json!({
        "code": card.code.as_str(),
        "name_en": card.names.en, "name_ru": card.names.ru, "name_ky": card.names.ky,
        "kind": card.kind, "region": card.region,
        "valid_from": card.valid_from, "valid_to": card.valid_to,
        "successor_of": before,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_may_stop_at_its_month_or_year() {
        for good in ["2026", "2026-11", "2026-11-20"] {
            assert!(is_date(good), "{good}");
        }
        for wrong in ["", "26", "2026-13", "2026-11-31", "20.11.2026", "2026-11-20T00:00"] {
            assert!(!is_date(wrong), "{wrong}");
        }
    }
}
