//! Boxes in the form of Keras's `plot_model`: the class of a layer, and below it only what
//! was asked for by the names of that function's arguments.

use super::parts::{activation, badge, blank, trainable};
use super::rows;
use crate::diagram::options::DiagramOptions;
use crate::diagram::sizes::{fit_row, fit_wide_header, fit_wide_row};
use crate::diagram::types::{NodeBox, Outline, Row};
use crate::model::{Op, Slot, ValueId};
use crate::ops::Category;
use crate::text::printable;
use crate::view::{View, ViewNode};

/// A layer's box.
pub(super) fn layer(view: &View<'_>, shown: &ViewNode<'_>, op: &Op, options: &DiagramOptions) -> NodeBox {
    // Frames show the scope of a long name.
    let fits = |name: &str| fit_wide_header(name) == name;
    let named = |name: &str| format!("{name} ({})", op.op);
    let header = match options.show_layer_names && !shown.name.is_empty() {
        true if fits(&named(&shown.name)) => named(&shown.name),
        true => named(&shown.short_name),
        false => op.op.clone(),
    };
    let mut rows: Vec<Row> = Vec::new();
    if options.show_layer_activations {
        let fused = shown.strips.iter().filter_map(|strip| match &view.graph.node(strip.node).kind {
            crate::model::NodeKind::Op(op) => Some(op.op.clone()),
            _ => None,
        });
        let names = activation(op).into_iter().chain(fused);
        rows.extend(names.map(|name| fit_row("activation", &printable(&name), false)));
    }
    let outputs: Vec<ValueId> = view.graph.node(shown.node).outputs.iter().flatten().copied().collect();
    if options.show_dtype {
        let dtype = |&v: &ValueId| Some(view.graph.value(v).ty.as_ref()?.tensor()?.dtype.to_string());
        let dtypes: Vec<String> = outputs.iter().filter_map(dtype).collect();
        rows.extend((!dtypes.is_empty()).then(|| fit_row("dtype", &dtypes.join(", "), false)));
    }
    if options.show_shapes {
        rows.push(fit_wide_row("input shape", &shapes(view, &inputs(view, shown))));
        rows.push(fit_wide_row("output shape", &shapes(view, &outputs)));
    }
    if options.show_trainable {
        rows.extend(trainable(shown));
    }
    if shown.hidden_operands.iter().any(|operand| operand.count > 0) {
        let count: u32 = shown.hidden_operands.iter().map(|operand| operand.count).sum();
        rows.push(rows::name(&format!("{count} hidden")));
    }
    let outline = if rows.is_empty() { Outline::Pill } else { Outline::Card };
    NodeBox {
        header: fit_wide_header(&printable(&header)),
        rows,
        badge: badge(view, shown, op),
        ..blank(&op.op, outline, Category::Other)
    }
}

/// The operands that are not constants.
fn inputs(view: &View<'_>, shown: &ViewNode<'_>) -> Vec<ValueId> {
    let stored = |slot: Slot| shown.constants.iter().any(|c| slot == Slot::Input(c.slot));
    let uses = view.graph.uses_at(shown.node).into_iter();
    uses.filter(|(used, _)| matches!(used.to, Slot::Input(_)) && !stored(used.to))
        .map(|(u, _)| u.value)
        .collect()
}

fn shapes(view: &View<'_>, values: &[ValueId]) -> String {
    let shape =
        |&v: &ValueId| match view.graph.value(v).ty.as_ref().and_then(|ty| ty.tensor()?.shape.as_ref()) {
            Some(shape) => shape.to_string(),
            None => "?".into(),
        };
    values.iter().map(shape).collect::<Vec<_>>().join(", ")
}
