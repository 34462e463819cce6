//! What a picture shows of a model: which nodes, under which names, in which
//! scopes.
//!
//! In: a [`Model`], which is never changed. Out: a [`View`], a list of boxes to
//! draw with the constants that belong to each, and the wires between them.
//! A view feeds pictures only, never an edit.

use crate::error::Result;
use crate::model::{Graph, Model};
use crate::text::Rename;

mod fuse;
mod groups;
mod hide;
mod names;
mod not_drawn;
mod part;
mod scopes;
mod shown;
mod whole;

pub(crate) use groups::{Group, Grouping};
pub use groups::{GroupOptions, Groups, group};
pub use hide::Hide;
pub(crate) use not_drawn::not_drawn;
pub use part::Part;
pub(crate) use shown::Strip;
pub use shown::{View, ViewEdge, ViewNode};

/// What to show, and how to name it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ViewOptions {
    /// Renamings for the picture, applied to each name in this order.
    pub renames: Vec<Rename>,
    /// Which part of the graph is shown.
    pub part: Part,
    /// What is left out of it.
    pub hide: Vec<Hide>,
    /// Whether activations and normalizations stand in the box of what they follow.
    pub fuse: bool,
}

/// The view of a model's main graph.
///
/// # Errors
/// If the part or what to hide is named by something that the model does not have.
pub fn view<'a>(model: &'a Model, options: &ViewOptions) -> Result<View<'a>> {
    view_of(model, &model.graph, options)
}

/// The view of one graph of a model: the main one, a subgraph, or the body of a
/// function.
///
/// # Errors
/// If the part or what to hide is named by something that the model does not have.
pub(crate) fn view_of<'a>(model: &'a Model, graph: &'a Graph, options: &ViewOptions) -> Result<View<'a>> {
    let mut view = whole::whole(model, graph, &options.renames);
    if !options.part.is_all() {
        let keep = options.part.keep(&view.nodes, &view.edges)?;
        view.left_out = keep.iter().filter(|kept| !**kept).count();
        view.retain(&keep);
    }
    if !options.hide.is_empty() {
        view.hidden = hide::hide(&mut view, &options.hide)?;
    }
    if options.fuse {
        fuse::fuse(&mut view);
    }
    Ok(view)
}

/// The view of all of a graph, under the names of the file.
pub fn whole<'a>(model: &'a Model, graph: &'a Graph) -> View<'a> {
    whole::whole(model, graph, &[])
}
