//! Calls for tests.

use super::call::Call;
use super::engine::Direct;
use super::failure::Computed;
use super::table::kernel;
use super::value::Value;
use crate::files::arrays::Array;
use crate::model::{Attribute, AttributeValue, Model};

/// The results of an operator of the default domain, operator set 17.
///
/// # Panics
/// If it has no definition.
pub(super) fn results(
    op: &str,
    operands: Vec<Array>,
    attributes: &[(&str, AttributeValue)],
) -> Computed<Vec<Value>> {
    let model = Model::of("test", Default::default(), Default::default());
    let inputs = operands.into_iter().map(|array| Some(array.into())).collect();
    let attribute = |(name, value): &(&str, AttributeValue)| Attribute {
        name: (*name).to_owned(),
        value: value.clone(),
        span: Default::default(),
    };
    let attributes = attributes.iter().map(attribute).collect();
    let call = Call { model: &model, op, domain: "", opset: 17, attributes, inputs, outputs: 1 };
    kernel("", op).unwrap()(&call, &mut Direct)
}
