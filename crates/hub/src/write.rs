//! What people say at the centre about records: decisions, changes, settled conflicts, publications.
//!
//! Each is judged by all that is folded, appended to a log of the hub's own, and folded. Nothing
//! here is needed to show a page.

mod add;
mod amend;
mod own_lane;
pub mod publish;
mod resolve;
mod review;
mod void;

pub use add::{Added, Line, Then, add};
pub use amend::{Amend, amend};
pub use resolve::{Resolution, resolve};
pub use review::{Decision, UnknownVerdict, Verdict, decide, recalls};
pub use void::void;
