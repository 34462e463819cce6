//! Makes the picture of a diagram from its layout.

use std::collections::HashMap;

use super::foot;
use super::types::{BoxShape, FrameShape, Line, Picture, Rect};
use crate::diagram::measure::HEADING_HEIGHT;
use crate::diagram::{BoxId, Diagram, Size, Wire};
use crate::layout::{Layout, Point, Route, RouteKind};

/// Paints a laid-out diagram.
pub fn picture<'a>(diagram: &'a Diagram, layout: &'a Layout) -> Picture<'a> {
    let above = if diagram.heading.is_some() { HEADING_HEIGHT } else { 0.0 };
    let labels = labels(diagram);
    let line = |route: &'a Route| {
        let wire = &diagram.wires[route.wires[0] as usize];
        let label = match route.kind {
            RouteKind::Connector => wire.connector.as_ref().map(|c| c.label.text.as_str()),
            _ => labels.get(&source(wire)).copied(),
        };
        Line { route, value: &wire.value, label }
    };
    let boxes = diagram.boxes.iter().zip(&layout.boxes).enumerate();
    let mut picture = Picture {
        size: Size { height: layout.size.height + above, ..layout.size },
        title: &diagram.title,
        description: &diagram.description,
        content: Rect { corner: Point { x: 0.0, y: above }, size: layout.size },
        frames: diagram
            .frames
            .iter()
            .zip(&layout.frames)
            .map(|(frame, &placed)| FrameShape { frame, placed })
            .collect(),
        lines: layout.routes.iter().map(line).collect(),
        boxes: boxes.map(|(i, (node, &corner))| BoxShape { id: BoxId(i as u32), node, corner }).collect(),
        ..Picture::default()
    };
    foot::add(&mut picture, diagram);
    picture
}

/// The texts beside lines, by the box and the slot that they leave.
fn labels(diagram: &Diagram) -> HashMap<(BoxId, u32), &str> {
    let labelled = diagram.wires.iter().filter_map(|w| Some((w, w.label.as_ref()?)));
    labelled.map(|(w, label)| (source(w), label.text.as_str())).collect()
}

fn source(wire: &Wire) -> (BoxId, u32) {
    (wire.from, wire.from_slot)
}
