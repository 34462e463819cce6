//! The pages of a document, and the sizes of paper.

/// The pages of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Pages {
    /// One page of the picture's size.
    #[default]
    Own,
    /// One sheet of paper; a picture that is too large for it is made smaller.
    Fitted(Paper),
    /// As many sheets as the picture needs in its own size, from the top left, row by row.
    Tiled(Paper),
}

/// The size of a sheet in points (1/72 inch), upright.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paper {
    /// The shorter side.
    pub width: f64,
    /// The longer side.
    pub height: f64,
}

impl Paper {
    /// ISO 216: 210 × 297 mm.
    pub const A4: Paper = Paper { width: 595.276, height: 841.89 };
    /// ISO 216: 297 × 420 mm.
    pub const A3: Paper = Paper { width: 841.89, height: 1190.551 };
    /// 8.5 × 11 inches.
    pub const LETTER: Paper = Paper { width: 612.0, height: 792.0 };
}
