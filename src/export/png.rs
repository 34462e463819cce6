//! PNG, painted by resvg from our own SVG with the embedded font.
//!
//! No font of the system is read, so the pixels are the same on every machine.

use std::sync::Arc;

use resvg::{tiny_skia, usvg};

use super::svg::{SvgOptions, svg};
use crate::diagram::font;
use crate::diagram::theme::{Background, Theme};
use crate::error::{Error, ErrorKind, Result};
use crate::picture::Picture;

/// How to paint a picture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub(crate) struct PngOptions {
    /// Pixels of the image for each pixel of the picture.
    pub scale: f64,
    /// The colours; [`Theme::Auto`] is light here.
    pub theme: Theme,
    /// The ground in place of the theme's.
    pub background: Option<Background>,
}

impl Default for PngOptions {
    fn default() -> Self {
        PngOptions { scale: 1.0, theme: Theme::Light, background: None }
    }
}

/// The most pixels that are painted: 1 GiB of memory.
const MOST_PIXELS: f64 = 268_435_456.0;
/// The longest side that is painted.
const LONGEST: f64 = 1_000_000.0;
/// Many viewers show nothing past this side.
pub(crate) const VIEWERS_END: u32 = 32_767;

/// A painted picture.
#[derive(Clone, Debug)]
pub(crate) struct Png {
    /// The file.
    pub bytes: Vec<u8>,
    /// Width and height in pixels.
    pub size: (u32, u32),
}

/// Paints a picture.
///
/// # Errors
/// If the image would have more than 268 million pixels, or `scale` is not a
/// positive number.
pub(crate) fn png(picture: &Picture<'_>, options: &PngOptions) -> Result<Png> {
    let scale = options.scale;
    let (width, height) =
        ((picture.size.width.ceil() * scale).ceil(), (picture.size.height.ceil() * scale).ceil());
    if !(scale.is_finite() && scale > 0.0 && width >= 1.0 && height >= 1.0) {
        return Err(Error::new(ErrorKind::Usage, format!("an image of scale {scale} has no pixels")));
    }
    if width * height > MOST_PIXELS || width.max(height) > LONGEST {
        let message = format!("the image would be {width} by {height} pixels, more than can be painted");
        let fitting = (MOST_PIXELS / (width * height)).sqrt().min(LONGEST / width.max(height)) * scale;
        let hint = format!("a scale of {:.2} fits, and SVG has no limit", (fitting * 100.0).floor() / 100.0);
        return Err(Error::new(ErrorKind::Unsafe, message).hint(hint));
    }
    let fail =
        |what: String| Error::new(ErrorKind::Unsupported, format!("the image cannot be painted: {what}"));
    let tree = tree_of(picture, options.theme, options.background, &settings())?;
    let mut pixels =
        tiny_skia::Pixmap::new(width as u32, height as u32).ok_or_else(|| fail("no memory".into()))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale as f32, scale as f32), &mut pixels.as_mut());
    let bytes = pixels.encode_png().map_err(|error| fail(error.to_string()).from_source(error))?;
    Ok(Png { bytes: with_density(bytes, scale), size: (width as u32, height as u32) })
}

/// The shapes and texts of a picture in one theme, for whoever paints them.
pub(super) fn tree_of(
    picture: &Picture<'_>,
    theme: Theme,
    background: Option<Background>,
    settings: &usvg::Options<'_>,
) -> Result<usvg::Tree> {
    let theme = if theme == Theme::Dark { Theme::Dark } else { Theme::Light };
    let text = svg(picture, &SvgOptions { theme, background, ..SvgOptions::default() });
    usvg::Tree::from_str(&text, settings).map_err(|error| {
        let fact = format!("the picture cannot be painted: {error}");
        Error::new(ErrorKind::Unsupported, fact).from_source(error)
    })
}

/// With the embedded font, and no other.
pub(super) fn settings() -> usvg::Options<'static> {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(font::REGULAR.to_vec());
    fonts.load_font_data(font::BOLD.to_vec());
    fonts.set_sans_serif_family("Liberation Sans");
    usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() }
}

/// Adds a `pHYs` chunk, so that programs show the picture at its own size.
fn with_density(png: Vec<u8>, scale: f64) -> Vec<u8> {
    // After the signature (8 bytes) and the header chunk (25 bytes).
    const AT: usize = 33;
    let per_metre = (96.0 * scale / 0.0254).round() as u32;
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(per_metre.to_be_bytes());
    chunk.extend(per_metre.to_be_bytes());
    chunk.push(1);
    let mut out = png[..AT].to_vec();
    out.extend(9u32.to_be_bytes());
    out.extend(&chunk);
    out.extend(crc32(&chunk).to_be_bytes());
    out.extend(&png[AT..]);
    out
}

/// The checksum of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_png() {
        // The checksum that ends every PNG.
        assert_eq!(crc32(b"IEND"), 0xAE42_6082);
    }
}
