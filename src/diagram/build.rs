//! Makes the boxes and wires of a view, with measured text.
//!
//! The grammar of a box: an operator is a card, a coloured header over rows of
//! constants and attributes; without rows it is a pill. Graph inputs and outputs
//! are capsules with name and type. Attributes that equal their default say
//! nothing and are left out. Every text is measured here, so that layout and
//! picture never have to.

use std::collections::BTreeMap;

use super::groups::group;
use super::hubs::{Hubs, connect_hubs};
use super::labels::{self, Types};
use super::legend;
use super::number::short_count;
use super::overlay::{self, Overlay};
use super::plain;
use super::rows;
use super::sizes;
use super::{
    Badge, BoxId, Change, Diagram, Direction, Frame, FrameId, Label, NodeBox, Outline, Size, Strip, Wire,
    WireKind,
};
use crate::model::{Expr, Node, NodeId, NodeKind, Op, Slot, opset_version};
use crate::ops::{self, Category};
use crate::text::counted;
use crate::text::printable;
use crate::view::{View, ViewNode};

/// How much boxes say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Constants and attributes in rows, each operator in a box.
    #[default]
    Full,
    /// No constants and attributes, but for what tells most; short.
    Compact,
    /// As Keras draws: the class of a layer, and what was asked for.
    Plain,
}

/// What boxes and wires say.
#[derive(Clone, Debug)]
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
    /// Which values become off-page connectors; nothing for none.
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

/// What happened to the nodes that a box stands for: to all of them the same, or to some.
fn change_of(view: &View<'_>, nodes: &[usize], changes: &BTreeMap<NodeId, Change>) -> Option<Change> {
    let all: Vec<Option<Change>> =
        nodes.iter().flat_map(|&n| view.nodes[n].all()).map(|id| changes.get(&id).copied()).collect();
    match all.first() {
        Some(first) if all.iter().all(|change| change == first) => *first,
        _ => all.iter().flatten().next().map(|_| Change::Changed),
    }
}

/// The diagram of a view.
pub fn build(view: &View<'_>, options: &DiagramOptions) -> Diagram {
    let types = Types { shapes: options.show_shapes, dtypes: options.show_dtype };
    let boxes: Vec<NodeBox> = view.nodes.iter().map(|shown| node_box(view, shown, types, options)).collect();
    let mut diagram = Diagram {
        title: printable(&view.model.name),
        description: match view.not_drawn() {
            Some(missing) => format!("{} · {missing}", description(view)),
            None => description(view),
        },
        heading: options.title.as_ref().map(|text| heading(view, text)),
        footer: options.footer.then(|| description(view)),
        direction: options.direction,
        frames: vec![Frame { times: 1, ..Frame::default() }],
        boxes,
        wires: wires(view),
        ..Diagram::default()
    };
    let drawn = match &view.groups {
        Some(groups) => group(view, groups, &mut diagram),
        None => Drawn { edges: (0..diagram.wires.len()).collect(), boxes: one_each(view) },
    };
    // In plain boxes shapes stand inside.
    let beside = if options.style == Style::Plain { Types { shapes: false, dtypes: false } } else { types };
    labels::attach(view, beside, &diagram.boxes, &drawn.edges, &mut diagram.wires);
    list_outputs(&mut diagram.boxes, &diagram.wires);
    if !options.changes.is_empty() {
        for (node, nodes) in diagram.boxes.iter_mut().zip(&drawn.boxes) {
            node.change = change_of(view, nodes, &options.changes);
        }
    }
    if let Some(overlay) = &options.overlay {
        overlay::colour(view, overlay, &drawn, &mut diagram);
    }
    if options.legend {
        diagram.legend = legend::entries(&diagram);
    }
    sizes::measure(&mut diagram.boxes, &diagram.wires, options.direction);
    if let Some(hubs) = &options.hubs {
        connect_hubs(&mut diagram, hubs);
    }
    diagram
}

/// What is drawn of a view.
pub(super) struct Drawn {
    /// The edges of the view that the wires stand for.
    pub(super) edges: Vec<usize>,
    /// The nodes of the view that each box stands for.
    pub(super) boxes: Vec<Vec<usize>>,
}

fn one_each(view: &View<'_>) -> Vec<Vec<usize>> {
    (0..view.nodes.len()).map(|n| vec![n]).collect()
}

/// The text above the picture.
fn heading(view: &View<'_>, text: &str) -> String {
    const LONGEST: usize = 120;
    let text = if text.is_empty() { &view.model.name } else { text };
    printable(text).chars().take(LONGEST).collect()
}

