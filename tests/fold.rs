//! Groups, and which blocks are drawn once for several.

mod common;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use modelgram::model::{AttributeValue, DType, Model};
use modelgram::stages::diagram::{Diagram, DiagramOptions, build};
use modelgram::stages::view::{GroupOptions, Groups, ViewOptions, group, view, whole};
use support::*;

/// Always folds, whatever fits.
fn options() -> GroupOptions {
    with!(GroupOptions { depth: Some(99), ..GroupOptions::default() })
}

fn groups(model: &Model, options: GroupOptions) -> Groups {
    group(&whole(model, &model.graph), &options).groups
}

/// What is drawn for several: the titles of the first and the last, and how many.
fn runs(groups: &Groups) -> Vec<(String, String, u32)> {
    let folded = groups.groups.iter().filter(|g| g.times > 1 && g.drawn_as.is_none());
    folded.map(|g| (g.title.clone(), g.last.clone(), g.times)).collect()
}

fn run(first: &str, last: &str, times: u32) -> (String, String, u32) {
    (first.into(), last.into(), times)
}

/// A block: a product with a weight, an activation, and the sum with what comes in.
fn block(net: Net, path: &str, input: &str, slope: f32, width: i64) -> Net {
    let name = |part: &str| format!("{path}/{part}");
    let (w, product, bent, sum) = (name("w"), name("MatMul"), name("LeakyRelu"), name("Add"));
    let alpha = vec![attribute("alpha", AttributeValue::Float(slope))];
    net.constant(&w, weight(DType::F32, &[width, width]))
        .op("MatMul", &product, &[input, &w], &[1, width])
        .op_with("LeakyRelu", &bent, &[&product], &[(&bent, f32s(&[1, width]))], alpha)
        .op("Add", &sum, &[&bent, input], &[1, width])
}

/// Blocks in a row; the given ones with another slope. Gives the name of the result.
fn chain(mut net: Net, path: &str, input: &str, count: usize, odd: &[usize]) -> (Net, String) {
    let mut last = input.to_owned();
    for i in 0..count {
        let slope = if odd.contains(&i) { 0.3 } else { 0.1 };
        let here = format!("{path}block.{i}");
        net = block(net, &here, &last, slope, 8);
        last = format!("{here}/Add");
    }
    (net, last)
}

fn finished((net, last): (Net, String)) -> Model {
    net.op("Relu", "y", &[&last], &[1, 8]).output("y").done()
}

#[test]
fn equal_blocks_in_a_row_are_drawn_once() {
    let model = finished(chain(Net::new().input("x", &[1, 8]), "", "x", 5, &[]));
    assert_eq!(runs(&groups(&model, options())), [run("block.0", "block.4", 5)]);
    assert_eq!(runs(&groups(&model, with!(GroupOptions { fold_min: 6, ..options() }))), []);
    assert_eq!(runs(&groups(&model, with!(GroupOptions { fold_min: 0, ..options() }))), []);
    // What fits is drawn as it is.
    assert_eq!(runs(&groups(&model, GroupOptions::default())), []);
}

#[test]
fn an_attribute_or_a_shape_that_differs_parts_a_run() {
    let model = finished(chain(Net::new().input("x", &[1, 8]), "", "x", 5, &[2]));
    let expected = [run("block.0", "block.1", 2), run("block.3", "block.4", 2)];
    assert_eq!(runs(&groups(&model, options())), expected);
    let net = block(Net::new().input("x", &[1, 8]), "block.0", "x", 0.1, 8);
    let net = block(net, "block.1", "block.0/Add", 0.1, 8);
    let net = net.op("Concat", "wide", &["block.1/Add", "block.1/Add"], &[1, 16]);
    let net = block(net, "block.2", "wide", 0.1, 16);
    let model = net.output("block.2/Add").done();
    assert_eq!(runs(&groups(&model, options())), [run("block.0", "block.1", 2)]);
}

#[test]
fn towers_side_by_side_are_folded_apart() {
    let (net, left) = chain(Net::new().input("x", &[1, 8]), "left/", "x", 3, &[]);
    let (net, right) = chain(net, "right/", "x", 3, &[]);
    let model = net.op("Add", "y", &[&left, &right], &[1, 8]).output("y").done();
    let expected = [run("block.0", "block.2", 3), run("block.0", "block.2", 3)];
    assert_eq!(runs(&groups(&model, options())), expected);
}

#[test]
fn repeats_inside_repeats_are_both_folded() {
    let (mut net, mut last) = (Net::new().input("x", &[1, 8]), "x".to_owned());
    for stage in 0..3 {
        (net, last) = chain(net, &format!("stage.{stage}/"), &last, 4, &[0]);
    }
    let found = runs(&groups(&finished((net, last)), options()));
    assert_eq!(found, [run("stage.0", "stage.2", 3), run("block.1", "block.3", 3)]);
}

