//! Leaves out what makes a picture noisy, and says where.
//!
//! A hidden operator is bypassed: what it works on goes straight to its users. Of hidden
//! computations of shapes nothing is left but a count at the operator that uses the shape.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::shown::{HiddenOperand, View, ViewEdge};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{DType, NodeId, NodeKind, Slot};
use crate::ops::{self, Category, ConstantUse, Role};
use crate::text::nearest;

/// What to hide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hide {
    /// The rows of constants.
    Constants,
    /// What computes shapes from shapes, down to the operators that use them.
    ShapeChains,
    /// A quantization with the inverse that follows, and the inverse of constants.
    QuantizePairs,
    /// All operators of a category.
    Category(Category),
    /// All operators of this name.
    Op(String),
}

const WHAT_CAN_BE_HIDDEN: &str =
    "an operator, a category such as `shape`, `constants`, `shape-chains` or `qdq`";

/// Of more values than this that a hidden operator joins, the others are not joined to
/// its users.
const MOST_JOINED: usize = 16;

impl FromStr for Hide {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text.to_lowercase().as_str() {
            "" => {
                let error = Error::new(ErrorKind::Usage, "no operators to hide are given");
                return Err(error.hint(WHAT_CAN_BE_HIDDEN));
            }
            "constant" | "constants" => Hide::Constants,
            "shape-chain" | "shape-chains" => Hide::ShapeChains,
            "qdq" => Hide::QuantizePairs,
            word => match Category::ALL.iter().find(|c| c.word() == word) {
                Some(&category) => Hide::Category(category),
                None => Hide::Op(text.to_owned()),
            },
        })
    }
}

impl fmt::Display for Hide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hide::Constants => "constants",
            Hide::ShapeChains => "shape-chains",
            Hide::QuantizePairs => "qdq",
            Hide::Category(category) => category.word(),
            Hide::Op(op) => op,
        })
    }
}

/// How a node is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum How {
    #[default]
    Not,
    /// What it works on goes to its users.
    Bypassed,
    /// Its users show that an operand is not drawn.
    Dropped,
}

/// Hides; returns the operators that are gone.
///
/// # Errors
/// If an operator is named that neither the model nor its format has.
pub(super) fn hide(view: &mut View<'_>, hides: &[Hide]) -> Result<Vec<NodeId>> {
    let mut how = vec![How::Not; view.nodes.len()];
    for what in hides {
        match what {
            Hide::Constants => {
                view.nodes.iter_mut().for_each(|node| node.constants_hidden = true);
            }
            Hide::ShapeChains => drop_shape_chains(view, &mut how),
            Hide::QuantizePairs => bypass_pairs(view, &mut how),
            Hide::Category(category) => bypass(view, &mut how, |_, found| found == *category),
            Hide::Op(name) => {
                let before = how.iter().filter(|h| **h != How::Not).count();
                bypass(view, &mut how, |op, _| op == name);
                let found = how.iter().filter(|h| **h != How::Not).count() > before;
                // What the format knows may be hidden in any model, whether it is there or not.
                if !found && ops::meaning_of(view.model.format, "", name) == ops::Meaning::default() {
                    return Err(no_operator(view, name));
                }
            }
        }
    }
    let hidden = (0..how.len()).filter(|&n| how[n] != How::Not).map(|n| view.nodes[n].node).collect();
    rewire(view, &how);
    Ok(hidden)
}

fn no_operator(view: &View<'_>, name: &str) -> Error {
    let ops = view.nodes.iter().filter_map(|shown| match &view.graph.node(shown.node).kind {
        NodeKind::Op(op) => Some(op.op.as_str()),
        _ => None,
    });
    let error = Error::new(ErrorKind::Usage, format!("there is no operator `{name}` to hide"));
    let error = match nearest(name, ops) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    };
    error.hint(WHAT_CAN_BE_HIDDEN)
}

fn bypass(view: &View<'_>, how: &mut [How], wanted: impl Fn(&str, Category) -> bool) {
    for (n, how) in how.iter_mut().enumerate() {
        let NodeKind::Op(op) = &view.graph.node(view.nodes[n].node).kind else { continue };
        let category = ops::meaning_of(view.model.format, &op.domain, &op.op).category;
        if wanted(&op.op, category) {
            *how = How::Bypassed;
        }
    }
}

/// The positions of the edges that leave each node.
fn leaving(view: &View<'_>) -> Vec<Vec<usize>> {
    let mut leaving = vec![Vec::new(); view.nodes.len()];
    for (e, edge) in view.edges.iter().enumerate() {
        leaving[edge.from].push(e);
    }
    leaving
}

fn bypass_pairs(view: &View<'_>, how: &mut [How]) {
    let role = |n: usize| view.meaning(n).map(|m| m.role);
    let leaving = leaving(view);
    let mut entered = vec![false; how.len()];
    view.edges.iter().for_each(|edge| entered[edge.to] = true);
    for n in 0..how.len() {
        match role(n) {
            Some(Role::Quantize) => {
                let users: Vec<usize> = leaving[n].iter().map(|&e| view.edges[e].to).collect();
                if !users.is_empty() && users.iter().all(|&u| role(u) == Some(Role::Dequantize)) {
                    how[n] = How::Bypassed;
                    users.into_iter().for_each(|u| how[u] = How::Bypassed);
                }
            }
            // Stored weights.
            Some(Role::Dequantize) if !entered[n] => how[n] = How::Bypassed,
            _ => {}
        }
    }
}

