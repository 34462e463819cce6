//! The box of an operator: a header over rows, and what follows at once at its foot.

use super::parts::{activation, badge, blank, macs_text, parameters, trainable};
use super::rows;
use crate::diagram::options::DiagramOptions;
use crate::diagram::sizes;
use crate::diagram::types::{NodeBox, Outline, Strip};
use crate::model::{NodeKind, Op};
use crate::ops::{self, Category};
use crate::text::printable;
use crate::view::{View, ViewNode};

/// The box of an operator.
pub(super) fn operator(view: &View<'_>, shown: &ViewNode<'_>, op: &Op, options: &DiagramOptions) -> NodeBox {
    let mut rows = rows::of_operator(view, shown, op, options);
    if options.show_trainable {
        rows.extend(trainable(shown));
    }
    let category = category(view, shown, op);
    let strips = strips(view, shown, op, category, options);
    let outline = if rows.is_empty() && strips.is_empty() { Outline::Pill } else { Outline::Card };
    let node = view.graph.node(shown.node);
    let cost = node.cost.as_ref().filter(|_| options.show_macs);
    let macs = cost.and_then(|c| macs_text(c.macs.as_ref()?)).map(|text| format!("{text} MACs"));
    // A layer that is an activation, and nothing else, says which in its header.
    let kind = activation(op).filter(|_| category == Category::Activation);
    let facts: Vec<String> = Some(parameters(shown))
        .filter(|p| !p.is_empty())
        .into_iter()
        .chain(quantized(view, shown, op))
        .chain(kind.map(|name| sizes::fit_aside(&printable(&name))))
        .chain(macs)
        .collect();
    let badge = badge(view, shown, op);
    NodeBox { rows, strips, badge, aside: facts.join(" · "), ..blank(&op.op, outline, category) }
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
    let shown_here = options.show_layer_activations && category != Category::Activation;
    let own = activation(op).filter(|_| shown_here).map(|name| Strip {
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
