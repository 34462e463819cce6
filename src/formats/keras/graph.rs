//! Nodes from the calls of layers.
//!
//! Each call of a layer is a node, with the layer's weights as further operands; a layer
//! that is called twice shares them. A nested model's layers stand in a scope of its name.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;

use super::config::{Call, Layer, Network, Ref, dtype, shape};
use super::hdf5::File;
use super::weights::Weights;
use super::{attributes, findings::find};
use crate::finding::{Finding, Severity};
use crate::model::{
    Graph, KnownFrom, Node, NodeId, NodeKind, Op, ScopeId, Slot, Span, TensorType, Text, ValueId, ValueType,
};

/// Calls in all, at most: a nested model that is called often is drawn as often.
const MOST_CALLS: usize = 200_000;

/// The graph of a network.
pub(super) fn build(network: &Network, file: Option<File>, findings: &mut Vec<Finding>) -> Graph {
    if network.opaque {
        let class = &network.class;
        find(
            findings,
            "K003",
            Severity::Warning,
            "",
            format!(
                "`{class}` is a class of its own: its code, and so its graph, is not in the file; \
                     the layers are those that have weights"
            ),
        );
        return tree_of(file, findings);
    }
    let weights = Weights::of(network, file);
    if !weights.stored {
        let message = if weights.is_empty() {
            "the file has no weights, and does not say their shapes: parameters are not counted"
        } else {
            "the file has no weights; their shapes are those that the layers were built for"
        };
        find(findings, "K001", Severity::Note, "", message.into());
    }
    let mut graph = Graph::default();
    graph.name.clone_from(&network.name);
    let mut builder = Builder { graph, weights, findings, constants: HashMap::new(), calls: 0 };
    let outputs = builder.network(network, &Place::default(), None);
    for ((key, wanted), value) in network.outputs.iter().zip(outputs) {
        let Some(value) = value else { continue };
        let name = if key.is_empty() { &wanted.layer } else { key };
        let id = builder.node(name, NodeKind::Output, ScopeId::ROOT);
        builder.graph.connect(value, id, Slot::Input(0));
        builder.graph.outputs.push(id);
    }
    builder.graph
}

/// The layers of a file that has weights alone.
pub(super) fn tree_of(file: Option<File>, findings: &mut Vec<Finding>) -> Graph {
    let mut graph = Graph::default();
    let Some(file) = file else { return graph };
    let message = "the file holds weights and no graph: layers are drawn without lines";
    find(findings, "K004", Severity::Note, "", message.into());
    let mut layers: Vec<(String, Vec<(String, crate::model::Tensor)>)> = Vec::new();
    for path in file.datasets.keys().filter(|path| !path.starts_with("optimizer")) {
        let shown = path.replace("/vars/", "/");
        let (layer, weight) = shown.rsplit_once('/').unwrap_or(("weights", &shown));
        let weight = (weight.split(':').next().unwrap_or(weight).to_owned(), file.datasets[path].clone());
        match layers.last_mut().filter(|(name, _)| name == layer) {
            Some((_, list)) => list.push(weight),
            None => layers.push((layer.to_owned(), vec![weight])),
        }
    }
    for (name, weights) in layers {
        let constants: Vec<ValueId> = weights
            .into_iter()
            .map(|(weight, tensor)| constant(&mut graph, &format!("{name}/{weight}"), tensor))
            .collect();
        let op = Op { op: "Layer".into(), input_slots: constants.len() as u32, ..Op::default() };
        let id = graph.add_node(blank(&name, NodeKind::Op(op), ScopeId::ROOT));
        for (slot, value) in constants.into_iter().enumerate() {
            graph.connect(value, id, Slot::Input(slot as u32));
        }
    }
    graph
}

fn blank(name: &str, kind: NodeKind, scope: ScopeId) -> Node {
    Node { name: name.to_owned(), kind, outputs: Vec::new(), scope, cost: None, span: Span::default() }
}

fn constant(graph: &mut Graph, name: &str, tensor: crate::model::Tensor) -> ValueId {
    let ty = tensor.value_type();
    let node = graph.add_node(blank(name, NodeKind::Constant { tensor, overridable: false }, ScopeId::ROOT));
    graph.define(node, name.to_owned(), Some(ty), KnownFrom::File)
}

/// Where a network stands: the names around it, its scope, and where its weights are.
#[derive(Clone, Debug, Default)]
struct Place {
    /// Before the names of nodes.
    prefix: String,
    /// Before the paths of weights: a model that is called twice has them once.
    weights: String,
    scope: ScopeId,
}

