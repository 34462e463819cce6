//! What a view shows of a model.

mod common;
mod support;

use modelgram::model::*;
use modelgram::ops::parameters;
use modelgram::stages::view::{Hide, Part, View, ViewOptions, view, whole};
use modelgram::text::Rename;
use support::*;

/// The operators that are shown, each with the slots of its constants.
fn shown(view: &View<'_>) -> Vec<String> {
    let nodes = view.nodes.iter().map(|shown| {
        let word = match &view.graph.node(shown.node).kind {
            NodeKind::Op(op) => op.op.clone(),
            other => format!("{other:?}").split([' ', '{']).next().unwrap().to_owned(),
        };
        let slots = shown.constants.iter().map(|c| c.slot_name.unwrap_or("?").to_owned());
        std::iter::once(word).chain(slots).collect::<Vec<_>>().join(" ")
    });
    nodes.collect()
}

#[test]
fn constants_stand_in_their_users() {
    let value = attribute("value_int", AttributeValue::Int(7));
    let model = Net::new()
        .input("x", &[1, 8])
        .constant("w", weight(DType::F32, &[8, 4]))
        .op_with("Constant", "seven", &[], &[("seven", None)], vec![value])
        .op("Gemm", "fc", &["x", "w"], &[1, 4])
        .op("Mul", "y", &["fc", "seven"], &[1, 4])
        .output("y")
        .done();
    let view = whole(&model, &model.graph);
    assert_eq!(shown(&view), ["Input", "Gemm B", "Mul B", "Output"]);
    assert_eq!(view.edges.len(), 3);
}

#[test]
fn an_identity_of_a_constant_is_that_constant() {
    let model = Net::new()
        .input("x", &[1, 8])
        .constant("b", weight(DType::F32, &[8]))
        .op_with("Identity", "i", &["b"], &[("b2", None)], vec![])
        .op_with("Identity", "j", &["b2"], &[("b3", None)], vec![])
        .op("Add", "y", &["x", "b3"], &[1, 8])
        .output("y")
        .done();
    let view = whole(&model, &model.graph);
    assert_eq!(shown(&view), ["Input", "Add B", "Output"]);
    assert_eq!(view.nodes[1].constants[0].tensor.dims, [8]);
    assert_eq!(parameters(&model), 8);
}

#[test]
fn a_constant_that_is_a_graph_output_keeps_its_box() {
    let model = Net::new()
        .constant("c", weight(DType::F32, &[3]))
        .op_with("Identity", "i", &["c"], &[("y", None)], vec![])
        .output("c")
        .output("y")
        .done();
    let view = whole(&model, &model.graph);
    assert_eq!(shown(&view), ["Constant value", "Identity input", "Output", "Output"]);
    assert_eq!(view.edges.len(), 2);
    assert_eq!(view.unused_constants, 0);
}

#[test]
fn a_constant_that_nothing_uses_is_counted() {
    let model = Net::new()
        .input("x", &[1])
        .constant("c", weight(DType::F32, &[3]))
        .op("Relu", "y", &["x"], &[1])
        .output("y")
        .done();
    assert_eq!(whole(&model, &model.graph).unused_constants, 1);
}

#[test]
fn a_shared_weight_counts_once() {
    let model = Net::new()
        .input("x", &[1, 8])
        .constant("w", weight(DType::F32, &[8, 8]))
        .op("MatMul", "a", &["x", "w"], &[1, 8])
        .op("MatMul", "b", &["a", "w"], &[1, 8])
        .output("b")
        .done();
    assert_eq!(parameters(&model), 64);
}

#[test]
fn names_make_scopes_after_renaming() {
    let model = Net::new()
        .input("x", &[1])
        .op("Relu", "enc_a", &["x"], &[1])
        .op("Relu", "enc_b", &["enc_a"], &[1])
        .output("enc_b")
        .done();
    let path = |options: &ViewOptions| {
        let view = view(&model, options).unwrap();
        view.scopes.path(view.nodes[1].scope).join("/") + ":" + &view.nodes[1].short_name
    };
    assert_eq!(path(&ViewOptions::default()), ":enc_a");
    let renames = vec!["s/_/\\//".parse::<Rename>().unwrap()];
    assert_eq!(path(&with!(ViewOptions { renames, ..ViewOptions::default() })), "enc:a");
}

fn hidden(model: &Model, what: &[&str]) -> Vec<String> {
    let hide = what.iter().map(|text| text.parse::<Hide>().unwrap()).collect();
    let view = view(model, &with!(ViewOptions { hide, ..ViewOptions::default() })).unwrap();
    let name = |n: usize| view.nodes[n].name.as_str();
    let edge = |e: &modelgram::stages::view::ViewEdge| {
        let through = if e.through > 0 { format!(" past {}", e.through) } else { String::new() };
        format!("{} > {}{through}", name(e.from), name(e.to))
    };
    let operands = view.nodes.iter().flat_map(|n| {
        n.hidden_operands.iter().map(|o| format!("{} lacks {:?} of {}", n.name, o.slot, o.count))
    });
    view.edges.iter().map(edge).chain(operands).collect()
}

