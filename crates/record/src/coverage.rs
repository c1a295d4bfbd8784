//! Who needs which course, and until when a certificate shows that it was passed.
//!
//! A course is mandatory for posts; whoever holds such a post and is in service needs it. Courses,
//! staff and sessions come in any order; each record is taken once it is folded.

use std::collections::BTreeMap;

use journal::SiteCode;

use crate::catalogue::Catalogue;
use crate::form::is_void;
use crate::id::RecordId;
use crate::input::{Asker, Resolve, Row, Slot};
use crate::list::{Language, Validity};
use crate::show::Draft;
use crate::state::State;
use crate::value::{Date, Value};

/// Days before its end at which a certificate is said to expire soon, in steps.
pub const SOON_DAYS: [i32; 3] = [30, 60, 90];

/// What coverage is reckoned from.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    courses: BTreeMap<RecordId, Course>,
    staff: BTreeMap<(SiteCode, RecordId), Member>,
    /// The days on which a person passed a course.
    passed: BTreeMap<(RecordId, RecordId), Vec<Date>>,
}

#[derive(Clone, Debug)]
struct Course {
    code: String,
    mandatory_for: Vec<String>,
    validity_months: Option<u32>,
}

#[derive(Clone, Debug)]
struct Member {
    service_no: String,
    post: String,
    active: Validity,
}

/// One person and one course that is mandatory for the person's post.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cover {
    /// The person's site.
    pub site: SiteCode,
    /// The person.
    pub person: RecordId,
    /// The person's service number.
    pub service_no: String,
    /// The course.
    pub course: RecordId,
    /// The course's code.
    pub code: String,
    /// Whether the person holds a certificate.
    pub held: Held,
}

/// Whether somebody holds a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Held {
    /// None was ever given.
    Never,
    /// The last one expired on that day.
    Expired(Date),
    /// One is valid to the end of that day.
    Until(Date),
    /// One is valid and never expires.
    ForGood,
}

/// How a site stands in a course: how many need it, and what they hold.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Count {
    /// Persons who need the course.
    pub needed: u64,
    /// Persons with a valid certificate.
    pub valid: u64,
    /// Persons whose last one expired.
    pub expired: u64,
    /// Persons who never had one.
    pub never: u64,
    /// Of the valid ones those that expire within 30, 60 and 90 days.
    pub soon: [u64; SOON_DAYS.len()],
}

impl Held {
    /// Returns whether a certificate is valid.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Until(_) | Self::ForGood)
    }

    /// Returns whether a valid certificate ends within so many days of `on`.
    #[must_use]
    pub fn ends_within(self, days: i32, on: Date) -> bool {
        matches!(self, Self::Until(last) if last.0 <= on.0.saturating_add(days))
    }
}

impl Roll {
    /// The forms whose records say something of training.
    pub const FORMS: [&str; 3] = ["course", "staff_member", "training_session"];

    /// Takes a record; one that says nothing of training, or is void, is passed over.
    pub fn take(&mut self, state: &State, catalogue: &Catalogue, others: &dyn Resolve) {
        let form = catalogue.edition(state).filter(|_form| !is_void(state));
        let Some(form) = form else { return };
        let asker = Asker { resolve: others, language: Language::En };
        let tree = Draft::of(state, Some(&form), asker).tree;
        let slot = |name: &str| form.place(name).map_or(&Slot::Empty, |place| tree.slot(place));
        match form.id.as_str() {
            "course" => {
                let course = Course {
                    code: text(slot("code")),
                    mandatory_for: codes(slot("mandatory_for")),
                    validity_months: number(slot("validity_months")),
                };
                self.courses.insert(state.key.id, course);
            }
            "staff_member" => {
                let member = Member {
                    service_no: text(slot("service_no")),
                    post: codes(slot("post_category")).pop().unwrap_or_default(),
                    active: Validity { from: day(slot("active_from")), to: day(slot("active_to")) },
                };
                self.staff.insert((state.key.site.clone(), state.key.id), member);
            }
            "training_session" if form.happened_when.holds(&tree, None) => {
                let (Some(course), Some(on)) = (record(slot("course")), day(slot("ends_at")))
                else {
                    return;
                };
                let Some(group) = form.field("attendance") else { return };
                let inner = |row: &Row, name: &str| {
                    group.place(name).map_or(Slot::Empty, |place| row.slot(place).clone())
                };
                for row in slot("attendance").rows() {
                    let certified = !inner(row, "certificate_no").is_empty();
                    if let Some(person) = record(&inner(row, "person")).filter(|_| certified) {
                        self.passed.entry((course, person)).or_default().push(on);
                    }
                }
            }
            _ => {}
        }
    }

