//! A form and a list as they are shown to people and programs: every question with its type and
//! labels, every code with its labels.

use serde::Serialize;

use super::{Catalogue, Version};
use crate::card::Words;
use crate::form::{Class, Field, Form, Policy, Reach, Shape};
use crate::list::{Code, List};
use crate::publication::Subject;

/// A version of a form.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct FormView {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// What it is called.
    pub label: Words,
    /// Who its records are sent to.
    pub reach: Reach,
    /// All versions there are, the newest last.
    pub versions: Vec<Version>,
    /// The parts of its page.
    pub sections: Vec<SectionView>,
}

/// A part of a form.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SectionView {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: Words,
    /// Its questions.
    pub fields: Vec<FieldView>,
}

/// A question.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct FieldView {
    /// Its id; of a field in a group the part after the point.
    pub id: String,
    /// What an answer is, such as `text(200)` or `choice:unit`.
    #[serde(rename = "type")]
    pub shape: String,
    /// Whether there may be many answers.
    pub many: bool,
    /// Whether an answer is required to submit.
    pub starred: bool,
    /// Who may see it.
    pub class: Class,
    /// What becomes of concurrent answers.
    pub policy: Policy,
    /// What it is called.
    pub label: Words,
    /// How to answer.
    pub hint: Option<Words>,
    /// Of a group: the questions of each row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Self>,
}

/// A version of a vocabulary.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct VocabularyView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// All versions there are, the newest last.
    pub versions: Vec<Version>,
    /// Its lists.
    pub lists: Vec<ListView>,
}

/// A list.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ListView {
    /// The name forms call it by.
    pub name: String,
    /// Its codes, in the order they are offered.
    pub codes: Vec<CodeView>,
}

/// A code.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct CodeView {
    /// The code.
    pub code: String,
    /// What it is called.
    pub label: Words,
    /// Its first day.
    pub valid_from: Option<String>,
    /// Its last day.
    pub valid_to: Option<String>,
    /// Whether a native speaker still has to look at the Kyrgyz label.
    pub in_review: bool,
}

impl Catalogue {
    /// Returns a version of a form as it is shown; without a number the newest.
    #[must_use]
    pub fn form_view(&self, id: &str, version: Option<u32>) -> Option<FormView> {
        let form = match version {
            Some(version) => self.form_at(id, version)?,
            None => self.form(id)?,
        };
        let sections = form.sections.iter().enumerate().map(|(place, section)| SectionView {
            id: section.id.clone(),
            label: section.label.clone(),
            fields: fields(form, place),
        });
        Some(FormView {
            id: form.id.clone(),
            version: form.version,
            label: form.label.clone(),
            reach: form.reach,
            versions: self.versions(Subject::Form, id),
            sections: sections.collect(),
        })
    }

    /// Returns a version of a vocabulary as it is shown; without a number the newest.
    #[must_use]
    pub fn vocabulary_view(&self, name: &str, version: Option<u32>) -> Option<VocabularyView> {
        let versions = self.vocabularies.get(name)?;
        let (version, vocabulary) = match version {
            Some(version) => (version, versions.get(&version)?),
            None => versions.last_key_value().map(|(version, it)| (*version, it))?,
        };
        Some(VocabularyView {
            name: name.to_owned(),
            version,
            versions: self.versions(Subject::Vocabulary, name),
            lists: vocabulary.lists.iter().map(|list| list_view(list)).collect(),
        })
    }
}

fn fields(form: &Form, section: usize) -> Vec<FieldView> {
    form.fields.iter().filter(|field| field.section == section).map(field_view).collect()
}

fn field_view(field: &Field) -> FieldView {
    FieldView {
        id: field.id.clone(),
        shape: shape(&field.shape),
        many: field.many,
        starred: field.starred,
        class: field.class,
        policy: field.policy,
        label: field.label.clone(),
        hint: field.hint.clone(),
        fields: field.fields.iter().map(field_view).collect(),
    }
}

/// Returns what an answer is, as a form's file says it.
pub(super) fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Text { max } => format!("text({max})"),
        Shape::Bool => "bool".to_owned(),
        Shape::Int { min, max } => format!("int({min}..{max})"),
        Shape::Decimal { .. } => "decimal".to_owned(),
        Shape::Date => "date".to_owned(),
        Shape::DateTime => "datetime".to_owned(),
        Shape::Choice { list, .. } => format!("choice:{}", list.name),
        Shape::Reference { form } => format!("ref:{form}"),
        Shape::Group => "group".to_owned(),
        Shape::Computed => "computed".to_owned(),
    }
}

fn list_view(list: &List) -> ListView {
    ListView { name: list.name.clone(), codes: list.codes.iter().map(code_view).collect() }
}

fn code_view(code: &Code) -> CodeView {
    CodeView {
        code: code.code.clone(),
        label: code.label.clone(),
        valid_from: code.validity.from.map(|day| day.to_string()),
        valid_to: code.validity.to.map(|day| day.to_string()),
        in_review: code.in_review,
    }
}