#[test]
fn hidden_operators_are_passed() {
    let model = Net::new()
        .input("x", &[2, 8])
        .op("Cast", "c1", &["x"], &[2, 8])
        .op("Cast", "c2", &["c1"], &[2, 8])
        .op("Relu", "r", &["c2"], &[2, 8])
        .op("Add", "sum", &["r", "c1"], &[2, 8])
        .op("Cast", "c3", &["sum"], &[2, 8])
        .output("c3")
        .done();
    assert_eq!(hidden(&model, &["Cast"]), ["x > r past 2", "r > sum", "x > sum past 1", "sum > c3 past 1"]);
    assert_eq!(hidden(&model, &["tensor"]), hidden(&model, &["Cast"]), "the category of Cast");
    // Of what is hidden behind a sum both operands go on.
    let more = hidden(&model, &["Cast", "Add"]);
    assert_eq!(more, ["x > r past 2", "x > c3 past 3", "r > c3 past 2"]);
}

#[test]
fn what_matches_nothing_is_an_error_of_the_view() {
    let model = Net::new().input("x", &[1]).op("Relu", "enc_a", &["x"], &[1]).output("enc_a").done();
    let error = |options: &ViewOptions| view(&model, options).unwrap_err().to_string();
    let part = Part { focus: vec!["enc_b".parse().unwrap()], ..Part::default() };
    let message = error(&with!(ViewOptions { part, ..ViewOptions::default() }));
    assert!(
        message.starts_with("no node and no scope is named `enc_b`\n  hint: did you mean `enc_a`?"),
        "{message}"
    );
    let hide = vec!["Relux".parse().unwrap()];
    let message = error(&with!(ViewOptions { hide, ..ViewOptions::default() }));
    assert!(
        message.starts_with("there is no operator `Relux` to hide\n  hint: did you mean `Relu`?"),
        "{message}"
    );
    let hide = vec!["Conv".parse().unwrap()];
    assert!(
        view(&model, &with!(ViewOptions { hide, ..ViewOptions::default() })).is_ok(),
        "the format has Conv"
    );
}

#[test]
fn chains_of_shapes_leave_a_mark() {
    let int = |dims: &[i64]| {
        Some(ValueType::Tensor(TensorType {
            dtype: DType::I64,
            shape: Some(Shape::known(dims.iter().copied())),
        }))
    };
    let model = Net::new()
        .input("x", &[2, 8])
        .constant("i", ints(&[], &[0]))
        .op_with("Shape", "s", &["x"], &[("s", int(&[2]))], vec![])
        .op_with("Gather", "g", &["s", "i"], &[("g", int(&[]))], vec![])
        .op_with("Unsqueeze", "u", &["g", "i"], &[("u", int(&[1]))], vec![])
        .op("Reshape", "y", &["x", "u"], &[2, 8])
        .output("y")
        .done();
    assert_eq!(hidden(&model, &["shape-chains"]), ["x > y", "y > y", "y lacks Input(1) of 3"]);
}

#[test]
fn quantized_weights_stay_where_their_pairs_are_hidden() {
    let model = Net::new()
        .input("x", &[1, 8])
        .constant("scale", floats(&[], &[0.5]))
        .constant("w", weight(DType::I8, &[8, 4]))
        .op("QuantizeLinear", "q", &["x", "scale"], &[1, 8])
        .op("DequantizeLinear", "d", &["q", "scale"], &[1, 8])
        .op("DequantizeLinear", "dw", &["w", "scale"], &[8, 4])
        .op("MatMul", "y", &["d", "dw"], &[1, 4])
        .output("y")
        .done();
    let options = with!(ViewOptions { hide: vec![Hide::QuantizePairs], ..ViewOptions::default() });
    let view = view(&model, &options).unwrap();
    assert_eq!(shown(&view), ["Input", "MatMul B", "Output"]);
    let weight = &view.nodes[1].constants[0];
    assert_eq!((weight.tensor.dtype, weight.parameter), (DType::I8, true));
    assert_eq!(view.hidden.len(), 3);
    assert_eq!(view.operators().count(), 4);
}

#[test]
fn activations_go_into_the_box_before_them() {
    let model = Net::new()
        .input("x", &[1, 8])
        .constant("w", weight(DType::F32, &[8, 8]))
        .op("MatMul", "fc1", &["x", "w"], &[1, 8])
        .op("Relu", "r1", &["fc1"], &[1, 8])
        .op("MatMul", "fc2", &["r1", "w"], &[1, 8])
        .op("Sigmoid", "gate", &["fc2"], &[1, 8])
        .op("Mul", "y", &["fc2", "gate"], &[1, 8])
        .output("y")
        .done();
    let view = view(&model, &with!(ViewOptions { fuse: true, ..ViewOptions::default() })).unwrap();
    // The second product has two users, so its gate stands alone.
    assert_eq!(shown(&view), ["Input", "MatMul B", "MatMul B", "Sigmoid", "Mul", "Output"]);
    assert_eq!(view.nodes[1].strips.len(), 1);
    assert_eq!(view.graph.value(view.edges[1].value).name, "r1", "what goes on is the strip's result");
    assert_eq!(view.operators().count(), 5);
}
