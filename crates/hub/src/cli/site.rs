//! `site`: institutions, each a card in the hub's lane for everyone.

mod import;
mod show;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use journal::{Lane, SiteCode};
use record::{SiteCard, Validity, Words};
use serde_json::{Value as Json, json};

use super::global::Global;
use super::out;
use crate::failure::Failure;
use crate::fold;
use crate::print;
use crate::read;
use crate::truth::devices::{self, Device, DeviceState};
use crate::truth::{Truth, sites};
pub(super) use show::words;

/// Adds, changes and lists institutions.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Adds an institution.
    #[command(
        after_help = "Example:\n  ashuu-hub site add INST-027 --name-en \"Colony No. 27\" --name-ru \"Колония № 27\" --region KG-C"
    )]
    Add(Card),
    /// Changes what is said of an institution; what is not given stays. `--valid-to` closes
    /// it, and `--valid-to ""` opens it again.
    #[command(after_help = "Example:\n  ashuu-hub site edit INST-027 --valid-to 2026-12")]
    Edit(Card),
    /// Lists institutions: last contact, what waits there, what is wrong.
    #[command(after_help = "Example:\n  ashuu-hub site list --json")]
    List,
    /// Shows an institution, its devices, and what was said of it before.
    #[command(after_help = "Example:\n  ashuu-hub site show INST-027")]
    Show {
        /// Its code.
        code: SiteCode,
    },
    /// Adds or changes the institutions of a CSV file.
    #[command(after_help = "Example:\n  ashuu-hub site import institutions.csv")]
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
    /// Takes back that any site merged into it.
    #[arg(long, conflicts_with = "successor_of")]
    no_predecessors: bool,
    /// Moves the devices of those sites here.
    #[arg(long)]
    move_devices: bool,
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    let truth = global.open_for_everyone().await?;
    match command {
        Command::Add(card) => add(global, &truth, card).await,
        Command::Edit(card) => edit(global, &truth, card).await,
        Command::List => list(global, &truth).await,
        Command::Show { code } => show::perform(global, &truth, &code).await,
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
    write(global, truth, card, nothing).await
}

async fn edit(global: &Global, truth: &Truth, card: Card) -> Result<(), Failure> {
    let found = sites::find(&mut *truth.db.read().await?, &card.code).await?;
    let Some(before) = found else {
        return Err(Failure::Refused(format!("there is no site {} here", card.code)));
    };
    write(global, truth, card, before).await
}

async fn write(
    global: &Global,
    truth: &Truth,
    given: Card,
    before: SiteCard,
) -> Result<(), Failure> {
    let moves = given.move_devices;
    let card = given.over(before);
    check(&card).map_err(Failure::Usage)?;
    known(truth, &card).await?;
    let mut told = publish(truth, std::slice::from_ref(&card)).await?;
    let left = left_behind(truth, &card).await?;
    if moves {
        let mut tx = truth.db.begin().await?;
        for device in &left {
            devices::move_to(truth, &mut tx, device.clone(), &card.code).await?;
        }
        tx.commit().await?;
        told.extend(left.iter().cloned());
    }
    let names: Vec<&str> = told.iter().map(|device| device.name.as_str()).collect();
    let mut value = to_json(&card);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("told".to_owned(), json!(names));
    }
    out::say(global, &value, || {
        let mut lines = vec![format!("{} is saved.", card.code)];
        if !names.is_empty() {
            lines.push(format!("{} learn of it at their next contact.", names.join(", ")));
        }
        lines.join("\n")
    })?;
    if !moves && !left.is_empty() {
        print::remark(&format!(
            "{} devices still belong to the sites that merged into {}: move each with \
             `ashuu-hub device move DEVICE {}`, or say --move-devices",
            left.len(),
            card.code,
            card.code
        ));
    }
    Ok(())
}

/// Refuses a site that merged into this one and is not known, or a circle.
async fn known(truth: &Truth, card: &SiteCard) -> Result<(), Failure> {
    let mut conn = truth.db.read().await?;
    for before in &card.successor_of {
        if sites::find(&mut conn, before).await?.is_none() {
            return Err(Failure::Refused(format!("there is no site {before} here")));
        }
        if sites::predecessors(&mut conn, before).await?.contains(&card.code) {
            return Err(Failure::Refused(format!("{} merged into {before} before", card.code)));
        }
    }
    Ok(())
}

