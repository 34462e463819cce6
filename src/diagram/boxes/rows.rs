//! The rows of a box: its constants by slot, then its attributes.

use crate::diagram::number::{content, float, integer};
use crate::diagram::options::{DEFAULT_MAX_CONST_SIZE, DiagramOptions, Style};
use crate::diagram::sizes::{fit_row, fits_row};
use crate::diagram::types::Row;
use crate::model::{AttributeValue, DType, Graph, Op, Slot, Tensor, TensorData};
use crate::ops;
use crate::ops::ConstantUse;
use crate::text::counted;
use crate::view::{Strip, View, ViewNode};

/// The greatest number of rows; the last says how many more there are.
const MAX_ROWS: usize = 7;
/// The same for compact boxes.
const MAX_ROWS_COMPACT: usize = 4;
/// The greatest number of elements that are written out.
const MAX_ELEMENTS: usize = 64;
/// Shorter names for attributes, in the order in which they are shown.
const SHORT: [(&str, &str); 8] = [
    ("kernel_shape", "kernel"),
    ("kernel_size", "kernel"),
    ("pool_size", "pool"),
    ("strides", "stride"),
    ("pads", "pad"),
    ("dilations", "dilation"),
    ("dilation_rate", "dilation"),
    ("group", "group"),
];

/// The row with a node's name.
pub(super) fn name(name: &str) -> Row {
    fit_row(name, "", false)
}

/// The rows of an operator.
pub(super) fn of_operator(
    view: &View<'_>,
    shown: &ViewNode<'_>,
    op: &Op,
    options: &DiagramOptions,
) -> Vec<Row> {
    let elements = |c: &ConstantUse<'_>| c.tensor.elements().unwrap_or(0);
    let largest =
        shown.constants.iter().filter(|c| c.parameter).max_by_key(|c| (elements(c), u32::MAX - c.slot));
    let compact = options.style == Style::Compact;
    // Of several parameters the largest shows the size of the layer.
    let is_shown =
        |c: &ConstantUse<'_>| !compact || !c.parameter || largest.is_some_and(|l| l.slot == c.slot);
    let constants = shown.constants.iter().filter(|c| !shown.constants_hidden && is_shown(c));
    // Where all are frozen a lock says so.
    let frozen = shown.is_frozen();
    let row = |c: &ConstantUse<'_>| {
        constant(view, &ConstantUse { frozen: c.frozen && !frozen, ..c.clone() }, options)
    };
    let mut rows: Vec<Row> = constants.map(row).collect();
    for operand in &shown.hidden_operands {
        let name = match operand.slot {
            Slot::Input(n) => ops::signature_in(view.model, op).and_then(|s| s.input_name(n)),
            _ => None,
        };
        rows.push(fit_row(name.unwrap_or("operand"), &format!("{} hidden", operand.count), true));
    }
    if let Some(function) = view.model.function_of(op) {
        rows.push(fit_row("function", &size_of(&function.graph), false));
    }
    rows.extend(attributes(view, &shown.constants, op, options));
    let most = if compact { MAX_ROWS_COMPACT } else { MAX_ROWS };
    if rows.len() > most {
        let more = rows.len() - (most - 1);
        rows.truncate(most - 1);
        rows.push(fit_row(&format!("… {more} more"), "", false));
    }
    rows
}

/// The content of a strip, each item as `name value`; parameters are not shown.
pub(super) fn of_strip(view: &View<'_>, strip: &Strip<'_>, op: &Op, options: &DiagramOptions) -> Vec<String> {
    let values = strip.constants.iter().filter(|c| !c.parameter).map(|c| constant(view, c, options));
    let rows = values.chain(attributes(view, &strip.constants, op, options));
    rows.map(|row| format!("{} {}", row.label, row.value)).collect()
}

/// The row of a constant: its value if it is small, else its shape.
pub(super) fn constant(view: &View<'_>, constant: &ConstantUse<'_>, options: &DiagramOptions) -> Row {
    let label = slot_label(constant);
    let tensor = &*constant.tensor;
    // Training changes parameters; it must not change a picture.
    let by_shape = constant.parameter && options.max_const_size.is_none();
    let value = if by_shape {
        shape_text(tensor)
    } else {
        let limit = options.max_const_size.unwrap_or(DEFAULT_MAX_CONST_SIZE);
        value_or_placeholder(view, tensor, &label, limit)
    };
    let rate = constant.rate.map(|rate| format!(" · rate ×{rate}"));
    let mark = if constant.frozen { Some(" · frozen".to_owned()) } else { rate };
    fit_row(&label, &(value + &mark.unwrap_or_default()), true)
}

fn value_or_placeholder(view: &View<'_>, tensor: &Tensor, label: &str, limit: u64) -> String {
    let bytes = content_len(tensor);
    if bytes.is_some_and(|n| n > limit) {
        let n = bytes.unwrap_or_default();
        let what = if n == 1 { "byte" } else { "bytes" };
        return format!("{} <stripped {n} {what}>", shape_text(tensor));
    }
    match content(tensor, &view.model.source, MAX_ELEMENTS).map(|text| format!("= {text}")) {
        // A list that would be cut says less than its shape.
        Some(text) if tensor.dims.is_empty() || fits_row(label, &text) => text,
        _ => shape_text(tensor),
    }
}

