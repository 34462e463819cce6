//! Keras models: `.keras` archives, legacy HDF5 files, `to_json()` texts and files that
//! hold weights alone; of Keras 3, 2 and 1.
//!
//! The configuration (`config.rs`) says which layers there are and what each works on;
//! `graph.rs` makes nodes of their calls, nested models as scopes; `weights.rs` finds the
//! stored weights of each layer by their HDF5 groups, as spans of the file where they are
//! contiguous. Code inside a file (Lambda layers) is never run, nor unpacked.
//!
//! <https://keras.io/guides/serialization_and_saving/>

mod attributes;
mod config;
mod container;
mod declared;
mod findings;
mod graph;
mod hdf5;
mod json;
mod weights;

use serde_json::Value;

use super::{Format, Inputs};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Meta, Model};

use container::Content;

/// The entry in the table of formats.
pub(super) const FORMAT: Format = Format {
    title: "Keras",
    summary: "Keras 3, 2 and 1: archives, HDF5 files, JSON, weights",
    extensions: &["keras", "h5", "hdf5", "json"],
    way_out: "export it first: `model.export(\"model.onnx\", format=\"onnx\")` in Keras 3",
    ..Format::new("keras", container::detect, read)
};

/// Reads a Keras model.
///
/// # Errors
/// If the file cannot be decoded, or holds neither a configuration nor weights.
fn read(inputs: &Inputs) -> Result<Model> {
    read_inside(inputs).map_err(|error| error.in_file(inputs.name()))
}

fn read_inside(inputs: &Inputs) -> Result<Model> {
    let Content { config, weights, version, mut findings } = container::open(inputs.bytes())?;
    let mut meta =
        Meta { producer: "Keras".into(), producer_version: version.unwrap_or_default(), ..Meta::default() };
    let graph = match config {
        Some(config) => {
            if meta.producer_version.is_empty()
                && let Some(version) = config.get("keras_version").and_then(Value::as_str)
            {
                meta.producer_version = version.to_owned();
            }
            let network = config::network(&config)?;
            graph::build(&network, weights, &mut findings)
        }
        None => graph::tree_of(weights, &mut findings),
    };
    if graph.ops().next().is_none() {
        let error = Error::new(ErrorKind::Unsupported, "there is no layer in this file");
        return Err(
            error.hint("a model saved by `model.save()`, or its weights by `save_weights()`, is read")
        );
    }
    for finding in &mut findings {
        finding.place.file = Some(inputs.name().to_owned());
    }
    meta.format_title = format!("Keras {}", meta.producer_version).trim_end().to_owned();
    Ok(Model { meta, findings, ..Model::of("keras", inputs.source(), graph) })
}
