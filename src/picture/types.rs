//! The parts of a picture: a tree of frames, and what stands in them.

use crate::diagram::{Badge, BoxId, Change, Frame, FrameId, NodeBox, Size, WireKind};
use crate::layout::{Placed, Point, Route};
use crate::ops::Category;

/// A page with a tree of frames, each in the coordinates of the frame around it.
///
/// Boxes and lines stand in lists, in the order of the file, and each names its frame.
#[derive(Clone, Debug, Default)]
pub struct Picture<'a> {
    /// The size of the page in pixels.
    pub size: Size,
    /// The title.
    pub title: &'a str,
    /// One line on what is shown.
    pub description: &'a str,
    /// Where the tree stands on the page, between what is above and below it.
    pub content: Rect,
    /// The frames; the one around everything first, a parent before its children.
    pub frames: Vec<FrameShape<'a>>,
    /// The lines, below the boxes.
    pub lines: Vec<Line<'a>>,
    /// The boxes.
    pub boxes: Vec<BoxShape<'a>>,
    /// Texts above and below the tree, on the page.
    pub texts: Vec<Text>,
    /// Signs of the legend, on the page.
    pub marks: Vec<Mark>,
}

/// A frame.
#[derive(Clone, Debug)]
pub struct FrameShape<'a> {
    /// The frame of the diagram that it shows.
    pub frame: &'a Frame,
    /// Where it is in the frame around it, and where in itself its title begins.
    pub placed: Placed,
}

/// A box.
#[derive(Clone, Debug)]
pub struct BoxShape<'a> {
    /// The box's number in the diagram.
    pub id: BoxId,
    /// The box of the diagram that it shows.
    pub node: &'a NodeBox,
    /// Its corner in its frame.
    pub corner: Point,
}

/// A line between boxes, or the line to an off-page connector.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// Where it goes, in the coordinates of its frame.
    pub route: &'a Route,
    /// The name of its value.
    pub value: &'a str,
    /// The text beside it, or in its off-page connector.
    pub label: Option<&'a str>,
}

impl Picture<'_> {
    /// The corner of each frame in the frame around everything.
    pub fn origins(&self) -> Vec<Point> {
        (0..self.frames.len()).map(|f| self.origin(f)).collect()
    }

    fn origin(&self, frame: usize) -> Point {
        let mut at = Some(FrameId(frame as u32));
        let mut sum = Point::default();
        // From the inside out: another order of these sums would round otherwise.
        while let Some(id) = at {
            let shape = &self.frames[id.index()];
            sum = sum.moved(shape.placed.corner);
            at = shape.frame.parent;
        }
        sum
    }
}

/// A coloured shape: a strip, a sign, a part of the legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where it is.
    pub rect: Rect,
    /// What it is.
    pub form: Form,
}

/// The form of a mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// A strip across the foot of a box; the last one has round corners below.
    Strip(Category, bool),
    /// The colour of a category.
    Swatch(Category),
    /// A step of the scale of an overlay.
    Heat(u8),
    /// A sign, and whether it stands on a colour with light text, on one with dark text,
    /// or on a neutral ground.
    Badge(Badge, Ground),
    /// The border around what an edit changed.
    Change(Change),
    /// A piece of line.
    Line(WireKind),
    /// A stack of frames.
    Stack,
}

/// The background of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// A colour, with white text.
    Colour,
    /// A bright colour, with black text.
    Bright,
    /// A neutral one.
    Neutral,
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// The top-left corner.
    pub corner: Point,
    /// Its size.
    pub size: Size,
}

/// A line of text.
#[derive(Clone, Debug)]
pub struct Text {
    /// The anchor on the baseline.
    pub at: Point,
    /// Where the anchor is.
    pub anchor: Anchor,
    /// What the text is.
    pub role: Role,
    /// A first part that stands out.
    pub lead: String,
    /// The text.
    pub text: String,
    /// The width to keep, where the font does not have every character.
    pub guard: Option<f64>,
}

/// Which end of a text is at its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An operator's name on a colour.
    Header,
    /// An operator's name on a neutral ground.
    PlainHeader,
    /// The muted text in a coloured header.
    Aside,
    /// The same on a neutral ground.
    PlainAside,
    /// A row whose first part is a constant's name.
    ConstantRow,
    /// A row whose first part is an attribute's name.
    AttributeRow,
    /// A graph input or output.
    Terminal,
    /// A name that nothing defines.
    Undefined,
    /// Beside a line, or in an off-page connector.
    Label,
    /// A frame's title.
    FrameTitle,
    /// An operator's name on a bright colour.
    BrightHeader,
    /// The same for the text at its right.
    BrightAside,
    /// The name in a strip.
    Strip,
    /// The line above the picture.
    Heading,
}

/// An off-page connector.
#[derive(Clone, Debug)]
pub struct Pill {
    /// Its border.
    pub rect: Rect,
    /// The name in it.
    pub text: Text,
}
