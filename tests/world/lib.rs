//! A small world: devices, a hub, bad weather between them, and one seed that replays it all.
//!
//! The machines of crate `protocol`, the frames of crate `journal`, the changes, acts and folds of
//! crate `record` and the projection of crate `agent` are the real ones; disks, links and time are
//! values. After every event the [`World`] checks what must hold, and when the weather clears, that
//! everything that anybody still has is listed wherever it should be. A [`Mutant`] is a world with
//! one rule broken on purpose: it shows that the checks can fail.

mod chance;
mod checks;
mod compose;
mod device;
mod disk;
mod fold;
mod lane;
mod listed;
mod listing;
mod mutant;
mod office;
mod pen;
mod remains;
mod rows;
mod shelf;
mod tally;
mod visit;
mod weather;
mod world;

pub use chance::Chance;
pub use checks::Broken;
pub use listed::Census;
pub use mutant::Mutant;
pub use remains::{Listed, Remains};
pub use tally::Tally;
pub use weather::{Climate, Fault};
pub use world::{Lived, World, all};
