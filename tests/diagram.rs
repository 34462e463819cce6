//! What boxes and wires say.

mod common;
mod support;

use modelgram::model::*;
use modelgram::stages::diagram::overlay::Overlay;
use modelgram::stages::diagram::*;
use modelgram::stages::view::whole;
use support::*;

fn draw_with(model: &Model, options: &DiagramOptions) -> Diagram {
    build(&whole(model, &model.graph), None, options)
}

fn draw(model: &Model) -> Diagram {
    draw_with(model, &DiagramOptions::default())
}

fn rows(diagram: &Diagram, op: &str) -> Vec<String> {
    let node = diagram.boxes.iter().find(|b| b.op == op).unwrap();
    node.rows.iter().map(|r| format!("{} {}", r.label, r.value)).collect()
}

fn conv() -> Net {
    let ints = |name: &str, v: &[i64]| attribute(name, AttributeValue::Ints(v.to_vec()));
    let attributes = vec![
        attribute("group", AttributeValue::Int(1)),
        attribute("auto_pad", AttributeValue::String("NOTSET".into())),
        ints("pads", &[3, 3, 3, 3]),
        ints("strides", &[2, 2]),
        ints("dilations", &[1, 1]),
        ints("kernel_shape", &[7, 7]),
    ];
    Net::new()
        .input("x", &[1, 3, 224, 224])
        .constant("conv1.weight", weight(DType::F32, &[64, 3, 7, 7]))
        .constant("conv1.bias", weight(DType::F32, &[64]))
        .op_with(
            "Conv",
            "conv",
            &["x", "conv1.weight", "conv1.bias"],
            &[("c", f32s(&[1, 64, 112, 112]))],
            attributes,
        )
        .op("Relu", "r", &["c"], &[1, 64, 112, 112])
        .op("GlobalAveragePool", "y", &["r"], &[1, 64, 1, 1])
        .output("y")
}

#[test]
fn a_convolution_shows_weights_and_what_is_not_the_default() {
    let diagram = draw(&conv().done());
    assert_eq!(rows(&diagram, "Conv"), ["W 64×3×7×7", "B 64", "stride 2", "pad 3"]);
    assert_eq!(diagram.boxes[1].aside, "9.5 k");
    assert_eq!(diagram.description, "ONNX, opset 17 · 3 operators · 9.5 k parameters");
}

#[test]
fn a_shape_is_told_once() {
    let diagram = draw(&conv().done());
    let labels: Vec<_> = diagram.wires.iter().map(|w| w.label.as_ref().map(|l| l.text.as_str())).collect();
    // The input says its own shape, Relu keeps the one of Conv, the output says its own.
    assert_eq!(labels, [None, Some("1×64×112×112"), None, None]);
    assert_eq!((diagram.boxes[0].header.as_str(), diagram.boxes[0].aside.as_str()), ("x", "f32 1×3×224×224"));
}

#[test]
fn without_shapes_there_are_no_labels() {
    let options = with!(DiagramOptions { show_shapes: false, ..DiagramOptions::default() });
    let diagram = draw_with(&conv().done(), &options);
    assert!(diagram.wires.iter().all(|w| w.label.is_none()));
    assert_eq!(diagram.boxes[0].aside, "");
}

#[test]
fn small_constants_are_shown_by_value_and_large_ones_stripped() {
    let model = |n: usize| {
        Net::new()
            .input("x", &[1, 8])
            .constant("s", ints(&[n as i64], &vec![-1; n]))
            .op("Reshape", "y", &["x", "s"], &[1, 8])
            .output("y")
            .done()
    };
    assert_eq!(rows(&draw(&model(4)), "Reshape"), ["shape = [-1, -1, -1, -1]"]);
    assert_eq!(rows(&draw(&model(5)), "Reshape"), ["shape i64 5 <stripped 40 bytes>"]);
    let wide = with!(DiagramOptions { max_const_size: Some(40), ..DiagramOptions::default() });
    assert_eq!(rows(&draw_with(&model(5), &wide), "Reshape"), ["shape = [-1, -1, -1, -1, -1]"]);
}