#[test]
fn a_value_that_all_blocks_share_does_not_part_them_and_another_one_does() {
    let shared = |from: fn(usize) -> String| {
        let mut net = Net::new().input("x", &[1, 8]).input("mask", &[1, 8]);
        let mut last = "x".to_owned();
        for i in 0..4 {
            let (relu, add) = (format!("block.{i}/Relu"), format!("block.{i}/Add"));
            net = net.op("Relu", &relu, &[&last], &[1, 8]).op("Add", &add, &[&relu, &from(i)], &[1, 8]);
            last = add;
        }
        runs(&groups(&finished((net, last)), options()))
    };
    assert_eq!(shared(|_| "mask".into()), [run("block.0", "block.3", 4)]);
    assert_eq!(shared(|i| if i < 2 { "mask".into() } else { "x".into() }).len(), 2);
    // A skip connection over a block is another pattern for the blocks it reaches.
    let skips = shared(|i| if i < 2 { "mask".into() } else { format!("block.{}/Relu", i - 2) });
    assert!(skips.iter().all(|(_, _, times)| *times == 2), "{skips:?}");
}

/// The wires by the names of their ends.
fn wires(diagram: &Diagram) -> BTreeSet<(String, u32, String)> {
    let name = |b: modelgram::stages::diagram::BoxId| diagram.boxes[b.index()].name.clone();
    diagram.wires.iter().map(|w| (name(w.from), w.from_slot, name(w.to))).collect()
}

/// Every wire of the flat picture is drawn, or is one of a block that is drawn for
/// another's; and without folding nothing is missing.
#[test]
fn nothing_is_lost_by_grouping() {
    nothing_is_lost(&[], 20);
    // Names without parts: groups come from the structure alone.
    nothing_is_lost(&["s/[\\/.]/-/g".parse().unwrap()], 1);
}

fn nothing_is_lost(renames: &[modelgram::text::Rename], least_frames: usize) {
    let mut model = common::models::open("models/bert.onnx");
    modelgram::ops::derive_types(&mut model, &Default::default());
    let draw = |groups: Option<GroupOptions>| {
        let renames = renames.to_vec();
        let view = view(&model, &with!(ViewOptions { renames, ..ViewOptions::default() })).unwrap();
        let grouping = groups.map(|options| group(&view, &options));
        let options = with!(DiagramOptions { hubs: None, ..DiagramOptions::default() });
        let made = build(&view, grouping.as_ref(), &options);
        (
            grouping.map(|grouping| grouping.groups),
            view.nodes.iter().map(|n| n.name.clone()).collect::<Vec<_>>(),
            view.edges,
            made,
        )
    };
    let (_, _, _, flat) = draw(None);
    let (_, _, _, open) = draw(Some(with!(GroupOptions { fold_min: 0, ..options() })));
    assert_eq!(wires(&flat), wires(&open));
    assert_eq!(flat.boxes.len(), open.boxes.len());
    assert!(open.frames.len() >= least_frames);

    let (groups, names, edges, folded) = draw(Some(options()));
    let (groups, drawn) = (groups.unwrap(), wires(&folded));
    let mut links = 0;
    for edge in &edges {
        let (from, to) = (groups.drawn_as[edge.from], groups.drawn_as[edge.to]);
        if drawn.contains(&(names[from].clone(), edge.from_slot, names[to].clone())) {
            continue;
        }
        // Only the links from one block of a run to the next are not drawn.
        assert_ne!(to, edge.to, "{} to {}", names[edge.from], names[edge.to]);
        links += 1;
    }
    assert!(links > 0 && folded.boxes.len() * 5 < flat.boxes.len());
}

/// A run that is closed is one box, and what leaves its last block leaves the box.
#[test]
fn a_closed_run_is_joined_to_what_follows() {
    let model = finished(chain(Net::new().input("x", &[1, 8]), "", "x", 5, &[]));
    let view = whole(&model, &model.graph);
    let grouping = group(&view, &with!(GroupOptions { depth: Some(0), ..GroupOptions::default() }));
    let made = build(&view, Some(&grouping), &DiagramOptions::default());
    let name = |name: &str| name.to_owned();
    let expected = BTreeSet::from([
        (name("x"), 0, name("block.0")),
        (name("block.0"), 0, name("y")),
        (name("y"), 0, made.boxes.last().unwrap().name.clone()),
    ]);
    assert_eq!(wires(&made), expected);
}

/// The same names for all: only the structure tells blocks.
fn nameless(mut model: Model) -> Model {
    let ids: Vec<_> = model.graph.ops().map(|(id, ..)| id).collect();
    for id in ids {
        let op = match &model.graph.node(id).kind {
            modelgram::model::NodeKind::Op(op) => op.op.clone(),
            _ => continue,
        };
        model.graph.node_mut(id).name = op;
    }
    model
}

