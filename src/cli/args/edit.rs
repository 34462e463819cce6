//! The arguments of what edits a model.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::Report;
use crate::edit::onnx::{Activation, Pool};

/// What every edit takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct EditArgs {
    /// Where to write the new model
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Change the file itself
    #[arg(long, conflicts_with = "output")]
    pub(in crate::cli) in_place: bool,
    /// Draw before and after in one picture: .svg, .png or .pdf
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) picture: Option<PathBuf>,
    /// Do not note the edit in the model's metadata
    #[arg(long)]
    pub(in crate::cli) no_record: bool,
    /// Write without a proof that the new model works
    #[arg(long)]
    pub(in crate::cli) no_validate: bool,
    /// The form of the report
    #[arg(long, value_name = "text|json", default_value = "text")]
    pub(in crate::cli) report: Report,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RenameArgs {
    /// The model file
    #[arg(value_name = "MODEL")]
    pub(in crate::cli) model: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) edit: EditArgs,
    /// Expressions as in sed, applied in this order: `s/old/new/`
    #[arg(value_name = "EXPR")]
    pub(in crate::cli) expressions: Vec<String>,
    /// New names: JSON `{"old": "new"}`, or lines `old=new`
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) map: Option<PathBuf>,
    /// Put this before each name
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(in crate::cli) prefix: String,
    /// Rename the model's inputs too
    #[arg(long)]
    pub(in crate::cli) inputs: bool,
    /// Rename the model's outputs too
    #[arg(long)]
    pub(in crate::cli) outputs: bool,
    /// Rename nodes only
    #[arg(long, conflicts_with_all = ["values_only", "inputs", "outputs"])]
    pub(in crate::cli) nodes_only: bool,
    /// Rename values only
    #[arg(long)]
    pub(in crate::cli) values_only: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct StripArgs {
    /// The model file
    #[arg(value_name = "MODEL")]
    pub(in crate::cli) model: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) edit: EditArgs,
    /// Strip tensors of more bytes than this
    #[arg(long, value_name = "BYTES", default_value_t = 32)]
    pub(in crate::cli) min_bytes: u64,
    /// Strip integers too, which shapes are computed from
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Put the weights back, from the model that was stripped
    #[arg(long, value_name = "ORIGINAL", conflicts_with_all = ["min_bytes", "all", "picture"])]
    pub(in crate::cli) restore: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct HeadArgs {
    /// The model file
    #[arg(value_name = "MODEL")]
    pub(in crate::cli) model: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) edit: EditArgs,
    /// How many classes the new head makes
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(in crate::cli) classes: Option<i64>,
    /// Only list what may be the head
    #[arg(long, conflicts_with_all = ["output", "in_place", "classes"])]
    pub(in crate::cli) list: bool,
    /// The head, by its layer, a value downstream of it or its output; or any value that takes the
    /// new head
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) at: Option<String>,
    /// The activation after the last layer [default: as it is]
    #[arg(long, value_name = "softmax|log_softmax|sigmoid|none", value_parser = word::<Activation>(&Activation::WORDS))]
    pub(in crate::cli) activation: Option<Activation>,
    /// The first classes are the old ones, with their weights
    #[arg(long)]
    pub(in crate::cli) keep: bool,
    /// Hidden layers before the last one: units and activation, such as `256:relu,64:tanh`
    #[arg(long, value_name = "LAYERS", value_delimiter = ',')]
    pub(in crate::cli) hidden: Vec<String>,
    /// Dropout before the last layer, for training
    #[arg(long, value_name = "RATE")]
    pub(in crate::cli) dropout: Option<f64>,
    /// How features of several positions are pooled into one, in a model without a head
    #[arg(long, value_name = "first|mean|none", value_parser = word::<Pool>(&Pool::WORDS))]
    pub(in crate::cli) pool: Option<Pool>,
    /// How new weights are drawn: xavier_uniform, xavier_normal, he_uniform, he_normal,
    /// normal:DEVIATION or zeros
    #[arg(long, value_name = "WAY", default_value = "xavier_uniform")]
    pub(in crate::cli) init: String,
    /// The seed of new weights
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
    /// Weights of the new layers: a .npz or .safetensors file; matched by shape
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) weights: Option<PathBuf>,
    /// Another name for the output
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) output_name: Option<String>,
    /// Names of the classes, for the metadata: a JSON list, or one on each line
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) class_names: Option<PathBuf>,
}

/// One of some words, as the library reads it.
fn word<T>(words: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = crate::error::Error> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}
