//! What is worked out about a graph once, however often it is run.

use crate::model::{Graph, NodeId, NodeKind, Slot, ValueId};

/// A graph's nodes in the order of their runs.
#[derive(Debug)]
pub(super) struct Plan {
    /// What is run, definitions before uses. What no result depends on is left out.
    pub(super) steps: Vec<Step>,
    /// How often each value is used by those, and by the graph's outputs.
    pub(super) uses: Vec<u32>,
}

/// One node.
#[derive(Debug)]
pub(super) struct Step {
    /// The node.
    pub(super) id: NodeId,
    /// The values at its input slots.
    pub(super) inputs: Vec<Option<ValueId>>,
    /// The values that its subgraphs use.
    pub(super) captures: Vec<ValueId>,
}

/// More input slots than any node may have.
const MOST_SLOTS: usize = 1 << 20;

impl Plan {
    /// The plan for the graph's outputs and for these values.
    pub(super) fn of(graph: &Graph, wanted: &[ValueId]) -> Plan {
        let mut needed = vec![false; graph.node_bound()];
        let mut todo: Vec<NodeId> = graph.outputs.clone();
        todo.extend(wanted.iter().map(|&value| graph.value(value).definition.node));
        while let Some(id) = todo.pop() {
            if !std::mem::replace(&mut needed[id.index()], true) {
                todo.extend(graph.uses_at(id).into_iter().map(|(_, from)| from));
            }
        }
        let mut plan = Plan { steps: Vec::new(), uses: vec![0; graph.values().len()] };
        for id in graph.flow_order().into_iter().filter(|id| needed[id.index()]) {
            let step = step(graph, id);
            for value in step.inputs.iter().flatten().chain(&step.captures) {
                plan.uses[value.index()] += 1;
            }
            plan.steps.push(step);
        }
        // What is asked for is kept to the end.
        for &value in wanted {
            plan.uses[value.index()] += 1;
        }
        plan
    }
}

fn step(graph: &Graph, id: NodeId) -> Step {
    let slots = match &graph.node(id).kind {
        NodeKind::Op(op) => (op.input_slots as usize).min(MOST_SLOTS),
        _ => 1,
    };
    let mut step = Step { id, inputs: vec![None; slots], captures: Vec::new() };
    for (usage, _) in graph.uses_at(id) {
        match usage.to {
            Slot::Input(slot) => {
                if let Some(place) = step.inputs.get_mut(slot as usize) {
                    *place = Some(usage.value);
                }
            }
            Slot::Capture => step.captures.push(usage.value),
            Slot::Control => {}
        }
    }
    step
}
