//! Makes the boxes and wires of a view, with measured text.
//!
//! The grammar of a box: an operator is a card, a coloured header over rows of
//! constants and attributes; without rows it is a pill. Graph inputs and outputs
//! are capsules with name and type. Attributes that equal their default say
//! nothing and are left out. Every text is measured here, so that layout and
//! picture never have to.

use std::collections::BTreeMap;

use super::boxes::node_box;
use super::describe::{description, heading};
use super::frames;
use super::hubs::connect_hubs;
use super::labels::{self, Types};
use super::legend;
use super::options::{DiagramOptions, Style};
use super::overlay;
use super::provenance::Provenance;
use super::sizes;
use super::types::{BoxId, Change, Diagram, Frame, Label, NodeBox, Wire, WireKind};
use crate::model::{NodeId, Slot};
use crate::text::printable;
use crate::view::{Grouping, View, not_drawn};

/// The diagram of a view; flat, or with frames where it is grouped.
pub fn build(view: &View<'_>, grouping: Option<&Grouping>, options: &DiagramOptions) -> Diagram {
    let types = Types { shapes: options.show_shapes, dtypes: options.show_dtype };
    let mut diagram = Diagram {
        title: printable(&view.model.name),
        description: match not_drawn(view, grouping) {
            Some(missing) => format!("{} · {missing}", description(view)),
            None => description(view),
        },
        heading: options.title.as_ref().map(|text| heading(view, text)),
        footer: options.footer.then(|| description(view)),
        direction: options.direction,
        frames: vec![Frame { times: 1, ..Frame::default() }],
        wires: wires(view),
        ..Diagram::default()
    };
    let make = |node: usize| node_box(view, &view.nodes[node], types, options);
    let provenance = match grouping {
        Some(grouping) => frames::group(view, grouping, make, &mut diagram),
        None => {
            diagram.boxes = (0..view.nodes.len()).map(make).collect();
            Provenance::one_each(view)
        }
    };
    provenance.attach(view, grouping, &mut diagram);
    // In plain boxes shapes stand inside.
    let beside = if options.style == Style::Plain { Types { shapes: false, dtypes: false } } else { types };
    labels::attach(view, beside, &diagram.boxes, &provenance.edges, &mut diagram.wires);
    list_outputs(&mut diagram.boxes, &diagram.wires);
    if !options.changes.is_empty() {
        for (node, nodes) in diagram.boxes.iter_mut().zip(&provenance.boxes) {
            node.change = change_of(view, nodes, &options.changes);
        }
    }
    if let Some(overlay) = &options.overlay {
        overlay::colour(view, overlay, &provenance, &mut diagram);
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

/// What happened to the nodes that a box stands for: to all of them the same, or to some.
fn change_of(view: &View<'_>, nodes: &[usize], changes: &BTreeMap<NodeId, Change>) -> Option<Change> {
    let all: Vec<Option<Change>> =
        nodes.iter().flat_map(|&n| view.nodes[n].all()).map(|id| changes.get(&id).copied()).collect();
    match all.first() {
        Some(first) if all.iter().all(|change| change == first) => *first,
        _ => all.iter().flatten().next().map(|_| Change::Changed),
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
