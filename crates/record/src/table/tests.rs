//! Tables over every shipped form: what is written is read back, and what is wrong is named.

mod wrong;

use std::io::Cursor;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::catalogue::Catalogue;
use crate::form::{Field, Form, Shape};
use crate::id::{RecordId, RecordKey};
use crate::show::Shown;

/// The texts of the files of a table: that of the records, then those of the groups.
type Files = (Vec<u8>, Vec<(String, Vec<u8>)>);

fn catalogue() -> Catalogue {
    Catalogue::shipped().unwrap()
}

/// Writes flat records as an export does.
fn written(form: &Form, records: &[Map<String, Json>]) -> Files {
    let layout = Layout::of(form);
    let names: Vec<String> = layout.groups.iter().map(|(name, _columns)| name.clone()).collect();
    let files = vec![Vec::new(); names.len()];
    let mut table = TableWriter::begin(layout, Vec::new(), files).unwrap();
    records.iter().for_each(|record| table.write(record).unwrap());
    let mut files = table.into_files();
    let own = files.remove(0);
    (own, names.into_iter().zip(files).collect())
}

/// Writes flat records as an export does that has only one way out.
fn written_in_one_file(form: &Form, records: &[Map<String, Json>]) -> Files {
    let layout = Layout::of(form).in_one_file();
    let mut table = TableWriter::begin(layout, Vec::new(), Vec::new()).unwrap();
    records.iter().for_each(|record| table.write(record).unwrap());
    (table.into_files().remove(0), Vec::new())
}

fn table((own, groups): Files) -> Table<Cursor<Vec<u8>>, Cursor<Vec<u8>>> {
    let groups = groups.into_iter().map(|(name, text)| (name, Cursor::new(text))).collect();
    Table::open(Cursor::new(own), groups).unwrap()
}

fn read_back(form: &Form, files: Files) -> Vec<Map<String, Json>> {
    let table = table(files);
    table.headers().check(form).unwrap();
    let read = |entry: Result<Entry, TableFault>| match entry.unwrap() {
        Entry::Record { line: _, cells } => cells.object(form),
        wrong @ Entry::Wrong { .. } => panic!("{wrong:?}"),
    };
    table.map(read).collect()
}

/// Answers drawn ahead; when they are used up everything is the first of its choices.
struct Chance(std::vec::IntoIter<u8>);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % bound
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 16] = [
            "a",
            "=1+1",
            "@id",
            "-",
            "+7",
            "'",
            "''=",
            ";",
            "\\",
            "\\;",
            "\"",
            "\"\"",
            ",",
            "строка\r\nвторая",
            "\t",
            " \u{feff}",
        ];
        let pieces = 1 + self.below(4);
        let text: String = (0..pieces).map(|_| PIECES[self.below(PIECES.len())]).collect();
        let text = text.trim();
        if text.is_empty() { "x".to_owned() } else { text.to_owned() }
    }

    fn record(&mut self, form: &Form, number: u8) -> Map<String, Json> {
        let mut record = Map::new();
        record.insert("@id".to_owned(), json!(id(number).to_string()));
        record.extend(self.fields(&form.fields));
        if self.below(4) == 1 {
            record.insert("@voided".to_owned(), json!(self.text()));
        }
        record
    }

    fn fields(&mut self, fields: &[Field]) -> Map<String, Json> {
        let mut object = Map::new();
        for field in fields.iter().filter(|field| field.shape != Shape::Computed) {
            if self.below(3) != 0 {
                object.insert(field.id.clone(), self.field(field));
            }
        }
        object
    }

    fn field(&mut self, field: &Field) -> Json {
        let count = 1 + self.below(3);
        if field.shape == Shape::Group {
            let rows = (0..count).map(|_| {
                let mut row = self.fields(&field.fields);
                if row.is_empty() {
                    row.insert(field.fields[0].id.clone(), self.scalar(&field.fields[0].shape));
                }
                Json::Object(row)
            });
            return rows.collect();
        }
        if field.many {
            return (0..count).map(|_| self.scalar(&field.shape)).collect();
        }
        self.scalar(&field.shape)
    }

    fn scalar(&mut self, shape: &Shape) -> Json {
        match shape {
            Shape::Bool => json!(self.below(2) == 1),
            Shape::Int { .. } | Shape::Choice { number: true, .. } => {
                json!(i64::try_from(self.below(9)).unwrap() - 4)
            }
            Shape::Decimal { .. } => json!("12.4"),
            Shape::Date => json!("2026-11-20"),
            Shape::DateTime => json!("2026-11-20T03:10:00+06:00"),
            Shape::Text { .. } | Shape::Reference { .. } | Shape::Choice { number: false, .. } => {
                json!(self.text())
            }
            Shape::Group | Shape::Computed => unreachable!("they have no value of their own"),
        }
    }
}

