//! Places a diagram in layers along the flow of data.
//!
//! K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of
//! hierarchical system structures", IEEE TSMC 11(2), 1981, in the phases of E. R.
//! Gansner, E. Koutsofios, S. North, K.-P. Vo, "A technique for drawing directed
//! graphs", IEEE TSE 19(3), 1993; frames from the inside out (G. Sander, "Layout
//! of compound directed graphs", 1996). Nothing recurses, and the same diagram
//! always gives the same layout.

use std::rc::Rc;

use super::frames::{Framed, Nest, Planned, assemble, fit_inner_frames, framed, nest, page};
use super::memory::Memory;
use super::options::{Columns, Options};
use super::phases::{Parts, break_cycles, plan};
use super::placed::Layout;
use super::run::Run;
use crate::diagram::{Diagram, Direction};

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

fn lay_out(diagram: &Diagram, run: &Run<'_>) -> Layout {
    let mut nest = run.phase("nest", || nest(diagram, run.options.trunks));
    let frames = plan_frames(diagram, &mut nest, run);
    run.phase("assemble", || assemble(diagram, &nest, frames))
}

/// Plans the content of every frame, those inside first.
fn plan_frames(diagram: &Diagram, nest: &mut Nest, run: &Run<'_>) -> Vec<Rc<Framed>> {
    let mut frames: Vec<Rc<Framed>> = vec![Rc::default(); diagram.frames.len()];
    let mut planned = Planned::default();
    // A parent stands before its children, and the page before all.
    for f in (1..diagram.frames.len()).rev() {
        fit_inner_frames(nest, f, &frames, diagram);
        let network = &mut nest.networks[f];
        run.phase("cycles", || break_cycles(network));
        let inner = Run { options: Options { columns: Columns::One, ..run.options }, ..*run };
        let frame = &diagram.frames[f];
        let new = |network: &mut _| {
            let plan = plan(network, Parts::InOneRow, &inner);
            framed(plan, network, frame, diagram.direction)
        };
        // What is remembered of an earlier picture differs from frame to frame.
        frames[f] = match run.memory {
            Some(_) => Rc::new(new(network)),
            None => planned.reuse_or(network, frame, &frames, new),
        };
    }
    frames[0] = Rc::new(plan_page(diagram, nest, &frames, run));
    frames
}

/// Plans the page, which alone has a margin and columns.
fn plan_page(diagram: &Diagram, nest: &mut Nest, frames: &[Rc<Framed>], run: &Run<'_>) -> Framed {
    fit_inner_frames(nest, 0, frames, diagram);
    let network = &mut nest.networks[0];
    run.phase("cycles", || break_cycles(network));
    let columns = match (run.options.columns, diagram.direction) {
        (Columns::Aspect(ratio), Direction::LeftRight) => Columns::Aspect(1.0 / ratio),
        (columns, _) => columns,
    };
    let run = Run { options: Options { columns, ..run.options }, ..*run };
    let plan = plan(network, Parts::InRows, &run);
    framed(plan, network, &page(diagram, run.options.spacing.margin), diagram.direction)
}
