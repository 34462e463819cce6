//! The configuration: layers, and what each works on, whatever release wrote it.
//!
//! Keras 3 says of each call's operands which layer, call and output they are, with their
//! type; Keras 2 and 1 the same in nested lists, without types. A Sequential has layers
//! alone.

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::model::{DType, Dim, Shape, TensorType, ValueType};

/// Networks inside networks, at most.
const DEPTH: usize = 32;

/// A model: layers and how they hang together.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) layers: Vec<Layer>,
    pub(super) inputs: Vec<Ref>,
    pub(super) outputs: Vec<(String, Ref)>,
    /// Whether it is a class of its own, of which the file has no graph.
    pub(super) opaque: bool,
}

/// A layer, or a model in the place of one.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) config: Map<String, Value>,
    pub(super) inner: Option<Network>,
    pub(super) calls: Vec<Call>,
    /// The shapes that its weights were made for.
    pub(super) built: Option<Value>,
}

/// One use of a layer.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) operands: Vec<Ref>,
    /// Further arguments: numbers and texts.
    pub(super) arguments: Map<String, Value>,
}

/// An output of a call of a layer.
#[derive(Clone, Debug, Default)]
pub(super) struct Ref {
    pub(super) layer: String,
    pub(super) call: usize,
    pub(super) output: usize,
    pub(super) ty: Option<ValueType>,
}

/// Reads a configuration.
///
/// # Errors
/// If it is none, or its models are nested too deep.
pub(super) fn network(value: &Value) -> Result<Network> {
    read(value, 0)
}

