//! The weights that a layer has by its settings, where a file does not store them.
//!
//! Their shapes follow from the settings and the shape that the layer was built for, which
//! Keras 3 and 2 write beside them.

use serde_json::{Map, Value};

use super::config::Layer;

/// Names and shapes of the weights; none where the settings do not determine them.
pub(super) fn weights(layer: &Layer) -> Vec<(String, Vec<i64>)> {
    of(&layer.class, &layer.config, layer.built.as_ref()).unwrap_or_default()
}

/// Names and shapes of weights.
type Named = Vec<(String, Vec<i64>)>;

fn of(class: &str, config: &Map<String, Value>, built: Option<&Value>) -> Option<Named> {
    let layer = Settings { class, config, built, shape: built.and_then(first_shape) };
    match class {
        "Dense" => dense(&layer),
        "Conv1D" | "Conv2D" | "Conv3D" | "Conv1DTranspose" | "Conv2DTranspose" | "Conv3DTranspose" => {
            convolution(&layer)
        }
        "DepthwiseConv1D" | "DepthwiseConv2D" => depthwise(&layer),
        "SeparableConv1D" | "SeparableConv2D" => separable(&layer),
        "BatchNormalization" | "LayerNormalization" | "GroupNormalization" => normalization(&layer),
        "LayerScale" => Some(vec![("gamma".to_owned(), vec![layer.int("projection_dim")?])]),
        // A mean that is given is a setting, not a weight.
        "Normalization" if config.get("mean").is_none_or(Value::is_null) => statistics(&layer),
        "Embedding" => {
            Some(vec![("embeddings".to_owned(), vec![layer.int("input_dim")?, layer.int("output_dim")?])])
        }
        "LSTM" | "GRU" | "SimpleRNN" => recurrent(&layer),
        "MultiHeadAttention" => attention(&layer),
        "Bidirectional" | "TimeDistributed" => wrapped(&layer),
        _ => None,
    }
}

/// The settings of a layer, and the shape that it was built for.
struct Settings<'a> {
    class: &'a str,
    config: &'a Map<String, Value>,
    built: Option<&'a Value>,
    /// The first shape of `built`.
    shape: Option<Vec<Option<i64>>>,
}

impl Settings<'_> {
    fn int(&self, key: &str) -> Option<i64> {
        self.config.get(key).and_then(Value::as_i64)
    }

    /// Whether a setting is on, as it is where it is left out.
    fn is_on(&self, key: &str) -> bool {
        self.config.get(key).is_none_or(|value| value != &Value::Bool(false))
    }

    /// The number of spatial axes: the digit in the name of the class.
    fn rank(&self) -> usize {
        self.class.chars().find(char::is_ascii_digit).map_or(0, |digit| digit as usize - '0' as usize)
    }

    /// The sizes of a kernel.
    fn kernel_size(&self) -> Option<Vec<i64>> {
        match self.config.get("kernel_size")? {
            Value::Array(list) => list.iter().map(Value::as_i64).collect(),
            value => value.as_i64().map(|n| vec![n; self.rank()]),
        }
    }

    fn channels(&self) -> Option<i64> {
        let first = self.config.get("data_format").and_then(Value::as_str) == Some("channels_first");
        let shape = self.shape.as_ref()?;
        shape.get(if first { 1 } else { shape.len() - 1 }).copied().flatten()
    }

    fn last(&self) -> Option<i64> {
        self.shape.as_ref()?.last().copied().flatten()
    }

    /// The size along an axis, which is counted from the end where it is negative.
    fn size_at(&self, axis: i64) -> Option<i64> {
        let shape = self.shape.as_ref()?;
        let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
        shape.get(usize::try_from(axis).ok()?).copied().flatten()
    }

    /// A kernel under this name, and the bias if there is one.
    fn with_bias(&self, name: &str, kernel: Vec<i64>, bias: i64) -> Named {
        let mut found = vec![(name.to_owned(), kernel)];
        if self.is_on("use_bias") {
            found.push(("bias".to_owned(), vec![bias]));
        }
        found
    }
}

fn dense(layer: &Settings<'_>) -> Option<Named> {
    let units = layer.int("units");
    Some(layer.with_bias("kernel", vec![layer.last()?, units?], units?))
}

fn convolution(layer: &Settings<'_>) -> Option<Named> {
    let (filters, groups) = (layer.int("filters")?, layer.int("groups").unwrap_or(1).max(1));
    let mut kernel = layer.kernel_size()?;
    let ends = [layer.channels()? / groups, filters];
    kernel.extend(if layer.class.ends_with("Transpose") { [ends[1], ends[0]] } else { ends });
    Some(layer.with_bias("kernel", kernel, filters))
}

/// The kernel that each channel has by itself, and the number of channels after it.
fn per_channel(layer: &Settings<'_>) -> Option<(Vec<i64>, i64)> {
    let many = layer.int("depth_multiplier").unwrap_or(1);
    let mut kernel = layer.kernel_size()?;
    kernel.extend([layer.channels()?, many]);
    Some((kernel, layer.channels()?.checked_mul(many)?))
}

