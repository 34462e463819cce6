//! Groups: the scopes of a view as a tree of frames that can be open or closed.
//!
//! Grouping never moves a node: it says for each shown node which frame it is in
//! (`scopes.rs`, `cyclic.rs`), which blocks are drawn once for several (`repeats.rs`,
//! `fold.rs`), and which frames are open (`open.rs`). A scope becomes a group if it holds
//! more than one node and can be drawn as one: nothing flows out of it and back in through
//! the outside.

mod cyclic;
mod differences;
mod fold;
mod grouping;
mod open;
mod options;
mod repeats;
mod scopes;
mod tree;

pub(crate) use grouping::Grouping;
pub use grouping::group;
pub use options::GroupOptions;
pub(crate) use tree::Group;
pub use tree::Groups;
