//! The simpler nodes that replace an operator.

use crate::edit::draft::{Builder, Step, tensor};
use crate::edit::init::push;
use crate::model::{DType, Dim, NewValue, Shape};
use crate::ops::onnx_dtype_number;

/// Adds nodes that replace one, under its name.
pub(super) struct Parts<'d, 'm> {
    pub(super) builder: Builder<'d, 'm>,
    pub(super) name: String,
}

impl<'m> Parts<'_, 'm> {
    /// Adds a node of one output, and returns the name of that.
    pub(super) fn add(&mut self, op: &str, inputs: &[&str], attributes: &[(&str, NewValue)]) -> String {
        let inputs = inputs.iter().map(|name| (*name).to_owned()).collect();
        self.builder.add(op, &format!("{}/{op}", self.name), inputs, attributes)
    }

    /// Adds a node with some attributes of the one it replaces, and others.
    pub(super) fn add_like(
        &mut self,
        op: &str,
        inputs: &[&str],
        of: &Step<'m>,
        stored: &[&str],
        attributes: &[(&str, NewValue)],
    ) -> String {
        let inputs = inputs.iter().map(|name| (*name).to_owned()).collect();
        self.builder.add_like(op, &format!("{}/{op}", self.name), inputs, Some((of, stored)), attributes)
    }

    /// Lets a value have the name of an output.
    pub(super) fn is(&mut self, output: &str, value: &str) {
        let name = self.builder.draft.fresh(&format!("{}/Identity", self.name));
        self.builder.put(Step::new("Identity", name, vec![value.to_owned()], output.to_owned()));
    }

    /// A stored list of integers.
    pub(super) fn ints(&mut self, list: &[i64]) -> String {
        self.builder.ints(&format!("{}/ints", self.name), list, false)
    }

    /// A stored integer.
    pub(super) fn int(&mut self, number: i64) -> String {
        self.builder.ints(&format!("{}/int", self.name), &[number], true)
    }

    /// A stored number of a float type.
    pub(super) fn number(&mut self, number: f64, dtype: DType) -> String {
        self.builder.number(&format!("{}/number", self.name), number, dtype)
    }

    /// A stored tensor of `count` ones.
    pub(super) fn ones(&mut self, dims: Vec<i64>, count: i64, dtype: DType) -> String {
        let mut content = Vec::new();
        (0..count).for_each(|_| push(&mut content, 1.0, dtype));
        let name = format!("{}/ones", self.name);
        self.builder.draft.store(&name, None, tensor(&name, dtype, dims, content))
    }

    pub(super) fn opset(&self) -> i64 {
        self.builder.draft.opset()
    }

    /// The element type of a value.
    pub(super) fn dtype(&self, value: &str) -> Option<DType> {
        Some(self.builder.draft.ty(value)?.dtype)
    }

    /// The shape of a value, if its rank is known.
    pub(super) fn shape(&self, value: &str) -> Option<&Shape> {
        self.builder.draft.ty(value)?.shape.as_ref()
    }

    /// The rank of a value.
    pub(super) fn rank(&self, value: &str) -> Option<usize> {
        Some(self.shape(value)?.0.len())
    }

    /// A dimension of a value, if it is a number.
    pub(super) fn dim(&self, value: &str, axis: usize) -> Option<i64> {
        match self.shape(value)?.0.get(axis)? {
            Dim::Known(n) => Some(*n),
            _ => None,
        }
    }

    /// A cast.
    pub(super) fn cast(&mut self, value: &str, to: DType) -> String {
        let to = i64::from(onnx_dtype_number(to));
        self.add("Cast", &[value], &[("to", NewValue::Int(to))])
    }

    /// A sum, mean or the like over axes.
    pub(super) fn reduce(&mut self, op: &str, value: &str, axes: &[i64], keep: bool) -> String {
        let keep = ("keepdims", NewValue::Int(i64::from(keep)));
        if axes.is_empty() {
            return self.add(op, &[value], &[keep]);
        }
        if self.opset() >= if op == "ReduceSum" { 13 } else { 18 } {
            let list = self.ints(axes);
            return self.add(op, &[value, &list], &[keep]);
        }
        self.add(op, &[value], &[("axes", NewValue::Ints(axes.to_vec())), keep])
    }

    /// `Squeeze` or `Unsqueeze`.
    pub(super) fn axes(&mut self, op: &str, value: &str, axes: &[i64]) -> String {
        if self.opset() >= 13 {
            let list = self.ints(axes);
            return self.add(op, &[value, &list], &[]);
        }
        self.add(op, &[value], &[("axes", NewValue::Ints(axes.to_vec()))])
    }
}
