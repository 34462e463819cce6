//! What to draw, and how.

use crate::diagram::DiagramOptions;
use crate::diagram::theme::{Background, Theme};
use crate::export::Pages;
use crate::layout::{self, Columns};
use crate::view::{GroupOptions, ViewOptions};

/// A kind of file that a model can be drawn as. Not every build writes each: without the
/// features `png` and `pdf` those are errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// Scalable Vector Graphics.
    Svg,
    /// Portable Network Graphics.
    Png,
    /// Portable Document Format.
    Pdf,
    /// The language of Graphviz.
    Dot,
    /// Boxes and lines with their positions.
    Json,
}

/// What places boxes and lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Engine {
    /// Ours: see [`layout::layered`].
    #[default]
    Layered,
    /// The crate `layout-rs`, for small pictures, to compare with; an error without the
    /// feature of that name.
    LayoutRs,
}

impl Engine {
    /// The word for options and metadata.
    pub fn word(self) -> &'static str {
        match self {
            Engine::Layered => "layered",
            Engine::LayoutRs => "layout-rs",
        }
    }
}

/// The size of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ImageSize {
    /// So many pixels for each pixel of the picture.
    Scale(f64),
    /// So many pixels wide.
    Width(u32),
}

/// What to draw, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DrawOptions {
    /// Which nodes, under which names.
    pub view: ViewOptions,
    /// How scopes become frames; nothing for a flat picture.
    pub groups: Option<GroupOptions>,
    /// What boxes and lines say.
    pub diagram: DiagramOptions,
    /// Which engine places them.
    pub engine: Engine,
    /// How ours does.
    pub layout: layout::Options,
    /// The colours.
    pub theme: Theme,
    /// The ground in place of the theme's, in SVG and images.
    pub background: Option<Background>,
    /// The size of an image.
    pub size: ImageSize,
    /// The pages of a PDF.
    pub pages: Pages,
    /// The kind of file.
    pub output: Output,
}

impl Default for DrawOptions {
    fn default() -> Self {
        DrawOptions {
            view: ViewOptions::default(),
            groups: Some(GroupOptions::default()),
            diagram: DiagramOptions::default(),
            engine: Engine::default(),
            layout: layout::Options { columns: Columns::Page, ..layout::Options::default() },
            theme: Theme::default(),
            background: None,
            size: ImageSize::Scale(1.0),
            pages: Pages::default(),
            output: Output::Svg,
        }
    }
}
