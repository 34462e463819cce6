//! Frames: the boxes of a view whose nodes are grouped.
//!
//! Before: a wire for each edge of the view, and no boxes. After: open groups are frames,
//! closed ones a box each, and of equal blocks one is drawn. A wire into a block that is
//! not drawn says nothing new; a wire out of one leaves the block that is drawn.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::boxes::blank;
use super::font::{self, Weight};
use super::measure::{FRAME_SHEET, FRAME_SIDE, FRAME_TOP, HEADER_FONT, HEADER_HEIGHT};
use super::number::short_count;
use super::provenance::{Provenance, Source};
use super::sizes::{fit_header, fit_row};
use super::types::{Badge, BoxId, Diagram, Frame, FrameId, NodeBox, Outline, Padding, Size, Wire};
use crate::model::{NodeId, NodeKind};
use crate::ops::Category;
use crate::text::{counted, printable};
use crate::view::{Group, Grouping, Groups, View};

/// The widest title of a frame.
const MAX_TITLE: f64 = 420.0;

/// Adds frames and boxes to a `diagram` that has a wire for each edge of the view, and
/// connects the wires to their boxes; returns the provenance of what is drawn. `make` makes
/// the box of a node.
pub(super) fn group(
    view: &View<'_>,
    grouping: &Grouping,
    make: impl Fn(usize) -> NodeBox,
    diagram: &mut Diagram,
) -> Provenance {
    let groups = &grouping.groups;
    let (frame_of, frames) = frames(grouping, diagram);
    let mut sources = Vec::new();
    // The box of each node, and of each closed group.
    let mut box_of: Vec<Option<BoxId>> = vec![None; view.nodes.len()];
    let mut closed: HashMap<usize, BoxId> = HashMap::new();
    for node in 0..view.nodes.len() {
        if groups.drawn_as[node] != node {
            continue;
        }
        let id = BoxId(diagram.boxes.len() as u32);
        match grouping.closed_around(node) {
            Some(group) => {
                let id = *closed.entry(group).or_insert_with(|| {
                    let parent = groups.groups[group].parent.unwrap_or(0);
                    let frame = frame_of[parent].unwrap_or(FrameId::PAGE);
                    diagram.boxes.push(NodeBox { frame, ..closed_box(view, groups, group) });
                    sources.push(Source::Group(group));
                    id
                });
                box_of[node] = Some(id);
            }
            None => {
                let frame = frame_of[groups.of[node]].unwrap_or(FrameId::PAGE);
                diagram.boxes.push(NodeBox { frame, ..make(node) });
                sources.push(Source::Node(node));
                box_of[node] = Some(id);
            }
        }
    }
    for node in 0..view.nodes.len() {
        box_of[node] = box_of[groups.drawn_as[node]];
    }
    let mut boxes: Vec<Vec<usize>> = vec![Vec::new(); diagram.boxes.len()];
    for (node, id) in box_of.iter().enumerate() {
        if let Some(id) = id {
            boxes[id.index()].push(node);
        }
    }
    let wires = std::mem::take(&mut diagram.wires);
    let (wires, edges) = regrouped(view, grouping, wires, &box_of);
    diagram.wires = wires;
    Provenance { edges, boxes, sources, frames }
}

/// Adds the frames of open groups that are drawn; returns the frame of each group, and the
/// group of each frame.
fn frames(grouping: &Grouping, diagram: &mut Diagram) -> (Vec<Option<FrameId>>, Vec<usize>) {
    let groups = &grouping.groups;
    let mut frame_of: Vec<Option<FrameId>> = vec![None; groups.groups.len()];
    frame_of[0] = Some(FrameId::PAGE);
    let mut group_of = vec![0];
    for (g, group) in groups.groups.iter().enumerate().skip(1) {
        let Some(parent) = group.parent.and_then(|p| frame_of[p]) else { continue };
        if !grouping.openness.is_open(g) || group.drawn_as.is_some() {
            continue;
        }
        let title = font::fit(&printable(&title(group)), MAX_TITLE, HEADER_FONT, Weight::Bold);
        let width = font::width(&title, HEADER_FONT, Weight::Bold).ceil();
        frame_of[g] = Some(FrameId(diagram.frames.len() as u32));
        diagram.frames.push(Frame {
            parent: Some(parent),
            title,
            times: group.times,
            padding: Padding { top: FRAME_TOP, side: FRAME_SIDE },
            title_size: Size { width, height: HEADER_HEIGHT },
            outset: if group.times > 1 { 2.0 * FRAME_SHEET } else { 0.0 },
            ..Frame::default()
        });
        group_of.push(g);
    }
    (frame_of, group_of)
}

