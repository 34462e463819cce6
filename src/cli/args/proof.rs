//! The arguments of what runs and compares models.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Report;

/// What every run takes.
#[derive(Debug, clap::Args)]
#[cfg_attr(not(feature = "infer"), allow(dead_code))]
pub(in crate::cli) struct RunsArgs {
    /// An input: `NAME=FILE.npy` or `.pb`, `NAME=random[:SEED]`, `NAME=zeros`; or FILE.npz for
    /// several [default: random]
    #[arg(long, value_name = "NAME=VALUE")]
    pub(in crate::cli) input: Vec<String>,
    /// The size of a symbol: `batch=3`
    #[arg(long, value_name = "NAME=SIZE")]
    pub(in crate::cli) dim: Vec<String>,
    /// The seed of random inputs
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
    /// The most memory that a run may take
    #[arg(long, value_name = "BYTES")]
    pub(in crate::cli) memory_limit: Option<u64>,
    /// The most seconds that a run may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(in crate::cli) time_limit: u64,
}

#[derive(Debug, clap::Args)]
#[cfg_attr(not(feature = "infer"), allow(dead_code))]
pub(in crate::cli) struct RunArgs {
    /// The model file
    #[arg(value_name = "MODEL")]
    pub(in crate::cli) model: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) runs: RunsArgs,
    /// Write an output: `NAME=FILE.npy`
    #[arg(long, value_name = "NAME=FILE")]
    pub(in crate::cli) output: Vec<String>,
    /// Write all outputs into this folder, as `.npy`
    #[arg(long, value_name = "FOLDER")]
    pub(in crate::cli) output_dir: Option<PathBuf>,
    /// Report this inner value, too
    #[arg(long, value_name = "VALUE")]
    pub(in crate::cli) dump: Vec<String>,
    /// Run this many times, and report the fastest
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(in crate::cli) repeat: usize,
    /// Write the time of each node, for --overlay
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) times: Option<PathBuf>,
    /// Run the model even if it uses operators that have not been shown to be right
    #[arg(long)]
    pub(in crate::cli) unverified: bool,
    /// The form of the results
    #[arg(long, value_name = "text|json", default_value = "text")]
    pub(in crate::cli) report: Report,
}

#[derive(Debug, clap::Args)]
#[cfg_attr(not(feature = "infer"), allow(dead_code))]
pub(in crate::cli) struct ValidateArgs {
    /// The model file
    #[arg(value_name = "MODEL")]
    pub(in crate::cli) model: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) runs: RunsArgs,
    /// The model that it was made from
    #[arg(long, value_name = "ORIGINAL")]
    pub(in crate::cli) against: Option<PathBuf>,
    /// Nothing but the head may differ (so it is anyway where the metadata speak of such an edit)
    #[arg(long, requires = "against")]
    pub(in crate::cli) head: bool,
    /// The outputs must equal the original's, bit for bit
    #[arg(long, requires = "against", conflicts_with = "head")]
    pub(in crate::cli) same: bool,
    /// Take such changes as meant; any that no edit in the metadata explains fails otherwise
    #[arg(long, value_name = "weights|operators", value_delimiter = ',', requires = "against", conflicts_with_all = ["head", "same"], hide_possible_values = true)]
    pub(in crate::cli) allow: Vec<AllowedKind>,
    /// The expected output: `NAME=FILE.npy`
    #[arg(long, value_name = "NAME=FILE")]
    pub(in crate::cli) expect: Vec<String>,
    /// The class of each input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) labels: Option<PathBuf>,
    /// How far an output may be from the expected one, relative to its greatest number
    #[arg(long, value_name = "X", default_value_t = 1e-5)]
    pub(in crate::cli) tolerance: f64,
    /// How many inputs are drawn for each batch
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(in crate::cli) inputs: u64,
    /// A second engine to compare with
    #[arg(long, value_name = "onnxruntime")]
    pub(in crate::cli) with: Option<Second>,
    /// The form of the report
    #[arg(long, value_name = "text|json", default_value = "text")]
    pub(in crate::cli) report: Report,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum AllowedKind {
    Weights,
    Operators,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum Second {
    Onnxruntime,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DiffArgs {
    /// The model before
    #[arg(value_name = "OLD")]
    pub(in crate::cli) old: PathBuf,
    /// The model after
    #[arg(value_name = "NEW")]
    pub(in crate::cli) new: PathBuf,
    /// The form of the report
    #[arg(long, value_name = "text|json", default_value = "text")]
    pub(in crate::cli) report: Report,
}
