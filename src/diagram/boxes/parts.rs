//! Parts that boxes of several styles have.

use crate::diagram::number::short_count;
use crate::diagram::sizes::{fit_header, fit_row};
use crate::diagram::types::{Badge, BoxOrigin, FrameId, NodeBox, Outline, Row, Size};
use crate::model::{AttributeValue, Expr, Op};
use crate::ops::{self, Category};
use crate::text::printable;
use crate::view::{View, ViewNode};

/// A box with nothing but an operator's name.
pub(in crate::diagram) fn blank(op: &str, outline: Outline, category: Category) -> NodeBox {
    NodeBox {
        name: String::new(),
        op: op.to_owned(),
        frame: FrameId::PAGE,
        outline,
        category,
        header: fit_header(&printable(op)),
        aside: String::new(),
        rows: Vec::new(),
        strips: Vec::new(),
        badge: None,
        heat: None,
        change: None,
        size: Size::default(),
        outputs: Vec::new(),
        origin: BoxOrigin::default(),
    }
}

/// The sign of an operator: frozen weights, or dropout.
pub(super) fn badge(view: &View<'_>, shown: &ViewNode<'_>, op: &Op) -> Option<Badge> {
    let role = ops::meaning_of(view.model.format, &op.domain, &op.op).role;
    match role {
        ops::Role::Dropout => Some(Badge::Dropout),
        _ => shown.is_frozen().then_some(Badge::Frozen),
    }
}

/// The activation that an operator has as an attribute.
pub(super) fn activation(op: &Op) -> Option<String> {
    match op.attribute("activation")? {
        AttributeValue::String(name) if name.as_str() != "linear" => Some(name.as_str().to_owned()),
        _ => None,
    }
}

/// Whether training changes the weights; `None` where there are none.
pub(super) fn trainable(shown: &ViewNode<'_>) -> Option<Row> {
    let parameters: Vec<bool> = shown.all_constants().filter(|c| c.parameter).map(|c| c.frozen).collect();
    let word = match (parameters.iter().any(|f| *f), parameters.iter().all(|f| *f)) {
        _ if parameters.is_empty() => return None,
        (_, true) => "no",
        (true, false) => "in part",
        (false, _) => "yes",
    };
    Some(fit_row("trainable", word, false))
}

/// How many elements the weights in a box have; empty for none.
pub(super) fn parameters(shown: &ViewNode<'_>) -> String {
    let counts = shown.all_constants().filter(|c| c.parameter).map(|c| c.tensor.elements().unwrap_or(0));
    match counts.fold(0, u64::saturating_add) {
        0 => String::new(),
        many => short_count(many),
    }
}

/// A count for people; an expression if it is short.
pub(in crate::diagram) fn macs_text(macs: &Expr) -> Option<String> {
    const LONGEST: usize = 24;
    match macs.known() {
        Some(0) => None,
        Some(n) => Some(short_count(u64::try_from(n).ok()?)),
        None => Some(macs.to_string()).filter(|text| text.chars().count() <= LONGEST),
    }
}
