//! The box of a node, whatever it is: an operator, a constant, a graph input or output.

use super::parts::{blank, parameters};
use super::{operator, plain, rows};
use crate::diagram::labels::Types;
use crate::diagram::options::{DiagramOptions, Style};
use crate::diagram::sizes;
use crate::diagram::types::{NodeBox, Outline};
use crate::model::{Node, NodeKind};
use crate::ops::Category;
use crate::text::printable;
use crate::view::{View, ViewNode};

/// The box of a node of the view.
pub(in crate::diagram) fn node_box(
    view: &View<'_>,
    shown: &ViewNode<'_>,
    types: Types,
    options: &DiagramOptions,
) -> NodeBox {
    let node = view.graph.node(shown.node);
    let mut made = match &node.kind {
        NodeKind::Op(op) if options.style == Style::Plain => plain::layer(view, shown, op, options),
        NodeKind::Op(op) => operator::operator(view, shown, op, options),
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
