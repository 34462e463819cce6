//! New steps, one after the other.

use super::{Draft, Step, StepId};
use crate::model::{DType, NewTensor, NewValue};

/// Where new steps go.
#[derive(Clone, Copy, Debug)]
pub(in crate::edit) enum Place {
    Before(StepId),
    End,
}

/// Puts new steps at one place, one after the other.
pub(in crate::edit) struct Builder<'d, 'm> {
    pub(in crate::edit) draft: &'d mut Draft<'m>,
    pub(in crate::edit) place: Place,
    /// The element type of features.
    pub(in crate::edit) dtype: DType,
}

impl<'m> Builder<'_, 'm> {
    /// A step at this place.
    pub(in crate::edit) fn put(&mut self, step: Step<'m>) -> StepId {
        match self.place {
            Place::Before(id) => self.draft.insert(step, id, false),
            Place::End => self.draft.append(step),
        }
    }

    /// A step of one output, named after it; returns the output's name.
    pub(in crate::edit) fn add(
        &mut self,
        op: &str,
        name: &str,
        inputs: Vec<String>,
        attributes: &[(&str, NewValue)],
    ) -> String {
        self.add_like(op, name, inputs, None, attributes)
    }

    /// The same, with some attributes that another step has in the file.
    pub(in crate::edit) fn add_like(
        &mut self,
        op: &str,
        name: &str,
        inputs: Vec<String>,
        like: Option<(&Step<'m>, &[&str])>,
        attributes: &[(&str, NewValue)],
    ) -> String {
        let name = self.draft.fresh(name);
        let output = self.draft.fresh(&format!("{name}/output"));
        let mut step = Step::new(op, name, inputs, output.clone());
        if let Some((other, stored)) = like {
            step = step.with_stored(other, stored);
        }
        for (key, value) in attributes {
            step = step.with(key, value.clone());
        }
        self.put(step);
        output
    }

    /// A stored list of integers.
    pub(in crate::edit) fn ints(&mut self, name: &str, list: &[i64], scalar: bool) -> String {
        let content = list.iter().flat_map(|n| n.to_le_bytes()).collect();
        let dims = if scalar { vec![] } else { vec![list.len() as i64] };
        self.draft.store(name, None, tensor(name, DType::I64, dims, content))
    }

    /// A stored number of the features' type.
    pub(in crate::edit) fn number(&mut self, name: &str, number: f64, dtype: DType) -> String {
        let mut content = Vec::new();
        crate::edit::init::push(&mut content, number, dtype);
        self.draft.store(name, None, tensor(name, dtype, vec![], content))
    }
}

/// A new constant.
pub(in crate::edit) fn tensor(name: &str, dtype: DType, dims: Vec<i64>, content: Vec<u8>) -> NewTensor {
    NewTensor { replaces: None, name: name.to_owned(), dtype, dims, content }
}
