//! The main graph as a list of steps that can be changed by name; what changed becomes an
//! [`Edit`](crate::model::Edit).

mod build;
mod changes;
mod inline;
mod order;

pub(super) use build::{Builder, Place, tensor};
pub(super) use order::StepId;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use self::order::Order;
use super::work::count;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    Attribute, AttributeValue, Model, NewNode, NewTensor, NewValue, NodeId, NodeKind, Op, Position, Record,
    Slot, Tensor, TensorType, opset_version,
};
use crate::text::printable;

/// A node: of the file, of an inlined function, or new.
#[derive(Clone, Debug, Default)]
pub(super) struct Step<'m> {
    /// The node of the file that it is.
    origin: Option<NodeId>,
    pub(super) name: String,
    pub(super) op: String,
    pub(super) domain: String,
    overload: String,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    captures: Vec<String>,
    /// Attributes of the file, with the names that they have here.
    stored: Vec<(&'m str, &'m Attribute)>,
    /// Attributes of a new node.
    pub(super) attributes: Vec<(String, NewValue)>,
    gone: bool,
}

impl<'m> Step<'m> {
    /// A node of the default domain.
    pub(super) fn new(op: &str, name: String, inputs: Vec<String>, output: String) -> Self {
        Step { op: op.to_owned(), name, inputs, outputs: vec![output], ..Step::default() }
    }

    /// The node with an attribute more.
    pub(super) fn with(mut self, name: &str, value: NewValue) -> Self {
        self.attributes.push((name.to_owned(), value));
        self
    }

    /// An attribute of the file.
    pub(super) fn attribute(&self, name: &str) -> Option<&'m AttributeValue> {
        self.stored.iter().find(|(own, _)| *own == name).map(|(_, a)| &a.value)
    }

    /// An integer attribute of the file.
    pub(super) fn int(&self, name: &str, default: i64) -> i64 {
        match self.attribute(name) {
            Some(AttributeValue::Int(n)) => *n,
            _ => default,
        }
    }

    /// Whether it is this operator of the default domain.
    pub(super) fn is(&self, op: &str) -> bool {
        self.domain.is_empty() && self.op == op
    }

    /// The operand at a slot, if it is given.
    pub(super) fn input(&self, slot: usize) -> Option<&str> {
        self.inputs.get(slot).map(String::as_str).filter(|name| !name.is_empty())
    }

    pub(super) fn output(&self) -> &str {
        self.outputs.first().map_or("", String::as_str)
    }

    /// How to call it for people.
    pub(super) fn shown(&self) -> String {
        let name = if self.name.is_empty() { self.output() } else { &self.name };
        format!("{} `{}`", self.op, printable(name))
    }
}

/// A main graph that is being changed.
#[derive(Clone)]
pub(super) struct Draft<'m> {
    pub(super) model: &'m Model,
    steps: Vec<Step<'m>>,
    order: Order,
    definers: HashMap<String, StepId>,
    stored: HashMap<String, (&'m Tensor, Record)>,
    new: BTreeMap<String, NewTensor>,
    gone: BTreeSet<String>,
    uses: HashMap<String, usize>,
    /// Values that lost a use.
    loose: Vec<String>,
    /// The graph's outputs.
    pub(super) outputs: Vec<String>,
    types: HashMap<String, TensorType>,
    names: HashSet<String>,
    /// The last number that was given to a name.
    numbers: HashMap<String, usize>,
    /// The functions that were inlined.
    inlined: BTreeSet<usize>,
}

