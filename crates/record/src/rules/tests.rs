//! Each rule, broken and kept.

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use crate::input::{NewRecord, Reader, Resolve};
use crate::{Catalogue, Class, DateTime, Facts, FieldError, RecordId, Validity, class_in};

mod first_notice;
mod incident;
mod newer;
mod others;

/// Knows every id, and nothing by any other name.
struct EveryId;

impl Resolve for EveryId {
    fn record(&self, _form: &str, _text: &str) -> Option<RecordId> {
        None
    }

    fn name(&self, _form: &str, id: RecordId) -> Option<String> {
        Some(id.to_string())
    }
}

/// Returns `base` with these keys put over it; `null` takes one away.
fn over(base: Json, keys: Json) -> Json {
    let mut record = base;
    let object = record.as_object_mut().unwrap();
    for (key, json) in keys.as_object().unwrap() {
        if json.is_null() {
            object.remove(key);
        } else {
            object.insert(key.clone(), json.clone());
        }
    }
    record
}

fn catalogue() -> Catalogue {
    Catalogue::shipped().unwrap()
}

fn reader<'a>(catalogue: &'a Catalogue, form: &str, facts: Facts) -> Reader<'a> {
    let form = catalogue.form(form).unwrap();
    Reader { catalogue, form, resolve: &EveryId, facts }
}

fn object(record: &Json) -> &serde_json::Map<String, Json> {
    record.as_object().unwrap()
}

fn read(form: &str, record: &Json, facts: Facts) -> Result<NewRecord, Vec<FieldError>> {
    reader(&catalogue(), form, facts).read_new(object(record), RecordId([1; 16]))
}

fn at(now: &str) -> Facts {
    Facts { now: Some(now.parse::<DateTime>().unwrap()), ..Facts::default() }
}

/// Checks what is said of a record: its refusals, or else its findings.
fn says(form: &str, record: &Json, facts: Facts, expected: &Expect) {
    let lines: Vec<String> = match read(form, record, facts) {
        Err(errors) => errors.iter().map(|error| format!("REFUSED {error}")).collect(),
        Ok(read) => {
            let findings = read.findings.iter();
            let field = |field: &Option<String>| field.clone().unwrap_or_default();
            findings.map(|f| format!("{} [{}] {}", f.rule, field(&f.field), f.what)).collect()
        }
    };
    expected.assert_eq(&lines.join("\n"));
}
