//! A form's file as it is written, before its names are looked up. Unknown keys are refused here.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Class, Policy, Reach, Severity, Unique};
use crate::card::Words;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawForm {
    pub(super) id: Spanned<String>,
    pub(super) version: Spanned<u32>,
    pub(super) reach: Reach,
    pub(super) own_date: Option<Spanned<String>>,
    pub(super) key: Option<Spanned<String>>,
    pub(super) title: RawTitle,
    #[serde(default)]
    pub(super) urgent_when: Vec<Spanned<String>>,
    pub(super) future_when: Option<Spanned<String>>,
    pub(super) happened_when: Option<Spanned<String>>,
    pub(super) label: RawWords,
    pub(super) complete_within: Option<RawLimit>,
    #[serde(default)]
    pub(super) class_when: Vec<RawClass>,
    pub(super) section: Vec<RawSection>,
    #[serde(default)]
    pub(super) rule: Vec<Spanned<RawRule>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTitle {
    pub(super) field: Option<Spanned<String>>,
    pub(super) from: Vec<Spanned<String>>,
    pub(super) words: Option<RawByLanguage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawByLanguage {
    pub(super) ky: Spanned<String>,
    pub(super) ru: Spanned<String>,
    pub(super) en: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) enum RawCompute {
    Difference { of: Spanned<String>, less: Spanned<String> },
    Expiry { from: Spanned<String>, months: Spanned<String>, given: Spanned<String> },
}

/// English is always there: the other two fall back to it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWords {
    en: String,
    ru: Option<String>,
    ky: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimit {
    pub(super) by: Spanned<String>,
    pub(super) hours: BTreeMap<String, u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClass {
    pub(super) when: Spanned<String>,
    pub(super) class: Class,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSection {
    pub(super) id: Spanned<String>,
    pub(super) label: RawWords,
    pub(super) when: Option<Spanned<String>>,
    pub(super) stars_when: Option<Spanned<String>>,
    pub(super) stars_with: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) field: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawField {
    pub(super) id: Spanned<String>,
    #[serde(rename = "type")]
    pub(super) shape: Spanned<String>,
    pub(super) label: RawWords,
    pub(super) hint: Option<RawWords>,
    pub(super) class: Class,
    #[serde(default)]
    pub(super) policy: Option<Policy>,
    #[serde(default)]
    pub(super) many: bool,
    #[serde(default)]
    pub(super) starred: bool,
    #[serde(default)]
    pub(super) first_notice: bool,
    #[serde(default)]
    pub(super) number: bool,
    pub(super) default: Option<Spanned<serde_json::Value>>,
    pub(super) when: Option<Spanned<String>>,
    pub(super) required_when: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) class_when: Vec<RawClass>,
    pub(super) above: Option<Spanned<String>>,
    pub(super) at_most: Option<Spanned<String>>,
    pub(super) warn_under: Option<usize>,
    pub(super) not_before: Option<Spanned<String>>,
    pub(super) after: Option<Spanned<String>>,
    pub(super) order_unless: Option<Spanned<String>>,
    pub(super) unique: Option<Unique>,
    pub(super) codes: Option<Spanned<String>>,
    pub(super) compute: Option<RawCompute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) id: String,
    pub(super) check: RawCheck,
    #[serde(default)]
    pub(super) severity: Severity,
    pub(super) field: Spanned<String>,
    pub(super) when: Option<Spanned<String>>,
    pub(super) need: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) fields: Vec<Spanned<String>>,
    pub(super) count: Option<usize>,
    pub(super) after_hours: Option<u32>,
    pub(super) column: Option<Spanned<String>>,
    pub(super) from: Option<Spanned<String>>,
    pub(super) to: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) records: BTreeMap<String, Vec<String>>,
    pub(super) say: RawWords,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawCheck {
    Condition,
    Whole,
    AtLeast,
    AtMost,
    AnyOf,
    Column,
    Distinct,
    Missing,
    NothingWithin,
}

impl From<RawWords> for Words {
    fn from(words: RawWords) -> Self {
        Self { en: Some(words.en), ru: words.ru, ky: words.ky }
    }
}
