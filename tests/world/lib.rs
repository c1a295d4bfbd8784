//! A small world: devices, a hub, bad weather between them, and one seed that replays it all.
//!
//! The machines of crate `protocol` and the frames of crate `journal` are the real ones; disks,
//! links and time are values. After every event the [`World`] checks what must hold, and when the
//! weather clears, that everything arrives. A [`Mutant`] is a world with one rule broken on
//! purpose: it shows that the checks can fail.

mod chance;

mod checks;
mod compose;
mod device;
mod disk;
mod fold;
mod listed;
mod listing;
mod office;
mod pen;
mod rows;
mod shelf;
mod visit;
mod weather;
mod world;

pub use chance::Chance;
pub use checks::Broken;
pub use listed::Census;
pub use weather::{Climate, Fault};
pub use world::{Mutant, Tally, World, all};
