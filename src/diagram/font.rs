//! Widths of text, from the advance widths of the embedded Liberation Sans.
//!
//! Liberation Sans has the metrics of Arial and Helvetica, so a text that was
//! measured here stays inside its box in every font of that family. The font is
//! embedded (SIL Open Font License 1.1, see `font/LICENSE`), so the widths are the
//! same on every machine. Kerning is left out: it only ever narrows Latin text.

use std::sync::OnceLock;

use ttf_parser::Face;

/// Liberation Sans Regular, as a TrueType file.
pub const REGULAR: &[u8] = include_bytes!("font/LiberationSans-Regular.ttf");
/// Liberation Sans Bold, as a TrueType file.
pub const BOLD: &[u8] = include_bytes!("font/LiberationSans-Bold.ttf");

/// The weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Normal.
    Regular,
    /// Bold.
    Bold,
}

/// Advance widths of one face, in units of an em.
struct Advances {
    face: Face<'static>,
    // For the characters below U+0100, which nearly all names are made of.
    latin: [Option<f64>; 256],
}

impl Advances {
    fn of(file: &'static [u8]) -> Self {
        let face = Face::parse(file, 0).expect("the embedded font is sound");
        let latin = std::array::from_fn(|code| advance(&face, char::from(code as u8)));
        Advances { face, latin }
    }

    fn get(&self, c: char) -> Option<f64> {
        match self.latin.get(c as usize) {
            Some(&known) => known,
            None => advance(&self.face, c),
        }
    }
}

fn advance(face: &Face<'_>, c: char) -> Option<f64> {
    let glyph = face.glyph_index(c)?;
    Some(f64::from(face.glyph_hor_advance(glyph)?) / f64::from(face.units_per_em()))
}

fn advances(weight: Weight) -> &'static Advances {
    static REGULAR_ADVANCES: OnceLock<Advances> = OnceLock::new();
    static BOLD_ADVANCES: OnceLock<Advances> = OnceLock::new();
    match weight {
        Weight::Regular => REGULAR_ADVANCES.get_or_init(|| Advances::of(REGULAR)),
        Weight::Bold => BOLD_ADVANCES.get_or_init(|| Advances::of(BOLD)),
    }
}

/// The width of `text` at a font size of `size` pixels, in pixels.
///
/// A character that the font does not have counts as one em, which is wide
/// enough for other scripts; see [`is_covered`].
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let advances = advances(weight);
    size * text.chars().map(|c| advances.get(c).unwrap_or(1.0)).sum::<f64>()
}

/// Whether the font has every character of `text`, so that its width is certain.
pub fn is_covered(text: &str) -> bool {
    text.is_ascii() || text.chars().all(|c| advances(Weight::Regular).get(c).is_some())
}

/// `text`, cut in its middle by `…` if it is wider than `limit` pixels: the
/// beginnings and the ends of names are what distinguishes them.
pub fn fit(text: &str, limit: f64, size: f64, weight: Weight) -> String {
    if width(text, size, weight) <= limit {
        return text.to_owned();
    }
    let advances = advances(weight);
    let chars: Vec<char> = text.chars().collect();
    let mut room = limit - width("…", size, weight);
    let (mut head, mut tail) = (0, chars.len());
    while head < tail {
        let from_head = head <= chars.len() - tail;
        let c = if from_head { chars[head] } else { chars[tail - 1] };
        room -= size * advances.get(c).unwrap_or(1.0);
        if room < 0.0 {
            break;
        }
        if from_head { head += 1 } else { tail -= 1 }
    }
    chars[..head].iter().chain(&['…']).chain(&chars[tail..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_arial() {
        // Arial's `A` is 1366 of 2048 units wide, its `i` 455.
        assert_eq!(width("Ai", 2048.0, Weight::Regular), 1366.0 + 455.0);
        assert_eq!(width("", 10.0, Weight::Bold), 0.0);
    }

    #[test]
    fn the_characters_of_our_own_labels_are_covered() {
        assert!(is_covered("×…·? 0123456789 ≤"));
        assert!(!is_covered("漢字"));
    }

    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        let short = fit("/encoder/layers.0/self_attn/q_proj/MatMul", 100.0, 10.0, Weight::Regular);
        assert!(short.starts_with("/encoder") && short.ends_with("MatMul"), "{short}");
        assert!(width(&short, 10.0, Weight::Regular) <= 100.0);
        assert_eq!(fit("Conv", 100.0, 10.0, Weight::Regular), "Conv");
    }
}