/// The nodes of a view so that definitions stand before uses.
fn flow_order(view: &View<'_>) -> impl Iterator<Item = usize> + use<> {
    let mut number = vec![None; view.nodes.iter().map(|n| n.node.index() + 1).max().unwrap_or(0)];
    view.nodes.iter().enumerate().for_each(|(n, shown)| number[shown.node.index()] = Some(n));
    view.graph.flow_order().into_iter().filter_map(move |id| *number.get(id.index())?)
}

/// Hides the vectors of integers that come from shapes alone.
fn drop_shape_chains(view: &View<'_>, how: &mut [How]) {
    let into = view.entering();
    let mut from_shapes = vec![false; how.len()];
    for n in flow_order(view) {
        let Some(meaning) = view.meaning(n) else { continue };
        let derived = !into[n].is_empty() && into[n].iter().all(|&e| from_shapes[view.edges[e].from]);
        from_shapes[n] = meaning.role == Role::ShapeOf || derived;
        if from_shapes[n] && is_vector_of_integers(view, n) {
            how[n] = How::Dropped;
        }
    }
    // A result of the model has to be computed by something that is drawn.
    for edge in &view.edges {
        if matches!(view.graph.node(view.nodes[edge.to].node).kind, NodeKind::Output) {
            how[edge.from] = How::Not;
        }
    }
}

fn is_vector_of_integers(view: &View<'_>, n: usize) -> bool {
    let outputs = view.graph.node(view.nodes[n].node).outputs.iter().flatten();
    outputs.into_iter().all(|&value| match view.graph.value(value).ty.as_ref().and_then(|ty| ty.tensor()) {
        None => true,
        Some(tensor) => {
            let small = tensor.shape.as_ref().is_none_or(|shape| shape.0.len() <= 1);
            matches!(tensor.dtype, DType::I64 | DType::I32 | DType::Bool) && small
        }
    })
}

/// Takes the hidden nodes out.
fn rewire(view: &mut View<'_>, how: &[How]) {
    if how.iter().all(|h| *h == How::Not) {
        return;
    }
    let (origins, into) = origins(view, how);
    let mut edges: Vec<ViewEdge> = Vec::with_capacity(view.edges.len());
    for (to, into) in into.iter().enumerate().filter(|(to, _)| how[*to] == How::Not) {
        let mut seen = BTreeSet::new();
        let mut dropped: Vec<HiddenOperand> = Vec::new();
        for &e in into.iter() {
            let edge = view.edges[e];
            match how[edge.from] {
                How::Not => {
                    edges.push(edge);
                    seen.insert((edge.from, edge.from_slot, edge.to_slot));
                }
                How::Bypassed if !origins[edge.from].edges.is_empty() => {
                    for origin in &origins[edge.from].edges {
                        if seen.insert((origin.from, origin.from_slot, edge.to_slot)) {
                            edges.push(ViewEdge { to, to_slot: edge.to_slot, ..*origin });
                        }
                    }
                }
                How::Bypassed | How::Dropped => {
                    dropped.push(HiddenOperand { slot: edge.to_slot, count: origins[edge.from].hidden });
                    if let Some(constant) = origins[edge.from].constant
                        && let Slot::Input(slot) = edge.to_slot
                        && let Some(constant) = view.nodes[constant].constants.first().cloned()
                    {
                        let slot_name = ops::slot_name_at(view.model, view.graph, view.nodes[to].node, slot);
                        let parameter = constant.parameter || constant.tensor.dims.len() > 1;
                        let moved = ConstantUse { slot, slot_name, parameter, ..constant };
                        view.nodes[to].constants.push(moved);
                        view.nodes[to].constants.sort_by_key(|c| c.slot);
                        dropped.pop();
                    }
                }
            }
        }
        view.nodes[to].hidden_operands = dropped;
    }
    view.edges = edges;
    let keep: Vec<bool> = how.iter().map(|h| *h == How::Not).collect();
    view.retain(&keep);
}

/// What is upstream of a hidden node.
#[derive(Clone, Debug, Default)]
struct Origin {
    /// The values that it works on, as edges.
    edges: Vec<ViewEdge>,
    /// A node whose first constant it represents.
    constant: Option<usize>,
    /// How many hidden nodes there are, itself included.
    hidden: u32,
}

fn origins(view: &View<'_>, how: &[How]) -> (Vec<Origin>, Vec<Vec<usize>>) {
    let into = view.entering();
    let mut origins: Vec<Origin> = vec![Origin::default(); how.len()];
    for n in flow_order(view).filter(|&n| how[n] != How::Not) {
        let mut own = Origin { hidden: 1, ..Origin::default() };
        for &e in &into[n] {
            let edge = view.edges[e];
            let upstream = &origins[edge.from];
            if how[edge.from] == How::Not {
                own.edges.push(ViewEdge { through: 1, ..edge });
            } else {
                own.hidden = own.hidden.saturating_add(upstream.hidden);
                own.constant = own.constant.or(upstream.constant);
                own.edges.extend(upstream.edges.iter().map(|o| ViewEdge { through: o.through + 1, ..*o }));
            }
        }
        own.edges.sort_by_key(|e| (e.from, e.from_slot));
        own.edges.dedup_by_key(|e| (e.from, e.from_slot));
        own.edges.truncate(MOST_JOINED);
        if how[n] == How::Dropped {
            own.edges.clear();
        } else if own.edges.is_empty() && own.constant.is_none() && !view.nodes[n].constants.is_empty() {
            own.constant = Some(n);
        }
        origins[n] = own;
    }
    (origins, into)
}
