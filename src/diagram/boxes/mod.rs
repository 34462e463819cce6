//! The boxes of nodes, in each style.

mod node;
mod operator;
mod parts;
mod plain;
mod rows;

pub(super) use node::node_box;
pub(super) use parts::{blank, macs_text};
