//! What boxes and wires say.

use std::collections::BTreeMap;

use super::hubs::Hubs;
use super::overlay::Overlay;
use super::types::{Change, Direction};
use crate::model::NodeId;

/// How much boxes say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// Constants and attributes in rows, each operator in a box.
    #[default]
    Full,
    /// No constants and attributes, but for the most informative; short.
    Compact,
    /// As Keras draws: the class of a layer, and what was asked for.
    Plain,
}

impl Style {
    /// The word for options and metadata.
    pub fn word(self) -> &'static str {
        match self {
            Style::Full => "full",
            Style::Compact => "compact",
            Style::Plain => "plain",
        }
    }
}

/// What boxes and wires say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DiagramOptions {
    /// How much boxes say.
    pub style: Style,
    /// Where data flows to.
    pub direction: Direction,
    /// Shapes in terminals and beside wires.
    pub show_shapes: bool,
    /// Element types beside wires too.
    pub show_dtype: bool,
    /// The names of nodes.
    pub show_layer_names: bool,
    /// Multiplications of each operator beside its parameters, once types are derived.
    pub show_macs: bool,
    /// Activations that belong to a layer.
    pub show_layer_activations: bool,
    /// Whether training changes the weights, in words.
    pub show_trainable: bool,
    /// A line above the picture: this text, or the model's name if it is empty.
    pub title: Option<String>,
    /// What colours and signs mean, below the picture.
    pub legend: bool,
    /// Numbers that colour the boxes.
    pub overlay: Option<Overlay>,
    /// What an edit did to nodes: a border around their boxes.
    pub changes: BTreeMap<NodeId, Change>,
    /// A line below the picture with what the model holds and costs in all.
    pub footer: bool,
    /// Constants of at most this many bytes are shown by value, larger ones as
    /// `<stripped N bytes>`. If nothing is given the limit is
    /// [`DEFAULT_MAX_CONST_SIZE`], and parameters are shown by their shape alone,
    /// whatever their size.
    pub max_const_size: Option<u64>,
    /// Which values become off-page connectors; `None` for none.
    pub hubs: Option<Hubs>,
}

/// The size in bytes up to which constants are shown by value.
pub const DEFAULT_MAX_CONST_SIZE: u64 = 32;

impl Default for DiagramOptions {
    fn default() -> Self {
        DiagramOptions {
            style: Style::default(),
            direction: Direction::default(),
            show_shapes: true,
            show_dtype: false,
            show_layer_names: false,
            show_macs: false,
            show_layer_activations: true,
            show_trainable: false,
            title: None,
            legend: false,
            overlay: None,
            changes: BTreeMap::new(),
            footer: false,
            max_const_size: None,
            hubs: Some(Hubs::default()),
        }
    }
}
