//! PDF: vector shapes and real text with the embedded font, from our own SVG.

use krilla::geom::{Path, PathBuilder, Rect, Size, Transform};
use krilla::graphic::Graphic;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::FillRule;
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::usvg;

use super::pages::{Pages, Paper};
use super::png::{settings, tree_of};
use crate::diagram::theme::Theme;
use crate::error::{Error, ErrorKind, Result};
use crate::picture::Picture;

/// How to write a picture.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub(crate) struct PdfOptions {
    /// The colours; [`Theme::Auto`] is light here.
    pub theme: Theme,
    /// The pages.
    pub pages: Pages,
}

/// Points for a pixel of the picture: 72 / 96.
const POINTS: f64 = 0.75;
/// The border of a sheet that stays white, in points: 10 mm.
const MARGIN: f64 = 28.35;
/// The longest side of a page in points (PDF 1.7, annex C).
const LONGEST: f64 = 14_400.0;
/// The most sheets.
const MOST_SHEETS: usize = 400;

/// Writes a picture.
///
/// # Errors
/// If it would need more than 400 sheets.
pub(crate) fn pdf(picture: &Picture<'_>, options: &PdfOptions) -> Result<Vec<u8>> {
    let tree = tree_of(picture, options.theme, None, &settings())?;
    let (width, height) = (picture.size.width.ceil() * POINTS, picture.size.height.ceil() * POINTS);
    let settings = SerializeSettings { xmp_metadata: false, enable_tagging: false, ..Default::default() };
    let mut document = Document::new_with(settings);
    let title = if picture.title.is_empty() { "model" } else { picture.title };
    let about = Metadata::new().title(title.into()).description(picture.description.to_owned());
    document.set_metadata(about.creator("modelgram".into()));
    match options.pages {
        Pages::Own => {
            let scale = (LONGEST / width.max(height)).min(1.0);
            one(&mut document, &tree, (width * scale, height * scale), (width * scale, height * scale))?;
        }
        Pages::Fitted(paper) => {
            let sheet = oriented(paper, width > height);
            let room = (sheet.0 - 2.0 * MARGIN, sheet.1 - 2.0 * MARGIN);
            let scale = (room.0 / width).min(room.1 / height).min(1.0);
            one(&mut document, &tree, sheet, (width * scale, height * scale))?;
        }
        Pages::Tiled(paper) => tiled(&mut document, &tree, paper, (width, height))?,
    }
    document.finish().map_err(|error| fail(format!("{error:?}")))
}

fn fail(what: String) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the document cannot be written: {what}"))
}

/// The sheet, in landscape if the picture is wider than high.
fn oriented(paper: Paper, landscape: bool) -> (f64, f64) {
    if landscape { (paper.height, paper.width) } else { (paper.width, paper.height) }
}

/// One page with the picture in its middle, in the size that it is to have there.
fn one(document: &mut Document, tree: &usvg::Tree, sheet: (f64, f64), size: (f64, f64)) -> Result<()> {
    let mut page = document.start_page_with(page(sheet)?);
    let mut surface = page.surface();
    let (x, y) = ((sheet.0 - size.0) / 2.0, (sheet.1 - size.1) / 2.0);
    surface.push_transform(&Transform::from_translate(x as f32, y as f32));
    draw(&mut surface, tree, size)?;
    surface.pop();
    Ok(())
}

fn page((width, height): (f64, f64)) -> Result<PageSettings> {
    PageSettings::from_wh(width as f32, height as f32).ok_or_else(|| fail("a page without size".into()))
}

fn draw(surface: &mut Surface<'_>, tree: &usvg::Tree, (width, height): (f64, f64)) -> Result<()> {
    let size =
        Size::from_wh(width as f32, height as f32).ok_or_else(|| fail("a picture without size".into()))?;
    let drawn = surface.draw_svg(tree, size, SvgSettings::default());
    drawn.ok_or_else(|| fail("a shape without size".into()))
}

/// Sheets that can be put together; the picture stands once in the file.
fn tiled(document: &mut Document, tree: &usvg::Tree, paper: Paper, size: (f64, f64)) -> Result<()> {
    let sheets = |sheet: (f64, f64)| {
        let room = (sheet.0 - 2.0 * MARGIN, sheet.1 - 2.0 * MARGIN);
        ((size.0 / room.0).ceil().max(1.0) as usize, (size.1 / room.1).ceil().max(1.0) as usize, room)
    };
    let (portrait, landscape) = (oriented(paper, false), oriented(paper, true));
    let count = |sheet| sheets(sheet).0.saturating_mul(sheets(sheet).1);
    let sheet = if count(landscape) < count(portrait) { landscape } else { portrait };
    let (columns, rows, room) = sheets(sheet);
    if columns.saturating_mul(rows) > MOST_SHEETS {
        let error = Error::new(ErrorKind::Usage, format!("the picture needs {columns} by {rows} sheets"));
        return Err(error.hint(format!(
            "at most {MOST_SHEETS} are written; do not tile it, or draw a part of the model"
        )));
    }
    let mut picture: Option<Graphic> = None;
    for row in 0..rows {
        for column in 0..columns {
            let mut page = document.start_page_with(page(sheet)?);
            let mut surface = page.surface();
            if picture.is_none() {
                let mut stream = surface.stream_builder();
                let mut inner = stream.surface();
                draw(&mut inner, tree, size)?;
                inner.finish();
                picture = Some(Graphic::new(stream.finish(), false));
            }
            let Some(picture) = picture.clone() else { continue };
            let window = rectangle(MARGIN, MARGIN, room)?;
            surface.push_clip_path(&window, &FillRule::NonZero);
            let (x, y) = (MARGIN - column as f64 * room.0, MARGIN - row as f64 * room.1);
            surface.push_transform(&Transform::from_translate(x as f32, y as f32));
            surface.draw_graphic(picture);
            surface.pop();
            surface.pop();
        }
    }
    Ok(())
}

fn rectangle(x: f64, y: f64, (width, height): (f64, f64)) -> Result<Path> {
    let rect = Rect::from_xywh(x as f32, y as f32, width as f32, height as f32);
    let mut path = PathBuilder::new();
    path.push_rect(rect.ok_or_else(|| fail("a sheet without room".into()))?);
    path.finish().ok_or_else(|| fail("a sheet without room".into()))
}
