//! Types as text, and the labels beside wires.
//!
//! A label is drawn where it says something new: once per value, not when the
//! value has the shape of what its producer reads, and not beside a terminal that
//! says the same.

use std::collections::BTreeMap;

use super::font;
use super::measure::{LABEL_FONT, LABEL_HEIGHT};
use super::types::{Label, NodeBox, Outline, Size, Wire, WireKind};
use crate::model::{DType, ValueType};
use crate::text::printable;
use crate::view::View;

/// The greatest width of a label.
const MAX_LABEL: f64 = 170.0;

/// Which parts of a type are shown.
#[derive(Clone, Copy)]
pub(super) struct Types {
    pub(super) shapes: bool,
    pub(super) dtypes: bool,
}

impl Types {
    /// The text beside a wire; empty if there is nothing to say.
    fn brief(self, ty: &ValueType) -> String {
        let shape = || ty.tensor()?.shape.as_ref().map(|s| s.to_string());
        match (self.shapes, self.dtypes, ty.tensor()) {
            (false, false, _) => String::new(),
            // Few bits are worth a word.
            (true, false, Some(tensor)) if is_quantized(tensor.dtype) => ty.to_string(),
            (true, false, Some(_)) => shape().unwrap_or_default(),
            (false, true, Some(tensor)) => tensor.dtype.to_string(),
            (_, _, _) => ty.to_string(),
        }
    }

    /// The text in a terminal.
    pub(super) fn full(self, ty: &ValueType) -> String {
        if self.shapes { printable(&ty.to_string()) } else { printable(&self.brief(ty)) }
    }
}

fn is_quantized(dtype: DType) -> bool {
    use DType::*;
    matches!(dtype, I8 | U8 | I4 | U4 | I2 | U2 | F8E4M3FN | F8E4M3FNUZ | F8E5M2 | F8E5M2FNUZ | F4E2M1)
}

/// Labels the wires of a diagram; `edges` are those of the view that the wires
/// stand for.
pub(super) fn attach(view: &View<'_>, types: Types, boxes: &[NodeBox], edges: &[usize], wires: &mut [Wire]) {
    let text_of = |&e: &usize| {
        let ty = view.graph.value(view.edges[e].value).ty.as_ref();
        ty.map(|ty| types.brief(ty)).unwrap_or_default()
    };
    let texts: Vec<String> = edges.iter().map(text_of).collect();
    let op_of = |b: usize| (boxes[b].outline == Outline::Terminal).then_some(boxes[b].op.as_str());

    // For each box the text of its first operand; for each output its wires.
    let mut first_operand: Vec<Option<&str>> = vec![None; boxes.len()];
    let mut outputs: BTreeMap<(usize, u32), Vec<usize>> = BTreeMap::new();
    for (i, wire) in wires.iter().enumerate() {
        if wire.kind != WireKind::Control {
            first_operand[wire.to.index()].get_or_insert(&texts[i]);
        }
        outputs.entry((wire.from.index(), wire.from_slot)).or_default().push(i);
    }
    for ((from, _), uses) in outputs {
        let text = &texts[uses[0]];
        let known = first_operand[from] == Some(text)
            || op_of(from).is_some()
            || uses.iter().any(|&i| op_of(wires[i].to.index()) == Some("Output"));
        if !known && !text.is_empty() {
            wires[uses[0]].label = Some(label(text));
        }
    }
}

fn label(text: &str) -> Label {
    let text = font::fit(&printable(text), MAX_LABEL, LABEL_FONT, font::Weight::Regular);
    let width = font::width(&text, LABEL_FONT, font::Weight::Regular).ceil();
    Label { text, size: Size { width, height: LABEL_HEIGHT } }
}
