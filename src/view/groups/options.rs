//! What decides which scopes become frames, and which of those are open.

use crate::text::Glob;

/// How scopes are grouped.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupOptions {
    /// Frames are opened, from the outside in, while at most so many boxes are drawn.
    pub max_nodes: usize,
    /// Frames are open down to this depth, whatever the number of boxes.
    pub depth: Option<usize>,
    /// Scopes that are open, with all around them.
    pub expand: Vec<Glob>,
    /// Scopes that are closed.
    pub collapse: Vec<Glob>,
    /// Runs of at least so many equal neighbours are drawn once; 0 for never.
    pub fold_min: usize,
}

impl Default for GroupOptions {
    fn default() -> Self {
        GroupOptions { max_nodes: 70, depth: None, expand: Vec::new(), collapse: Vec::new(), fold_min: 2 }
    }
}
