//! What a view shows of a model.

mod support;

use modelgram::model::*;
use modelgram::view::{Rename, View, ViewOptions, parameters, view};
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
    let view = view(&model, &ViewOptions::default());
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
    let view = view(&model, &ViewOptions::default());
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
    let view = view(&model, &ViewOptions::default());
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
    assert_eq!(view(&model, &ViewOptions::default()).unused_constants, 1);
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
        let view = view(&model, options);
        view.scopes.path(view.nodes[1].scope).join("/") + ":" + &view.nodes[1].short_name
    };
    assert_eq!(path(&ViewOptions::default()), ":enc_a");
    let renames = vec!["s/_/\\//".parse::<Rename>().unwrap()];
    assert_eq!(path(&ViewOptions { renames, ..ViewOptions::default() }), "enc:a");
}
