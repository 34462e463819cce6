//! What has changed in a draft, as an edit.

use std::collections::{BTreeSet, HashMap};

use super::{Draft, Step};
use crate::model::{Edit, Position, Slot};

impl Draft<'_> {
    /// What has changed.
    pub(in crate::edit) fn into_edit(self) -> Edit {
        let mut edit = Edit::default();
        self.changed_steps(&mut edit);
        edit.removed.extend(self.gone.iter().map(|name| self.stored[name].1));
        edit.removed.extend(self.uncalled().into_iter().map(|number| self.model.functions[number].record()));
        let graph = &self.model.graph;
        for (&id, new) in graph.outputs.iter().zip(&self.outputs) {
            let old = &graph.node(id).name;
            if old != new {
                edit.outputs.insert(old.clone(), new.clone());
            }
        }
        edit.tensors = self.new.into_values().collect();
        edit
    }

    /// Notes the steps that are new, gone, or have other inputs or outputs.
    fn changed_steps(&self, edit: &mut Edit) {
        let graph = &self.model.graph;
        let record = |step: &Step| step.origin.map(|id| graph.node(id).record());
        let first = self.order.iter().find_map(|id| record(&self.steps[id]));
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
            let record = graph.node(node).record();
            before = Some(record);
            if step.gone {
                edit.removed.insert(record);
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
                    edit.operands.insert((record, slot), name.clone());
                }
            }
            for ((slot, name), value) in (0u32..).zip(&step.outputs).zip(&graph.node(node).outputs) {
                if value.is_some_and(|v| graph.value(v).name != *name) {
                    edit.results.insert((record, slot), name.clone());
                }
            }
        }
    }

    /// The functions that were inlined and that nothing calls any more: they go
    /// with their weights.
    fn uncalled(&self) -> BTreeSet<usize> {
        let mut uncalled = self.inlined.clone();
        if uncalled.is_empty() {
            return uncalled;
        }
        for graph in self.model.graphs().into_iter().skip(1) {
            for (_, _, op) in graph.ops() {
                if let Some(number) = self.model.functions.called(op) {
                    uncalled.remove(&number);
                }
            }
        }
        for id in (0..self.steps.len()).filter(|&id| !self.steps[id].gone) {
            if let Some(number) = self.called(id) {
                uncalled.remove(&number);
            }
        }
        uncalled
    }
}