struct Builder<'a> {
    graph: Graph,
    weights: Weights,
    findings: &'a mut Vec<Finding>,
    /// The weights of the layers that were called, by path.
    constants: HashMap<String, Vec<ValueId>>,
    calls: usize,
}

/// What a call gives: its outputs by number.
type Given = HashMap<(String, usize), Vec<Option<ValueId>>>;

impl Builder<'_> {
    fn node(&mut self, name: &str, kind: NodeKind, scope: ScopeId) -> NodeId {
        self.graph.add_node(blank(name, kind, scope))
    }

    /// Adds the calls of a network, operands before users; gives its outputs. `inputs` are
    /// what a nested one works on.
    fn network(
        &mut self,
        network: &Network,
        place: &Place,
        inputs: Option<&[Option<ValueId>]>,
    ) -> Vec<Option<ValueId>> {
        let mut given: Given = HashMap::new();
        let types = declared_types(network);
        let input_layers = network.layers.iter().filter(|layer| layer.calls.is_empty());
        for (next_input, layer) in input_layers.enumerate() {
            let value = match inputs {
                Some(values) => {
                    let place =
                        network.inputs.iter().position(|r| r.layer == layer.name).unwrap_or(next_input);
                    values.get(place).copied().flatten()
                }
                None => Some(self.input(layer, place)),
            };
            given.insert((layer.name.clone(), 0), vec![value]);
        }
        let calls: Vec<(&Layer, usize)> = network
            .layers
            .iter()
            .flat_map(|layer| (0..layer.calls.len()).map(move |call| (layer, call)))
            .collect();
        for i in in_order(&calls) {
            let (layer, number) = calls[i];
            let call = &layer.calls[number];
            let operands: Vec<Option<ValueId>> =
                call.operands.iter().map(|operand| self.operand(operand, &given, place)).collect();
            let outputs = self.call(layer, number, call, &operands, place, &types);
            given.insert((layer.name.clone(), number), outputs);
        }
        network.outputs.iter().map(|(_, wanted)| lookup(wanted, &given)).collect()
    }

    /// A value that an operand refers to; one that nothing gives becomes a node of its own.
    fn operand(&mut self, wanted: &Ref, given: &Given, place: &Place) -> Option<ValueId> {
        if let Some(value) = lookup(wanted, given) {
            return Some(value);
        }
        let name = format!("{}{}", place.prefix, wanted.layer);
        let message = format!("`{}` is used and gives nothing before", wanted.layer);
        find(self.findings, "S003", Severity::Error, &name, message);
        let node = self.node(&name, NodeKind::Undefined, ScopeId::ROOT);
        Some(self.graph.define(node, name, wanted.ty.clone(), KnownFrom::File))
    }

    fn input(&mut self, layer: &Layer, place: &Place) -> ValueId {
        let setting = |keys: &[&str]| keys.iter().find_map(|key| layer.config.get(*key));
        let shape = setting(&["batch_shape", "batch_input_shape"]).and_then(shape);
        let dtype = setting(&["dtype", "input_dtype"]).and_then(Json::as_str).map(dtype).unwrap_or_default();
        let known = shape.is_some();
        let ty = ValueType::Tensor(TensorType { dtype, shape });
        let name = format!("{}{}", place.prefix, layer.name);
        let node = self.node(&name, NodeKind::Input, ScopeId::ROOT);
        self.graph.inputs.push(node);
        self.graph.define(node, name, known.then_some(ty), KnownFrom::File)
    }

    fn call(
        &mut self,
        layer: &Layer,
        number: usize,
        call: &Call,
        operands: &[Option<ValueId>],
        place: &Place,
        types: &HashMap<(&str, usize), Vec<Option<ValueType>>>,
    ) -> Vec<Option<ValueId>> {
        self.calls += 1;
        if self.calls > MOST_CALLS {
            let message = format!("more than {MOST_CALLS} calls of layers: the others are not drawn");
            find(self.findings, "K005", Severity::Error, "", message);
            return Vec::new();
        }
        let again = if number == 0 { String::new() } else { format!(":{number}") };
        let name = format!("{}{}{again}", place.prefix, layer.name);
        let path = format!("{}{}", place.weights, layer.name);
        if let Some(inner) = &layer.inner {
            let own = format!("{}{again}", layer.name);
            let scope = self.graph.scopes.child(place.scope, &own, Some(&layer.class));
            let place = Place { prefix: format!("{name}/"), weights: format!("{path}/"), scope };
            return self.network(inner, &place, Some(operands));
        }
        let constants = self.weights_of(&path);
        let declared = types.get(&(layer.name.as_str(), number)).cloned().unwrap_or_default();
        let op = self.operator(layer, call, operands.len() + constants.len(), &name);
        let id = self.node(&name, NodeKind::Op(op), place.scope);
        for (slot, value) in operands.iter().copied().chain(constants.into_iter().map(Some)).enumerate() {
            if let Some(value) = value {
                self.graph.connect(value, id, Slot::Input(slot as u32));
            }
        }
        // As many outputs as are used.
        (0..declared.len().max(1))
            .map(|output| {
                let value = if output == 0 { name.clone() } else { format!("{name}.{output}") };
                let ty = declared.get(output).cloned().flatten();
                let from = if ty.is_some() { KnownFrom::File } else { KnownFrom::Unknown };
                Some(self.graph.define(id, value, ty, from))
            })
            .collect()
    }

    fn operator(&mut self, layer: &Layer, call: &Call, slots: usize, name: &str) -> Op {
        if layer.class == "Lambda" {
            let message = "a Lambda holds code, which is neither read nor run".to_owned();
            find(self.findings, "K006", Severity::Warning, name, message);
        }
        Op {
            op: layer.class.clone(),
            attributes: attributes::of(layer, &call.arguments),
            input_slots: slots as u32,
            doc: Text::default(),
            ..Op::default()
        }
    }

    fn weights_of(&mut self, path: &str) -> Vec<ValueId> {
        if let Some(known) = self.constants.get(path) {
            return known.clone();
        }
        let mut ids = Vec::new();
        for tensor in self.weights.take(path) {
            let name = format!("{path}/{}", tensor.name);
            ids.push(constant(&mut self.graph, &name, tensor));
        }
        self.constants.insert(path.to_owned(), ids.clone());
        ids
    }
}