#[test]
fn training_does_not_change_a_picture() {
    let model = |bias: f32| {
        Net::new()
            .input("x", &[1, 2])
            .constant("w", floats(&[2, 2], &[bias; 4]))
            .constant("half", floats(&[], &[0.5]))
            .op("MatMul", "m", &["x", "w"], &[1, 2])
            .op("Mul", "y", &["m", "half"], &[1, 2])
            .output("y")
            .done()
    };
    let (before, after) = (draw(&model(1.0)), draw(&model(2.0)));
    assert_eq!(rows(&before, "MatMul"), ["B 2×2"]);
    assert_eq!(rows(&before, "Mul"), ["B = 0.5"]);
    assert_eq!(structure_hash(&before), structure_hash(&after));
    let asked = with!(DiagramOptions { max_const_size: Some(15), ..DiagramOptions::default() });
    assert_eq!(rows(&draw_with(&model(1.0), &asked), "MatMul"), ["B 2×2 <stripped 16 bytes>"]);
}

#[test]
fn attributes_are_compact_and_their_number_is_limited() {
    let many = (0..9).map(|i| attribute(&format!("a{i}"), AttributeValue::Int(i))).collect();
    let to = vec![attribute("to", AttributeValue::Int(10))];
    let epsilon = vec![attribute("epsilon", AttributeValue::Float(1e-6))];
    let model = Net::new()
        .input("x", &[1])
        .op_with("Cast", "c", &["x"], &[("c", None)], to)
        .op_with("LayerNormalization", "n", &["c"], &[("n", None)], epsilon)
        .op_with("Mystery", "m", &["n"], &[("m", None)], many)
        .output("m")
        .done();
    let diagram = draw(&model);
    assert_eq!(rows(&diagram, "Cast"), ["to f16"]);
    assert_eq!(rows(&diagram, "LayerNormalization"), ["epsilon 1e-6"]);
    let rows = rows(&diagram, "Mystery");
    assert_eq!((rows.len(), rows.last().unwrap().as_str()), (7, "… 3 more "));
}

#[test]
fn subgraphs_and_functions_tell_their_size() {
    let body = conv().done().graph;
    let branch = attribute("then_branch", AttributeValue::Graph(Box::new(body.clone())));
    let function = Function {
        domain: String::new(),
        name: "Block".into(),
        overload: String::new(),
        required: vec![],
        defaults: vec![],
        opsets: vec![],
        graph: body,
        span: Span::default(),
    };
    let model = Net::new()
        .input("x", &[1])
        .op_with("If", "i", &["x"], &[("i", None)], vec![branch])
        .op_with("Block", "b", &["i"], &[("b", None)], vec![])
        .capture("x", "b")
        .output("b")
        .function(function)
        .done();
    let diagram = draw(&model);
    assert_eq!(rows(&diagram, "If"), ["then_branch 3 nodes"]);
    assert_eq!(rows(&diagram, "Block"), ["function 3 nodes"]);
    assert_eq!(diagram.wires.iter().filter(|w| w.kind == WireKind::Control).count(), 1);
}

#[test]
fn one_value_used_twice_is_two_wires_in_operand_order() {
    let model = Net::new().input("x", &[4]).op("Mul", "y", &["x", "x"], &[4]).output("y").done();
    let diagram = draw(&model);
    let slots: Vec<_> = diagram.wires.iter().map(|w| (w.from.0, w.to.0, w.to_slot)).collect();
    assert_eq!(slots, [(0, 1, 0), (0, 1, 1), (1, 2, 0)]);
    assert_eq!(diagram.boxes[1].outline, Outline::Pill);
}

#[test]
fn labels_of_several_outputs_stand_side_by_side() {
    let parts = [("a", f32s(&[1, 1024, 56])), ("b", f32s(&[1, 1024, 112])), ("c", f32s(&[1, 1024, 9]))];
    let model = Net::new()
        .input("x", &[1])
        .op_with("Split", "s", &["x"], &parts, vec![])
        .op("Concat", "y", &["a", "b", "c"], &[1])
        .output("y")
        .done();
    let diagram = draw(&model);
    let split = diagram.boxes.iter().find(|b| b.op == "Split").unwrap();
    let labels: f64 = diagram.wires.iter().filter_map(|w| w.label.as_ref()).map(|l| l.size.width).sum();
    assert_eq!(split.outputs, [0, 1, 2]);
    assert!(split.size.width > labels);
}

