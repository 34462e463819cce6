//! `modelgram render`: the main job.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::args::{Kind, PaperName, Render, Switch};
use super::dims::open_typed;
use super::files;
use super::findings::print_findings;
use super::timings::Timings;
use crate::diagram::hubs::Hubs;
use crate::diagram::overlay::Overlay;
use crate::diagram::{DiagramOptions, Style};
use crate::draw::{Done, DrawOptions, Engine, ImageSize, draw_watched};
use crate::error::{Error, ErrorKind, Result};
use crate::export::{Pages, Paper};
use crate::layout::{self, Columns};
use crate::text::{Glob, Rename};
use crate::view::{GroupOptions, Hide, Part, ViewOptions};

/// Draws; with `--check` says whether the files are what would be written.
pub(super) fn run(args: &Render) -> Result<bool> {
    let kind = kind(args)?;
    let options = options(args, kind)?;
    if args.models.len() > 1 && !args.beside {
        let error = Error::new(ErrorKind::Usage, "several models and one output");
        return Err(error.hint("-O writes one file beside each model"));
    }
    let mut fresh = true;
    for model in &args.models {
        fresh &= one(args, model, kind, &options)?;
    }
    Ok(fresh)
}

fn one(args: &Render, path: &Path, kind: Kind, options: &DrawOptions) -> Result<bool> {
    let target = target(args, path, kind)?;
    if args.check && target.is_none() {
        let error = Error::new(ErrorKind::Usage, "--check compares a file, and none is given");
        return Err(error.hint("give -o FILE, or -O"));
    }
    let timings = Timings::start();
    let model = open_typed(path, &args.types)?;
    timings.done(Done::Step("open"));
    let name = path.display().to_string();
    let watch = |done| timings.done(done);
    let drawing = draw_watched(&model, options, &watch).map_err(|error| error.in_file(&name))?;
    if let (true, Some(target)) = (args.check, &target) {
        let fresh = files::is(target, &drawing.bytes)?;
        if !fresh {
            files::note(format!("{} is not what would be drawn now", target.display()));
        }
        return Ok(fresh);
    }
    match target {
        Some(target) => files::to_file(&target, &drawing.bytes, &args.models)?,
        None => shown(&drawing.bytes, kind)?,
    }
    timings.done(Done::Step("save"));
    if let Some(hidden) = &drawing.hidden {
        let way = " (--depth N or --expand SCOPE opens, --fold off and --group off draw all)";
        files::note(format!("note: {hidden}{}", if drawing.folded { way } else { "" }));
    }
    print_findings(&drawing.findings);
    if args.timings {
        timings.print();
    }
    Ok(true)
}

/// Prints a picture; that of JSON is the one that has names as the file has them.
fn shown(bytes: &[u8], kind: Kind) -> Result<()> {
    match (kind, std::str::from_utf8(bytes)) {
        (Kind::Json, Ok(text)) => files::print_json(text.trim_end()),
        _ => files::to_stdout(bytes),
    }
}

/// Where to write; `None` for standard output.
fn target(args: &Render, model: &Path, kind: Kind) -> Result<Option<PathBuf>> {
    if args.beside {
        if files::is_stream(model) {
            let error = Error::new(ErrorKind::Usage, "-O needs a file to write beside, not standard input");
            return Err(error.hint("give -o FILE"));
        }
        let mut name = OsString::from(model);
        name.push(format!(".{}", kind.extension()));
        return Ok(Some(name.into()));
    }
    match &args.output {
        Some(path) if !files::is_stream(path) => Ok(Some(path.clone())),
        given => {
            let is_binary = matches!(kind, Kind::Png | Kind::Pdf);
            if files::stdout_is_terminal() && (given.is_none() || is_binary) {
                let stem = model.file_stem().unwrap_or(model.as_os_str()).to_string_lossy();
                let error =
                    Error::new(ErrorKind::Usage, "no output is given, and standard output is a terminal");
                let extension = kind.extension();
                return Err(
                    error.hint(format!("-o {stem}.{extension} writes a file, `| less` shows the text"))
                );
            }
            Ok(None)
        }
    }
}

/// The kind of file: as said, or by the extension of the output.
fn kind(args: &Render) -> Result<Kind> {
    if let Some(kind) = args.kind {
        return Ok(kind);
    }
    let output = args.output.as_deref().filter(|o| !files::is_stream(o));
    let Some(extension) = output.and_then(|o| o.extension()) else { return Ok(Kind::Svg) };
    match extension.to_string_lossy().to_lowercase().as_str() {
        "svg" => Ok(Kind::Svg),
        "png" => Ok(Kind::Png),
        "pdf" => Ok(Kind::Pdf),
        "dot" | "gv" => Ok(Kind::Dot),
        "json" => Ok(Kind::Json),
        other => {
            let error = Error::new(ErrorKind::Usage, format!("`.{other}` is not a supported output type"));
            Err(error.hint(
                "supported are svg, png, pdf, dot and json; -T TYPE sets the type whatever the file name",
            ))
        }
    }
}