impl<'m> Draft<'m> {
    /// The main graph of a model whose types are derived.
    ///
    /// # Errors
    /// If two values have one name, or the default operator set has no version.
    pub(super) fn of(model: &'m Model) -> Result<Self> {
        count(|work| work.drafts += 1);
        if let Some(twice) = model.findings.iter().find(|f| ["S002", "S008"].contains(&f.rule)) {
            let name = twice.place.value.as_deref().unwrap_or_default();
            let error = Error::new(
                ErrorKind::Unsupported,
                format!("the name `{}` is defined twice", printable(name)),
            );
            return Err(error.hint("an edit could mean either definition; rename one of them first"));
        }
        let graph = &model.graph;
        let name = |id: crate::model::ValueId| graph.value(id).name.clone();
        let mut draft = Draft {
            model,
            steps: Vec::new(),
            order: Order::default(),
            definers: HashMap::new(),
            stored: HashMap::new(),
            new: BTreeMap::new(),
            gone: BTreeSet::new(),
            uses: HashMap::new(),
            loose: Vec::new(),
            outputs: graph.outputs.iter().map(|&id| graph.node(id).name.clone()).collect(),
            types: HashMap::new(),
            names: every_name(model),
            numbers: HashMap::new(),
            inlined: BTreeSet::new(),
        };
        for value in graph.values() {
            if let Some(ty) = value.ty.as_ref().and_then(|ty| ty.tensor()) {
                draft.types.insert(value.name.clone(), ty.clone());
            }
        }
        for (id, node) in graph.nodes() {
            match &node.kind {
                NodeKind::Constant { tensor, .. } => {
                    draft.stored.insert(node.name.clone(), (tensor, node.record()));
                }
                NodeKind::Op(op) => {
                    let mut step = Step::of(op, node.name.clone());
                    step.origin = Some(id);
                    for (usage, _) in graph.uses_at(id) {
                        match usage.to {
                            Slot::Input(slot) => step.inputs[slot as usize] = name(usage.value),
                            Slot::Capture => step.captures.push(name(usage.value)),
                            Slot::Control => {}
                        }
                    }
                    step.outputs = node.outputs.iter().map(|v| v.map(name).unwrap_or_default()).collect();
                    draft.push(step);
                }
                _ => {}
            }
        }
        for output in draft.outputs.clone() {
            draft.used(&output);
        }
        Ok(draft)
    }

    /// The version of the default operator set.
    pub(super) fn opset(&self) -> i64 {
        opset_version(&self.model.meta.opsets, "").unwrap_or(1)
    }

