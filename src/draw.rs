//! The whole way from a model to a file, for users of the library.
//!
//! Nothing here reads a clock, which a browser's WebAssembly does not have: who wants to
//! know the time of each step watches them ([`draw_watched`]).

use std::borrow::Cow;

use crate::diagram::theme::{Background, Theme};
use crate::diagram::{Diagram, DiagramOptions, Style, build, structure_hash};
use crate::error::{Error, ErrorKind, Result};
use crate::export;
use crate::export::svg::{SvgOptions, svg};
use crate::finding::Finding;
use crate::layout::{self, Columns, Layout, Splines, layered_watched};
use crate::model::Model;
use crate::picture::picture;
use crate::view::{GroupOptions, ViewOptions, view};

/// A kind of file that a model can be drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Scalable Vector Graphics.
    Svg,
    /// Portable Network Graphics.
    #[cfg(feature = "png")]
    Png,
    /// Portable Document Format.
    #[cfg(feature = "pdf")]
    Pdf,
    /// The language of Graphviz.
    Dot,
    /// Boxes and lines with their positions.
    Json,
}

/// What places boxes and lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// Ours: see [`layout::layered`].
    #[default]
    Layered,
    /// The crate `layout-rs`, for small pictures, to compare with.
    #[cfg(feature = "layout-rs")]
    LayoutRs,
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
pub struct DrawOptions {
    /// Which nodes, under which names.
    pub view: ViewOptions,
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
    #[cfg(feature = "pdf")]
    pub pages: export::pdf::Pages,
    /// The kind of file.
    pub output: Output,
}

impl Default for DrawOptions {
    fn default() -> Self {
        DrawOptions {
            view: ViewOptions { groups: Some(GroupOptions::default()), ..ViewOptions::default() },
            diagram: DiagramOptions::default(),
            engine: Engine::default(),
            layout: layout::Options { columns: Columns::Page, ..layout::Options::default() },
            theme: Theme::default(),
            background: None,
            size: ImageSize::Scale(1.0),
            #[cfg(feature = "pdf")]
            pages: export::pdf::Pages::default(),
            output: Output::Svg,
        }
    }
}

/// A drawn model.
#[derive(Clone, Debug)]
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

/// Draws a model.
///
/// The same model and options give the same bytes on every machine.
///
/// # Errors
/// If an image would have too many pixels.
pub fn draw(model: &Model, options: &DrawOptions) -> Result<Drawing> {
    draw_watched(model, options, &|_| ())
}

/// As [`draw`]; `watch` is called at the end of each step and of each phase of the layout.
///
/// # Errors
/// As [`draw`].
pub fn draw_watched(model: &Model, options: &DrawOptions, watch: &dyn Fn(Done)) -> Result<Drawing> {
    let mut options = Cow::Borrowed(options);
    let (mut diagram, (mut hidden, mut folded)) = diagram_of(model, &options, watch)?;
    let mut findings = model.findings.clone();
    if options.output == Output::Dot {
        let bytes = export::dot::dot(&diagram).into_bytes();
        watch(Done::Step("write"));
        return Ok(Drawing { bytes, findings, hidden, folded });
    }
    let mut layout = place(&diagram, &options, watch)?;
    for _ in 0..FEWER {
        let Some(fewer) = with_fewer_boxes(&options, &layout) else { break };
        options = Cow::Owned(fewer);
        (diagram, (hidden, folded)) = diagram_of(model, &options, watch)?;
        layout = place(&diagram, &options, watch)?;
    }
    let bytes = write(&diagram, &layout, &options, &mut findings)?;
    watch(Done::Step("write"));
    Ok(Drawing { bytes, findings, hidden, folded })
}

/// How often a picture that came out too long is tried with fewer boxes.
const FEWER: usize = 3;
/// Longer than this for its width, or wider for its height, a picture is too long.
const TOO_LONG: f64 = 4.0;

/// The options with fewer boxes, if a page that chooses them by itself came out too long.
fn with_fewer_boxes(options: &DrawOptions, layout: &Layout) -> Option<DrawOptions> {
    let groups = options.view.groups.as_ref()?;
    let chooses = groups.depth.is_none() && groups.expand.is_empty();
    let ratio = layout.size.height / layout.size.width.max(1.0);
    let long = !(1.0 / TOO_LONG..=TOO_LONG).contains(&ratio);
    if !(long && chooses && options.layout.columns == Columns::Page && layout.frames.len() > 1) {
        return None;
    }
    let mut fewer = options.clone();
    let max_nodes = groups.max_nodes * 3 / 4;
    fewer.view.groups = Some(GroupOptions { max_nodes, ..groups.clone() });
    Some(fewer)
}

fn place(diagram: &Diagram, options: &DrawOptions, watch: &dyn Fn(Done)) -> Result<Layout> {
    let layout = match options.engine {
        Engine::Layered => layered_watched(diagram, &options.layout, &|phase| watch(Done::Phase(phase))),
        #[cfg(feature = "layout-rs")]
        Engine::LayoutRs => layout::layout_rs(diagram)?,
    };
    watch(Done::Step("layout"));
    Ok(layout)
}

