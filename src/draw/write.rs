//! A picture as the bytes of a file.

use super::made_with::made_with;
use super::options::{DrawOptions, Output};
use crate::diagram::{Diagram, structure_hash};
use crate::error::Result;
#[cfg(not(all(feature = "png", feature = "pdf", feature = "layout-rs")))]
use crate::error::{Error, ErrorKind};
use crate::export;
use crate::export::svg::{SvgOptions, svg};
use crate::finding::Finding;
use crate::picture::Picture;

/// What writes a kind of file.
pub(super) enum Writer {
    /// From the diagram alone: the reader of the file places it.
    Unplaced(fn(&Diagram) -> String),
    /// From the picture; what is noticed on the way joins the findings.
    Placed(fn(&Job<'_>, &mut Vec<Finding>) -> Result<Vec<u8>>),
}

/// What is written, and how.
pub(super) struct Job<'a> {
    pub(super) diagram: &'a Diagram,
    pub(super) picture: &'a Picture<'a>,
    pub(super) options: &'a DrawOptions,
}

/// The writer of a kind of file.
pub(super) fn writer(output: Output) -> Writer {
    match output {
        Output::Dot => Writer::Unplaced(export::dot::dot),
        Output::Json => Writer::Placed(|job, _| Ok(export::json::json(job.picture).into_bytes())),
        Output::Svg => Writer::Placed(|job, _| Ok(write_svg(job))),
        Output::Png => Writer::Placed(write_png),
        Output::Pdf => Writer::Placed(write_pdf),
    }
}

fn write_svg(job: &Job<'_>) -> Vec<u8> {
    let (theme, background) = (job.options.theme, job.options.background);
    let (structure, made_with) = (structure_hash(job.diagram), made_with(job.options));
    svg(job.picture, &SvgOptions { theme, background, structure, made_with }).into_bytes()
}

#[cfg(feature = "png")]
fn write_png(job: &Job<'_>, findings: &mut Vec<Finding>) -> Result<Vec<u8>> {
    let Job { picture, options, .. } = job;
    use super::options::ImageSize;
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

#[cfg(not(feature = "png"))]
fn write_png(_: &Job<'_>, _: &mut Vec<Finding>) -> Result<Vec<u8>> {
    Err(not_built_in("png"))
}

#[cfg(feature = "pdf")]
fn write_pdf(job: &Job<'_>, _: &mut Vec<Finding>) -> Result<Vec<u8>> {
    let Job { picture, options, .. } = job;
    export::pdf::pdf(picture, &export::pdf::PdfOptions { theme: options.theme, pages: options.pages })
}

#[cfg(not(feature = "pdf"))]
fn write_pdf(_: &Job<'_>, _: &mut Vec<Finding>) -> Result<Vec<u8>> {
    Err(not_built_in("pdf"))
}

/// The error for what a feature of this crate would do.
#[cfg(not(all(feature = "png", feature = "pdf", feature = "layout-rs")))]
pub(super) fn not_built_in(feature: &str) -> Error {
    let error = Error::new(ErrorKind::Unsupported, format!("this was built without the feature `{feature}`"));
    error.hint(format!("build modelgram with `{feature}`"))
}