fn depthwise(layer: &Settings<'_>) -> Option<Named> {
    let (kernel, wide) = per_channel(layer)?;
    Some(layer.with_bias("kernel", kernel, wide))
}

fn separable(layer: &Settings<'_>) -> Option<Named> {
    let (kernel, wide) = per_channel(layer)?;
    let filters = layer.int("filters")?;
    let mut pointwise = vec![1; layer.rank()];
    pointwise.extend([wide, filters]);
    let mut found = vec![("depthwise_kernel".to_owned(), kernel)];
    found.extend(layer.with_bias("pointwise_kernel", pointwise, filters));
    Some(found)
}

fn normalization(layer: &Settings<'_>) -> Option<Named> {
    let axes = match layer.config.get("axis") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_i64).collect(),
        Some(value) => value.as_i64().into_iter().collect::<Vec<_>>(),
        None => vec![-1],
    };
    layer.shape.as_ref()?;
    let width: Vec<i64> = axes.into_iter().map(|axis| layer.size_at(axis)).collect::<Option<_>>()?;
    let batch = layer.class == "BatchNormalization";
    let names = [
        ("gamma", layer.is_on("scale")),
        ("beta", layer.is_on("center")),
        ("moving_mean", batch),
        ("moving_variance", batch),
    ];
    let there = names.iter().filter(|(_, there)| *there);
    Some(there.map(|(name, _)| ((*name).to_owned(), width.clone())).collect())
}

/// `Normalization`: the statistics that it was adapted to.
fn statistics(layer: &Settings<'_>) -> Option<Named> {
    let axis = layer.int("axis").or_else(|| layer.config.get("axis")?.get(0)?.as_i64()).unwrap_or(-1);
    let width = layer.size_at(axis)?;
    let named = [("mean", vec![width]), ("variance", vec![width]), ("count", Vec::new())];
    Some(named.map(|(name, dims)| (name.to_owned(), dims)).into())
}

fn recurrent(layer: &Settings<'_>) -> Option<Named> {
    let gates = match layer.class {
        "LSTM" => 4,
        "GRU" => 3,
        _ => 1,
    };
    let units = layer.int("units")?;
    let wide = units.checked_mul(gates)?;
    let mut found = vec![
        ("kernel".to_owned(), vec![layer.last()?, wide]),
        ("recurrent_kernel".to_owned(), vec![units, wide]),
    ];
    if layer.is_on("use_bias") {
        let two = layer.class == "GRU" && layer.config.get("reset_after") != Some(&Value::Bool(false));
        found.push(("bias".to_owned(), if two { vec![2, wide] } else { vec![wide] }));
    }
    Some(found)
}

fn attention(layer: &Settings<'_>) -> Option<Named> {
    let (heads, key) = (layer.int("num_heads")?, layer.int("key_dim")?);
    let value = layer.int("value_dim").unwrap_or(key);
    let width = |name: &str| -> Option<i64> {
        let shape = layer.built?.get(name)?.as_array()?;
        shape.last()?.as_i64()
    };
    let query_width = width("query_shape").or_else(|| layer.last())?;
    let value_width = width("value_shape").unwrap_or(query_width);
    let key_width = width("key_shape").unwrap_or(value_width);
    let sides = [("query", query_width, key), ("key", key_width, key), ("value", value_width, value)];
    let mut found: Named = Vec::new();
    for (name, width, size) in sides {
        found.push((format!("{name}/kernel"), vec![width, heads, size]));
        if layer.is_on("use_bias") {
            found.push((format!("{name}/bias"), vec![heads, size]));
        }
    }
    found.push(("output/kernel".to_owned(), vec![heads, value, query_width]));
    if layer.is_on("use_bias") {
        found.push(("output/bias".to_owned(), vec![query_width]));
    }
    Some(found)
}

/// Those of what is wrapped: of `Bidirectional` for both directions.
fn wrapped(layer: &Settings<'_>) -> Option<Named> {
    let inner = layer.config.get("layer")?;
    let class = inner.get("class_name")?.as_str()?;
    let config = inner.get("config")?.as_object()?;
    let own = inner.get("build_config").and_then(|b| b.get("input_shape"));
    let built = match (layer.class, own, layer.built) {
        (_, Some(own), _) => own.clone(),
        // Without the axis of time.
        ("TimeDistributed", None, Some(Value::Array(list))) if list.len() > 2 => {
            let mut list = list.clone();
            list.remove(1);
            Value::Array(list)
        }
        (_, None, other) => other?.clone(),
    };
    let inner = of(class, config, Some(&built))?;
    let sides: &[&str] = if layer.class == "Bidirectional" { &["forward_", "backward_"] } else { &[""] };
    let named =
        sides.iter().flat_map(|side| inner.iter().map(move |(n, d)| (format!("{side}{n}"), d.clone())));
    Some(named.collect())
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
