//! The weights that a layer has by its settings, where a file does not store them.
//!
//! Their shapes follow from the settings and the shape that the layer was built for, which
//! Keras 3 and 2 write beside them.

use serde_json::{Map, Value};

use super::config::Layer;

/// Names and shapes of the weights; nothing where they cannot be told.
pub(super) fn weights(layer: &Layer) -> Vec<(String, Vec<i64>)> {
    of(&layer.class, &layer.config, layer.built.as_ref()).unwrap_or_default()
}

type Named = Vec<(String, Vec<i64>)>;

fn of(class: &str, config: &Map<String, Value>, built: Option<&Value>) -> Option<Named> {
    let int = |key: &str| config.get(key).and_then(Value::as_i64);
    let on = |key: &str| config.get(key).is_none_or(|value| value != &Value::Bool(false));
    let dims = |key: &str, rank: usize| -> Option<Vec<i64>> {
        match config.get(key)? {
            Value::Array(list) => list.iter().map(Value::as_i64).collect(),
            value => value.as_i64().map(|n| vec![n; rank]),
        }
    };
    let first = built.map(first_shape);
    let shape = first.flatten();
    let first_axis = config.get("data_format").and_then(Value::as_str) == Some("channels_first");
    let channels =
        || shape.as_ref()?.get(if first_axis { 1 } else { shape.as_ref()?.len() - 1 }).copied().flatten();
    let last = || shape.as_ref()?.last().copied().flatten();
    let mut found: Named = Vec::new();
    let mut add = |name: &str, dims: Vec<i64>| found.push((name.to_owned(), dims));
    let rank = match class.chars().find(char::is_ascii_digit) {
        Some(digit) => digit as usize - '0' as usize,
        None => 0,
    };
    match class {
        "Dense" => {
            add("kernel", vec![last()?, int("units")?]);
            if on("use_bias") {
                add("bias", vec![int("units")?]);
            }
        }
        "Conv1D" | "Conv2D" | "Conv3D" | "Conv1DTranspose" | "Conv2DTranspose" | "Conv3DTranspose" => {
            let (filters, groups) = (int("filters")?, int("groups").unwrap_or(1).max(1));
            let mut kernel = dims("kernel_size", rank)?;
            let ends = [channels()? / groups, filters];
            kernel.extend(if class.ends_with("Transpose") { [ends[1], ends[0]] } else { ends });
            add("kernel", kernel);
            if on("use_bias") {
                add("bias", vec![filters]);
            }
        }
        "DepthwiseConv1D" | "DepthwiseConv2D" | "SeparableConv1D" | "SeparableConv2D" => {
            let many = int("depth_multiplier").unwrap_or(1);
            let mut kernel = dims("kernel_size", rank)?;
            kernel.extend([channels()?, many]);
            let wide = channels()?.checked_mul(many)?;
            if class.starts_with("Depthwise") {
                add("kernel", kernel);
                if on("use_bias") {
                    add("bias", vec![wide]);
                }
            } else {
                add("depthwise_kernel", kernel);
                let mut pointwise = vec![1; rank];
                pointwise.extend([wide, int("filters")?]);
                add("pointwise_kernel", pointwise);
                if on("use_bias") {
                    add("bias", vec![int("filters")?]);
                }
            }
        }
        "BatchNormalization" | "LayerNormalization" | "GroupNormalization" => {
            let axes = match config.get("axis") {
                Some(Value::Array(list)) => list.iter().filter_map(Value::as_i64).collect(),
                Some(value) => value.as_i64().into_iter().collect::<Vec<_>>(),
                None => vec![-1],
            };
            let shape = shape.as_ref()?;
            let at = |axis: i64| {
                let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
                shape.get(usize::try_from(axis).ok()?).copied().flatten()
            };
            let width: Vec<i64> = axes.into_iter().map(at).collect::<Option<_>>()?;
            let batch = class == "BatchNormalization";
            let names = [
                ("gamma", on("scale")),
                ("beta", on("center")),
                ("moving_mean", batch),
                ("moving_variance", batch),
            ];
            names.iter().filter(|(_, there)| *there).for_each(|(name, _)| add(name, width.clone()));
        }
        "LayerScale" => add("gamma", vec![int("projection_dim")?]),
        // What is given is no weight.
        "Normalization" if config.get("mean").is_none_or(Value::is_null) => {
            let shape = shape.as_ref()?;
            let axis = int("axis").or_else(|| config.get("axis")?.get(0)?.as_i64()).unwrap_or(-1);
            let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
            let width = shape.get(usize::try_from(axis).ok()?).copied().flatten()?;
            add("mean", vec![width]);
            add("variance", vec![width]);
            add("count", Vec::new());
        }
        "Embedding" => add("embeddings", vec![int("input_dim")?, int("output_dim")?]),
        "LSTM" | "GRU" | "SimpleRNN" => {
            let gates = match class {
                "LSTM" => 4,
                "GRU" => 3,
                _ => 1,
            };
            let units = int("units")?;
            let wide = units.checked_mul(gates)?;
            add("kernel", vec![last()?, wide]);
            add("recurrent_kernel", vec![units, wide]);
            if on("use_bias") {
                let two = class == "GRU" && config.get("reset_after") != Some(&Value::Bool(false));
                add("bias", if two { vec![2, wide] } else { vec![wide] });
            }
        }
        "MultiHeadAttention" => {
            let (heads, key) = (int("num_heads")?, int("key_dim")?);
            let value = int("value_dim").unwrap_or(key);
            let width = |name: &str| -> Option<i64> {
                let shape = built?.get(name)?.as_array()?;
                shape.last()?.as_i64()
            };
            let query_width = width("query_shape").or_else(last)?;
            let value_width = width("value_shape").unwrap_or(query_width);
            let key_width = width("key_shape").unwrap_or(value_width);
            let sides = [("query", query_width, key), ("key", key_width, key), ("value", value_width, value)];
            for (name, width, size) in sides {
                add(&format!("{name}/kernel"), vec![width, heads, size]);
                if on("use_bias") {
                    add(&format!("{name}/bias"), vec![heads, size]);
                }
            }
            add("output/kernel", vec![heads, value, query_width]);
            if on("use_bias") {
                add("output/bias", vec![query_width]);
            }
        }
        "Bidirectional" | "TimeDistributed" => {
            let inner = config.get("layer")?;
            let inner_class = inner.get("class_name")?.as_str()?;
            let inner_config = inner.get("config")?.as_object()?;
            let built = match (class, inner.get("build_config").and_then(|b| b.get("input_shape")), built) {
                (_, Some(own), _) => own.clone(),
                // Without the axis of time.
                ("TimeDistributed", None, Some(Value::Array(list))) if list.len() > 2 => {
                    let mut list = list.clone();
                    list.remove(1);
                    Value::Array(list)
                }
                (_, None, other) => other?.clone(),
            };
            let inner = of(inner_class, inner_config, Some(&built))?;
            let sides: &[&str] = if class == "Bidirectional" { &["forward_", "backward_"] } else { &[""] };
            for side in sides {
                inner.iter().for_each(|(name, dims)| add(&format!("{side}{name}"), dims.clone()));
            }
        }
        _ => return None,
    }
    Some(found)
}

/// The first shape: of several the first one.
fn first_shape(built: &Value) -> Option<Vec<Option<i64>>> {
    match built {
        Value::Array(list) if list.iter().any(Value::is_array) => list.iter().find_map(first_shape),
        Value::Array(list) if list.iter().all(|v| v.is_null() || v.is_i64() || v.is_u64()) => {
            (!list.is_empty()).then(|| list.iter().map(Value::as_i64).collect())
        }
        Value::Object(map) => map.values().find_map(first_shape),
        _ => None,
    }
}
