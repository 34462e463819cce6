//! The functions of a model, which are found by what calls name them by.

use std::ops::Deref;

use super::{Attribute, Graph, Op, Opset, Span};

/// A model-local function: an operator that is defined by a graph.
#[derive(Clone, Debug)]
pub struct Function {
    /// The operator's domain.
    pub domain: String,
    /// The operator's name.
    pub name: String,
    /// Distinguishes functions of the same domain and name (ONNX IR 10).
    pub overload: String,
    /// Attributes that a call must give.
    pub required: Vec<String>,
    /// Attributes that a call may give, with their defaults.
    pub defaults: Vec<Attribute>,
    /// The operator sets that the body imports.
    pub opsets: Vec<Opset>,
    /// The body; its inputs and outputs are the operator's, in order.
    pub graph: Graph,
    /// The whole record in the file.
    pub span: Span,
}

/// What a call names a function by: domain, name and overload.
type Key<'a> = (&'a str, &'a str, &'a str);

impl Function {
    fn key(&self) -> Key<'_> {
        (&self.domain, &self.name, &self.overload)
    }
}

/// The functions of a model, in file order: a slice that also knows which function a call
/// means, in logarithmic time.
#[derive(Clone, Debug, Default)]
pub struct Functions {
    /// Never changed, so that `by_key` stays true.
    list: Vec<Function>,
    /// The positions in `list`, by key and then in file order.
    by_key: Vec<usize>,
}

impl Functions {
    /// The position of the function that `op` calls, if it calls one; of several of one name the
    /// first.
    pub fn called(&self, op: &Op) -> Option<usize> {
        self.named(&op.domain, &op.op, &op.overload)
    }

    /// The position of the function with this domain, name and overload.
    pub(crate) fn named(&self, domain: &str, name: &str, overload: &str) -> Option<usize> {
        let key = (domain, name, overload);
        let at = self.by_key.partition_point(|&number| self.list[number].key() < key);
        self.by_key.get(at).copied().filter(|&number| self.list[number].key() == key)
    }
}

impl From<Vec<Function>> for Functions {
    fn from(list: Vec<Function>) -> Self {
        let mut by_key: Vec<usize> = (0..list.len()).collect();
        by_key.sort_by_key(|&number| list[number].key());
        Functions { list, by_key }
    }
}

impl Deref for Functions {
    type Target = [Function];

    fn deref(&self) -> &[Function] {
        &self.list
    }
}

impl<'a> IntoIterator for &'a Functions {
    type Item = &'a Function;
    type IntoIter = std::slice::Iter<'a, Function>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn functions(names: &[(&str, &str)]) -> Functions {
        let function = |&(domain, name): &(&str, &str)| Function {
            domain: domain.to_owned(),
            name: name.to_owned(),
            overload: String::new(),
            required: Vec::new(),
            defaults: Vec::new(),
            opsets: Vec::new(),
            graph: Graph::default(),
            span: Span::default(),
        };
        names.iter().map(function).collect::<Vec<_>>().into()
    }

    #[test]
    fn a_call_means_the_first_function_of_its_name_and_domain() {
        let functions = functions(&[("b", "f"), ("a", "g"), ("a", "f"), ("a", "f")]);
        assert_eq!(functions.named("a", "f", ""), Some(2));
        assert_eq!(functions.named("b", "f", ""), Some(0));
        assert_eq!(functions.named("a", "f", "other"), None);
        assert_eq!(functions.named("c", "f", ""), None);
    }
}
