//! The pages of forms and lists: what is asked in three languages, in which versions, and what a
//! version changed.

use askama::Template;
use record::{
    Class, CodeView, Difference, FieldView, FormView, ListView, Reach, SectionView, Version,
    VocabularyView, What, Words,
};

use crate::NotRendered;
use crate::dictionary::Dictionary;
use crate::frame::{Frame, Place};
use crate::lang::Lang;
use crate::written::count;

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
    view: &'a FormView,
    changes: Changes<'a>,
}

#[derive(Template)]
#[template(path = "vocabulary.html")]
struct OneVocabulary<'a> {
    frame: &'a Frame,
    w: &'static Dictionary,
    place: Place,
    view: &'a VocabularyView,
    changes: Changes<'a>,
}

/// What a version changed, against the one before.
struct Changes<'a> {
    /// The version before, if there is one.
    before: Option<u64>,
    differences: &'a [Difference],
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
pub fn form_page(
    frame: &Frame,
    view: &FormView,
    differences: &[Difference],
) -> Result<String, NotRendered> {
    let changes = Changes { before: before(&view.versions, view.version), differences };
    let page = OneForm { frame, w: frame.words(), place: Place::Forms, view, changes };
    page.render().map_err(NotRendered)
}

/// Shows one version of a vocabulary and what it changed.
///
/// # Errors
///
/// Returns [`NotRendered`] if the template fails.
pub fn vocabulary_page(
    frame: &Frame,
    view: &VocabularyView,
    differences: &[Difference],
) -> Result<String, NotRendered> {
    let changes = Changes { before: before(&view.versions, view.version), differences };
    let page = OneVocabulary { frame, w: frame.words(), place: Place::Forms, view, changes };
    page.render().map_err(NotRendered)
}

/// Returns the version before `version`.
fn before(versions: &[Version], version: u32) -> Option<u64> {
    versions.iter().map(|it| it.version).filter(|it| *it < version).max().map(u64::from)
}

impl Forms<'_> {
    fn label<'a>(&self, row: &'a FormRow) -> &'a str {
        self.w.lang.pick(&row.label).unwrap_or(&row.id)
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
    fn codes(&self, list: &ListView) -> u64 {
        count(list.codes.len())
    }

    fn validity(&self, code: &CodeView) -> Option<String> {
        let day = |day: &Option<String>| day.as_deref().map(|day| self.w.time(day));
        let (from, to) = (day(&code.valid_from), day(&code.valid_to));
        let is_bounded = from.is_some() || to.is_some();
        let ends = [from.unwrap_or_default(), to.unwrap_or_default()];
        is_bounded.then(|| ends.join(" – ").trim().to_owned())
    }
}

impl Changes<'_> {
    fn title(&self, w: &Dictionary, before: &u64) -> String {
        w.n("changes-title", before)
    }

    fn what(&self, w: &Dictionary, difference: &Difference) -> String {
        w.t(match difference.what {
            What::Added => "change-added",
            What::Removed => "change-removed",
            What::Changed => "change-changed",
        })
    }
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
