//! `site import`: many cards from one file. A broken line does not stop the others.

use std::io::Read;
use std::path::Path;

use journal::SiteCode;
use record::{SiteCard, Words};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Failure, Global, Truth, check, publish, sites};
use crate::cli::out;
use crate::print;

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

/// A line's number, and its card or what is wrong with it.
type Numbered = (u64, Result<SiteCard, String>);

/// A line that was refused.
#[derive(Debug, Serialize)]
struct Refusal {
    line: u64,
    reason: String,
}

pub(super) async fn perform(global: &Global, truth: &Truth, file: &Path) -> Result<(), Failure> {
    let name = file.display();
    let reader = csv::Reader::from_path(file);
    let mut reader = reader.map_err(|error| Failure::Refused(format!("{name}: {error}")))?;
    let (mut cards, mut refused, mut same) = (Vec::new(), Vec::new(), 0_usize);
    let mut conn = truth.db.read().await?;
    for (line, card) in read(&mut reader)? {
        match card {
            Ok(card) => match sites::find(&mut conn, &card.code).await? {
                Some(known) if known == card => same += 1,
                Some(_) | None => cards.push(card),
            },
            Err(reason) => refused.push(Refusal { line, reason }),
        }
    }
    drop(conn);
    if !cards.is_empty() {
        publish(truth, &cards).await?;
    }
    let saved = cards.len();
    let value = json!({ "saved": saved, "unchanged": same, "errors": refused });
    out::say(global, &value, || format!("{saved} saved, {same} unchanged"))?;
    for Refusal { line, reason } in &refused {
        print::remark(&format!("line {line}: {reason}"));
    }
    if refused.is_empty() {
        return Ok(());
    }
    Err(Failure::Refused(format!("{name}: {} lines were refused", refused.len())))
}

/// Reads every line, with its number.
fn read<R: Read>(reader: &mut csv::Reader<R>) -> Result<Vec<Numbered>, Failure> {
    let headers = reader.headers().map_err(|error| Failure::Refused(error.to_string()))?.clone();
    if !headers.iter().any(|name| name == "code") {
        return Err(Failure::Refused(
            "the first line must name the columns, `code` first".to_owned(),
        ));
    }
    let number = |position: Option<&csv::Position>| position.map_or(0, csv::Position::line);
    let numbered = |row: Result<csv::StringRecord, csv::Error>| match row {
        Ok(row) => {
            let line = row.deserialize::<Line>(Some(&headers)).map_err(|error| error.to_string());
            (number(row.position()), line.and_then(card))
        }
        Err(error) => {
            let kind = matches!(error.kind(), csv::ErrorKind::UnequalLengths { .. });
            let words = "more or fewer columns than the first line names";
            (number(error.position()), Err(if kind { words.to_owned() } else { error.to_string() }))
        }
    };
    Ok(reader.records().map(numbered).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_is_named_and_does_not_stop_the_others() {
        let text = "code,name_en,valid_from\nINST-900,Nine,2020\ninst x,Bad,\nINST-901,,\n\
                    INST-902,Two,2020-99\nINST-903,a,b,c\nINST-904,Four,\n";
        let rows = read(&mut csv::Reader::from_reader(text.as_bytes())).unwrap();
        let good: Vec<u64> =
            rows.iter().filter(|(_, card)| card.is_ok()).map(|(line, _)| *line).collect();
        let refused: Vec<u64> =
            rows.iter().filter(|(_, card)| card.is_err()).map(|(line, _)| *line).collect();
        assert_eq!((good, refused), (vec![2, 7], vec![3, 4, 5, 6]));
    }
}
