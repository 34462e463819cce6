//! The whole way from a model to a file, for users of the library.
//!
//! Nothing here reads a clock, which a browser's WebAssembly does not have: who wants to
//! know the time of each step watches them ([`draw_watched`]).

mod made_with;
mod options;
mod write;

pub use crate::diagram::hubs::Hubs;
pub use crate::diagram::overlay::{Combine, Overlay};
pub use crate::diagram::theme::{Background, Colour, Theme};
pub use crate::diagram::{Change, DEFAULT_MAX_CONST_SIZE, DiagramOptions, Direction, Style};
pub use crate::export::{Pages, Paper};
pub use crate::layout::{Columns, Options as LayoutOptions, Spacing, Splines};
pub use crate::view::{GroupOptions, Hide, Part, ViewOptions};
pub use options::{DrawOptions, Engine, ImageSize, Output};
use write::{Job, Writer, writer};

use crate::diagram::{Diagram, build};
use crate::error::Result;
use crate::finding::Finding;
use crate::layout::{Layout, layered_watched};
use crate::model::Model;
use crate::picture::picture;
use crate::view::{Grouping, View, group, not_drawn, view};

/// A drawn model.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Drawing {
    /// The content of the file.
    pub bytes: Vec<u8>,
    /// What was noticed on the way.
    pub findings: Vec<Finding>,
    /// What is not drawn, in a line.
    pub hidden: Option<String>,
    /// Whether frames are closed, or blocks drawn once for several.
    pub folded: bool,
}

/// What has just ended, for who watches a drawing being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// A step of the whole: `view`, `diagram`, `layout` or `write`. The first three come
    /// again where a picture came out too long.
    Step(&'static str),
    /// A phase of the layout that goes on; see [`layered_watched`].
    Phase(&'static str),
}

/// Is called at the end of each step and of each phase of the layout.
type Watch<'a> = &'a dyn Fn(Done);

/// Draws a model.
///
/// The same model and options give the same bytes on every machine.
///
/// # Errors
/// If the options name a part of the model that is not there, an image would have too many
/// pixels, or the kind of file is not built in.
pub fn draw(model: &Model, options: &DrawOptions) -> Result<Drawing> {
    draw_watched(model, options, &|_| ())
}

/// As [`draw`]; `watch` is called at the end of each step and of each phase of the layout.
///
/// # Errors
/// As [`draw`].
pub fn draw_watched(model: &Model, options: &DrawOptions, watch: &dyn Fn(Done)) -> Result<Drawing> {
    let mut scene = Scene::of(model, options, watch)?;
    let mut findings = model.findings.clone();
    let bytes = match writer(options.output) {
        Writer::Unplaced(write) => write(&scene.diagram).into_bytes(),
        Writer::Placed(write) => {
            let layout = scene.place(options, watch)?;
            let picture = picture(&scene.diagram, &layout);
            write(&Job { diagram: &scene.diagram, picture: &picture, options }, &mut findings)?
        }
    };
    watch(Done::Step("write"));
    Ok(scene.drawing(bytes, findings))
}

/// A model on its way to a picture.
struct Scene<'a> {
    view: View<'a>,
    grouping: Option<Grouping>,
    diagram: Diagram,
}

/// How often a picture that came out too long is tried with fewer boxes.
const FEWER: usize = 3;
/// Longer than this for its width, or wider for its height, a picture is too long.
const TOO_LONG: f64 = 4.0;

impl<'a> Scene<'a> {
    fn of(model: &'a Model, options: &DrawOptions, watch: Watch<'_>) -> Result<Self> {
        let view = view(model, &options.view)?;
        let grouping = options.groups.as_ref().map(|options| group(&view, options));
        watch(Done::Step("view"));
        let diagram = build(&view, grouping.as_ref(), &options.diagram);
        watch(Done::Step("diagram"));
        Ok(Scene { view, grouping, diagram })
    }

    /// Places the diagram, which has fewer boxes then if it came out too long for a page.
    fn place(&mut self, options: &DrawOptions, watch: Watch<'_>) -> Result<Layout> {
        let mut placed = place(&self.diagram, options, watch)?;
        let (Some(grouping), Some(asked)) = (&mut self.grouping, &options.groups) else { return Ok(placed) };
        let chooses = asked.depth.is_none() && asked.expand.is_empty();
        if !chooses || options.layout.columns != Columns::Page {
            return Ok(placed);
        }
        let mut fewer = asked.clone();
        for _ in 0..FEWER {
            if !is_too_long(&placed) || placed.frames.len() <= 1 {
                break;
            }
            fewer.max_nodes = fewer.max_nodes * 3 / 4;
            grouping.reopen(&self.view, &fewer);
            watch(Done::Step("view"));
            self.diagram = build(&self.view, Some(grouping), &options.diagram);
            watch(Done::Step("diagram"));
            placed = place(&self.diagram, options, watch)?;
        }
        Ok(placed)
    }

    fn drawing(&self, bytes: Vec<u8>, findings: Vec<Finding>) -> Drawing {
        let hidden = not_drawn(&self.view, self.grouping.as_ref());
        let folded = self.grouping.as_ref().is_some_and(|grouping| grouping.not_drawn().is_some());
        Drawing { bytes, findings, hidden, folded }
    }
}

fn is_too_long(layout: &Layout) -> bool {
    let ratio = layout.size.height / layout.size.width.max(1.0);
    !(1.0 / TOO_LONG..=TOO_LONG).contains(&ratio)
}

/// Places a diagram.
fn place(diagram: &Diagram, options: &DrawOptions, watch: Watch<'_>) -> Result<Layout> {
    let layout = match options.engine {
        Engine::Layered => layered_watched(diagram, &options.layout, &|phase| watch(Done::Phase(phase))),
        #[cfg(feature = "layout-rs")]
        Engine::LayoutRs => crate::layout::layout_rs(diagram)?,
        #[cfg(not(feature = "layout-rs"))]
        Engine::LayoutRs => return Err(write::not_built_in("layout-rs")),
    };
    watch(Done::Step("layout"));
    Ok(layout)
}
