//! What has changed in a draft, as an edit.

use std::collections::HashMap;

use super::{Draft, Step};
use crate::model::{Edit, Op, Position, Slot};

impl Draft<'_> {
    /// What has changed.
    pub(in crate::edit) fn into_edit(self) -> Edit {
        let mut edit = Edit::default();
        let graph = &self.model.graph;
        let span = |step: &Step| step.origin.map(|id| graph.node(id).span);
        let first = self.order.iter().find_map(|id| span(&self.steps[id]));
        let mut before = None;
        for id in self.order.iter() {
            let step = &self.steps[id];
            let Some(node) = step.origin else {
                if !step.gone {
                    let position = before.map(Position::After).or(first.map(Position::Before));
                    edit.added.push(step.new_node(position.unwrap_or(Position::End)));
                }
                continue;
            };
            let span = graph.node(node).span;
            before = Some(span);
            if step.gone {
                edit.removed.insert(span);
                continue;
            }
            let old: HashMap<u32, &str> = graph
                .uses_at(node)
                .into_iter()
                .filter_map(|(u, _)| match u.to {
                    Slot::Input(slot) => Some((slot, graph.value(u.value).name.as_str())),
                    _ => None,
                })
                .collect();
            for (slot, name) in (0u32..).zip(&step.inputs) {
                if old.get(&slot).copied().unwrap_or_default() != name {
                    edit.operands.insert((span, slot), name.clone());
                }
            }
            for ((slot, name), value) in (0u32..).zip(&step.outputs).zip(&graph.node(node).outputs) {
                if value.is_some_and(|v| graph.value(v).name != *name) {
                    edit.results.insert((span, slot), name.clone());
                }
            }
        }
        edit.removed.extend(self.gone.iter().map(|name| self.stored[name].1));
        edit.tensors = self.new.into_values().collect();
        for (&id, new) in graph.outputs.iter().zip(&self.outputs) {
            let old = &graph.node(id).name;
            if old != new {
                edit.outputs.insert(old.clone(), new.clone());
            }
        }
        // A function that nothing calls any more goes with its weights.
        for &number in &self.inlined {
            let function = &self.model.functions[number];
            let calls = |op: &Op| self.model.function_called(op) == Some(number);
            let elsewhere =
                self.model.graphs().into_iter().skip(1).any(|g| g.ops().any(|(_, _, op)| calls(op)));
            let here = self.steps.iter().filter(|s| !s.gone).any(|s| {
                s.op == function.name && s.domain == function.domain && s.overload == function.overload
            });
            if !elsewhere && !here {
                edit.removed.insert(function.span);
            }
        }
        edit
    }
}