/// Whether there are no frames: as said, and for an engine that knows none.
fn is_flat(args: &Render) -> bool {
    args.group == Switch::Off || Engine::from(args.engine) != Engine::Layered
}

fn globs(list: &[String]) -> Result<Vec<Glob>> {
    list.iter().map(|text| text.parse()).collect()
}

/// Which part is drawn.
fn part(args: &Render) -> Result<Part> {
    let range = match args.layer_range.as_deref() {
        Some([first, last]) => Some((first.parse()?, last.parse()?)),
        _ => None,
    };
    let (focus, from, to) = (globs(&args.focus)?, globs(&args.from)?, globs(&args.to)?);
    Ok(Part { focus, hops: args.hops, from, to, range })
}

/// How scopes become frames.
fn groups(args: &Render) -> Result<Option<GroupOptions>> {
    if is_flat(args) {
        return Ok(None);
    }
    let usual = GroupOptions::default();
    Ok(Some(GroupOptions {
        max_nodes: args.max_nodes.unwrap_or(usual.max_nodes),
        depth: args.depth.or(args.expand_nested.then_some(usize::MAX)),
        expand: globs(&args.expand)?,
        collapse: globs(&args.collapse)?,
        fold_min: if args.fold == Switch::Off { 0 } else { args.fold_min.max(2) },
    }))
}

fn columns(args: &Render) -> Result<Columns> {
    match (args.columns, args.aspect) {
        (Some(0), _) => Err(Error::new(ErrorKind::Usage, "--columns is at least 1")),
        (Some(n), _) => Ok(Columns::Count(n)),
        (None, Some(ratio)) if ratio.is_finite() && ratio > 0.0 => Ok(Columns::Aspect(ratio)),
        (None, Some(_)) => Err(Error::new(ErrorKind::Usage, "--aspect is a positive number")),
        (None, None) if is_flat(args) => Ok(Columns::One),
        (None, None) => Ok(Columns::Page),
    }
}

fn options(args: &Render, kind: Kind) -> Result<DrawOptions> {
    let scale = args.dpi.map_or(args.scale, |dpi| dpi / 96.0);
    if !(scale.is_finite() && scale > 0.0) || args.width == Some(0) {
        return Err(Error::new(ErrorKind::Usage, "--scale, --dpi and --width are positive numbers"));
    }
    let renames = args.rename.iter().map(|text| text.parse::<Rename>()).collect::<Result<_>>()?;
    let hide = args.hide.iter().map(|text| text.parse::<Hide>()).collect::<Result<_>>()?;
    let fuse = Style::from(args.style) == Style::Compact;
    Ok(DrawOptions {
        view: ViewOptions { renames, part: part(args)?, hide, fuse },
        groups: groups(args)?,
        diagram: diagram(args)?,
        engine: args.engine.into(),
        layout: layout::Options {
            columns: columns(args)?,
            splines: args.splines.into(),
            ..layout::Options::default()
        },
        theme: args.theme.into(),
        background: args.background,
        size: args.width.map_or(ImageSize::Scale(scale), ImageSize::Width),
        pages: pages(args),
        output: kind.output(),
    })
}

fn pages(args: &Render) -> Pages {
    let paper = |name| match name {
        PaperName::A4 => Paper::A4,
        PaperName::A3 => Paper::A3,
        PaperName::Letter => Paper::LETTER,
    };
    match (args.page.map(paper), args.tile) {
        (None, _) => Pages::Own,
        (Some(paper), false) => Pages::Fitted(paper),
        (Some(paper), true) => Pages::Tiled(paper),
    }
}

/// What boxes say.
fn diagram(args: &Render) -> Result<DiagramOptions> {
    let style = Style::from(args.style);
    // Keras says only what is asked for.
    let usual = |on: bool, off: bool| if style == Style::Plain { on } else { !off };
    Ok(DiagramOptions {
        style,
        direction: args.rankdir.into(),
        show_shapes: usual(args.show_shapes, args.no_show_shapes),
        show_dtype: args.show_dtype,
        show_layer_names: args.show_layer_names,
        show_layer_activations: usual(args.show_layer_activations, args.no_show_layer_activations),
        show_trainable: args.show_trainable,
        show_macs: args.show_macs,
        title: args.title.clone(),
        legend: args.legend,
        overlay: args.overlay.as_deref().map(overlay).transpose()?,
        changes: std::collections::BTreeMap::new(),
        footer: args.footer,
        max_const_size: args.max_const_size,
        hubs: (args.hubs == Switch::Auto).then(Hubs::default),
    })
}

fn overlay(path: &Path) -> Result<Overlay> {
    let text = files::text(path)?;
    Overlay::parse(&text).map_err(|error| error.in_file(&path.display().to_string()))
}