    pub(super) fn step(&self, id: StepId) -> &Step<'m> {
        &self.steps[id]
    }

    /// The step that defines a value.
    pub(super) fn definer(&self, value: &str) -> Option<StepId> {
        self.definers.get(value).copied()
    }

    /// A stored constant of the file.
    pub(super) fn stored(&self, value: &str) -> Option<&'m Tensor> {
        self.stored.get(value).filter(|_| !self.gone.contains(value)).map(|(tensor, ..)| *tensor)
    }

    /// The type that a value of the file has.
    pub(super) fn ty(&self, value: &str) -> Option<&TensorType> {
        self.types.get(value)
    }

    /// Whether a value is there.
    pub(super) fn has(&self, value: &str) -> bool {
        self.definers.contains_key(value)
            || self.stored(value).is_some()
            || self.model.graph.inputs.iter().any(|&id| self.model.graph.node(id).name == value)
    }

    /// How often a value is used, as the graph's output too.
    pub(super) fn uses(&self, value: &str) -> usize {
        self.uses.get(value).copied().unwrap_or(0)
    }

    /// The steps that take a value, each with the slot.
    pub(super) fn users(&self, value: &str) -> Vec<(StepId, usize)> {
        let mut users = Vec::new();
        for id in self.order.iter() {
            let step = &self.steps[id];
            let slots = step.inputs.iter().enumerate().filter(|(_, input)| *input == value);
            users.extend(slots.filter(|_| !step.gone).map(|(slot, _)| (id, slot)));
        }
        users
    }

    /// Shows each step, in the order of the file.
    pub(super) fn in_order(&self, mut each: impl FnMut(&Step<'m>)) {
        self.order.iter().map(|id| &self.steps[id]).filter(|step| !step.gone).for_each(&mut each);
    }

    /// Whether a subgraph takes a value.
    pub(super) fn is_captured(&self, value: &str) -> bool {
        self.steps.iter().any(|s| !s.gone && s.captures.iter().any(|c| c == value))
    }

    /// A name that nothing in the model has: `base`, or with a number after it.
    pub(super) fn fresh(&mut self, base: &str) -> String {
        if self.names.insert(base.to_owned()) {
            return base.to_owned();
        }
        let mut n = self.numbers.get(base).copied().unwrap_or(1);
        let name = loop {
            n += 1;
            let name = format!("{base}_{n}");
            if self.names.insert(name.clone()) {
                break name;
            }
        };
        self.numbers.insert(base.to_owned(), n);
        name
    }

    /// Whether a new value may have this name.
    pub(super) fn is_free(&self, name: &str) -> bool {
        !self.names.contains(name)
    }

    fn push(&mut self, step: Step<'m>) -> StepId {
        self.order.push();
        self.keep(step)
    }

    /// Takes a step whose place is given.
    fn keep(&mut self, step: Step<'m>) -> StepId {
        let id = self.steps.len();
        self.connect(id, &step);
        self.steps.push(step);
        id
    }

    fn connect(&mut self, id: StepId, step: &Step<'m>) {
        for output in step.outputs.iter().filter(|name| !name.is_empty()) {
            self.definers.insert(output.clone(), id);
        }
        step.inputs.iter().chain(&step.captures).for_each(|name| self.used(name));
    }

    fn used(&mut self, value: &str) {
        if !value.is_empty() {
            *self.uses.entry(value.to_owned()).or_default() += 1;
        }
    }

    fn unused(&mut self, value: &str) {
        if let Some(n) = self.uses.get_mut(value) {
            *n -= 1;
            self.loose.push(value.to_owned());
        }
    }

    /// Puts a new step right before or after another.
    pub(super) fn insert(&mut self, step: Step<'m>, beside: StepId, after: bool) -> StepId {
        self.order.insert(beside, after);
        self.keep(step)
    }

    /// Puts a new step after all others.
    pub(super) fn append(&mut self, step: Step<'m>) -> StepId {
        self.push(step)
    }

    /// Removes a step. Its outputs are then undefined.
    pub(super) fn remove(&mut self, id: StepId) {
        if std::mem::replace(&mut self.steps[id].gone, true) {
            return;
        }
        let (inputs, captures) = (self.steps[id].inputs.clone(), self.steps[id].captures.clone());
        inputs.iter().chain(&captures).for_each(|name| self.unused(name));
        for output in self.steps[id].outputs.clone() {
            if self.definers.get(&output) == Some(&id) {
                self.definers.remove(&output);
            }
        }
    }

    /// Replaces an operand of a step.
    pub(super) fn set_input(&mut self, id: StepId, slot: usize, value: &str) {
        let inputs = &mut self.steps[id].inputs;
        while inputs.len() <= slot {
            inputs.push(String::new());
        }
        let old = std::mem::replace(&mut inputs[slot], value.to_owned());
        self.used(value);
        self.unused(&old);
    }

    /// Replaces every use of a value by another: operands, and the graph's outputs.
    pub(super) fn replace_uses(&mut self, old: &str, new: &str) {
        for (id, slot) in self.users(old) {
            self.set_input(id, slot, new);
        }
        for i in 0..self.outputs.len() {
            if self.outputs[i] == old {
                new.clone_into(&mut self.outputs[i]);
                self.used(new);
                self.unused(old);
            }
        }
    }

    /// Lets a step's first result have another name. Its uses stay with the old name.
    pub(super) fn set_output(&mut self, id: StepId, value: &str) {
        let old = std::mem::replace(&mut self.steps[id].outputs[0], value.to_owned());
        if self.definers.get(&old) == Some(&id) {
            self.definers.remove(&old);
        }
        self.definers.insert(value.to_owned(), id);
        self.names.insert(value.to_owned());
    }

    /// Replaces the graph's output `number` by another value.
    pub(super) fn set_graph_output(&mut self, number: usize, value: &str) {
        let old = std::mem::replace(&mut self.outputs[number], value.to_owned());
        self.used(value);
        self.unused(&old);
    }

    /// Stores a new constant; in the place of the old one of this name if nothing but `user`
    /// uses that, else under a free name. Returns the name.
    pub(super) fn store(&mut self, wanted: &str, user: Option<StepId>, mut tensor: NewTensor) -> String {
        let alone =
            self.uses(wanted) == 1 && user.is_some_and(|u| self.steps[u].inputs.iter().any(|i| i == wanted));
        match self.stored.get(wanted).filter(|_| alone) {
            Some(&(_, record)) => {
                tensor.replaces = Some(record);
                wanted.clone_into(&mut tensor.name);
            }
            None => tensor.name = self.fresh(wanted),
        }
        let name = tensor.name.clone();
        self.new.insert(name.clone(), tensor);
        name
    }

    /// Removes whatever nothing uses any more; what nothing used before stays.
    pub(super) fn sweep(&mut self) {
        while let Some(value) = self.loose.pop() {
            if self.uses(&value) > 0 {
                continue;
            }
            match self.definer(&value) {
                Some(id) => {
                    let dead = self.steps[id].outputs.iter().all(|o| o.is_empty() || self.uses(o) == 0);
                    if dead {
                        self.remove(id);
                    }
                }
                None if self.new.remove(&value).is_some() => {}
                None if self.stored.contains_key(&value) => {
                    self.gone.insert(value);
                }
                None => {}
            }
        }
    }

    /// The stored constants that go, with their bytes.
    pub(super) fn dropped(&self) -> Vec<(&str, u64)> {
        self.gone.iter().map(|name| (name.as_str(), self.stored[name].0.byte_len().unwrap_or(0))).collect()
    }

    /// The stored constants that get another content, with their bytes before and after.
    pub(super) fn refilled(&self) -> Vec<(&str, u64, u64)> {
        let kept = self.new.values().filter(|t| t.replaces.is_some());
        let sizes = |t: &NewTensor| (self.stored[&t.name].0.byte_len().unwrap_or(0), t.content.len() as u64);
        kept.map(|t| (t.name.as_str(), sizes(t).0, sizes(t).1)).collect()
    }

    /// The nodes of the file that go.
    pub(super) fn removed(&self) -> impl Iterator<Item = &Step<'m>> {
        self.steps.iter().filter(|s| s.gone && s.origin.is_some())
    }
}

