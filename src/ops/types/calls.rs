//! What calls of functions gave, so that the same call is worked out once.

use std::collections::HashMap;

use crate::model::{AttributeValue, Cost, Text, ValueType};
use crate::ops::facts::call::Outputs;
use crate::ops::facts::fact::Fact;

/// The results of calls.
pub(super) type Calls = HashMap<CallKey, (Outputs, Cost)>;

/// What the result of a call depends on.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct CallKey {
    /// The number of the function.
    function: usize,
    inputs: Vec<Option<Fact>>,
    attributes: Vec<(String, Setting)>,
}

impl CallKey {
    /// The key of a call; nothing where an attribute holds a tensor or a graph, which are
    /// too large to compare.
    pub(super) fn of(
        function: usize,
        inputs: &[Option<Fact>],
        attributes: &[(String, AttributeValue)],
    ) -> Option<Self> {
        let attributes = attributes.iter().map(|(name, value)| Some((name.clone(), Setting::of(value)?)));
        Some(CallKey { function, inputs: inputs.to_vec(), attributes: attributes.collect::<Option<_>>()? })
    }
}

/// The value of an attribute. Floats are the same if their bits are.
#[derive(PartialEq, Eq, Hash)]
enum Setting {
    Int(i64),
    Float(u32),
    Text(Text),
    Type(ValueType),
    Ints(Vec<i64>),
    Floats(Vec<u32>),
    Texts(Vec<Text>),
    Types(Vec<ValueType>),
    Reference(String),
    Other(i32),
    Absent,
}

impl Setting {
    fn of(value: &AttributeValue) -> Option<Self> {
        Some(match value {
            AttributeValue::Int(n) => Setting::Int(*n),
            AttributeValue::Float(x) => Setting::Float(x.to_bits()),
            AttributeValue::String(text) => Setting::Text(text.clone()),
            AttributeValue::Type(ty) => Setting::Type((**ty).clone()),
            AttributeValue::Ints(list) => Setting::Ints(list.clone()),
            AttributeValue::Floats(list) => Setting::Floats(list.iter().map(|x| x.to_bits()).collect()),
            AttributeValue::Strings(list) => Setting::Texts(list.clone()),
            AttributeValue::Types(list) => Setting::Types(list.clone()),
            AttributeValue::Reference(name) => Setting::Reference(name.clone()),
            AttributeValue::Other(sort) => Setting::Other(*sort),
            AttributeValue::Absent => Setting::Absent,
            AttributeValue::Tensor(_)
            | AttributeValue::Graph(_)
            | AttributeValue::Tensors(_)
            | AttributeValue::Graphs(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::facts::fact::Elem;

    #[test]
    fn a_call_with_another_attribute_is_another_call() {
        let key = |value| CallKey::of(0, &[None], &[("alpha".to_owned(), value)]);
        assert!(key(AttributeValue::Float(1.0)) == key(AttributeValue::Float(1.0)));
        assert!(key(AttributeValue::Float(1.0)) != key(AttributeValue::Float(2.0)));
        assert!(key(AttributeValue::Graphs(vec![crate::model::Graph::default()])).is_none());
    }

    #[test]
    fn a_call_with_numbers_that_are_none_is_found_again() {
        let known = |x| Fact { content: Some(vec![Elem::Float(x)].into()), ..Fact::default() };
        let key = |x: f64| {
            CallKey::of(0, &[Some(known(x))], &[("alpha".to_owned(), AttributeValue::Float(x as f32))])
        };
        let mut calls = Calls::new();
        calls.insert(key(f64::NAN).expect("plain"), (Vec::new(), Cost::default()));
        assert!(calls.contains_key(&key(f64::NAN).expect("plain")));
        assert!(!calls.contains_key(&key(0.0).expect("plain")));
        // Signs of zeros can be seen in a result: 1 / 0.
        assert!(key(0.0) != key(-0.0));
    }
}
