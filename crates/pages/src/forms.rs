//! The pages of forms and lists: what is asked in three languages, in which versions, and what a
//! version changed.

mod changes;
mod shape;

use std::collections::BTreeMap;

use askama::Template;
use record::{
    Class, CodeView, Difference, FieldView, FormView, ListView, Reach, SectionView, VocabularyView,
    Words,
};

use crate::NotRendered;
use crate::dictionary::Dictionary;
use crate::frame::{Frame, Place};
use crate::lang::Lang;
use crate::written::count;
use changes::Changes;
use shape::Answer;

/// A form's line.
#[derive(Clone, Debug, Default)]
pub struct FormRow {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: Words,
    /// Its newest version.
    pub version: u32,
    /// Whether that came with the program.
    pub shipped: bool,
    /// How many questions it has, those of rows too.
    pub questions: u64,
}

/// A vocabulary's line.
#[derive(Clone, Debug, Default)]
pub struct VocabularyRow {
    /// Its name.
    pub name: String,
    /// Its newest version.
    pub version: u32,
    /// Whether that came with the program.
    pub shipped: bool,
    /// How many lists it holds.
    pub lists: u64,
    /// How many codes these have.
    pub codes: u64,
    /// How many Kyrgyz labels a native speaker still has to look at.
    pub in_review: u64,
}

/// A version of a form or vocabulary: where it came from.
#[derive(Clone, Debug, Default)]
pub struct VersionLine {
    /// Its number.
    pub version: u32,
    /// When and by whom it was published; neither of one that came with the program.
    pub published: Option<(String, String)>,
    /// Why this hub's software can't use it, if it can't.
    pub unread: Option<String>,
}

/// A version of a form, and what is known around it.
#[derive(Clone, Debug)]
pub struct FormPage<'a> {
    /// The form.
    pub view: &'a FormView,
    /// What it changed against the version before.
    pub differences: &'a [Difference],
    /// All its versions, the newest last.
    pub versions: &'a [VersionLine],
    /// Where each list of choices stands: its name and its address.
    pub lists: BTreeMap<String, String>,
    /// What forms are called, by id.
    pub forms: BTreeMap<String, Words>,
}

/// A version of a vocabulary, and what is known around it.
#[derive(Clone, Debug)]
pub struct VocabularyPage<'a> {
    /// The vocabulary.
    pub view: &'a VocabularyView,
    /// What it changed against the version before.
    pub differences: &'a [Difference],
    /// All its versions, the newest last.
    pub versions: &'a [VersionLine],
    /// By list: the questions whose answers it has, each with the words of its form.
    pub uses: BTreeMap<String, Vec<[Words; 2]>>,
}

#[derive(Template)]
#[template(path = "forms.html")]
struct Forms<'a> {
    frame: &'a Frame,
    w: &'static Dictionary,
    place: Place,
    forms: &'a [FormRow],
    vocabularies: &'a [VocabularyRow],
}

#[derive(Template)]
#[template(path = "form.html")]
struct OneForm<'a> {
    frame: &'a Frame,
    w: &'static Dictionary,
    place: Place,
    page: &'a FormPage<'a>,
    view: &'a FormView,
    changes: Changes<'a>,
}

#[derive(Template)]
#[template(path = "vocabulary.html")]
struct OneVocabulary<'a> {
    frame: &'a Frame,
    w: &'static Dictionary,
    place: Place,
    page: &'a VocabularyPage<'a>,
    view: &'a VocabularyView,
    changes: Changes<'a>,
}

/// Shows which forms and vocabularies there are.
///
/// # Errors
///
/// Returns [`NotRendered`] if the template fails.
pub fn forms_page(
    frame: &Frame,
    forms: &[FormRow],
    vocabularies: &[VocabularyRow],
) -> Result<String, NotRendered> {
    let page = Forms { frame, w: frame.words(), place: Place::Forms, forms, vocabularies };
    page.render().map_err(NotRendered)
}

/// Shows one version of a form and what it changed.
///
/// # Errors
///
/// Returns [`NotRendered`] if the template fails.
pub fn form_page(frame: &Frame, page: &FormPage<'_>) -> Result<String, NotRendered> {
    let (w, place, view, differences) = (frame.words(), Place::Forms, page.view, page.differences);
    let changes = Changes::of_form(w, view, differences);
    OneForm { frame, w, place, page, view, changes }.render().map_err(NotRendered)
}