fn lookup(wanted: &Ref, given: &Given) -> Option<ValueId> {
    // A model that was called once may be numbered by calls that are not in the file.
    let exact = given.get(&(wanted.layer.clone(), wanted.call));
    let outputs = exact.or_else(|| given.get(&(wanted.layer.clone(), 0)))?;
    outputs.get(wanted.output).copied().flatten()
}

/// What users say of the outputs of each call.
fn declared_types(network: &Network) -> HashMap<(&str, usize), Vec<Option<ValueType>>> {
    let mut types: HashMap<(&str, usize), Vec<Option<ValueType>>> = HashMap::new();
    let operands = network.layers.iter().flat_map(|l| &l.calls).flat_map(|c| &c.operands);
    for wanted in operands.chain(network.outputs.iter().map(|(_, r)| r)) {
        // A layer has few outputs; the number is the file's own word.
        const MOST_OUTPUTS: usize = 4096;
        if wanted.output >= MOST_OUTPUTS {
            continue;
        }
        let outputs = types.entry((wanted.layer.as_str(), wanted.call)).or_default();
        if outputs.len() <= wanted.output {
            outputs.resize(wanted.output + 1, None);
        }
        if outputs[wanted.output].is_none() {
            outputs[wanted.output] = wanted.ty.clone();
        }
    }
    types
}

/// The calls so that operands stand before users, in the order of the file where that is
/// one; those on cycles last.
fn in_order(calls: &[(&Layer, usize)]) -> Vec<usize> {
    let number: HashMap<(&str, usize), usize> =
        calls.iter().enumerate().map(|(i, (layer, call))| ((layer.name.as_str(), *call), i)).collect();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); calls.len()];
    let mut missing = vec![0usize; calls.len()];
    for (i, (layer, call)) in calls.iter().enumerate() {
        for operand in &layer.calls[*call].operands {
            if let Some(&from) = number.get(&(operand.layer.as_str(), operand.call)) {
                users[from].push(i);
                missing[i] += 1;
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..calls.len()).filter(|&i| missing[i] == 0).collect();
    let mut order = Vec::with_capacity(calls.len());
    let mut placed = vec![false; calls.len()];
    while let Some(i) = ready.pop_first() {
        order.push(i);
        placed[i] = true;
        for &user in &users[i] {
            missing[user] -= 1;
            if missing[user] == 0 {
                ready.insert(user);
            }
        }
    }
    order.extend((0..calls.len()).filter(|&i| !placed[i]));
    order
}