/// One line on the model, such as `ONNX, opset 17 · 175 operators · 25.6 M parameters`.
fn description(view: &View<'_>) -> String {
    let model = view.model;
    let title = &model.meta.format_title;
    let mut format = printable(if title.is_empty() { model.format } else { title });
    if let Some(version) = opset_version(&model.meta.opsets, "") {
        format += &format!(", opset {version}");
    }
    let mut parts = vec![format, counted(view.operators().count(), "operator")];
    match ops::parameters(model) {
        0 => {}
        1 => parts.push("1 parameter".into()),
        many => parts.push(format!("{} parameters", short_count(many))),
    }
    if let Some(macs) = total_macs(view) {
        parts.push(format!("{macs} MACs"));
    }
    if view.unused_constants > 0 {
        parts.push(counted(view.unused_constants, "unused constant"));
    }
    parts.join(" · ")
}

/// The multiplications of all operators; nothing if they are not known, or none.
fn total_macs(view: &View<'_>) -> Option<String> {
    let mut sum = Expr::from(0);
    for id in view.operators() {
        sum = sum.plus(view.graph.node(id).cost.as_ref()?.macs.as_ref()?)?;
    }
    macs_text(&sum)
}

/// A count for people; an expression if it is short.
fn macs_text(macs: &Expr) -> Option<String> {
    const LONGEST: usize = 24;
    match macs.known() {
        Some(0) => None,
        Some(n) => Some(short_count(u64::try_from(n).ok()?)),
        None => Some(macs.to_string()).filter(|text| text.chars().count() <= LONGEST),
    }
}

fn node_box(view: &View<'_>, shown: &ViewNode<'_>, types: Types, options: &DiagramOptions) -> NodeBox {
    let node = view.graph.node(shown.node);
    let mut made = match &node.kind {
        NodeKind::Op(op) if options.style == Style::Plain => plain::layer(view, shown, op, options),
        NodeKind::Op(op) => operator(view, shown, op, options),
        NodeKind::Constant { .. } => constant(view, shown, options),
        NodeKind::Input | NodeKind::Captured => terminal("Input", view, shown, types),
        NodeKind::Output => terminal("Output", view, shown, types),
        NodeKind::Undefined => undefined(node, shown),
    };
    made.name = shown.name.clone();
    let named = matches!(made.outline, Outline::Card | Outline::Pill) && !shown.name.is_empty();
    if options.show_layer_names && named && options.style != Style::Plain {
        made.rows.insert(0, rows::name(&shown.name));
        made.outline = Outline::Card;
    }
    made
}

pub(super) fn blank(op: &str, outline: Outline, category: Category) -> NodeBox {
    NodeBox {
        name: String::new(),
        op: op.to_owned(),
        frame: FrameId::PAGE,
        outline,
        category,
        header: sizes::fit_header(&printable(op)),
        aside: String::new(),
        rows: Vec::new(),
        strips: Vec::new(),
        badge: None,
        heat: None,
        change: None,
        size: Size::default(),
        outputs: Vec::new(),
    }
}

fn operator(view: &View<'_>, shown: &ViewNode<'_>, op: &Op, options: &DiagramOptions) -> NodeBox {
    let mut rows = rows::of_operator(view, shown, op, options);
    if options.show_trainable {
        rows.extend(plain::trainable(shown));
    }
    let category = category(view, shown, op);
    let strips = strips(view, shown, op, category, options);
    let outline = if rows.is_empty() && strips.is_empty() { Outline::Pill } else { Outline::Card };
    let node = view.graph.node(shown.node);
    let cost = node.cost.as_ref().filter(|_| options.show_macs);
    let macs = cost.and_then(|c| macs_text(c.macs.as_ref()?)).map(|text| format!("{text} MACs"));
    // A layer that is an activation, and nothing else, says which in its header.
    let bent = plain::activation(op).filter(|_| category == Category::Activation);
    let facts: Vec<String> = Some(parameters(shown))
        .filter(|p| !p.is_empty())
        .into_iter()
        .chain(quantized(view, shown, op))
        .chain(bent.map(|name| sizes::fit_aside(&printable(&name))))
        .chain(macs)
        .collect();
    let badge = badge(view, shown, op);
    NodeBox { rows, strips, badge, aside: facts.join(" · "), ..blank(&op.op, outline, category) }
}

/// The sign of an operator: frozen weights, or dropout.
pub(super) fn badge(view: &View<'_>, shown: &ViewNode<'_>, op: &Op) -> Option<Badge> {
    let role = ops::meaning_of(view.model.format, &op.domain, &op.op).role;
    match role {
        ops::Role::Dropout => Some(Badge::Dropout),
        _ => shown.is_frozen().then_some(Badge::Frozen),
    }
}

