//! The forms of this machine: what an officer is asked, in which version, and in whose words.

use pages::Lang;
use record::{Catalogue, FieldView, FormView, Subject, Words};
use serde_json::Value as Json;
use terminal::Check;

use super::Desk;
use super::json;
use crate::problem::{Cause, Problem};
use crate::words;

impl Desk {
    /// Returns the newest version of every form.
    pub(super) fn forms(&self) -> Result<Vec<Json>, Problem> {
        views(&*self.catalogue()?).iter().map(json).collect()
    }

    /// Returns a version of a form; without a number the newest.
    pub(super) fn form_view(&self, id: &str, version: Option<u32>) -> Result<FormView, Problem> {
        let form = self.form(id)?;
        self.catalogue()?.form_view(id, version).ok_or_else(|| {
            let (number, newest) = (version.unwrap_or_default(), form.version);
            let words =
                format!("there is no version {number} of {id} here: the newest is {newest}");
            Problem::new(Cause::NotFound, words)
        })
    }

    /// Looks for published versions that only newer software can use.
    pub(super) fn forms_check(&self) -> Check {
        let catalogue = match self.catalogue() {
            Ok(catalogue) => catalogue,
            Err(fault) => {
                let remedy = "wait until the views are made anew";
                return Check::warn("forms", fault.to_string(), remedy);
            }
        };
        let unread = catalogue.unread().iter();
        let unread: Vec<String> =
            unread.map(|it| format!("{} {} version {}", it.subject, it.name, it.version)).collect();
        if unread.is_empty() {
            let (forms, lists) = (catalogue.forms().count(), catalogue.lists().count());
            return Check::ok("forms", format!("{forms} forms and {lists} lists can be used"));
        }
        let remedy = "install newer software; until then the versions before go on";
        Check::warn("forms", format!("this software can't use {}", unread.join(", ")), remedy)
    }

    /// Returns a line for each form, and for each that this software can't use.
    pub(super) fn forms_in_words(&self, lang: Lang) -> Result<Vec<String>, Problem> {
        let catalogue = self.catalogue()?;
        let line = |view: &FormView| {
            format!("{:<22} {:>3}  {}", view.id, view.version, said(lang, &view.label))
        };
        let mut lines: Vec<String> = views(&catalogue).iter().map(line).collect();
        let unread = catalogue.unread().iter().filter(|it| it.subject == Subject::Form);
        lines.extend(unread.map(|unread| {
            let form = format!("{} {}", unread.name, unread.version);
            words::words(lang).with("form-unread", &form)
        }));
        Ok(lines)
    }

    /// Returns a form as people read it.
    pub(super) fn form_in_words(
        &self,
        lang: Lang,
        (id, version): (&str, Option<u32>),
    ) -> Result<Vec<String>, Problem> {
        let view = self.form_view(id, version)?;
        let mut lines = vec![format!("{} {}: {}", view.id, view.version, said(lang, &view.label))];
        for section in &view.sections {
            lines.extend([String::new(), said(lang, &section.label).to_owned()]);
            section.fields.iter().for_each(|view| field(&mut lines, lang, (view, "  ")));
        }
        Ok(lines)
    }
}

fn views(catalogue: &Catalogue) -> Vec<FormView> {
    catalogue.forms().filter_map(|form| catalogue.form_view(&form.id, None)).collect()
}

fn field(lines: &mut Vec<String>, lang: Lang, (view, indent): (&FieldView, &str)) {
    let star = if view.starred { '*' } else { ' ' };
    let many = if view.many { "[]" } else { "" };
    let (shape, label) = (&view.shape, said(lang, &view.label));
    lines.push(format!("{indent}{star} {:<30} {shape}{many}  {label}", view.id));
    let deeper = format!("{indent}    ");
    view.fields.iter().for_each(|inner| field(lines, lang, (inner, &deeper)));
}

fn said(lang: Lang, words: &Words) -> &str {
    lang.pick(words).unwrap_or_default()
}