fn id(number: u8) -> RecordId {
    let mut bytes = [7; 16];
    bytes[0] = number;
    RecordId(bytes)
}

proptest! {
    #[test]
    fn any_records_of_any_form_are_read_back_as_they_were_written(
        chance in prop::collection::vec(any::<u8>(), 0..400),
        records in 0_u8..4,
    ) {
        let mut chance = Chance(chance.into_iter());
        for form in catalogue().forms() {
            let records: Vec<_> = (0..records).map(|number| chance.record(form, number)).collect();
            prop_assert_eq!(read_back(form, written(form, &records)), records.clone());
            prop_assert_eq!(read_back(form, written_in_one_file(form, &records)), records);
        }
    }

    #[test]
    fn rows_find_their_record_and_place_whatever_the_order_of_the_file(
        chance in prop::collection::vec(any::<u8>(), 100..400),
        turn in 0_usize..50,
    ) {
        let mut chance = Chance(chance.into_iter());
        let catalogue = catalogue();
        let form = catalogue.form("incident").unwrap();
        let records: Vec<_> = (0..4).map(|number| chance.record(form, number)).collect();
        let (own, mut groups) = written(form, &records);
        for (_name, text) in &mut groups {
            *text = turned(text, turn);
        }
        prop_assert_eq!(read_back(form, (own, groups)), records);
    }
}

/// Moves rows of a file behind the others. Quoted line breaks keep rows together.
fn turned(text: &[u8], turn: usize) -> Vec<u8> {
    let mut rows: Vec<csv::ByteRecord> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text)
        .byte_records()
        .map(|row| row.unwrap())
        .collect();
    if let Some(rows) = rows.get_mut(1..).filter(|rows| !rows.is_empty()) {
        let turn = turn % rows.len();
        rows.rotate_left(turn);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_byte_record(row).unwrap());
    writer.into_inner().unwrap()
}

#[test]
fn an_export_says_what_it_leaves_out_and_names_others_as_people_do() {
    let catalogue = catalogue();
    let form = catalogue.form("search").unwrap();
    let name = |form: &str, other: RecordId| {
        (form == "staff_member" && other == id(9)).then(|| "S027-0001".to_owned())
    };
    let values = json!({
        "place": "gate",
        "conducted_by": [id(9).to_string(), id(8).to_string(), "S027-0002"],
        "later_field": {"a": 1},
    });
    let row = crate::RowId([1; 8]);
    let conflict = |path| crate::Conflict { path, values: Vec::new() };
    let shown = Shown {
        values: values.as_object().unwrap().clone(),
        conflicts: vec![
            conflict(crate::Path::field("count")),
            conflict(crate::Path::in_row("items", row, "unit")),
        ],
        reference: Some("INST-027/2026/A-00001".to_owned()),
        voided: Some("entered twice".to_owned()),
        ..Shown::default()
    };
    let key = RecordKey { site: "INST-027".parse().unwrap(), id: id(1) };
    let flat = Export { form, name: &name }.flat(&key, &shown);
    let expected = json!({
        "@id": id(1).to_string(),
        "place": "gate",
        "conducted_by": ["S027-0001", id(8).to_string(), "S027-0002"],
        "later_field": {"a": 1},
        "@site": "INST-027",
        "@ref": "INST-027/2026/A-00001",
        "@voided": "entered twice",
        "@conflict": ["count", "items/0101010101010101/unit"],
    });
    assert_eq!(Json::Object(flat.clone()), expected);
    // Also what the form does not know stands in the table, and is read back.
    assert_eq!(read_back(form, written(form, std::slice::from_ref(&flat))), [flat]);
}