    /// Returns everyone in service on that day with each course that the post asks for, by site,
    /// service number and code.
    #[must_use]
    pub fn coverage(&self, on: Date) -> Vec<Cover> {
        let mut covers = Vec::new();
        let serving = self.staff.iter().filter(|(_key, member)| member.active.holds(on));
        for ((site, person), member) in serving {
            for (id, course) in &self.courses {
                if course.mandatory_for.contains(&member.post) {
                    covers.push(Cover {
                        site: site.clone(),
                        person: *person,
                        service_no: member.service_no.clone(),
                        course: *id,
                        code: course.code.clone(),
                        held: self.held((*id, *person), course, on),
                    });
                }
            }
        }
        covers.sort_by(|one, two| {
            let key = |cover: &Cover| {
                (cover.site.clone(), cover.service_no.clone(), cover.code.clone(), cover.course)
            };
            key(one).cmp(&key(two))
        });
        covers
    }

    fn held(&self, passed: (RecordId, RecordId), course: &Course, on: Date) -> Held {
        // What is planned, or wrongly dated, shows nothing yet.
        let days = self.passed.get(&passed).into_iter().flatten().filter(|day| **day <= on);
        let Some(last) = days.max() else { return Held::Never };
        let Some(months) = course.validity_months else { return Held::ForGood };
        match last.months_later(months) {
            Some(end) if on <= end => Held::Until(end),
            Some(end) => Held::Expired(end),
            None => Held::ForGood,
        }
    }
}

/// Counts coverage by site and course code.
#[must_use]
pub fn count_coverage(covers: &[Cover], on: Date) -> BTreeMap<(SiteCode, String), Count> {
    let mut counts: BTreeMap<(SiteCode, String), Count> = BTreeMap::new();
    for cover in covers {
        let count = counts.entry((cover.site.clone(), cover.code.clone())).or_default();
        count.needed += 1;
        match cover.held {
            Held::Never => count.never += 1,
            Held::Expired(_) => count.expired += 1,
            Held::Until(_) | Held::ForGood => count.valid += 1,
        }
        for (soon, days) in count.soon.iter_mut().zip(SOON_DAYS) {
            *soon += u64::from(cover.held.ends_within(days, on));
        }
    }
    counts
}

fn text(slot: &Slot) -> String {
    if let Some(Value::Text(text)) = slot.value() { text.clone() } else { String::new() }
}

fn codes(slot: &Slot) -> Vec<String> {
    let values = slot.value().map(crate::input::each).unwrap_or_default();
    let code =
        |value: &Value| if let Value::Code(code) = value { Some(code.clone()) } else { None };
    values.iter().filter_map(code).collect()
}

fn number(slot: &Slot) -> Option<u32> {
    if let Some(Value::Int(number)) = slot.value() { u32::try_from(*number).ok() } else { None }
}

fn day(slot: &Slot) -> Option<Date> {
    slot.value().and_then(Value::day)
}

fn record(slot: &Slot) -> Option<RecordId> {
    if let Some(Value::Record(id)) = slot.value() { Some(*id) } else { None }
}

#[cfg(test)]
mod tests;
