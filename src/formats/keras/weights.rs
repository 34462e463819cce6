//! The stored weights of each layer.
//!
//! A legacy file has a group for each layer by its name, with a list of its weights. An
//! archive has a group for each layer by its class and a number, whose `vars` say the
//! layer's name; those of nested models stand inside.

use std::collections::HashMap;
use std::sync::OnceLock;

use regex::Regex;

use super::config::{Layer, Network};
use super::{declared, hdf5::File};
use crate::model::{DType, Span, Tensor, TensorData};

/// The weights of layers by their paths in the model, such as `encoder/conv2d`.
#[derive(Debug, Default)]
pub(super) struct Weights {
    by_layer: HashMap<String, Vec<Tensor>>,
    /// Whether a file with weights was there.
    pub(super) stored: bool,
}

impl Weights {
    /// Finds the weights of a network's layers in a file; by their settings where there is
    /// none.
    pub(super) fn of(network: &Network, file: Option<File>) -> Self {
        let mut weights = Weights { stored: file.is_some(), ..Weights::default() };
        match &file {
            Some(file) if file.has_group("model_weights") => weights.legacy(network, file, "model_weights"),
            Some(file) if file.texts("", "layer_names").is_some() => weights.legacy(network, file, ""),
            Some(file) => weights.archived(network, file, "", ""),
            None => weights.declared(network, ""),
        }
        weights
    }

    /// Whether no weight is known, not even its shape.
    pub(super) fn is_empty(&self) -> bool {
        self.by_layer.values().all(Vec::is_empty)
    }

    /// The weights of a layer.
    pub(super) fn take(&mut self, path: &str) -> Vec<Tensor> {
        self.by_layer.remove(path).unwrap_or_default()
    }

    fn declared(&mut self, network: &Network, around: &str) {
        for layer in &network.layers {
            let path = format!("{around}{}", layer.name);
            if let Some(inner) = &layer.inner {
                self.declared(inner, &format!("{path}/"));
                continue;
            }
            let tensor = |(name, dims): (String, Vec<i64>)| Tensor {
                name,
                dtype: DType::F32,
                dims,
                data: TensorData::Absent,
                span: Span::default(),
            };
            self.by_layer.insert(path, declared::weights(layer).into_iter().map(tensor).collect());
        }
    }

    /// A group by the name of each layer; its weights, those of nested models too, in a list.
    fn legacy(&mut self, network: &Network, file: &File, root: &str) {
        for layer in &network.layers {
            let group = if root.is_empty() { layer.name.clone() } else { format!("{root}/{}", layer.name) };
            let names = file.texts(&group, "weight_names").unwrap_or_default();
            let stored = names.iter().filter_map(|name| {
                let tensor = file.datasets.get(&format!("{group}/{name}"))?.clone();
                Some((Tensor { name: last_part(name), ..tensor }, name.as_str()))
            });
            match &layer.inner {
                Some(inner) => self.share_out(inner, &layer.name, &stored.collect::<Vec<_>>()),
                None => {
                    self.by_layer.insert(layer.name.clone(), stored.map(|(tensor, _)| tensor).collect());
                }
            }
        }
    }

    /// The weights of a nested model stand in one list, with their names.
    fn share_out(&mut self, network: &Network, around: &str, tensors: &[(Tensor, &str)]) {
        let mut todo: Vec<(&Network, String)> = vec![(network, format!("{around}/"))];
        while let Some((network, around)) = todo.pop() {
            for layer in &network.layers {
                let path = format!("{around}{}", layer.name);
                if let Some(inner) = &layer.inner {
                    todo.push((inner, format!("{path}/")));
                    continue;
                }
                // `encoder/conv2d/kernel` or `conv2d/kernel:0`.
                let own = |name: &str| name.rsplit('/').nth(1) == Some(layer.name.as_str());
                let own = tensors.iter().filter(|(_, name)| own(name)).map(|(tensor, _)| tensor.clone());
                self.by_layer.insert(path, own.collect());
            }
        }
    }