fn diagram_of(
    model: &Model,
    options: &DrawOptions,
    watch: &dyn Fn(Done),
) -> Result<(Diagram, (Option<String>, bool))> {
    let view = view(model, &options.view);
    watch(Done::Step("view"));
    if let Some(pattern) = &view.unmatched {
        let error = Error::new(ErrorKind::Usage, format!("no node and no scope is named `{pattern}`"));
        return Err(error.hint("`modelgram info MODEL --nodes` lists the names; `*` is any part of one"));
    }
    let diagram = build(&view, &options.diagram);
    watch(Done::Step("diagram"));
    if let Some(name) = &view.nothing_to_hide {
        let error = Error::new(ErrorKind::Usage, format!("--hide: there is no operator `{name}`"));
        return Err(
            error.hint("an operator, a category such as `shape`, `constants`, `shape-chains` or `qdq`")
        );
    }
    let folded = view.groups.as_ref().is_some_and(|groups| groups.hidden().is_some());
    Ok((diagram, (view.not_drawn(), folded)))
}

fn write(
    diagram: &Diagram,
    layout: &Layout,
    options: &DrawOptions,
    #[cfg_attr(not(feature = "png"), allow(unused_variables))] findings: &mut Vec<Finding>,
) -> Result<Vec<u8>> {
    match options.output {
        Output::Json => Ok(export::json::json(diagram, layout).into_bytes()),
        Output::Dot => Ok(export::dot::dot(diagram).into_bytes()),
        Output::Svg => {
            let structure = structure_hash(diagram);
            let made_with = made_with(options);
            let (theme, background) = (options.theme, options.background);
            let options = SvgOptions { theme, background, structure, made_with };
            Ok(svg(&picture(diagram, layout), &options).into_bytes())
        }
        #[cfg(feature = "png")]
        Output::Png => {
            use export::png::{PngOptions, VIEWERS_END, png};
            let picture = picture(diagram, layout);
            let scale = match options.size {
                ImageSize::Scale(scale) => scale,
                ImageSize::Width(width) => f64::from(width) / picture.size.width.ceil().max(1.0),
            };
            let options = PngOptions { scale, theme: options.theme, background: options.background };
            let image = png(&picture, &options)?;
            let longest = image.size.0.max(image.size.1);
            if longest > VIEWERS_END {
                findings.push(Finding {
                    rule: "D001",
                    severity: crate::finding::Severity::Warning,
                    place: crate::error::Place::default(),
                    message: format!(
                        "the image is {} by {} pixels; many viewers show nothing past {VIEWERS_END}",
                        image.size.0, image.size.1
                    ),
                });
            }
            Ok(image.bytes)
        }
        #[cfg(feature = "pdf")]
        Output::Pdf => {
            let options = export::pdf::PdfOptions { theme: options.theme, pages: options.pages };
            export::pdf::pdf(&picture(diagram, layout), &options)
        }
    }
}

/// The options that change a picture, as one line.
fn made_with(options: &DrawOptions) -> String {
    let diagram = &options.diagram;
    let theme = match options.theme {
        Theme::Auto => "auto",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let mut words = vec![format!("theme={theme}"), format!("rankdir={}", diagram.direction)];
    words.push(format!("shapes={}", diagram.show_shapes));
    words.push(format!("dtype={}", diagram.show_dtype));
    words.push(format!("names={}", diagram.show_layer_names));
    let flags = [
        ("macs", diagram.show_macs),
        ("trainable", diagram.show_trainable),
        ("legend", diagram.legend),
        ("footer", diagram.footer),
    ];
    words.extend(flags.iter().filter(|(_, on)| *on).map(|(name, _)| format!("{name}=true")));
    if diagram.style != Style::default() {
        words.push(format!("style={:?}", diagram.style).to_lowercase());
    }
    if !diagram.show_layer_activations {
        words.push("activations=false".into());
    }
    words.extend(diagram.title.as_ref().map(|title| format!("title={title:?}")));
    words.extend(diagram.overlay.as_ref().map(|overlay| format!("overlay={:?}", overlay.title)));
    words.extend(options.background.map(|ground| match ground {
        Background::Transparent => "background=transparent".to_owned(),
        Background::Colour(colour) => format!("background={colour}"),
    }));
    words.extend(options.view.hide.iter().map(|what| format!("hide={what}")));
    words.extend(diagram.max_const_size.map(|n| format!("const={n}")));
    words.push(format!("hubs={}", diagram.hubs.is_some()));
    if options.engine != Engine::default() {
        words.push(format!("engine={:?}", options.engine));
    }
    if options.layout.splines != Splines::default() {
        words.push(format!("splines={:?}", options.layout.splines));
    }
    words.extend(match options.layout.columns {
        Columns::One => None,
        Columns::Page => Some("columns=page".to_owned()),
        Columns::Count(n) => Some(format!("columns={n}")),
        Columns::Aspect(ratio) => Some(format!("aspect={ratio}")),
    });
    let part = &options.view.part;
    for (name, list) in [("focus", &part.focus), ("from", &part.from), ("to", &part.to)] {
        words.extend(list.iter().map(|r| format!("{name}={r}")));
    }
    words.extend(part.range.as_ref().map(|(first, last)| format!("range={first}..{last}")));
    if !part.focus.is_empty() {
        words.push(format!("hops={}", part.hops));
    }
    match &options.view.groups {
        None => words.push("group=off".into()),
        Some(groups) => {
            words.push(format!("max={} fold={}", groups.max_nodes, groups.fold_min));
            words.extend(groups.depth.map(|n| format!("depth={n}")));
            words.extend(groups.expand.iter().map(|r| format!("expand={r}")));
            words.extend(groups.collapse.iter().map(|r| format!("collapse={r}")));
        }
    }
    words.extend(options.view.renames.iter().map(|r| format!("rename={r}")));
    words.join(" ")
}
