//! From a CSV file to lists. A file with any mistake is refused with its line.
//!
//! A file with a column `list` holds many lists, any other one list. Columns that this program has
//! no use for belong to the list; forms may ask for them.

use std::collections::BTreeMap;

use super::{Code, List, Validity};
use crate::card::Words;
use crate::catalogue::CatalogueError;

/// Files of one list, and what the list is called in forms.
const NAMES: [(&str, &str); 5] = [
    ("agencies", "agency"),
    ("incident_types", "incident_type"),
    ("institutions", "institution"),
    ("regions", "region"),
    ("substances", "substance"),
];

/// The columns every file may have; none of them is a column of the list.
const KNOWN: [&str; 11] = [
    "list",
    "code",
    "label_en",
    "label_ru",
    "label_ky",
    "name_en",
    "name_ru",
    "name_ky",
    "order",
    "ky_status",
    "synonyms",
];

/// The lists of one file, and what is needed to fill them.
struct Reading<'a> {
    file: &'a str,
    source: &'a str,
    version: u32,
    header: csv::StringRecord,
    columns: Vec<String>,
    lists: BTreeMap<String, Vec<(u32, Code)>>,
}

/// Reads a vocabulary: `file` is its name with or without `.csv`.
///
/// # Errors
///
/// The first mistake, with its line.
pub(crate) fn read(file: &str, text: &str, version: u32) -> Result<Vec<List>, CatalogueError> {
    let mut rows = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = rows.headers().map_err(|error| unreadable(file, &error))?.clone();
    let source = file.strip_suffix(".csv").unwrap_or(file);
    let mut reading = Reading::new(file, source, version, header)?;
    for row in rows.records() {
        let row = row.map_err(|error| unreadable(file, &error))?;
        let line = row.position().map_or(0, csv::Position::line);
        reading.take(&row).map_err(|reason| mistake(file, line, reason))?;
    }
    reading.finish()
}

impl<'a> Reading<'a> {
    fn new(
        file: &'a str,
        source: &'a str,
        version: u32,
        header: csv::StringRecord,
    ) -> Result<Self, CatalogueError> {
        let has = |name: &str| header.iter().any(|column| column == name);
        if !has("code") {
            return Err(mistake(file, 1, "there is no column `code`".to_owned()));
        }
        if !["label_en", "label_ru", "label_ky", "name_en", "name_ru", "name_ky"]
            .map(has)
            .contains(&true)
        {
            return Err(mistake(
                file,
                1,
                "there is no column `label_en`, `label_ru`, `label_ky`".to_owned(),
            ));
        }
        let mut columns = Vec::new();
        for (place, column) in header.iter().enumerate() {
            if header.iter().take(place).any(|earlier| earlier == column) {
                return Err(mistake(file, 1, format!("the column `{column}` stands twice")));
            }
            if !KNOWN.contains(&column) {
                columns.push(column.to_owned());
            }
        }
        Ok(Self { file, source, version, header, columns, lists: BTreeMap::new() })
    }

    fn take(&mut self, row: &csv::StringRecord) -> Result<(), String> {
        let cell = |name: &str| {
            let place = self.header.iter().position(|column| column == name)?;
            row.get(place).map(str::trim).filter(|cell| !cell.is_empty())
        };
        let code = cell("code").ok_or("the code is empty")?;
        if !code.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-') {
            return Err(format!("`{code}` is no code: use letters A-Z, digits, `_` and `-`"));
        }
        let word = |language: &str| {
            let words = cell(&format!("label_{language}"));
            words.or_else(|| cell(&format!("name_{language}"))).map(str::to_owned)
        };
        let label = Words { en: word("en"), ru: word("ru"), ky: word("ky") };
        if label == Words::default() {
            return Err(format!("`{code}` has no label in any language"));
        }
        let validity =
            Validity::parse(cell("valid_from").unwrap_or(""), cell("valid_to").unwrap_or(""));
        let order = cell("order").map_or(Ok(0), str::parse);
        let order = order.map_err(|_no_number| "`order` is a whole number".to_owned())?;
        let list = match (self.header.iter().any(|column| column == "list"), cell("list")) {
            (true, None) => return Err("the name of the list is empty".to_owned()),
            (true, Some(list)) => list,
            (false, _) => list_name(self.source),
        };
        let synonyms = cell("synonyms").unwrap_or("").split(';').map(str::trim);
        let entry = Code {
            code: code.to_owned(),
            label,
            validity: validity.map_err(|malformed| malformed.to_string())?,
            in_review: cell("ky_status") == Some("review"),
            synonyms: synonyms.filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            columns: self.columns.iter().map(|name| cell(name).unwrap_or("").to_owned()).collect(),
        };
        let codes = self.lists.entry(list.to_owned()).or_default();
        if codes.iter().any(|(_order, known)| known.code == code) {
            return Err(format!("the code `{code}` stands twice in `{list}`"));
        }
        codes.push((order, entry));
        Ok(())
    }

    fn finish(self) -> Result<Vec<List>, CatalogueError> {
        if self.lists.is_empty() {
            return Err(mistake(self.file, 1, "there is no code in it".to_owned()));
        }
        let Self { source, version, columns, lists, .. } = self;
        let build = |(name, mut codes): (String, Vec<(u32, Code)>)| {
            codes.sort_by_key(|(order, _code)| *order);
            let codes: Vec<Code> = codes.into_iter().map(|(_order, code)| code).collect();
            let index = codes.iter().enumerate().map(|(place, code)| (code.code.clone(), place));
            List {
                name,
                source: source.to_owned(),
                version,
                columns: columns.clone(),
                index: index.collect(),
                dated: codes.iter().any(|code| code.validity != Validity::default()),
                codes,
            }
        };
        Ok(lists.into_iter().map(build).collect())
    }
}

fn list_name(source: &str) -> &str {
    NAMES.iter().find(|(file, _list)| *file == source).map_or(source, |(_file, list)| list)
}

fn mistake(file: &str, line: u64, reason: String) -> CatalogueError {
    CatalogueError { file: file.to_owned(), line, reason }
}

fn unreadable(file: &str, error: &csv::Error) -> CatalogueError {
    let line = error.position().map_or(1, csv::Position::line);
    let lengths = if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
        Some(format!(
            "the row has {len} cells, the header {expected_len}: give each column its cell"
        ))
    } else {
        None
    };
    let reason = lengths.unwrap_or_else(|| error.to_string());
    mistake(file, line, reason)
}
