//! The settings of a layer as attributes.

use serde_json::{Map, Value};

use super::config::Layer;
use crate::model::{Attribute, AttributeValue, Span};

/// What says nothing of the layer itself, or is given elsewhere.
const ELSEWHERE: [&str; 9] = [
    "name",
    "trainable",
    "batch_shape",
    "batch_input_shape",
    "input_dtype",
    "layer",
    "layers",
    "seed",
    "registered_name",
];
/// What holds code, which is not shown.
const CODE: [&str; 3] = ["function", "output_shape", "mask"];
/// The longest text that is kept.
const LONGEST: usize = 400;

/// The attributes of a layer, those of what it wraps too.
pub(super) fn of(layer: &Layer, arguments: &Map<String, Value>) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    let is_code = layer.class == "Lambda";
    settings(&layer.config, "", is_code, &mut attributes);
    let wrapped = layer.config.get("layer").or_else(|| layer.config.get("cell"));
    if let Some(inner) = wrapped.filter(|inner| inner.is_object()) {
        let class = inner.get("class_name").and_then(Value::as_str).unwrap_or("?");
        attributes.insert(0, attribute("layer", AttributeValue::String(class.into())));
        if let Some(config) = inner.get("config").and_then(Value::as_object) {
            settings(config, "layer.", false, &mut attributes);
        }
    }
    for (name, given) in arguments {
        // Keras 3 writes them all, most as nothing.
        if let Some(found) = value(name, given) {
            attributes.push(attribute(name, found));
        }
    }
    attributes
}

fn attribute(name: &str, value: AttributeValue) -> Attribute {
    Attribute { name: name.to_owned(), value, span: Span::default() }
}

fn settings(config: &Map<String, Value>, prefix: &str, is_code: bool, attributes: &mut Vec<Attribute>) {
    for (name, given) in config {
        if name == "trainable" && given == &Value::Bool(false) {
            attributes.push(attribute(&format!("{prefix}trainable"), AttributeValue::String("false".into())));
        }
        if ELSEWHERE.contains(&name.as_str()) || (name == "cell" && given.is_object()) {
            continue;
        }
        if is_code && CODE.contains(&name.as_str()) && !given.is_null() {
            if name == "function" {
                attributes.push(attribute(name, AttributeValue::String("(code, not run)".into())));
            }
            continue;
        }
        if let Some(found) = value(name, given) {
            attributes.push(attribute(&format!("{prefix}{name}"), found));
        }
    }
}

fn value(name: &str, given: &Value) -> Option<AttributeValue> {
    Some(match given {
        Value::Null => return None,
        Value::Bool(b) => AttributeValue::String(if *b { "true" } else { "false" }.into()),
        Value::Number(n) => match n.as_i64() {
            Some(n) => AttributeValue::Int(n),
            None => AttributeValue::Float(n.as_f64()? as f32),
        },
        Value::String(text) if name == "dtype" && text == "float32" => return None,
        Value::String(text) => AttributeValue::String(cut(text).as_str().into()),
        Value::Array(_) => list(given)?,
        Value::Object(_) if name == "dtype" => {
            let policy = given.get("config")?.get("name")?.as_str()?;
            // The usual one says nothing.
            if policy == "float32" {
                return None;
            }
            AttributeValue::String(policy.into())
        }
        Value::Object(map) => AttributeValue::String(object(map).as_str().into()),
    })
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// Numbers in lists of lists stand in one.
fn list(value: &Value) -> Option<AttributeValue> {
    let mut ints = Vec::new();
    let mut floats = Vec::new();
    let mut todo = vec![value];
    while let Some(at) = todo.pop() {
        match at {
            Value::Array(list) => todo.extend(list.iter().rev()),
            Value::Number(n) if ints.len() < 4096 => {
                ints.extend(n.as_i64());
                floats.push(n.as_f64()? as f32);
            }
            _ => return Some(AttributeValue::String(cut(&python(value)).as_str().into())),
        }
    }
    if floats.is_empty() {
        return None;
    }
    Some(if ints.len() == floats.len() { AttributeValue::Ints(ints) } else { AttributeValue::Floats(floats) })
}

/// As Python spells it: `[:, None, 0]`.
fn python(value: &Value) -> String {
    let part = |map: &Map<String, Value>, key: &str| match map.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(value) => value.to_string(),
    };
    match value {
        Value::Null => "None".into(),
        Value::Array(list) => {
            let items: Vec<String> = list.iter().take(64).map(python).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => match (map.get("class_name").and_then(Value::as_str), map.get("config")) {
            (Some("__slice__"), Some(Value::Object(slice))) => {
                let step = part(slice, "step");
                let step = if step.is_empty() { step } else { format!(":{step}") };
                format!("{}:{}{step}", part(slice, "start"), part(slice, "stop"))
            }
            _ => object(map),
        },
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `MaxNorm(5)`, `GlorotUniform`, the name of a function.
fn object(map: &Map<String, Value>) -> String {
    let class = map.get("class_name").and_then(Value::as_str).unwrap_or("?");
    match map.get("config") {
        // A function of the user's own.
        Some(Value::String(name)) => name.clone(),
        Some(Value::Object(config)) if class.ends_with("Norm") || class.starts_with('L') => {
            let numbers: Vec<String> = config
                .iter()
                .filter(|(name, value)| value.is_number() && name.as_str() != "axis")
                .map(|(_, value)| value.to_string())
                .collect();
            cut(&format!("{class}({})", numbers.join(", ")))
        }
        _ => cut(class),
    }
}
