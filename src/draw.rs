//! The whole way from a model to a file, for users of the library.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::diagram::theme::{Background, Theme};
use crate::diagram::{Diagram, DiagramOptions, Style, build, structure_hash};
use crate::error::{Error, Result};
use crate::export;
use crate::export::svg::{SvgOptions, svg};
use crate::finding::Finding;
use crate::layout::{self, Columns, Layout, Splines, layered_watched};
use crate::model::Model;
use crate::picture::{Picture, picture};
use crate::view::{GroupOptions, Grouping, View, ViewOptions, group, not_drawn, view};

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

impl Engine {
    /// The word for options and metadata.
    pub fn word(self) -> &'static str {
        match self {
            Engine::Layered => "layered",
            #[cfg(feature = "layout-rs")]
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
    #[cfg(feature = "pdf")]
    pub pages: export::pdf::Pages,
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
    /// The time that each step took, in order.
    pub timings: Vec<(&'static str, Duration)>,
    /// The part of it that each phase of the layout took, the longest first.
    pub phases: Vec<(&'static str, Duration)>,
}

/// Draws a model.
///
/// The same model and options give the same bytes on every machine.
///
/// # Errors
/// If the options name a part of the model that is not there, or an image would have too
/// many pixels.
pub fn draw(model: &Model, options: &DrawOptions) -> Result<Drawing> {
    let mut clock = Clock::default();
    let mut scene = Scene::of(model, options, &mut clock)?;
    let write: Write = match options.output {
        Output::Dot => {
            let bytes = clock.time("write", || export::dot::dot(&scene.diagram)).into_bytes();
            return Ok(scene.drawing(bytes, model.findings.clone(), clock.times, Vec::new()));
        }
        Output::Json => write_json,
        Output::Svg => write_svg,
        #[cfg(feature = "png")]
        Output::Png => write_png,
        #[cfg(feature = "pdf")]
        Output::Pdf => write_pdf,
    };
    let (layout, phases) = scene.place(options, &mut clock)?;
    let mut findings = model.findings.clone();
    let bytes = clock.time("write", || {
        let picture = picture(&scene.diagram, &layout);
        write(&scene.diagram, &picture, options, &mut findings)
    })?;
    Ok(scene.drawing(bytes, findings, clock.times, phases))
}

/// The time of each step, or of each phase of one.
type Times = Vec<(&'static str, Duration)>;

/// Writes a picture of a diagram, and what was noticed with it.
type Write = fn(&Diagram, &Picture<'_>, &DrawOptions, &mut Vec<Finding>) -> Result<Vec<u8>>;

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
    fn of(model: &'a Model, options: &DrawOptions, clock: &mut Clock) -> Result<Self> {
        let (view, grouping) = clock.time("view", || {
            let view = view(model, &options.view)?;
            let grouping = options.groups.as_ref().map(|options| group(&view, options));
            Ok::<_, Error>((view, grouping))
        })?;
        let diagram = clock.time("diagram", || build(&view, grouping.as_ref(), &options.diagram));
        Ok(Scene { view, grouping, diagram })
    }

    /// Places the diagram, which has fewer boxes then if it came out too long for a page.
    fn place(&mut self, options: &DrawOptions, clock: &mut Clock) -> Result<(Layout, Times)> {
        let mut placed = place(&self.diagram, options, clock)?;
        let (Some(grouping), Some(asked)) = (&mut self.grouping, &options.groups) else { return Ok(placed) };
        let chooses = asked.depth.is_none() && asked.expand.is_empty();
        if !chooses || options.layout.columns != Columns::Page {
            return Ok(placed);
        }
        let mut fewer = asked.clone();
        for _ in 0..FEWER {
            let layout = &placed.0;
            if !is_too_long(layout) || layout.frames.len() <= 1 {
                break;
            }
            fewer.max_nodes = fewer.max_nodes * 3 / 4;
            clock.time("view", || grouping.reopen(&self.view, &fewer));
            self.diagram = clock.time("diagram", || build(&self.view, Some(grouping), &options.diagram));
            placed = place(&self.diagram, options, clock)?;
        }
        Ok(placed)
    }

    fn drawing(&self, bytes: Vec<u8>, findings: Vec<Finding>, timings: Times, phases: Times) -> Drawing {
        let hidden = not_drawn(&self.view, self.grouping.as_ref());
        let folded = self.grouping.as_ref().is_some_and(|grouping| grouping.not_drawn().is_some());
        Drawing { bytes, findings, hidden, folded, timings, phases }
    }
}

fn is_too_long(layout: &Layout) -> bool {
    let ratio = layout.size.height / layout.size.width.max(1.0);
    !(1.0 / TOO_LONG..=TOO_LONG).contains(&ratio)
}

/// Places a diagram, with the time of each phase.
fn place(diagram: &Diagram, options: &DrawOptions, clock: &mut Clock) -> Result<(Layout, Times)> {
    let phases = RefCell::new(Phases::default());
    let layout = clock.time("layout", || match options.engine {
        Engine::Layered => {
            phases.borrow_mut().last = Some(Instant::now());
            let done = |phase| phases.borrow_mut().done(phase);
            Ok(layered_watched(diagram, &options.layout, &done))
        }
        #[cfg(feature = "layout-rs")]
        Engine::LayoutRs => layout::layout_rs(diagram),
    })?;
    let mut phases = phases.into_inner().times;
    phases.sort_by_key(|&(_, time)| std::cmp::Reverse(time));
    Ok((layout, phases))
}

fn write_json(_: &Diagram, picture: &Picture<'_>, _: &DrawOptions, _: &mut Vec<Finding>) -> Result<Vec<u8>> {
    Ok(export::json::json(picture).into_bytes())
}

fn write_svg(
    diagram: &Diagram,
    picture: &Picture<'_>,
    options: &DrawOptions,
    _: &mut Vec<Finding>,
) -> Result<Vec<u8>> {
    let (theme, background) = (options.theme, options.background);
    let (structure, made_with) = (structure_hash(diagram), made_with(options));
    Ok(svg(picture, &SvgOptions { theme, background, structure, made_with }).into_bytes())
}

#[cfg(feature = "png")]
fn write_png(
    _: &Diagram,
    picture: &Picture<'_>,
    options: &DrawOptions,
    findings: &mut Vec<Finding>,
) -> Result<Vec<u8>> {
    use export::png::{PngOptions, VIEWERS_END, png};
    let scale = match options.size {
        ImageSize::Scale(scale) => scale,
        ImageSize::Width(width) => f64::from(width) / picture.size.width.ceil().max(1.0),
    };
    let options = PngOptions { scale, theme: options.theme, background: options.background };
    let image = png(picture, &options)?;
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
fn write_pdf(
    _: &Diagram,
    picture: &Picture<'_>,
    options: &DrawOptions,
    _: &mut Vec<Finding>,
) -> Result<Vec<u8>> {
    export::pdf::pdf(picture, &export::pdf::PdfOptions { theme: options.theme, pages: options.pages })
}

/// The options that change a picture, as one line: as they were asked for, in words that
/// stay the same, since pictures are compared by them.
fn made_with(options: &DrawOptions) -> String {
    let mut words = vec![format!("theme={}", options.theme.word())];
    add_diagram_words(&mut words, options);
    add_layout_words(&mut words, options);
    add_part_words(&mut words, options);
    match &options.groups {
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

fn add_diagram_words(words: &mut Vec<String>, options: &DrawOptions) {
    let diagram = &options.diagram;
    words.push(format!("rankdir={}", diagram.direction));
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
        words.push(format!("style={}", diagram.style.word()));
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
}

fn add_layout_words(words: &mut Vec<String>, options: &DrawOptions) {
    if options.engine != Engine::default() {
        words.push(format!("engine={}", options.engine.word()));
    }
    // Written with a capital letter since there are such pictures.
    words.extend(match options.layout.splines {
        Splines::Curved => None,
        Splines::Polyline => Some("splines=Polyline".to_owned()),
        Splines::Ortho => Some("splines=Ortho".to_owned()),
    });
    words.extend(match options.layout.columns {
        Columns::One => None,
        Columns::Page => Some("columns=page".to_owned()),
        Columns::Count(n) => Some(format!("columns={n}")),
        Columns::Aspect(ratio) => Some(format!("aspect={ratio}")),
    });
}

fn add_part_words(words: &mut Vec<String>, options: &DrawOptions) {
    let part = &options.view.part;
    for (name, list) in [("focus", &part.focus), ("from", &part.from), ("to", &part.to)] {
        words.extend(list.iter().map(|r| format!("{name}={r}")));
    }
    words.extend(part.range.as_ref().map(|(first, last)| format!("range={first}..{last}")));
    if !part.focus.is_empty() {
        words.push(format!("hops={}", part.hops));
    }
}

/// The time between the ends of phases, added up for each.
#[derive(Default)]
struct Phases {
    last: Option<Instant>,
    times: Vec<(&'static str, Duration)>,
}

impl Phases {
    fn done(&mut self, phase: &'static str) {
        let now = Instant::now();
        let time = self.last.replace(now).map_or(Duration::ZERO, |last| now - last);
        match self.times.iter_mut().find(|(name, _)| *name == phase) {
            Some((_, sum)) => *sum += time,
            None => self.times.push((phase, time)),
        }
    }
}

#[derive(Default)]
struct Clock {
    times: Vec<(&'static str, Duration)>,
}

impl Clock {
    fn time<T>(&mut self, step: &'static str, work: impl FnOnce() -> T) -> T {
        let begin = Instant::now();
        let result = work();
        self.times.push((step, begin.elapsed()));
        result
    }
}