#[test]
fn names_are_shown_on_demand_and_hostile_ones_are_cut_and_escaped() {
    let name = format!("a\u{1b}[31m{}\u{202e}z", "n".repeat(100_000));
    let model = Net::new().input("x", &[1]).op("Relu", &name, &["x"], &[1]).output(&name).done();
    assert_eq!(draw(&model).boxes[1].outline, Outline::Pill);
    let options = with!(DiagramOptions { show_layer_names: true, ..DiagramOptions::default() });
    let relu = &draw_with(&model, &options).boxes[1];
    assert!(relu.rows[0].label.starts_with("a\\u{1b}[31mnnn"), "{}", relu.rows[0].label);
    assert!(relu.size.width <= 242.0);
}

#[test]
fn frozen_weights_have_a_lock_and_dropout_has_a_sign() {
    let property =
        |key: &str, value: &str| Property { key: key.into(), value: value.into(), span: Span::default() };
    let net = || conv().op("Dropout", "drop", &["r"], &[1, 64, 112, 112]).output("drop").done();
    let badges = |model: &Model| draw(model).boxes.iter().map(|b| b.badge).collect::<Vec<_>>();
    let mut model = net();
    assert_eq!(badges(&model), [None, None, None, None, None, Some(Badge::Dropout), None]);
    model.meta.properties = vec![property("modelgram.frozen", "[\"conv1.weight\"]")];
    assert_eq!(badges(&model)[1], None, "the bias is trained");
    assert_eq!(rows(&draw(&model), "Conv")[0], "W 64×3×7×7 · frozen");
    model.meta.properties = vec![property("modelgram.frozen", "[\"conv1.weight\", \"conv1.bias\"]")];
    assert_eq!(badges(&model)[1], Some(Badge::Frozen));
    model.meta.properties = vec![property("modelgram.lr_mult", "{\"conv1.weight\": 0.1, \"conv1.bias\": 0}")];
    assert_eq!(rows(&draw(&model), "Conv")[..2], ["W 64×3×7×7 · rate ×0.1", "B 64 · frozen"]);
    // What is no JSON says nothing.
    model.meta.properties = vec![property("modelgram.frozen", "conv1.weight")];
    assert_eq!(badges(&model), badges(&net()));
}

#[test]
fn plain_boxes_say_what_was_asked_for() {
    let model = conv().done();
    let plain = with!(DiagramOptions {
        style: Style::Plain,
        show_shapes: false,
        show_layer_activations: false,
        ..DiagramOptions::default()
    });
    let made = draw_with(&model, &plain);
    assert_eq!((made.boxes[1].header.as_str(), made.boxes[1].rows.len()), ("Conv", 0));
    let all = with!(DiagramOptions {
        show_shapes: true,
        show_dtype: true,
        show_layer_names: true,
        show_trainable: true,
        ..plain
    });
    let made = draw_with(&model, &all);
    assert_eq!(made.boxes[1].header, "conv (Conv)");
    let expected = ["dtype f32", "input shape 1×3×224×224", "output shape 1×64×112×112", "trainable yes"];
    assert_eq!(rows(&made, "Conv"), expected);
    assert!(made.wires.iter().all(|w| w.label.is_none()), "shapes stand in the boxes");
}

#[test]
fn an_overlay_colours_what_it_names() {
    let model = conv().done();
    let overlay = Overlay::parse(
        "{\"title\": \"Time\", \"unit\": \"ms\", \"combine\": \"sum\", \"values\": {\"conv\": 4, \"r\": 1}}",
    );
    let options =
        with!(DiagramOptions { overlay: Some(overlay.unwrap()), legend: true, ..DiagramOptions::default() });
    let made = draw_with(&model, &options);
    let heat: Vec<_> = made.boxes.iter().map(|b| (b.heat, b.aside.clone())).collect();
    assert_eq!(heat[1], (Some(11), "4 ms".to_owned()));
    assert_eq!(heat[2], (Some(3), "1 ms".to_owned()));
    assert_eq!(heat[0].0, None);
    let scale = made.scale.unwrap();
    assert_eq!((scale.title.as_str(), scale.ends), ("Time", ["0 ms".to_owned(), "4 ms".to_owned()]));
    assert!(made.legend.is_empty(), "no colour stands for a category");
}

#[test]
fn a_legend_explains_what_is_there() {
    let model = conv().done();
    let made = draw_with(
        &model,
        &with!(DiagramOptions { legend: true, title: Some(String::new()), ..DiagramOptions::default() }),
    );
    assert_eq!(
        made.legend.iter().map(|e| e.text.as_str()).collect::<Vec<_>>(),
        ["layer", "activation", "pool"]
    );
    assert_eq!(made.heading.as_deref(), Some("net"));
}
