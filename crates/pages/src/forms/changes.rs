//! What a version changed, against the one before. A difference names its place as the file does;
//! beside that stands what the place is called in the reader's language.

use std::collections::BTreeMap;

use record::{Difference, FieldView, FormView, Version, VocabularyView, What, Words};

use crate::dictionary::Dictionary;

/// What a version changed.
pub(super) struct Changes<'a> {
    /// The version before, if there is one.
    pub(super) before: Option<u64>,
    pub(super) differences: &'a [Difference],
    /// What the places of this version are called.
    names: BTreeMap<String, String>,
}

impl<'a> Changes<'a> {
    pub(super) fn of_form(w: &Dictionary, view: &FormView, differences: &'a [Difference]) -> Self {
        let mut names = BTreeMap::new();
        let mut name = |place: String, words: &Words| {
            names.extend(w.lang.pick(words).map(|words| (place, words.to_owned())));
        };
        for section in &view.sections {
            name(format!("section {}", section.id), &section.label);
            for field in &section.fields {
                name(field.id.clone(), &field.label);
                let inner = |inner: &FieldView| format!("{}.{}", field.id, inner.id);
                field.fields.iter().for_each(|it| name(inner(it), &it.label));
            }
        }
        Self { before: before(&view.versions, view.version), differences, names }
    }

    pub(super) fn of_vocabulary(
        w: &Dictionary,
        view: &VocabularyView,
        differences: &'a [Difference],
    ) -> Self {
        let codes = view.lists.iter().flat_map(|list| list.codes.iter().map(move |it| (list, it)));
        let name = |(list, code): (&record::ListView, &record::CodeView)| {
            let words = w.lang.pick(&code.label)?.to_owned();
            Some((format!("{}/{}", list.name, code.code), words))
        };
        let names = codes.filter_map(name).collect();
        Self { before: before(&view.versions, view.version), differences, names }
    }

    pub(super) fn title(&self, w: &Dictionary, before: &u64) -> String {
        w.n("changes-title", before)
    }

    pub(super) fn what(&self, w: &Dictionary, difference: &Difference) -> String {
        w.t(match difference.what {
            What::Added => "change-added",
            What::Removed => "change-removed",
            What::Changed => "change-changed",
        })
    }

    /// Returns what the place of a difference is called, unless that is what changed.
    pub(super) fn name(&self, difference: &Difference) -> Option<&str> {
        let name = self.names.get(&difference.place)?;
        let is_told = difference.key.is_some() && difference.to.as_ref() == Some(name);
        (!is_told).then_some(name)
    }

    /// Returns what a key is now; what came as a whole is named already.
    pub(super) fn to<'b>(&self, difference: &'b Difference) -> Option<&'b str> {
        let is_named = difference.key.is_none() && self.name(difference).is_some();
        difference.to.as_deref().filter(|_to| !is_named)
    }
}

/// Returns the version before `version`.
fn before(versions: &[Version], version: u32) -> Option<u64> {
    versions.iter().map(|it| it.version).filter(|it| *it < version).max().map(u64::from)
}
