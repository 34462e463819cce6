//! Places a diagram in layers along the flow of data.
//!
//! K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of
//! hierarchical system structures", IEEE TSMC 11(2), 1981, in the phases of E. R.
//! Gansner, E. Koutsofios, S. North, K.-P. Vo, "A technique for drawing directed
//! graphs", IEEE TSE 19(3), 1993; frames from the inside out (G. Sander, "Layout
//! of compound directed graphs", 1996). Nothing recurses, and the same diagram
//! always gives the same layout.

use std::collections::HashMap;
use std::rc::Rc;

use super::assemble::assemble;
use super::cycle::break_cycles;
use super::frame::{Framed, framed, key, page};
use super::nest::{Nest, nest};
use super::network::Thing;
use super::plan::plan;
use super::stable::Memory;
use super::wrap::Columns;
use super::{Layout, Spacing};
use crate::diagram::{Diagram, Direction};

/// How to place a diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Room to keep between things.
    pub spacing: Spacing,
    /// Whether the uses of one value share a line as far as they can.
    pub trunks: bool,
    /// The form of lines.
    pub splines: Splines,
    /// Into how many columns the page is wrapped; frames never are.
    pub columns: Columns,
}

/// The form of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Splines {
    /// Curves with vertical ends.
    #[default]
    Curved,
    /// Straight pieces.
    Polyline,
    /// Right angles.
    Ortho,
}

impl Default for Options {
    fn default() -> Self {
        Options { spacing: Spacing::default(), trunks: true, splines: Splines::Curved, columns: Columns::One }
    }
}

/// Places a diagram in layers along the flow of data.
///
/// Each frame is laid out on its own, those inside it first, and then stands in
/// its parent as one box with ports. Equal frames are laid out once.
pub fn layered(diagram: &Diagram, options: &Options) -> Layout {
    lay_out(diagram, &Run { options: *options, memory: None, done: &|_| () })
}

/// As [`layered`]; `done` is called with the name of each phase when it ends, once for
/// each connected part of each frame.
pub fn layered_watched(diagram: &Diagram, options: &Options, done: &dyn Fn(&'static str)) -> Layout {
    lay_out(diagram, &Run { options: *options, memory: None, done })
}

/// Places a diagram like an earlier one, as far as their boxes have the same names.
///
/// Boxes and lines that stood side by side keep their order, unless another removes
/// crossings. Use it for small edits, and for the second picture of a comparison.
pub fn layered_from(diagram: &Diagram, options: &Options, previous: (&Diagram, &Layout)) -> Layout {
    let memory = Memory::new(diagram, previous);
    lay_out(diagram, &Run { options: *options, memory: Some(&memory), done: &|_| () })
}

/// What one layout goes by.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) options: Options,
    pub(super) memory: Option<&'a Memory>,
    pub(super) done: &'a dyn Fn(&'static str),
}

fn lay_out(diagram: &Diagram, run: &Run<'_>) -> Layout {
    let options = &run.options;
    let page = page(diagram, options.spacing.margin);
    let mut nest = nest(diagram, options.trunks);
    (run.done)("nest");
    let mut framed_by: Vec<Rc<Framed>> = vec![Rc::default(); diagram.frames.len()];
    let mut known: HashMap<Vec<u64>, Rc<Framed>> = HashMap::new();
    // A parent stands before its children.
    for f in (0..diagram.frames.len()).rev() {
        fit_frames_inside(&mut nest, f, &framed_by, diagram);
        let network = &mut nest.networks[f];
        break_cycles(network);
        (run.done)("cycles");
        let frame = if f == 0 { &page } else { &diagram.frames[f] };
        let columns = match (f, options.columns, diagram.direction) {
            (0, Columns::Aspect(ratio), Direction::LeftRight) => Columns::Aspect(1.0 / ratio),
            (0, columns, _) => columns,
            _ => Columns::One,
        };
        let run = Run { options: Options { columns, ..*options }, ..*run };
        // The page is one, and what is remembered differs from frame to frame.
        let key = (f > 0 && run.memory.is_none()).then(|| key(network, frame, &framed_by));
        framed_by[f] = match key.as_ref().and_then(|key| known.get(key)) {
            Some(equal) => equal.clone(),
            None => Rc::new(framed(plan(network, f > 0, &run), network, frame, diagram.direction)),
        };
        if let Some(key) = key {
            known.entry(key).or_insert_with(|| framed_by[f].clone());
        }
    }
    drop(known);
    let layout = assemble(diagram, &nest, framed_by);
    (run.done)("assemble");
    layout
}

/// Gives the frames inside frame `f` their sizes, and the lines to and from them
/// the places of their ports.
fn fit_frames_inside(nest: &mut Nest, f: usize, framed_by: &[Rc<Framed>], diagram: &Diagram) {
    let mut network = std::mem::take(&mut nest.networks[f]);
    for item in &mut network.items {
        if let Thing::Frame(child) = item.thing {
            let child = child as usize;
            item.outset = diagram.frames[child].outset;
            item.width = framed_by[child].size.width + item.outset;
            item.height = framed_by[child].size.height + item.outset;
        }
    }
    let port = |ports: &[(u32, u32)], xs: &[f64], value: u32| {
        ports.binary_search_by_key(&value, |p| p.0).ok().map(|i| xs[i])
    };
    for hyperedge in &mut network.hyperedges {
        if let Thing::Frame(child) = network.items[hyperedge.from as usize].thing {
            let child = child as usize;
            hyperedge.at = port(&nest.exits[child], &framed_by[child].exits, hyperedge.value);
        }
        for end in &mut hyperedge.ends {
            if let Thing::Frame(child) = network.items[end.to as usize].thing {
                let child = child as usize;
                end.at = port(&nest.entries[child], &framed_by[child].entries, hyperedge.value);
            }
        }
    }
    nest.networks[f] = network;
}
