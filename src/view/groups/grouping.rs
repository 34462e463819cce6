//! What belongs together in a view, and what of it is shown open.
//!
//! The first costs time in the size of the graph and is the same for every budget of boxes;
//! the second is cheap. So a picture that came out badly is opened anew, and a page that
//! folds and unfolds frames need not group again.

use super::options::GroupOptions;
use super::tree::{Groups, Openness, dissolve};
use super::{cyclic, differences, fold, open, repeats, scopes};
use crate::text::counted;
use crate::view::shown::View;

/// The groups of a view, and which of them are shown open.
#[derive(Clone, Debug, Default)]
pub struct Grouping {
    /// What belongs together.
    pub groups: Groups,
    /// What of it is shown open.
    pub openness: Openness,
}

/// Groups the nodes of `view`, and opens groups as the options say.
pub fn group(view: &View<'_>, options: &GroupOptions) -> Grouping {
    let mut groups = scopes::from_scopes(view);
    scopes::dissolve_trivial(&mut groups);
    cyclic::dissolve_cyclic(view, &mut groups);
    scopes::dissolve_trivial(&mut groups);
    let mut grouping = Grouping { groups, openness: Openness::default() };
    grouping.reopen(view, options);
    grouping
}

impl Grouping {
    /// Opens the groups of `view` as other options say. Equal blocks are looked for where
    /// not all nodes can be drawn, and only once.
    pub fn reopen(&mut self, view: &View<'_>, options: &GroupOptions) {
        let forced = options.depth.is_some() || !options.expand.is_empty() || !options.collapse.is_empty();
        if view.nodes.len() <= options.max_nodes && !forced {
            self.openness = open::all(&self.groups);
            return;
        }
        if options.fold_min > 0 && !self.groups.folded {
            fold_blocks(view, &mut self.groups, options.fold_min.max(2));
        }
        self.openness = open::open(&self.groups, options);
    }

    /// What is not drawn, in a line; `None` if everything is.
    pub fn not_drawn(&self) -> Option<String> {
        let groups = &self.groups.groups;
        let runs = groups.iter().filter(|g| g.times > 1 && g.drawn_as.is_none()).count();
        let is_closed = |&g: &usize| {
            let inside_open = groups[g].parent.is_some_and(|p| self.openness.is_open(p));
            groups[g].drawn_as.is_none() && inside_open && !self.openness.is_open(g)
        };
        let closed = (0..groups.len()).filter(is_closed).count();
        let mut parts = Vec::new();
        if runs > 0 {
            parts.push(format!("{} of equal blocks drawn once", counted(runs, "run")));
        }
        if closed > 0 {
            parts.push(format!("{} closed", counted(closed, "frame")));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The outermost closed group around a node.
    pub fn closed_around(&self, node: usize) -> Option<usize> {
        let mut at = Some(self.groups.of[node]);
        let mut closed = None;
        while let Some(group) = at {
            if !self.openness.is_open(group) {
                closed = Some(group);
            }
            at = self.groups.groups[group].parent;
        }
        closed
    }
}

/// Finds equal blocks that follow each other, with names or without, and has the first of
/// at least so many drawn for all.
fn fold_blocks(view: &View<'_>, groups: &mut Groups, least: usize) {
    let blocks = fold::Blocks::new(view);
    repeats::add(view, &blocks, groups, least);
    fold::fold(&blocks, groups, least);
    let gone = in_no_run(groups);
    dissolve(groups, &gone);
    differences::note_differences(&blocks, groups);
    groups.folded = true;
}

/// Groups that were found by what repeats, and turned out to repeat nothing.
fn in_no_run(groups: &Groups) -> Vec<bool> {
    let mut gone = vec![false; groups.groups.len()];
    for (g, group) in groups.groups.iter().enumerate() {
        // What is drawn for a group stands before it.
        gone[g] = group.found && group.times == 1 && group.drawn_as.is_none_or(|d| gone[d]);
    }
    gone
}
