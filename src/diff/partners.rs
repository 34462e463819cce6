//! Which of one model is which of another.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::bodies::{By, key};
use crate::model::{Graph, Model, NodeId, NodeKind, Op, Slot, Tensor};

/// An operator, and what it takes at each slot.
type Form = (String, Vec<(Slot, String)>);

/// The partners of operators, and the values that have another name.
#[derive(Default)]
pub(super) struct Partners {
    nodes: BTreeMap<NodeId, NodeId>,
    taken: BTreeSet<NodeId>,
    values: HashMap<String, String>,
}

impl Partners {
    /// By names first; then by what goes in.
    pub(super) fn of(old: &Model, new: &Model) -> Self {
        let mut partners = Partners::default();
        partners.by_name(&old.graph, &new.graph);
        let inputs = old.graph.inputs.iter().zip(&new.graph.inputs);
        let inputs: Vec<(&str, &str)> = inputs
            .map(|(&a, &b)| (old.graph.node(a).name.as_str(), new.graph.node(b).name.as_str()))
            .collect();
        let kept: BTreeSet<&str> = inputs.iter().map(|(_, b)| *b).collect();
        for (a, b) in &inputs {
            // Inputs in another order are not other inputs.
            if !kept.contains(a) {
                partners.values.insert((*a).to_owned(), (*b).to_owned());
            }
        }
        partners.by_content(old, new);
        partners.by_operands(&old.graph, &new.graph);
        partners
    }

    /// The partner of an operator.
    pub(super) fn node(&self, id: NodeId) -> Option<NodeId> {
        self.nodes.get(&id).copied()
    }

    /// Whether an operator of the new model is a partner.
    pub(super) fn is_taken(&self, id: NodeId) -> bool {
        self.taken.contains(&id)
    }

    /// The name that a value of the old model has in the new one, as far as is known.
    pub(super) fn value<'a>(&'a self, name: &'a str) -> &'a str {
        self.values.get(name).map_or(name, String::as_str)
    }

    fn pair(&mut self, (old, a): (&Graph, NodeId), (new, b): (&Graph, NodeId)) {
        self.nodes.insert(a, b);
        self.taken.insert(b);
        for (x, y) in old.node(a).outputs.iter().zip(&new.node(b).outputs) {
            let (Some(x), Some(y)) = (x, y) else { continue };
            let (x, y) = (&old.value(*x).name, &new.value(*y).name);
            if x != y {
                self.values.insert(x.clone(), y.clone());
            }
        }
    }

    fn by_name(&mut self, old: &Graph, new: &Graph) {
        let by_result = unique(new, &|id| new.result_name(id));
        let by_name = unique(new, &|id| &new.node(id).name);
        let old_names = unique(old, &|id| &old.node(id).name);
        for (id, node, op) in old.ops() {
            let same_op = |id: &NodeId| matches!(&new.node(*id).kind, NodeKind::Op(other) if other.op == op.op && other.domain == op.domain);
            let named = old_names
                .get(node.name.as_str())
                .and_then(|o| o.as_ref())
                .and_then(|_| by_name.get(node.name.as_str()).copied().flatten());
            let made = by_result.get(old.result_name(id)).copied().flatten();
            let other = named.filter(same_op).or(made.filter(same_op));
            if let Some(other) = other.filter(|other| !self.taken.contains(other)) {
                self.pair((old, id), (new, other));
            }
        }
    }

    /// Constants of names that are gone, by their content, each once.
    fn by_content(&mut self, old: &Model, new: &Model) {
        let (before, after) = (constants(&old.graph), constants(&new.graph));
        let mut gone = before.iter().filter(|(name, _)| !after.contains_key(*name)).peekable();
        // Contents are read only where a name is gone, and another has come.
        if gone.peek().is_none() {
            return;
        }
        let mut come: HashMap<String, VecDeque<&str>> = HashMap::new();
        for (name, tensor) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
            come.entry(key(new, tensor, By::Elements)).or_default().push_back(name);
        }
        if come.is_empty() {
            return;
        }
        for (name, tensor) in gone {
            if let Some(other) = come.get_mut(&key(old, tensor, By::Elements)).and_then(VecDeque::pop_front) {
                self.values.insert((*name).to_owned(), other.to_owned());
            }
        }
    }

    /// What is left, by operator and operands, in the order of the flow.
    fn by_operands(&mut self, old: &Graph, new: &Graph) {
        let mut open: HashMap<Form, VecDeque<NodeId>> = HashMap::new();
        for (id, _, op) in new.ops().filter(|(id, ..)| !self.taken.contains(id)) {
            open.entry(self.form(new, id, op, false)).or_default().push_back(id);
        }
        if open.is_empty() {
            return;
        }
        for (id, _, op) in old.ops() {
            if self.nodes.contains_key(&id) {
                continue;
            }
            if let Some(other) = open.get_mut(&self.form(old, id, op, true)).and_then(VecDeque::pop_front) {
                self.pair((old, id), (new, other));
            }
        }
    }

    /// An operator with the names of its operands in the new model.
    fn form(&self, graph: &Graph, id: NodeId, op: &Op, is_old: bool) -> Form {
        (format!("{}::{}::{}", op.domain, op.op, op.overload), self.operands(graph, id, is_old))
    }

    /// What an operator takes, by the names of the new model: operands by slot, and what its
    /// subgraphs take.
    pub(super) fn operands(&self, graph: &Graph, id: NodeId, is_old: bool) -> Vec<(Slot, String)> {
        let mut names: Vec<(Slot, String)> = graph
            .uses_at(id)
            .into_iter()
            .map(|(usage, _)| {
                let name = graph.value(usage.value).name.as_str();
                (usage.to, if is_old { self.value(name) } else { name }.to_owned())
            })
            .collect();
        names.sort_unstable();
        names
    }
}

/// Operators by a key, where only one has it.
fn unique<'g>(graph: &'g Graph, key: &dyn Fn(NodeId) -> &'g str) -> HashMap<&'g str, Option<NodeId>> {
    let mut all: HashMap<&str, Option<NodeId>> = HashMap::new();
    for (id, ..) in graph.ops() {
        let key = key(id);
        if !key.is_empty() {
            all.entry(key).and_modify(|twice| *twice = None).or_insert(Some(id));
        }
    }
    all
}

/// The stored constants of a graph, by name.
pub(super) fn constants(graph: &Graph) -> BTreeMap<&str, &Tensor> {
    graph.constants().map(|(_, node, tensor)| (node.name.as_str(), tensor)).collect()
}
