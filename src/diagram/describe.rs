//! The text above a picture and below it: a title, and one line on the model.

use super::boxes::macs_text;
use super::number::short_count;
use crate::model::{Expr, opset_version};
use crate::ops;
use crate::text::{counted, printable};
use crate::view::View;

/// The text above the picture.
pub(super) fn heading(view: &View<'_>, text: &str) -> String {
    const LONGEST: usize = 120;
    let text = if text.is_empty() { &view.model.name } else { text };
    printable(text).chars().take(LONGEST).collect()
}

/// One line on the model, such as `ONNX, opset 17 · 175 operators · 25.6 M parameters`.
pub(super) fn description(view: &View<'_>) -> String {
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

/// The multiplications of all operators; `None` if they are not known, or none.
fn total_macs(view: &View<'_>) -> Option<String> {
    let mut sum = Expr::from(0);
    for id in view.operators() {
        sum = sum.plus(view.graph.node(id).cost.as_ref()?.macs.as_ref()?)?;
    }
    macs_text(&sum)
}