/// `layers.0 … layers.31 ×32 · LlamaDecoderLayer`.
fn title(group: &Group) -> String {
    let mut text = name(group);
    if let Some(class) = group.class.as_deref().filter(|c| !c.is_empty()) {
        text += &format!(" · {class}");
    }
    if let Some(differs) = &group.differs {
        text += &format!(" · {differs}");
    }
    text
}

fn name(group: &Group) -> String {
    if group.times > 1 {
        format!("{} … {} ×{}", group.title, group.last, group.times)
    } else {
        group.title.clone()
    }
}

/// The box in place of a closed group.
fn closed_box(view: &View<'_>, groups: &Groups, g: usize) -> NodeBox {
    let group = &groups.groups[g];
    let mut rows = Vec::new();
    if let Some(class) = &group.class {
        rows.push(fit_row("class", &printable(class), false));
    }
    let is_op = |id: &NodeId| matches!(view.graph.node(*id).kind, NodeKind::Op(_));
    let nodes = group.members.iter().flat_map(|&n| view.nodes[n].all());
    rows.push(fit_row(&counted(nodes.filter(is_op).count(), "operator"), "", false));
    rows.extend(group.differs.iter().map(|text| fit_row(&printable(text), "", false)));
    let mut seen = HashSet::new();
    let constants = group.members.iter().flat_map(|&n| view.nodes[n].all_constants());
    let weights: Vec<_> = constants.filter(|c| c.parameter && seen.insert(c.constant)).collect();
    let frozen = !weights.is_empty() && weights.iter().all(|c| c.frozen);
    let parameters = weights.iter().map(|c| c.tensor.elements().unwrap_or(0)).fold(0, u64::saturating_add);
    NodeBox {
        name: group.path.clone(),
        header: fit_header(&printable(&name(group))),
        aside: if parameters > 0 { short_count(parameters) } else { String::new() },
        rows,
        badge: frozen.then_some(Badge::Frozen),
        ..blank("Group", Outline::Card, Category::Other)
    }
}

/// The wires between what is drawn, each value once for each box that uses it; with the
/// positions that they had.
fn regrouped(
    view: &View<'_>,
    grouping: &Grouping,
    wires: Vec<Wire>,
    box_of: &[Option<BoxId>],
) -> (Vec<Wire>, Vec<usize>) {
    let groups = &grouping.groups;
    let mut slots: HashMap<(BoxId, usize, u32), u32> = HashMap::new();
    let mut count: BTreeMap<BoxId, u32> = BTreeMap::new();
    let mut kept: Vec<(Wire, usize)> = Vec::new();
    let mut seen = HashSet::new();
    for (w, mut wire) in wires.into_iter().enumerate() {
        let edge = &view.edges[w];
        // A block that is not drawn takes what the one that is does.
        if groups.drawn_as[edge.to] != edge.to {
            continue;
        }
        let source = groups.drawn_as[edge.from];
        let (Some(from), Some(to)) = (box_of[source], box_of[edge.to]) else { continue };
        let closed = |node: usize| grouping.closed_around(node).is_some();
        if from == to && (closed(source) || closed(edge.to)) {
            continue;
        }
        // What is taken from the last block of a run stands for the run.
        let merged = closed(source) || closed(edge.to) || source != edge.from;
        if merged && !seen.insert((source, edge.from_slot, to)) {
            continue;
        }
        if closed(source) {
            wire.from_slot = *slots.entry((from, source, edge.from_slot)).or_insert_with(|| {
                let next = count.entry(from).or_insert(0);
                *next += 1;
                *next - 1
            });
        }
        (wire.from, wire.to) = (from, to);
        kept.push((wire, w));
    }
    kept.sort_by_key(|(wire, w)| (wire.to, *w));
    let mut operand = 0;
    for i in 0..kept.len() {
        operand = if i > 0 && kept[i - 1].0.to == kept[i].0.to { operand + 1 } else { 0 };
        kept[i].0.to_slot = operand;
    }
    kept.into_iter().unzip()
}