/// The bytes of the content, if they are known without decoding.
fn content_len(tensor: &Tensor) -> Option<u64> {
    match &tensor.data {
        TensorData::Strings(strings) => Some(strings.iter().map(|s| s.as_str().len() as u64).sum()),
        TensorData::Encoded(span) if tensor.dtype == DType::String => Some(span.len),
        _ => tensor.byte_len(),
    }
}

/// `64×3×7×7`, with the element type unless that is the usual one.
fn shape_text(tensor: &Tensor) -> String {
    let shape = tensor.shape();
    let sparse = if matches!(tensor.data, TensorData::Sparse { .. }) { "sparse " } else { "" };
    match tensor.dtype {
        DType::F32 => format!("{sparse}{shape}"),
        other => format!("{sparse}{other} {shape}"),
    }
}

/// What the slot is called; if it has no name, the last part of the value's name.
fn slot_label(constant: &ConstantUse<'_>) -> String {
    match constant.slot_name {
        // `input_mean` of BatchNormalization is shown as `mean`.
        Some(name) if !name.is_empty() => name.strip_prefix("input_").unwrap_or(name).to_owned(),
        _ => {
            let last = constant.name.rsplit(['/', '.', ':']).find(|part| !part.is_empty());
            last.map_or_else(|| format!("#{}", constant.slot), str::to_owned)
        }
    }
}

fn attributes(view: &View<'_>, constants: &[ConstantUse<'_>], op: &Op, options: &DiagramOptions) -> Vec<Row> {
    let signature = ops::signature_in(view.model, op);
    let is_shown_elsewhere = |name: &str, value: &AttributeValue| {
        // An attribute of the layer that this one wraps.
        let name = name.strip_prefix("layer.").unwrap_or(name);
        signature.is_some_and(|s| s.is_default(name, value)) || is_kernel_of_weight(constants, name, value)
    };
    let mut rows: Vec<(usize, Row)> = Vec::new();
    for attribute in op.attributes.iter().filter(|a| !is_shown_elsewhere(&a.name, &a.value) && !is_strip(a)) {
        let place = SHORT.iter().position(|(long, _)| *long == attribute.name);
        let label = place.map_or(attribute.name.as_str(), |i| SHORT[i].1);
        let value = attribute_text(view, &attribute.name, &attribute.value, options);
        rows.push((place.unwrap_or(SHORT.len()), fit_row(label, &value, false)));
    }
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Whether it is drawn at the foot of the box.
fn is_strip(attribute: &crate::model::Attribute) -> bool {
    attribute.name == "activation" && matches!(attribute.value, AttributeValue::String(_))
}

/// Whether the attribute only repeats dimensions of the weight shown above it: the last
/// ones in ONNX, the first ones in Keras.
fn is_kernel_of_weight(constants: &[ConstantUse<'_>], name: &str, value: &AttributeValue) -> bool {
    let AttributeValue::Ints(kernel) = value else { return false };
    let same = |c: &ConstantUse<'_>| {
        let dims = &c.tensor.dims;
        let inside = if name == "kernel_shape" { dims.ends_with(kernel) } else { dims.starts_with(kernel) };
        dims.len() == kernel.len() + 2 && inside
    };
    matches!(name, "kernel_shape" | "kernel_size") && constants.iter().any(same)
}

fn attribute_text(view: &View<'_>, name: &str, value: &AttributeValue, options: &DiagramOptions) -> String {
    if let Some(dtype) = ops::dtype_of(view.model.format, name, value) {
        return dtype.to_string();
    }
    match value {
        AttributeValue::Ints(v) => ints(name, v),
        AttributeValue::Int(n) => integer(*n),
        AttributeValue::Float(x) => float(*x),
        AttributeValue::String(text) => text.as_str().to_owned(),
        AttributeValue::Floats(v) => list(v, |x| float(*x)),
        AttributeValue::Strings(v) => list(v, |s| s.as_str().to_owned()),
        AttributeValue::Tensor(tensor) => {
            let limit = options.max_const_size.unwrap_or(DEFAULT_MAX_CONST_SIZE);
            value_or_placeholder(view, tensor, name, limit)
        }
        AttributeValue::Graph(graph) => size_of(graph),
        AttributeValue::Type(ty) => ty.to_string(),
        AttributeValue::Tensors(v) => counted(v.len(), "tensor"),
        AttributeValue::Graphs(v) => counted(v.len(), "graph"),
        AttributeValue::Types(v) => list(v, ToString::to_string),
        AttributeValue::Reference(name) => format!("← {name}"),
        AttributeValue::Other(_) | AttributeValue::Absent => "?".into(),
    }
}

fn ints(name: &str, values: &[i64]) -> String {
    let cross = |v: &[i64]| v.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
    let (begin, end) = values.split_at(values.len() / 2);
    match (name, values) {
        ("kernel_shape" | "kernel_size" | "pool_size" | "target_shape" | "size", [_, ..]) => cross(values),
        ("strides" | "dilations" | "dilation_rate" | "pads" | "output_padding", [first, rest @ ..])
            if rest.iter().all(|n| n == first) =>
        {
            first.to_string()
        }
        ("strides" | "dilations" | "dilation_rate", [_, ..]) => cross(values),
        ("pads", _) if begin == end => cross(begin),
        _ => list(values, |n| integer(*n)),
    }
}

fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    let shown: Vec<String> = items.iter().take(MAX_ELEMENTS).map(text).collect();
    let more = if items.len() > MAX_ELEMENTS { ", …" } else { "" };
    format!("[{}{more}]", shown.join(", "))
}

fn size_of(graph: &Graph) -> String {
    counted(graph.ops().count(), "node")
}