/// The type that values are quantized to, or from.
fn quantized(view: &View<'_>, shown: &ViewNode<'_>, op: &Op) -> Option<String> {
    let value = match ops::meaning_of(view.model.format, &op.domain, &op.op).role {
        ops::Role::Quantize => view.graph.node(shown.node).outputs.first().copied().flatten(),
        ops::Role::Dequantize => view.graph.input(shown.node, 0),
        _ => None,
    };
    Some(view.graph.value(value?).ty.as_ref()?.tensor()?.dtype.to_string())
}

/// What stands at the foot of a box: what was fused, and the activation that the operator
/// itself has.
fn strips(
    view: &View<'_>,
    shown: &ViewNode<'_>,
    op: &Op,
    category: Category,
    options: &DiagramOptions,
) -> Vec<Strip> {
    let told = options.show_layer_activations && category != Category::Activation;
    let own = plain::activation(op).filter(|_| told).map(|name| Strip {
        category: Category::Activation,
        header: sizes::fit_header(&printable(&name)),
        aside: String::new(),
    });
    let fused = shown.strips.iter().filter_map(|strip| {
        let NodeKind::Op(op) = &view.graph.node(strip.node).kind else { return None };
        let category = ops::meaning_of(view.model.format, &op.domain, &op.op).category;
        let rows = rows::of_strip(view, strip, op, options);
        let aside = sizes::fit_aside(&rows.join("  "));
        Some(Strip { category, header: sizes::fit_header(&printable(&op.op)), aside })
    });
    own.into_iter().chain(fused).collect()
}

/// A function's call is control flow; a lookup in a table of weights is a layer,
/// whatever else the operator may be used for.
fn category(view: &View<'_>, shown: &ViewNode<'_>, op: &Op) -> Category {
    if view.model.function_of(op).is_some() {
        return Category::Control;
    }
    let category = ops::meaning_of(view.model.format, &op.domain, &op.op).category;
    let embedding =
        category == Category::Shape && op.op == "Gather" && shown.constants.iter().any(|c| c.parameter);
    if embedding { Category::Layer } else { category }
}

fn parameters(shown: &ViewNode<'_>) -> String {
    let counts = shown.all_constants().filter(|c| c.parameter).map(|c| c.tensor.elements().unwrap_or(0));
    match counts.fold(0, u64::saturating_add) {
        0 => String::new(),
        many => short_count(many),
    }
}

fn constant(view: &View<'_>, shown: &ViewNode<'_>, options: &DiagramOptions) -> NodeBox {
    let rows = shown.constants.iter().map(|c| rows::constant(view, c, options)).collect();
    NodeBox { rows, aside: parameters(shown), ..blank("Constant", Outline::Card, Category::Tensor) }
}

fn terminal(op: &str, view: &View<'_>, shown: &ViewNode<'_>, types: Types) -> NodeBox {
    let value = match view.graph.node(shown.node).kind {
        NodeKind::Output => view.graph.input(shown.node, 0),
        _ => view.graph.node(shown.node).outputs.first().copied().flatten(),
    };
    let ty = value.and_then(|id| view.graph.value(id).ty.as_ref());
    NodeBox {
        header: sizes::fit_header(&printable(&shown.name)),
        aside: ty.map(|ty| sizes::fit_aside(&types.full(ty))).unwrap_or_default(),
        ..blank(op, Outline::Terminal, Category::Data)
    }
}

fn undefined(node: &Node, shown: &ViewNode<'_>) -> NodeBox {
    let name = if shown.name.is_empty() { &node.name } else { &shown.name };
    NodeBox {
        header: sizes::fit_header(&printable(name)),
        aside: "undefined".into(),
        ..blank("Undefined", Outline::Undefined, Category::Data)
    }
}

/// The wires, without labels.
fn wires(view: &View<'_>) -> Vec<Wire> {
    let mut wires: Vec<Wire> = Vec::with_capacity(view.edges.len());
    let mut operand = 0;
    for edge in &view.edges {
        let to = BoxId(edge.to as u32);
        operand = if wires.last().is_some_and(|last| last.to == to) { operand + 1 } else { 0 };
        wires.push(Wire {
            from: BoxId(edge.from as u32),
            from_slot: edge.from_slot,
            to,
            to_slot: operand,
            kind: match edge.to_slot {
                Slot::Input(_) if edge.through > 0 => WireKind::Bypass,
                Slot::Input(_) => WireKind::Plain,
                Slot::Capture | Slot::Control => WireKind::Control,
            },
            value: view.graph.value(edge.value).name.clone(),
            label: None::<Label>,
            connector: None,
        });
    }
    wires
}

fn list_outputs(boxes: &mut [NodeBox], wires: &[Wire]) {
    for wire in wires {
        boxes[wire.from.index()].outputs.push(wire.from_slot);
    }
    for node in boxes {
        node.outputs.sort_unstable();
        node.outputs.dedup();
    }
}
