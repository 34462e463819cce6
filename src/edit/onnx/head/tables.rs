//! What follows a head and knows its classes by number: tables of names, and label encoders.

use std::collections::HashSet;

use super::find::{Found, constant};
use crate::edit::draft::{Draft, Step};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{AttributeValue, DType};

/// What still names the old classes, for the account.
///
/// # Errors
/// If there is something and the new classes are more or fewer: a name would be missing, or be
/// that of another class.
pub(super) fn of_old_classes(draft: &Draft, found: &Found, classes: i64) -> Result<Vec<String>> {
    let tables = tables(draft, found);
    if classes != found.classes
        && let Some(first) = tables.first()
    {
        let fact = format!("{first} names the {} old classes, and {classes} are asked for", found.classes);
        let error = Error::new(ErrorKind::Unsupported, fact);
        return Err(error.hint(
            "take the outputs with names out first, for instance by `onnx.utils.extract_model` up to the \
             scores of the classes",
        ));
    }
    Ok(tables.into_iter().map(|table| format!("{table} still names the old classes")).collect())
}

/// The steps behind the head that hold something for each class.
fn tables(draft: &Draft, found: &Found) -> Vec<String> {
    let mut reached: HashSet<String> = draft.step(found.step).outputs.iter().cloned().collect();
    let mut tables = Vec::new();
    draft.in_order(|step| {
        if !step.takes().any(|name| reached.contains(name)) {
            return;
        }
        reached.extend(step.outputs.iter().filter(|name| !name.is_empty()).cloned());
        if is_table(draft, step, found.classes, &reached) {
            tables.push(step.shown());
        }
    });
    tables
}

fn is_table(draft: &Draft, step: &Step, classes: i64, reached: &HashSet<String>) -> bool {
    let chosen = step.input(1).is_some_and(|index| reached.contains(index));
    let rows = || step.input(0).and_then(|name| constant(draft, name)).map(|weight| weight.tensor);
    match (step.domain.as_str(), step.op.as_str()) {
        ("", "Gather") | ("ai.onnx.ml", "ArrayFeatureExtractor") if chosen => {
            rows().is_some_and(|names| names.dtype == DType::String || names.dims.contains(&classes))
        }
        ("ai.onnx.ml", "LabelEncoder") => true,
        ("ai.onnx.ml", _) => {
            ["classlabels_strings", "classlabels_int64s", "classlabels_ints", "classes_strings"].iter().any(
                |name| match step.attribute(name) {
                    Some(AttributeValue::Strings(list)) => !list.is_empty(),
                    Some(AttributeValue::Ints(list)) => !list.is_empty(),
                    _ => false,
                },
            )
        }
        _ => false,
    }
}
