//! The field agent of a colony: what happens is recorded here, link or no link, and brought to the
//! hub when there is one.
//!
//! [`Desk`] is what a person or program may ask of the records on this machine. The command line,
//! the local API and the demo all ask it the same [`Request`]s. [`sync`] talks to the hub.

mod api;
mod backup;
mod catalogues;
mod cli;
pub mod clock;
pub mod config;
mod desk;
pub mod enrol;
pub mod identity;
mod kept;
pub mod limits;
mod problem;
mod projector;
mod request;
mod run;
pub mod sync;
mod words;

pub use backup::Passphrase;
pub use catalogues::Catalogues;
pub use cli::main_with;
pub use desk::{Desk, open_store, pin};
pub use problem::{Cause, Document, Problem};
pub use projector::{Projection, Records, Remark, Reviewed, Summary};
pub use request::{
    Amend, Batch, FieldReason, Filter, Line, LineResult, LineText, Outcome, Request, Response,
    Saved, Then, Told, Upkeep,
};