fn read(value: &Value, depth: usize) -> Result<Network> {
    if depth > DEPTH {
        let message = format!("models are nested more than {DEPTH} deep");
        return Err(Error::new(ErrorKind::Unsafe, message));
    }
    // The list of layers alone is a Sequential of Keras 1.
    let class = text(value, "class_name").unwrap_or_else(|| "Sequential".into());
    let nothing = Map::new();
    let config = value.get("config").unwrap_or(value);
    let settings = config.as_object().unwrap_or(&nothing);
    let layers = match config {
        Value::Array(list) => Some(list),
        _ => settings.get("layers").and_then(Value::as_array),
    };
    let name = settings.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(list) = layers else {
        return Ok(Network { name, class, opaque: true, ..Network::default() });
    };
    let layers: Vec<Layer> = list.iter().map(|layer| read_layer(layer, depth)).collect::<Result<_>>()?;
    let mut network = Network { name, class, layers, ..Network::default() };
    if settings.contains_key("input_layers") || settings.contains_key("output_layers") {
        network.inputs = named_refs(settings.get("input_layers")).into_iter().map(|(_, r)| r).collect();
        network.outputs = named_refs(settings.get("output_layers"));
    } else {
        chain(&mut network, settings);
    }
    Ok(network)
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// Whether the configuration is that of a model, with layers of its own.
fn is_model(value: &Value) -> bool {
    match value.get("config") {
        Some(Value::Object(config)) => config.get("layers").is_some_and(Value::is_array),
        Some(Value::Array(_)) => text(value, "class_name").as_deref() == Some("Sequential"),
        _ => false,
    }
}

fn read_layer(value: &Value, depth: usize) -> Result<Layer> {
    let class = text(value, "class_name").unwrap_or_default();
    let config = value.get("config").and_then(Value::as_object).cloned().unwrap_or_default();
    let own = config.get("name").and_then(Value::as_str);
    let name = text(value, "name").or_else(|| own.map(str::to_owned)).unwrap_or_default();
    let inner = if is_model(value) { Some(read(value, depth + 1)?) } else { None };
    let built =
        value.get("build_config").and_then(|b| b.get("input_shape").or_else(|| shapes_dict(b))).cloned();
    let nodes = value.get("inbound_nodes").and_then(Value::as_array);
    let mut calls: Vec<Call> = nodes.map(|nodes| nodes.iter().map(call).collect()).unwrap_or_default();
    if class != "InputLayer" && calls.is_empty() {
        calls.push(Call::default());
    }
    // Keras 2 says of operands only what layers were built for.
    if let [only] = calls.as_mut_slice()
        && let [operand] = only.operands.as_mut_slice()
        && operand.ty.is_none()
        && let Some(shape) = built.as_ref().and_then(shape)
    {
        operand.ty = Some(ValueType::Tensor(TensorType { dtype: DType::Undefined, shape: Some(shape) }));
    }
    let config = if inner.is_some() { Map::new() } else { config };
    Ok(Layer { name, class, config, inner, calls, built })
}

fn shapes_dict(build: &Value) -> Option<&Value> {
    build.get("shapes_dict").or(Some(build)).filter(|value| value.is_object())
}

/// A call in the form of Keras 3, or of the releases before.
fn call(value: &Value) -> Call {
    let mut call = Call::default();
    match value {
        Value::Object(node) => {
            if let Some(args) = node.get("args") {
                tensors(args, &mut call.operands);
                if let Some(list) = args.as_array() {
                    for (i, argument) in list.iter().enumerate().filter(|(_, a)| !has_tensor(a)) {
                        call.arguments.insert(format!("arg{i}"), argument.clone());
                    }
                }
            }
            if let Some(Value::Object(kwargs)) = node.get("kwargs") {
                for (name, value) in kwargs {
                    if has_tensor(value) {
                        tensors(value, &mut call.operands);
                    } else {
                        call.arguments.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        // `[["conv", 0, 0, {}], ["conv_1", 0, 0, {}]]`, or one of those alone.
        Value::Array(list) if list.first().is_some_and(Value::is_string) => {
            call.operands.extend(old_ref(value));
        }
        Value::Array(list) => {
            for operand in list {
                call.operands.extend(old_ref(operand));
                if let Some(Value::Object(kwargs)) = operand.get(3) {
                    for (name, value) in kwargs {
                        // Tensors among the arguments are named like operands.
                        match old_ref(value) {
                            Some(operand) => call.operands.push(operand),
                            None => drop(call.arguments.insert(name.clone(), value.clone())),
                        }
                    }
                }
            }
        }
        _ => {}
    }
    call
}

fn is_tensor(value: &Value) -> bool {
    value.get("class_name").and_then(Value::as_str) == Some("__keras_tensor__")
}

fn has_tensor(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().any(has_tensor),
        Value::Object(map) => is_tensor(value) || map.values().any(has_tensor),
        _ => false,
    }
}

/// The tensors in an argument, in order. (JSON is at most 128 deep.)
fn tensors(value: &Value, found: &mut Vec<Ref>) {
    match value {
        Value::Object(map) if is_tensor(value) => {
            let config = map.get("config").unwrap_or(&Value::Null);
            let Some(mut operand) = config.get("keras_history").and_then(old_ref) else { return };
            let dtype = config.get("dtype").and_then(Value::as_str).map(dtype).unwrap_or_default();
            let shape = config.get("shape").and_then(shape);
            operand.ty = Some(ValueType::Tensor(TensorType { dtype, shape }));
            found.push(operand);
        }
        Value::Object(map) => map.values().for_each(|value| tensors(value, found)),
        Value::Array(list) => list.iter().for_each(|value| tensors(value, found)),
        _ => {}
    }
}

/// `["conv", 0, 0]`, perhaps followed by arguments.
fn old_ref(value: &Value) -> Option<Ref> {
    let list = value.as_array()?;
    let number = |i: usize| list.get(i).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    Some(Ref { layer: list.first()?.as_str()?.to_owned(), call: number(1)?, output: number(2)?, ty: None })
}

/// References as a list, as one, or as a dictionary; with their keys.
fn named_refs(value: Option<&Value>) -> Vec<(String, Ref)> {
    match value {
        Some(Value::Array(_)) if value.and_then(old_ref).is_some() => {
            value.and_then(old_ref).map(|r| (String::new(), r)).into_iter().collect()
        }
        Some(Value::Array(list)) => list.iter().flat_map(|inner| named_refs(Some(inner))).collect(),
        Some(Value::Object(map)) => {
            let named = map.iter().flat_map(|(key, inner)| {
                named_refs(Some(inner)).into_iter().map(move |(_, r)| (key.clone(), r))
            });
            named.collect()
        }
        _ => Vec::new(),
    }
}

/// A Sequential: each layer works on what the one before gives.
fn chain(network: &mut Network, settings: &Map<String, Value>) {
    let is_input = |layer: &Layer| layer.class == "InputLayer";
    if let Some(first) = network.layers.first()
        && !is_input(first)
        && first.inner.is_none()
    {
        let shape = ["batch_input_shape", "batch_shape"].iter().find_map(|key| first.config.get(*key));
        let shape = shape.or_else(|| settings.get("build_input_shape")).cloned();
        let mut config = Map::new();
        config.extend(shape.map(|shape| ("batch_shape".to_owned(), shape)));
        let dtype = ["input_dtype", "dtype"].iter().find_map(|key| first.config.get(*key));
        config.extend(dtype.filter(|d| d.is_string()).map(|d| ("dtype".to_owned(), d.clone())));
        let name = unique(network, "input");
        network.layers.insert(0, Layer { name, class: "InputLayer".into(), config, ..Layer::default() });
    }
    let mut last: Option<Ref> = None;
    for (i, layer) in network.layers.iter_mut().enumerate() {
        if layer.name.is_empty() {
            layer.name = format!("{}_{i}", layer.class.to_lowercase());
        }
        let own = Ref { layer: layer.name.clone(), ..Ref::default() };
        if is_input(layer) {
            network.inputs.push(own.clone());
        } else {
            layer.calls = vec![Call { operands: last.into_iter().collect(), ..Call::default() }];
        }
        last = Some(own);
    }
    network.outputs = last.map(|r| (String::new(), r)).into_iter().collect();
}

fn unique(network: &Network, name: &str) -> String {
    let mut name = name.to_owned();
    while network.layers.iter().any(|layer| layer.name == name) {
        name.push('_');
    }
    name
}

/// `[null, 28, 28, 1]`; the first of what is not known is the batch.
pub(super) fn shape(value: &Value) -> Option<Shape> {
    let list = value.as_array()?;
    let dim = |(axis, value): (usize, &Value)| match value {
        Value::Null if axis == 0 => Some(Dim::Named("batch".into())),
        Value::Null => Some(Dim::Unknown),
        value => value.as_i64().map(Dim::Known),
    };
    list.iter().enumerate().map(dim).collect::<Option<_>>().map(Shape)
}

/// The element type of a name, or of a policy.
pub(super) fn dtype(name: &str) -> DType {
    match name {
        "float32" => DType::F32,
        "float64" => DType::F64,
        "float16" => DType::F16,
        "bfloat16" => DType::BF16,
        "int64" => DType::I64,
        "int32" => DType::I32,
        "int16" => DType::I16,
        "int8" => DType::I8,
        "uint8" => DType::U8,
        "uint16" => DType::U16,
        "uint32" => DType::U32,
        "uint64" => DType::U64,
        "bool" => DType::Bool,
        "string" => DType::String,
        // Weights are single, the arithmetic is half.
        "mixed_float16" => DType::F16,
        "mixed_bfloat16" => DType::BF16,
        _ => DType::Undefined,
    }
}
