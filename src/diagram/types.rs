//! What a diagram is made of. Lengths are CSS pixels.

use std::fmt;

use crate::model::NodeId;
use crate::ops::Category;

/// A width and a height in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Horizontal extent.
    pub width: f64,
    /// Vertical extent.
    pub height: f64,
}

/// The index of a box in [`Diagram::boxes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BoxId(pub u32);

/// The index of a frame in [`Diagram::frames`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(pub u32);

impl BoxId {
    /// The position in [`Diagram::boxes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl FrameId {
    /// The frame around everything.
    pub const PAGE: FrameId = FrameId(0);

    /// The position in [`Diagram::frames`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where data flows to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From top to bottom.
    #[default]
    TopBottom,
    /// From left to right.
    LeftRight,
}

/// Boxes in nested frames, joined by wires.
#[derive(Clone, Debug, Default)]
pub struct Diagram {
    /// The title: the model's name.
    pub title: String,
    /// One line on the model and on what is shown of it.
    pub description: String,
    /// A line above the picture.
    pub heading: Option<String>,
    /// A line below the picture.
    pub footer: Option<String>,
    /// What colours and signs mean, below the picture.
    pub legend: Vec<Entry>,
    /// The scale of the colours, if they stand for numbers.
    pub scale: Option<Scale>,
    /// Where data flows to.
    pub direction: Direction,
    /// The frames; the page first, a parent before its children.
    pub frames: Vec<Frame>,
    /// The boxes, in the order of the file.
    pub boxes: Vec<NodeBox>,
    /// The wires, in the order of their users and slots.
    pub wires: Vec<Wire>,
}

/// A frame around boxes and other frames.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The frame around it; `None` for the page.
    pub parent: Option<FrameId>,
    /// Its title.
    pub title: String,
    /// How many equal blocks it stands for; 1 for a plain frame.
    pub times: u32,
    /// Room between its border and its content, above (for the title) and on the
    /// other sides.
    pub padding: Padding,
    /// The room that its title takes, in the strip above its content.
    pub title_size: Size,
    /// Room at its right and below it for the sheets of a stack; 0 for none.
    pub outset: f64,
    /// What it stands for in the model.
    pub origin: FrameOrigin,
}

/// What a frame stands for in the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameOrigin {
    /// A text that no other frame or box of the picture has, and that stays the same
    /// when anything opens or closes: a closed frame is a box of the same key.
    pub key: String,
    /// The names of the scopes down to it, joined by `/`; empty for the page.
    pub path: String,
}

/// What a box stands for in the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoxOrigin {
    /// A text that no other frame or box of the picture has, and that stays the same
    /// when anything opens or closes.
    pub key: String,
    /// The nodes in the box: one with those drawn as its strips, or all nodes inside a
    /// closed frame.
    pub members: Vec<Member>,
    /// The nodes of equal blocks that are not drawn, and that the box is drawn for too.
    pub represents: Vec<Member>,
}

/// A node of the graph that is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The node.
    pub node: NodeId,
    /// Its name in the file; may be empty.
    pub name: String,
}

/// Room inside a frame's border.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Padding {
    /// Above, where the title stands.
    pub top: f64,
    /// On the other three sides.
    pub side: f64,
}

/// A box: one node of the view.
#[derive(Clone, Debug)]
pub struct NodeBox {
    /// The node's name, as shown (after renaming); empty if it has none.
    pub name: String,
    /// The operator; `Input`, `Output` or `Undefined` for other nodes.
    pub op: String,
    /// The innermost frame around it.
    pub frame: FrameId,
    /// Its outline.
    pub outline: Outline,
    /// Its kind of operation, which is its colour.
    pub category: Category,
    /// The header: the operator's name.
    pub header: String,
    /// Muted, at the right end of the header.
    pub aside: String,
    /// The rows under the header.
    pub rows: Vec<Row>,
    /// What follows at once, at the foot: an activation, a normalization.
    pub strips: Vec<Strip>,
    /// A sign at the right end of the header.
    pub badge: Option<Badge>,
    /// What an edit did to it, in a picture of before and after.
    pub change: Option<Change>,
    /// Where on the scale of an overlay its number is, of
    /// [`HEAT`](super::theme::HEAT)'s steps.
    pub heat: Option<u8>,
    /// Outer size, border included.
    pub size: Size,
    /// The output slots that wires leave from, ascending; ports stand in this
    /// order along the side that faces the flow.
    pub outputs: Vec<u32>,
    /// What it stands for in the model.
    pub origin: BoxOrigin,
}

/// A strip at the foot of a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Its kind of operation, which is its colour.
    pub category: Category,
    /// The operator's name.
    pub header: String,
    /// What it holds, muted.
    pub aside: String,
}

/// A sign on a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Badge {
    /// A lock: training leaves the weights as they are.
    Frozen,
    /// Dots, some of them empty: values are left out at random in training.
    Dropout,
}

/// What an edit did to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It is new.
    Added,
    /// It is there before and after, with other weights or operands.
    Changed,
    /// It is gone.
    Removed,
}

/// A line of the legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is explained.
    pub sign: Sign,
    /// What it means.
    pub text: String,
}

/// What a legend explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The colour of a category.
    Colour(Category),
    /// A sign on a box.
    Badge(Badge),
    /// The border of what an edit changed.
    Change(Change),
    /// A kind of lines.
    Line(WireKind),
    /// A stack of frames.
    Stack,
}

/// The scale of an overlay, for its legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// What the numbers mean, with their unit.
    pub title: String,
    /// The least and the greatest, as text.
    pub ends: [String; 2],
}

/// The outline of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outline {
    /// A header strip over rows.
    Card,
    /// A header strip alone.
    Pill,
    /// A grey capsule: a graph input or output.
    Terminal,
    /// A dashed capsule: a name that nothing defines.
    Undefined,
}

/// One line in a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What: bold for a constant, plain for an attribute.
    pub label: String,
    /// Its value or shape.
    pub value: String,
    /// Whether this is a constant (and not an attribute).
    pub constant: bool,
}

/// One use of a value by a box.
#[derive(Clone, Debug)]
pub struct Wire {
    /// The box that defines the value.
    pub from: BoxId,
    /// The output slot there.
    pub from_slot: u32,
    /// The box that uses it.
    pub to: BoxId,
    /// The position among the operands there; operands enter in this order
    /// wherever that costs nothing.
    pub to_slot: u32,
    /// What sort of use.
    pub kind: WireKind,
    /// The value's name.
    pub value: String,
    /// Text beside the line, near where it leaves its box. Of the wires that
    /// leave one slot only the first carries it.
    pub label: Option<Label>,
    /// If this is given, the wire is not a line: the text stands in a small pill
    /// beside the box that uses the value.
    pub connector: Option<Connector>,
}

/// An off-page connector: the name of a value in place of a long line.
#[derive(Clone, Debug, PartialEq)]
pub struct Connector {
    /// The name, and the size of its pill.
    pub label: Label,
    /// Whether the same pill stands beside the definition; true at the first use
    /// of a value whose box does not show its name.
    pub at_source: bool,
}

/// The sort of a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WireKind {
    /// Data.
    Plain,
    /// An order of execution without data, or a value used inside a subgraph.
    Control,
    /// Data that passes operators that are not drawn.
    Bypass,
}

/// Measured text.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The text.
    pub text: String,
    /// The room it takes.
    pub size: Size,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::TopBottom => "TB",
            Direction::LeftRight => "LR",
        })
    }
}
