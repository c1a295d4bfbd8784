//! What is recorded: values, changes, the fold that makes a record of them, and how it is shown.
//!
//! A [`Change`] is the payload that alters a record: writes, each of which names the values it
//! replaces. A [`State`] is the fold of all changes of one record, in any order. [`show()`] judges
//! a state by its form: policies, conflicts, findings. A [`Reader`] turns JSON into writes.
//!
//! This crate is pure: no I/O, no clock, no randomness; seeds and times are arguments. It does not
//! know how entries travel or where they are kept.

mod card;
mod catalogue;
mod change;
pub mod clock;
mod condition;
mod counts;
mod coverage;
mod finding;
mod form;
mod history;
mod id;
mod input;
mod kind;
pub mod limits;
mod list;
mod meaning;
pub mod message;
mod path;
mod publication;
mod review;
mod rules;
mod shipped;
mod show;
mod standing;
mod state;
pub mod table;
mod value;
mod view;

pub use card::{PersonCard, SiteCard, Words};
pub use catalogue::{
    Catalogue, CatalogueError, CodeView, Difference, FieldView, FormView, ListView, Objection,
    Proposal, Proposed, SectionView, Unread, Version, VocabularyView, Wanted, What, difference,
};
pub use change::{Change, FormVersion, Write};
pub use counts::counts;
pub use coverage::{Count, Cover, Held, Roll, SOON_DAYS, count_coverage};
pub use finding::{FieldError, Finding};
pub use form::{Class, Field, Form, Policy, Reach, Rule, Section, Severity, Shape, Unique, named};
pub use history::{FieldChange, HistoryItem, HistoryKind, Told, history};
pub use id::{MalformedId, PersonId, RecordId, RecordKey, RowId};
pub use input::{
    Amendment, Answer, Inquiry, NewRecord, NothingKnown, Question, Reader, Resolve, Sought,
    resolution,
};
pub use list::{Code, Label, Language, List, MalformedValidity, Validity};
pub use meaning::{EntryRule, Meaning, Rank, meaning, start_of};
pub use path::{MalformedPath, Path, RowPath};
pub use publication::{Publication, Subject};
pub use review::{
    Act, Action, Circumstances, Due, FieldRemark, Remarked, Review, ReviewEntry, ReviewRefusal,
    ReviewRule, ReviewState, Side, Step, UnknownState, may, may_change, review, side,
};
pub use rules::{Facts, class_in};
pub use show::{Conflict, Shown, is_of_sort, show, summary, title};
pub use state::{FieldState, State, state_hash_of_all};
pub use value::{Date, DateTime, Decimal, MalformedValue, Value};
pub use view::{
    ConflictValue, ConflictView, Custody, DecisionView, Delivery, Evidence, ListRow, RecordView,
    RemarkView, ReviewView, list_row, record_view,
};
