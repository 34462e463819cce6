//! What is known of a run without its numbers: whether it can be verified at all, and the types
//! that its results must have.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result};
use crate::eval::undefined;
use crate::files::arrays::Array;
use crate::model::{DType, Expr, Model, Shape};
use crate::ops::{TypeOptions, derive_types};
use crate::text::printable;

/// The operators of a model that have no definition here, so that no run of it is verified: a
/// line for each, none if all have one.
///
/// # Errors
/// If the model is not one that can be run at all.
pub fn distrust(model: &Model) -> Result<Vec<String>> {
    if let Some(found) =
        model.findings.iter().find(|f| ["S002", "S003", "S004", "S006", "S008"].contains(&f.rule))
    {
        return Err(Error::new(ErrorKind::Unsupported, format!("the model is invalid: {found}")));
    }
    Ok(undefined(model))
}

/// The model with the types that the rules give for these inputs, whatever the file declares.
pub fn typed_for(model: &Model, inputs: &BTreeMap<String, Array>) -> Model {
    let mut typed = model.clone();
    let sizes = |array: &Array| array.dims.iter().map(|&d| Some(Expr::from(d))).collect();
    let options = TypeOptions {
        ignore_declared: true,
        inputs: inputs.iter().map(|(name, array)| (name.clone(), sizes(array))).collect(),
        ..TypeOptions::default()
    };
    derive_types(&mut typed, &options);
    typed
}

/// Why results cannot be right, whatever their numbers: another type or shape than the rules
/// give. The model is typed for the inputs: see [`typed_for`].
pub fn contradiction(typed: &Model, results: &[(String, Array)]) -> Option<String> {
    for (name, array) in results {
        let value = typed.graph.values().iter().find(|value| value.name == *name);
        let Some(ty) = value.and_then(|v| v.ty.as_ref()?.tensor()) else { continue };
        let other = ty.shape.as_ref().is_some_and(|shape| !shape.admits(&array.dims));
        if other || (ty.dtype != DType::Undefined && ty.dtype != array.dtype) {
            let found = Shape::known(array.dims.iter().copied());
            let fact = format!(
                "`{}` came out as {} {found}, and is {ty} by the rules",
                printable(name),
                array.dtype
            );
            return Some(fact);
        }
    }
    None
}