    /// The groups of an archive.
    fn archived(&mut self, network: &Network, file: &File, root: &str, around: &str) {
        let base = if root.is_empty() { "layers".to_owned() } else { format!("{root}/layers") };
        let mut by_name: HashMap<String, String> = HashMap::new();
        for group in file.groups_in(&base) {
            let own = file.attribute(&format!("{group}/vars"), "name");
            if let Some(name) = own {
                by_name.insert(name, group);
            }
        }
        let mut counted: HashMap<String, usize> = HashMap::new();
        for layer in &network.layers {
            let class = snake(class_of(layer));
            let n = counted.entry(class.clone()).or_insert(0);
            let usual = if *n == 0 { format!("{base}/{class}") } else { format!("{base}/{class}_{n}") };
            *n += 1;
            let group = by_name.get(&layer.name).cloned().unwrap_or(usual);
            let path = format!("{around}{}", layer.name);
            if let Some(inner) = &layer.inner {
                self.archived(inner, file, &group, &format!("{path}/"));
                continue;
            }
            // The states of random numbers are no weights.
            let mut found = file.below(&group);
            found.retain(|(path, _)| !path.contains("seed_generator"));
            let names = names(layer, &group, &found);
            let tensors =
                found.iter().zip(names).map(|((_, tensor), name)| Tensor { name, ..(*tensor).clone() });
            self.by_layer.insert(path, tensors.collect());
        }
    }
}

fn class_of(layer: &Layer) -> &str {
    match layer.class.as_str() {
        "Model" => "Functional",
        class => class,
    }
}

/// `MaxPooling2D` is `max_pooling2d`: Keras's own two steps.
fn snake(class: &str) -> String {
    static STEPS: OnceLock<[Regex; 2]> = OnceLock::new();
    let steps = STEPS.get_or_init(|| {
        ["(.)([A-Z][a-z]+)", "([a-z])([A-Z])"].map(|step| Regex::new(step).expect("both are sound"))
    });
    let text =
        steps.iter().fold(class.to_owned(), |text, step| step.replace_all(&text, "${1}_${2}").into_owned());
    text.to_lowercase()
}

/// `dense/kernel:0` is `kernel`.
fn last_part(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.split(':').next().unwrap_or(last).to_owned()
}

/// Names for the weights of a layer, which an archive only numbers.
fn names(layer: &Layer, group: &str, found: &[(&str, &Tensor)]) -> Vec<String> {
    let declared: Vec<String> = declared::weights(layer).into_iter().map(|(name, _)| name).collect();
    if declared.len() == found.len() {
        return declared;
    }
    // `query_dense/vars/0` is the kernel of `query`.
    let part = |path: &str| {
        let inside = path.strip_prefix(group).unwrap_or(path).trim_start_matches('/');
        inside.replace("/vars/", "/").replace("vars/", "")
    };
    let parts: Vec<String> = found.iter().map(|(path, _)| part(path)).collect();
    let usual = |part: &String| match part.rsplit_once('/') {
        Some((inner, number)) => {
            let inner = inner.trim_end_matches("_dense").to_owned();
            match number {
                "0" => format!("{inner}/kernel"),
                "1" => format!("{inner}/bias"),
                other => format!("{inner}/{other}"),
            }
        }
        None => match part.as_str() {
            "0" if found.len() <= 2 => "kernel".into(),
            "1" if found.len() == 2 => "bias".into(),
            other => format!("weight {other}"),
        },
    };
    parts.iter().map(usual).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_spelled_as_keras_does() {
        let all = [
            "MaxPooling2D",
            "Conv2D",
            "LSTM",
            "BatchNormalization",
            "GlobalAveragePooling2D",
            "Conv2DTranspose",
            "PReLU",
            "LeakyReLU",
        ];
        assert_eq!(
            all.map(snake),
            [
                "max_pooling2d",
                "conv2d",
                "lstm",
                "batch_normalization",
                "global_average_pooling2d",
                "conv2d_transpose",
                "p_re_lu",
                "leaky_re_lu"
            ]
        );
    }
}
