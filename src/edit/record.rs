//! The list of edits that a model carries in its metadata.

use serde_json::{Value, json};

use crate::model::{Edit, Model, property};

/// The key of the list: JSON, without clock and paths.
pub(crate) const EDITS: &str = "modelgram.edits";

/// The edit, recorded in the model's metadata as `what` with its options.
///
/// An existing list is extended; an existing entry that is not a list becomes its first item.
pub fn recorded(mut edit: Edit, model: &Model, what: &str, options: Value) -> Edit {
    if edit.is_empty() {
        return edit;
    }
    let before = property(&model.meta.properties, EDITS);
    let mut list = match before.map(|text| (text, serde_json::from_str(text))) {
        Some((_, Ok(Value::Array(list)))) => list,
        Some((text, _)) => vec![Value::String(text.to_owned())],
        None => Vec::new(),
    };
    list.push(json!({"edit": what, "modelgram": env!("CARGO_PKG_VERSION"), "options": options}));
    edit.properties.insert(EDITS.to_owned(), Value::Array(list).to_string());
    edit
}