#[test]
fn repeats_are_found_without_names() {
    let one = |count: usize, odd: &[usize]| {
        let model = nameless(finished(chain(Net::new().input("x", &[1, 8]), "", "x", count, odd)));
        runs(&groups(&model, options())).iter().map(|run| run.2).collect::<Vec<_>>()
    };
    assert_eq!(one(5, &[]), [5]);
    assert_eq!(one(9, &[4]), [4, 4]);
    // Too little to save.
    assert!(one(2, &[]).is_empty());
    // A real network whose names say nothing.
    let mut model = common::models::open("models/bert.onnx");
    modelgram::ops::derive_types(&mut model, &Default::default());
    let nothing = "s/.*/n/".parse().unwrap();
    let view =
        view(&model, &with!(ViewOptions { renames: vec![nothing], ..ViewOptions::default() })).unwrap();
    assert_eq!(runs(&group(&view, &options()).groups), [run("n", "n", 12)]);
}

#[test]
fn repeats_inside_repeats_are_found_without_names() {
    // Three stages of three blocks each, and an operator of its own after each stage.
    let mut net = Net::new().input("x", &[1, 8]);
    let mut last = "x".to_owned();
    for stage in 0..3 {
        (net, last) = chain(net, &format!("s{stage}"), &last, 3, &[]);
        let end = format!("s{stage}end");
        net = net.op("Sigmoid", &end, &[&last], &[1, 8]);
        last = end;
    }
    let model = nameless(finished((net, last)));
    let found = groups(&model, options());
    let mut times: Vec<u32> = runs(&found).iter().map(|run| run.2).collect();
    times.sort_unstable();
    assert_eq!(times, [3, 3]);
    let drawn: BTreeSet<usize> = found.drawn_as.iter().copied().collect();
    // x, one block, the end of a stage, the last operator and the result.
    assert_eq!(drawn.len(), 1 + 3 + 1 + 1 + 1);
}

#[test]
fn a_block_that_differs_says_how() {
    let model = finished(chain(Net::new().input("x", &[1, 8]), "", "x", 6, &[3]));
    let differing: Vec<(String, String)> = groups(&model, options())
        .groups
        .into_iter()
        .filter_map(|g| Some((g.title.clone(), g.differs.clone()?)))
        .collect();
    assert_eq!(differing, [("block.3".to_owned(), "alpha 0.3, not 0.1".to_owned())]);
}

/// The keys of the boxes and frames of a picture with groups open to a depth, each with the
/// nodes that it stands for.
fn origins(model: &Model, depth: usize) -> BTreeMap<String, BTreeSet<String>> {
    let view = whole(model, &model.graph);
    let grouping = group(&view, &with!(GroupOptions { depth: Some(depth), ..GroupOptions::default() }));
    let made = build(&view, Some(&grouping), &DiagramOptions::default());
    let named =
        |list: &[modelgram::stages::diagram::Member]| list.iter().map(|m| m.name.clone()).collect::<Vec<_>>();
    let mut origins = BTreeMap::new();
    for node in &made.boxes {
        let all: Vec<String> = [named(&node.origin.members), named(&node.origin.represents)].concat();
        let before = origins.insert(node.origin.key.clone(), all.into_iter().collect());
        assert!(before.is_none(), "two boxes have the key {}", node.origin.key);
    }
    for frame in &made.frames {
        let before = origins.insert(frame.origin.key.clone(), BTreeSet::new());
        assert!(before.is_none(), "the key {} is given twice", frame.origin.key);
    }
    origins
}

#[test]
fn every_node_is_in_one_box_whatever_is_open() {
    let mut model = common::models::open("models/bert.onnx");
    modelgram::ops::derive_types(&mut model, &Default::default());
    let view = whole(&model, &model.graph);
    let nodes = view.nodes.iter().flat_map(|n| n.all()).count();
    for depth in [0, 1, 3, 99] {
        assert_eq!(origins(&model, depth).values().map(BTreeSet::len).sum::<usize>(), nodes, "depth {depth}");
    }
}

#[test]
fn keys_stay_when_frames_open() {
    let mut model = common::models::open("models/bert.onnx");
    modelgram::ops::derive_types(&mut model, &Default::default());
    let (closed, open) = (origins(&model, 1), origins(&model, 99));
    // What was a closed frame is an open one of the same key; every other box is the same.
    for (key, nodes) in &closed {
        match open.get(key) {
            Some(inside) => assert!(inside == nodes || inside.is_empty(), "{key}"),
            None => panic!("{key} is gone"),
        }
    }
    assert!(open.len() > closed.len());
}
