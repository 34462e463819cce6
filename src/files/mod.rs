//! Files as such, whatever is in them: mapped, found beside a model, written whole or not at
//! all, and files of arrays.

pub mod arrays;
mod map;
mod reason;
mod siblings;
mod unfinished;
mod whole;

#[cfg(feature = "cli")]
pub(crate) use map::unchanged;
pub(crate) use map::{load, load_inside};
pub(crate) use siblings::{folder_of, open_inside};
pub(crate) use unfinished::Unfinished;
pub use unfinished::remove_unfinished;
pub(crate) use whole::write_checked;
pub use whole::write_whole;
