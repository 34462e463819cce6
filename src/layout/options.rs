//! How to place a diagram.

/// How to place a diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Room to keep between things.
    pub spacing: Spacing,
    /// Whether the uses of one value share a line as far as they can.
    pub trunks: bool,
    /// The form of lines.
    pub splines: Splines,
    /// Into how many columns the page is wrapped; frames never are.
    pub columns: Columns,
}

impl Default for Options {
    fn default() -> Self {
        Options { spacing: Spacing::default(), trunks: true, splines: Splines::Curved, columns: Columns::One }
    }
}

/// Room to keep between things, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    /// Between boxes side by side.
    pub nodes: f64,
    /// Between ranks, at least.
    pub ranks: f64,
    /// Between a line and what it passes.
    pub lines: f64,
    /// Around everything.
    pub margin: f64,
}

impl Default for Spacing {
    fn default() -> Self {
        Spacing { nodes: 20.0, ranks: 20.0, lines: 10.0, margin: 16.0 }
    }
}

/// The form of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Splines {
    /// Curves with vertical ends.
    #[default]
    Curved,
    /// Straight pieces.
    Polyline,
    /// Right angles.
    Ortho,
}

/// How many columns a page has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Columns {
    /// One.
    #[default]
    One,
    /// This many, or as many as can be had.
    Count(u32),
    /// As many as bring the page nearest to this width for a height of 1.
    Aspect(f64),
    /// One, unless that is much longer than a page is; then as many as look like a page.
    Page,
}
