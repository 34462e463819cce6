//! Inlining: a function's body replaces its call.

use std::collections::HashMap;

use super::{Draft, Step, StepId};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Attribute, AttributeValue, Function, Op, Slot, opset_version};
use crate::text::printable;

impl<'m> Draft<'m> {
    /// Whether a step calls a function of the model.
    pub(in crate::edit) fn is_call(&self, id: StepId) -> bool {
        !self.steps[id].gone && self.called(id).is_some()
    }

    /// The number of the function that a step calls.
    pub(super) fn called(&self, id: StepId) -> Option<usize> {
        let step = &self.steps[id];
        self.model.functions.named(&step.domain, &step.op, &step.overload)
    }

    /// Inlines a call; returns false if `id` is not a call of a function.
    ///
    /// # Errors
    /// If the body has subgraphs, or imports other versions of operator sets.
    pub(in crate::edit) fn inline(&mut self, id: StepId) -> Result<bool> {
        let Some(number) = self.called(id).filter(|_| !self.steps[id].gone) else { return Ok(false) };
        let call = self.steps[id].clone();
        let function = &self.model.functions[number];
        let names = self.names_in_place(function, &call);
        let steps = self.body(function, &call, &names)?;
        self.remove(id);
        let mut before = id;
        for step in steps {
            before = self.insert(step, before, true);
        }
        self.inlined.insert(number);
        Ok(true)
    }

    /// The names of the values of a function's body once it is inlined.
    fn names_in_place(&mut self, function: &'m Function, call: &Step<'m>) -> HashMap<&'m str, String> {
        let body = &function.graph;
        let mut names: HashMap<&str, String> = HashMap::new();
        for (n, &input) in body.inputs.iter().enumerate() {
            names.insert(&body.node(input).name, call.inputs.get(n).cloned().unwrap_or_default());
        }
        for (n, &output) in body.outputs.iter().enumerate() {
            if let Some(outer) = call.outputs.get(n).filter(|name| !name.is_empty()) {
                names.insert(&body.node(output).name, outer.clone());
            }
        }
        let prefix = prefix(call);
        for value in body.values() {
            if !names.contains_key(value.name.as_str()) {
                let new = self.fresh(&format!("{prefix}/{}", value.name));
                names.insert(&value.name, new);
            }
        }
        names
    }

    /// The steps of a function's body, inlined for a call.
    fn body(
        &mut self,
        function: &'m Function,
        call: &Step<'m>,
        names: &HashMap<&str, String>,
    ) -> Result<Vec<Step<'m>>> {
        let shown = format!("function `{}::{}`", printable(&function.domain), printable(&function.name));
        let refuse = |why: String| {
            let error = Error::new(ErrorKind::Unsupported, format!("{shown} holds the head, and {why}"));
            Err(error.hint("inline the model's functions first: `onnx.inliner.inline_local_functions`"))
        };
        let (body, prefix) = (&function.graph, prefix(call));
        let mut steps = Vec::new();
        for (inner, node, op) in body.ops() {
            if op.attributes.iter().any(|a| !a.value.graphs().is_empty()) {
                return refuse(format!("its node `{}` has subgraphs", printable(&node.name)));
            }
            let version = |opsets| opset_version(opsets, &op.domain);
            if version(&function.opsets) != version(&self.model.meta.opsets) {
                return refuse(format!("it imports another version of `{}`", op.domain));
            }
            let new_name = self.fresh(&format!("{prefix}/{}", node.name));
            let mut step = Step::of(op, new_name);
            for (usage, _) in body.uses_at(inner) {
                if let Slot::Input(slot) = usage.to {
                    step.inputs[slot as usize] = names[body.value(usage.value).name.as_str()].clone();
                }
            }
            let outputs = node.outputs.iter();
            step.outputs = outputs
                .map(|v| v.map(|v| names[body.value(v).name.as_str()].clone()).unwrap_or_default())
                .collect();
            step.stored = given(op, call, &function.defaults);
            steps.push(step);
        }
        Ok(steps)
    }
}

/// The prefix of names of an inlined body.
fn prefix<'c>(call: &'c Step) -> &'c str {
    if call.name.is_empty() { &call.op } else { &call.name }
}

/// The attributes of a node in a function, with those of the call where it refers to them.
fn given<'m>(op: &'m Op, call: &Step<'m>, defaults: &'m [Attribute]) -> Vec<(&'m str, &'m Attribute)> {
    let resolve = |a: &'m Attribute| match &a.value {
        AttributeValue::Reference(name) => {
            let given = call.stored.iter().find(|(own, _)| own == name).map(|(_, a)| *a);
            given.or_else(|| defaults.iter().find(|d| d.name == *name))
        }
        _ => Some(a),
    };
    op.attributes.iter().filter_map(|a| Some((a.name.as_str(), resolve(a)?))).collect()
}
