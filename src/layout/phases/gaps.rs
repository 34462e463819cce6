//! Distances that several phases keep, in pixels.

/// Distance of a label from its box, and from its line.
pub(super) const LABEL_GAP: f64 = 3.0;
/// Room that a right-angled line needs above and below to turn.
pub(super) const TURN: f64 = 6.0;
/// Room that each wire from a box to itself takes at its right.
pub(super) const LOOP_WIDTH: f64 = 14.0;
/// Radius of a line's corners.
pub(super) const RADIUS: f64 = 6.0;