/// The devices that still belong to sites that merged into this one.
async fn left_behind(truth: &Truth, card: &SiteCard) -> Result<Vec<Device>, Failure> {
    let devices = devices::list(&mut *truth.db.read().await?).await?.into_iter();
    let left = devices.filter(|device| device.state == DeviceState::Active);
    let of_them =
        |device: &Device| device.site.as_ref().is_some_and(|site| card.successor_of.contains(site));
    Ok(left.filter(of_them).collect())
}

/// Writes cards as entries of the lane for everyone, folds them, and tells the devices concerned.
async fn publish(truth: &Truth, cards: &[SiteCard]) -> Result<Vec<Device>, Failure> {
    let mut payloads = Vec::with_capacity(cards.len());
    for card in cards {
        let payload = card.to_payload().map_err(|error| Failure::Refused(error.to_string()))?;
        payloads.push((SiteCard::KIND, payload));
    }
    let mut tx = truth.db.begin().await?;
    truth.lanes.append(&mut tx, &Lane::Everyone, payloads).await?;
    tx.commit().await?;
    fold::catch_up_lane(truth, &Lane::Everyone).await?;
    let mut tx = truth.db.begin().await?;
    let told = devices::tell_of_sites(truth, &mut tx, truth.clock.now()).await?;
    tx.commit().await?;
    Ok(told)
}

async fn list(global: &Global, truth: &Truth) -> Result<(), Failure> {
    let all = read::sites(&mut *truth.db.snapshot().await?).await?;
    let value = all.iter().map(show::to_json).collect::<Result<Vec<Json>, _>>()?;
    out::say(global, &value, || {
        let lines: Vec<String> = all.iter().map(words).collect();
        if lines.is_empty() { "no sites yet".to_owned() } else { lines.join("\n") }
    })
}

impl Card {
    /// Lays what was given over what is known; an empty text takes away what is known.
    fn over(self, before: SiteCard) -> SiteCard {
        let names = before.names;
        let over = |given: Option<String>, before: Option<String>| {
            given.or(before).filter(|text| !text.trim().is_empty())
        };
        SiteCard {
            code: self.code,
            names: Words {
                en: over(self.name_en, names.en),
                ru: over(self.name_ru, names.ru),
                ky: over(self.name_ky, names.ky),
            },
            kind: over(self.kind, before.kind),
            region: over(self.region, before.region),
            valid_from: over(self.valid_from, before.valid_from),
            valid_to: over(self.valid_to, before.valid_to),
            successor_of: if self.successor_of.is_empty() && !self.no_predecessors {
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
    let (from, to) = (card.valid_from.as_deref(), card.valid_to.as_deref());
    for (field, date) in [("valid_from", from), ("valid_to", to)] {
        if Validity::parse(date.unwrap_or_default(), "").is_err() {
            return Err(format!(
                "{field}: write a date, a month or a year: 2026-11-20, 2026-11, 2026"
            ));
        }
    }
    if Validity::parse(from.unwrap_or_default(), to.unwrap_or_default()).is_err() {
        return Err(format!("{} would be closed before it opens: look at both dates", card.code));
    }
    Ok(())
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

    fn card(from: &str, to: &str) -> SiteCard {
        let given = |text: &str| Some(text.to_owned());
        let names = Words { en: given("Colony"), ..Words::default() };
        let (code, valid_from, valid_to) = ("INST-027".parse().unwrap(), given(from), given(to));
        let (kind, region, successor_of) = (None, None, Vec::new());
        SiteCard { code, names, kind, region, valid_from, valid_to, successor_of }
    }

    #[test]
    fn a_date_may_stop_at_its_month_or_year() {
        for good in ["2026", "2026-11", "2026-11-20"] {
            assert_eq!(check(&card(good, "2027")), Ok(()), "{good}");
        }
        for wrong in ["26", "2026-13", "2026-11-31", "20.11.2026", "2026-11-20T00:00"] {
            assert!(check(&card(wrong, "2027")).unwrap_err().contains("valid_from"), "{wrong}");
            assert!(check(&card("2020", wrong)).unwrap_err().contains("valid_to"), "{wrong}");
        }
        assert!(check(&card("2026-11", "2026-10")).unwrap_err().contains("before it opens"));
        assert_eq!(check(&card("2026-11", "2026")), Ok(()), "a year ends with its last day");
    }
}
