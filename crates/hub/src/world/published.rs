//! What is published to a hub of a test, and changes that name it.

use journal::Kind;
use record::{Catalogue, Change, FormVersion, Path, RecordKey, Subject, Value, Write};

use super::{change, incident};
use crate::write::publish::Source;

/// The choices with another word for the gate.
pub(crate) fn choices(word: &str) -> Source {
    let shipped = Catalogue::shipped().unwrap();
    let text = shipped.text(Subject::Vocabulary, "choices", 1).unwrap();
    let label = "location_type,gate,\"Gate, checkpoint\"";
    assert!(text.contains(label));
    let text = text.replace(label, &format!("location_type,gate,{word}"));
    Source { subject: Subject::Vocabulary, file: "choices.csv".to_owned(), text }
}

/// The form of incidents with more in it.
pub(crate) fn form(extra: &str) -> Source {
    let shipped = Catalogue::shipped().unwrap();
    let version = shipped.form("incident").unwrap().version;
    let text = shipped.text(Subject::Form, "incident", version).unwrap();
    let text = format!("{text}\n{extra}");
    Source { subject: Subject::Form, file: "incident.toml".to_owned(), text }
}

/// A question more for the form.
pub(crate) const QUESTION: &str = "[[section.field]]\nid = \"camera\"\ntype = \"text(200)\"\n\
                        class = \"open\"\nlabel = { en = \"Camera\" }\n";

/// A change that names version 2 of the form and of the choices.
pub(crate) fn by_the_new(record: &RecordKey, fields: Vec<(&str, Value)>) -> (Kind, Vec<u8>) {
    let (_, payload) = change(record, Vec::new(), &[]);
    let mut change = Change::from_payload(&payload).unwrap();
    change.form = FormVersion { id: "incident".to_owned(), version: 2 };
    change.lists = vec![("choices".to_owned(), 2)];
    let write = |(field, value): (&str, Value)| Write {
        path: Path::field(field),
        value,
        replaces: Vec::new(),
    };
    change.writes = fields.into_iter().map(write).collect();
    (Change::KIND, change.to_payload().unwrap())
}

/// The fields of an incident that is titled by what its list says.
pub(crate) fn untitled() -> Vec<(&'static str, Value)> {
    incident("").into_iter().filter(|(field, _)| *field != "title").collect()
}
