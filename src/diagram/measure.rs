//! The measures of a box, shared by whoever sizes it and whoever paints it.
//! All in pixels.

/// Font size of a header.
pub const HEADER_FONT: f64 = 12.0;
/// Font size of the muted text in a header.
pub const ASIDE_FONT: f64 = 10.0;
/// Font size of rows and terminals.
pub const ROW_FONT: f64 = 10.5;
/// Font size of labels beside lines.
pub const LABEL_FONT: f64 = 9.5;
/// Height of a header strip; a pill is this high.
pub const HEADER_HEIGHT: f64 = 22.0;
/// Height of a row.
pub const ROW_HEIGHT: f64 = 14.0;
/// Room above the first row and under the last one.
pub const ROWS_PADDING: f64 = 4.0;
/// Height of a terminal.
pub const TERMINAL_HEIGHT: f64 = 22.0;
/// Room between a box's left or right border and its text.
pub const SIDE_PADDING: f64 = 9.0;
/// Least distance between a header's text and its aside, and between a row's
/// label and its value.
pub const TEXT_GAP: f64 = 5.0;
/// Radius of a box's corners.
pub const RADIUS: f64 = 5.0;
/// Height of a label beside a line.
pub const LABEL_HEIGHT: f64 = 12.0;
/// Distance of a baseline from the middle of its line, as a part of the font size.
pub const BASELINE: f64 = 0.36;
/// Length of an arrowhead.
pub const ARROW_LENGTH: f64 = 6.0;
/// Half the width of an arrowhead.
pub const ARROW_HALF: f64 = 3.0;
/// Room in a frame above its content, where the title stands.
pub const FRAME_TOP: f64 = 30.0;
/// Room in a frame on the other sides.
pub const FRAME_SIDE: f64 = 12.0;
/// How far the sheets of a stacked frame stand apart.
pub const FRAME_SHEET: f64 = 4.0;
/// Height of a strip at the foot of a box.
pub const STRIP_HEIGHT: f64 = 17.0;
/// Font size of a strip.
pub const STRIP_FONT: f64 = 10.5;
/// Width and height of a sign in a header.
pub const BADGE: f64 = 10.0;
/// Height of the line above a picture.
pub const HEADING_HEIGHT: f64 = 34.0;
/// Font size of the line above a picture.
pub const HEADING_FONT: f64 = 16.0;