impl<'m> Step<'m> {
    fn of(op: &'m Op, name: String) -> Self {
        Step {
            name,
            op: op.op.clone(),
            domain: op.domain.clone(),
            overload: op.overload.clone(),
            inputs: vec![String::new(); op.input_slots as usize],
            stored: op.attributes.iter().map(|a| (a.name.as_str(), a)).collect(),
            ..Step::default()
        }
    }

    /// The step with attributes that another has in the file.
    pub(super) fn with_stored(mut self, other: &Step<'m>, names: &[&str]) -> Self {
        self.stored = other.stored.iter().filter(|(name, _)| names.contains(name)).copied().collect();
        self
    }

    /// The values it takes, those of its subgraphs too.
    pub(super) fn takes(&self) -> impl Iterator<Item = &String> {
        self.inputs.iter().chain(&self.captures)
    }

    fn new_node(&self, position: Position) -> NewNode {
        let stored = self.stored.iter().map(|(name, a)| ((*name).to_owned(), NewValue::Copy(a.record())));
        NewNode {
            position,
            name: self.name.clone(),
            op: self.op.clone(),
            domain: self.domain.clone(),
            overload: self.overload.clone(),
            inputs: self.inputs.clone(),
            outputs: self.outputs.clone(),
            attributes: stored.chain(self.attributes.iter().cloned()).collect(),
        }
    }
}

/// The names of all values and nodes, at every depth.
fn every_name(model: &Model) -> HashSet<String> {
    let mut names = HashSet::new();
    for graph in model.graphs() {
        names.extend(graph.values().iter().map(|value| value.name.clone()));
        names.extend(graph.nodes().map(|(_, node)| node.name.clone()));
    }
    names
}