/// Shows one version of a vocabulary and what it changed.
///
/// # Errors
///
/// Returns [`NotRendered`] if the template fails.
pub fn vocabulary_page(frame: &Frame, page: &VocabularyPage<'_>) -> Result<String, NotRendered> {
    let (w, place, view, differences) = (frame.words(), Place::Forms, page.view, page.differences);
    let changes = Changes::of_vocabulary(w, view, differences);
    OneVocabulary { frame, w, place, page, view, changes }.render().map_err(NotRendered)
}

impl Forms<'_> {
    fn label<'a>(&self, row: &'a FormRow) -> &'a str {
        self.w.lang.pick(&row.label).unwrap_or(&row.id)
    }

    fn title(&self, row: &VocabularyRow) -> Option<String> {
        vocabulary(self.w, &row.name)
    }
}

impl OneForm<'_> {
    fn label(&self) -> &str {
        self.w.lang.pick(&self.view.label).unwrap_or(&self.view.id)
    }

    fn section<'a>(&self, section: &'a SectionView) -> &'a str {
        self.w.lang.pick(&section.label).unwrap_or(&section.id)
    }

    fn reach(&self) -> String {
        self.w.t(match self.view.reach {
            Reach::Site => "reach-site",
            Reach::Everyone => "reach-everyone",
        })
    }

    fn answer(&self, field: &FieldView) -> Answer {
        shape::answer(self.w, self.page, &field.shape)
    }

    fn class(&self, field: &FieldView) -> String {
        self.w.t(match field.class {
            Class::Open => "class-open",
            Class::Restricted => "class-restricted",
            Class::Medical => "class-medical",
            Class::Complaint => "class-complaint",
        })
    }

    /// Returns the questions of a section, each group's own after it, with how deep they stand.
    fn questions<'a>(&self, section: &'a SectionView) -> Vec<(&'a FieldView, bool)> {
        let with_inner = |field: &'a FieldView| {
            let inner = field.fields.iter().map(|inner| (inner, true));
            std::iter::once((field, false)).chain(inner)
        };
        section.fields.iter().flat_map(with_inner).collect()
    }
}

impl OneVocabulary<'_> {
    fn title(&self) -> String {
        vocabulary(self.w, &self.view.name).unwrap_or_else(|| self.view.name.clone())
    }

    /// Returns the questions whose answers a list has, such as "Unit (Incident)".
    fn uses(&self, list: &ListView) -> Vec<String> {
        let uses = self.page.uses.get(&list.name).map(Vec::as_slice).unwrap_or_default();
        let lang = self.w.lang;
        let words = |[form, field]: &[Words; 2]| {
            Some(format!("{} ({})", lang.pick(field)?, lang.pick(form)?))
        };
        uses.iter().filter_map(words).collect()
    }

    fn is_bounded(&self, list: &ListView) -> bool {
        list.codes.iter().any(|code| code.valid_from.is_some() || code.valid_to.is_some())
    }

    fn codes(&self, list: &ListView) -> u64 {
        count(list.codes.len())
    }

    fn validity(&self, code: &CodeView) -> Option<String> {
        let day = |day: &Option<String>| day.as_deref().map(|day| self.w.time(day));
        match (day(&code.valid_from), day(&code.valid_to)) {
            (None, None) => None,
            (Some(from), None) => Some(self.w.with("valid-from", &from)),
            (None, Some(to)) => Some(self.w.with("valid-to", &to)),
            (Some(from), Some(to)) => Some(format!("{from} – {to}")),
        }
    }
}

/// Returns what a vocabulary that came with the program is called.
fn vocabulary(w: &Dictionary, name: &str) -> Option<String> {
    let key = match name {
        "agencies" => "vocabulary-agencies",
        "choices" => "vocabulary-choices",
        "incident_types" => "vocabulary-incident-types",
        "institutions" => "vocabulary-institutions",
        "regions" => "vocabulary-regions",
        "substances" => "vocabulary-substances",
        _other => return None,
    };
    Some(w.t(key))
}

/// Returns the words in exactly this language, as an administrator checks them.
fn exactly<'a>(words: &'a Words, lang: &Lang) -> Option<&'a str> {
    let text = match lang {
        Lang::Ky => &words.ky,
        Lang::Ru => &words.ru,
        Lang::En => &words.en,
    };
    text.as_deref().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
