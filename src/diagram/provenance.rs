//! Where the boxes, frames and wires of a diagram come from.
//!
//! A key is made of what a box or a frame stands for, never of its position in the diagram:
//! the name of a node or the path of a scope where no other has it, else the node's index
//! in the graph. So it says the same in each picture of a model, whatever is open in it.

use std::collections::HashMap;

use super::types::{BoxOrigin, Diagram, FrameOrigin, Member};
use crate::model::NodeId;
use crate::view::{Grouping, Groups, View};

/// What the parts of a diagram stand for in its view.
pub(super) struct Provenance {
    /// The edges of the view that the wires stand for.
    pub(super) edges: Vec<usize>,
    /// The nodes of the view that each box stands for, those not drawn too.
    pub(super) boxes: Vec<Vec<usize>>,
    /// What is drawn as each box.
    pub(super) sources: Vec<Source>,
    /// The group of each frame; the page first.
    pub(super) frames: Vec<usize>,
}

/// What is drawn as a box.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// A node of the view.
    Node(usize),
    /// A closed group.
    Group(usize),
}

impl Provenance {
    /// Each node has its box, and each edge its wire.
    pub(super) fn one_each(view: &View<'_>) -> Self {
        Provenance {
            edges: (0..view.edges.len()).collect(),
            boxes: (0..view.nodes.len()).map(|node| vec![node]).collect(),
            sources: (0..view.nodes.len()).map(Source::Node).collect(),
            frames: vec![0],
        }
    }

    /// Says in each box and frame what it stands for.
    pub(super) fn attach(&self, view: &View<'_>, grouping: Option<&Grouping>, diagram: &mut Diagram) {
        let names = Names::of(view);
        let group_keys = grouping.map(|grouping| group_keys(view, &grouping.groups)).unwrap_or_default();
        for ((made, source), nodes) in diagram.boxes.iter_mut().zip(&self.sources).zip(&self.boxes) {
            let (key, own) = match (*source, grouping) {
                (Source::Group(g), Some(grouping)) => {
                    (group_keys[g].clone(), grouping.groups.groups[g].members.clone())
                }
                (Source::Node(n) | Source::Group(n), _) => (names.key(view, view.nodes[n].node), vec![n]),
            };
            // Nodes of a group stand in the order of the view.
            let others = nodes.iter().filter(|n| own.binary_search(n).is_err());
            let represents = members(view, others);
            made.origin = BoxOrigin { key, members: members(view, own.iter()), represents };
        }
        for (frame, &g) in diagram.frames.iter_mut().zip(&self.frames) {
            frame.origin = match grouping {
                Some(grouping) => {
                    let path = grouping.groups.groups[g].path.clone();
                    FrameOrigin { key: group_keys[g].clone(), path }
                }
                None => FrameOrigin { key: PAGE.into(), path: String::new() },
            };
        }
    }
}

/// The key of the page.
const PAGE: &str = "page";

fn members<'a>(view: &View<'_>, nodes: impl Iterator<Item = &'a usize>) -> Vec<Member> {
    let ids = nodes.flat_map(|&n| view.nodes[n].all());
    ids.map(|node| Member { node, name: view.graph.node(node).name.clone() }).collect()
}

/// How many nodes of the graph have each name.
struct Names<'a>(HashMap<&'a str, u32>);

impl<'a> Names<'a> {
    fn of(view: &View<'a>) -> Self {
        let mut count = HashMap::new();
        for (_, node) in view.graph.nodes() {
            *count.entry(node.name.as_str()).or_insert(0) += 1;
        }
        Names(count)
    }

    fn key(&self, view: &View<'_>, id: NodeId) -> String {
        let name = view.graph.node(id).name.as_str();
        match self.0.get(name) {
            Some(1) if !name.is_empty() => format!("node:{name}"),
            _ => format!("id:{}", id.index()),
        }
    }
}

/// The key of each group: the path of a scope, unless another has the same; for a block
/// that was found by what repeats, where it begins and how many nodes it has.
fn group_keys(view: &View<'_>, groups: &Groups) -> Vec<String> {
    let mut count: HashMap<&str, u32> = HashMap::new();
    for group in groups.groups.iter().filter(|group| !group.found) {
        *count.entry(&group.path).or_insert(0) += 1;
    }
    let key = |group: &crate::view::Group| {
        let unique = !group.found && count.get(group.path.as_str()) == Some(&1);
        match (group.parent, group.members.first()) {
            (None, _) => PAGE.to_owned(),
            (_, Some(&first)) if !unique => {
                let first = view.nodes[first].node.index();
                format!("block:{first}+{}:{}", group.members.len(), group.path)
            }
            _ => format!("scope:{}", group.path),
        }
    };
    groups.groups.iter().map(key).collect()
}
