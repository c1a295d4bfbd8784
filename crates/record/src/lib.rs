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
mod condition;
mod counts;
mod finding;
mod form;
mod history;
mod id;
mod input;
mod list;
mod path;
mod rules;
mod shipped;
mod show;
mod standing;
mod state;
mod value;
mod view;

pub use card::{PersonCard, SiteCard, Words};
pub use catalogue::{Catalogue, CatalogueError};
pub use change::{Change, FormVersion, Write};
pub use counts::counts;
pub use finding::{FieldError, Finding};
pub use form::{Class, Field, Form, Policy, Reach, Rule, Section, Severity, Shape};
pub use history::{FieldChange, HistoryItem, HistoryKind, history};
pub use id::{MalformedId, PersonId, RecordId, RecordKey, RowId};
pub use input::{Amendment, NewRecord, NothingKnown, Reader, Resolve, resolution};
pub use list::{Code, Label, Language, List, MalformedValidity, Validity};
pub use path::{MalformedPath, Path, RowPath};
pub use rules::{Facts, class_in};
pub use show::{Conflict, Shown, show, summary, title};
pub use state::{FieldState, State, state_hash_of_all};
pub use value::{Date, DateTime, Decimal, MalformedValue, Value};
pub use view::{
    ConflictValue, ConflictView, Custody, Evidence, ListRow, RecordView, ReviewView, list_row,
    record_view,
};
