//! The arguments.

mod edit;
mod proof;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::diagram::theme::{Background, Theme};
use crate::diagram::{Direction, Style};
use crate::draw::{Engine, Output};
use crate::layout::Splines;
pub(super) use edit::{EditArgs, HeadArgs, RenameArgs, StripArgs};
#[cfg(feature = "infer")]
pub(super) use proof::{AllowedKind, RunsArgs};
pub(super) use proof::{DiffArgs, RunArgs, ValidateArgs};

const EXAMPLES: &str = "\
Examples:
  modelgram resnet50.onnx -o resnet50.svg       draw a model
  modelgram resnet50.onnx -o resnet50.png --scale 2
  modelgram resnet50.onnx -o resnet50.pdf --page a4
  modelgram resnet50.onnx -T dot | dot -Tsvg > other.svg
  modelgram -O *.onnx                           write MODEL.onnx.svg beside each
  cat model.onnx | modelgram - > model.svg
  modelgram info resnet50.onnx --json | jq .parameters

Exit codes:
  0  done (what was noticed about the model is on standard error)
  1  done, and what was asked about is not fine
  2  could not do it: usage, an unreadable or unsafe file, input or output
  4  could not verify it; an edit is written all the same, and says what is not verified";

const HEAD_EXAMPLES: &str = "\
Examples:
  modelgram head digits.onnx --list
  modelgram head digits.onnx --classes 14 --keep -o digits14.onnx
  modelgram head resnet50.onnx --classes 5 --activation softmax --hidden 256:relu -o new.onnx
  modelgram head bert.onnx --classes 3 --pool first -o sentiment.onnx";

/// Draws neural-network model files.
#[derive(Debug, Parser)]
#[command(name = "modelgram", version, about = "Draws neural-network models: `modelgram MODEL -o OUT.svg`", after_long_help = EXAMPLES)]
#[command(disable_help_subcommand = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Draw a model (the default: `modelgram MODEL` is `modelgram render MODEL`)
    #[command(after_long_help = EXAMPLES)]
    Render(Box<Render>),
    /// Show what is in a model
    Info(Info),
    /// Print a table of layers: shapes, parameters, MACs
    Summary(Summary),
    /// Give nodes and values other names; every other byte stays as it is
    Rename(RenameArgs),
    /// Take weights out of a model, or put them back
    Strip(StripArgs),
    /// Give a classifier other classes; everything before its last layer stays
    #[command(after_long_help = HEAD_EXAMPLES)]
    Head(Box<HeadArgs>),
    /// Run a model and show its outputs
    Run(Box<RunArgs>),
    /// Prove that a model works, and that an edit changed nothing else
    Validate(Box<ValidateArgs>),
    /// Show what differs between two models
    Diff(DiffArgs),
    #[command(name = "__run", hide = true)]
    Child,
    /// List the rules that models are held to
    Rules(Rules),
    /// Explain a rule: what a finding means, why it matters, what to do
    Explain(Explain),
    /// List the formats that can be read and written
    Formats,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Rules {
    /// Print JSON, with the explanations
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The rule's identifier, as printed in a finding: S002
    #[arg(value_name = "ID")]
    pub(super) id: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Render {
    /// The model file; `-` is standard input. Several with -O
    #[arg(required = true, value_name = "MODEL")]
    pub(super) models: Vec<PathBuf>,
    /// Where to write; `-` is standard output
    #[arg(short, long, visible_alias = "to-file", value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Write MODEL.TYPE beside each model
    #[arg(short = 'O', conflicts_with = "output")]
    pub(super) beside: bool,
    /// The type of file [default: by the extension of -o, else svg]
    #[arg(short = 'T', long = "type", value_name = "TYPE")]
    pub(super) kind: Option<Kind>,
    /// Where data flows: top to bottom, or left to right
    #[arg(long, value_name = "TB|LR", default_value = "TB", ignore_case = true)]
    pub(super) rankdir: Rankdir,
    /// How much boxes show: all, less, or what Keras's plot_model shows
    #[arg(long, value_name = "full|compact|plain", default_value = "full")]
    pub(super) style: StyleName,
    /// Shapes in terminals and beside lines [default, but for the plain style]
    #[arg(long, overrides_with = "no_show_shapes")]
    pub(super) show_shapes: bool,
    /// No shapes
    #[arg(long, hide_short_help = true)]
    pub(super) no_show_shapes: bool,
    /// Element types beside lines
    #[arg(long, overrides_with = "no_show_dtype")]
    pub(super) show_dtype: bool,
    /// No element types beside lines [default]
    #[arg(long, hide = true)]
    pub(super) no_show_dtype: bool,
    /// The names of nodes in their boxes
    #[arg(long, overrides_with = "no_show_layer_names")]
    pub(super) show_layer_names: bool,
    /// No names of nodes [default]
    #[arg(long, hide_short_help = true)]
    pub(super) no_show_layer_names: bool,
    /// Activations that belong to a layer [default, but for the plain style]
    #[arg(long, overrides_with = "no_show_layer_activations", hide_short_help = true)]
    pub(super) show_layer_activations: bool,
    /// No activations that belong to a layer
    #[arg(long, hide = true)]
    pub(super) no_show_layer_activations: bool,
    /// Whether training changes the weights
    #[arg(long, hide_short_help = true)]
    pub(super) show_trainable: bool,
    /// Multiplications in the headers of operators
    #[arg(long, hide_short_help = true)]
    pub(super) show_macs: bool,
    /// A title above the picture; without TEXT the model's name
    #[arg(long, value_name = "TEXT", num_args = 0..=1, require_equals = true, default_missing_value = "", hide_short_help = true)]
    pub(super) title: Option<String>,
    /// What colours and signs mean, below the picture
    #[arg(long)]
    pub(super) legend: bool,
    /// Colour nodes by numbers: JSON or CSV, see the guide
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(super) overlay: Option<PathBuf>,
    /// A line below the picture: format, operators, parameters, MACs
    #[arg(long, hide_short_help = true)]
    pub(super) footer: bool,
    /// Colours; `auto` follows the page that shows the picture
    #[arg(long, value_name = "auto|light|dark", default_value = "auto")]
    pub(super) theme: ThemeName,
    /// The background: a colour such as #fff, or `transparent`
    #[arg(long, value_name = "COLOUR", hide_short_help = true)]
    pub(super) background: Option<Background>,
    /// Show larger constants as `<stripped N bytes>` [default: 32]
    #[arg(long, value_name = "BYTES", hide_short_help = true)]
    pub(super) max_const_size: Option<u64>,
    /// Rename nodes in the picture, as sed does: `s/_/\//`
    #[arg(long, value_name = "EXPR")]
    pub(super) rename: Vec<String>,
    /// Frames from the scopes of names: as many open as fit, or none at all (off)
    #[arg(long, value_name = "auto|off", default_value = "auto")]
    pub(super) group: Switch,
    /// Open frames while at most this many boxes are drawn [default: 70]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(super) max_nodes: Option<usize>,
    /// Open frames down to this depth
    #[arg(long, value_name = "N")]
    pub(super) depth: Option<usize>,
    /// Open this scope: a name or a path, with `*` for any part
    #[arg(long, value_name = "SCOPE")]
    pub(super) expand: Vec<String>,
    /// Open all frames
    #[arg(long, conflicts_with = "depth", hide_short_help = true)]
    pub(super) expand_nested: bool,
    /// Close this scope
    #[arg(long, value_name = "SCOPE", hide_short_help = true)]
    pub(super) collapse: Vec<String>,
    /// Draw only this node or scope, and its surroundings
    #[arg(long, value_name = "NODE")]
    pub(super) focus: Vec<String>,
    /// How far the surroundings reach, in lines
    #[arg(long, value_name = "N", default_value_t = 2, hide_short_help = true)]
    pub(super) hops: usize,
    /// Draw only what is computed from this node or scope
    #[arg(long, value_name = "NODE", hide_short_help = true)]
    pub(super) from: Vec<String>,
    /// Draw only what this node or scope is computed from
    #[arg(long, value_name = "NODE", hide_short_help = true)]
    pub(super) to: Vec<String>,
    /// Draw only the nodes from one to another in the order of the file
    #[arg(long, value_names = ["FIRST", "LAST"], num_args = 2, hide_short_help = true)]
    pub(super) layer_range: Option<Vec<String>>,
    /// Hide an operator, a category, `constants`, `shape-chains` or `qdq`
    #[arg(long, value_name = "WHAT")]
    pub(super) hide: Vec<String>,
    /// Equal neighbouring blocks: drawn once where that saves room, or each (off)
    #[arg(long, value_name = "auto|off", default_value = "auto", hide_short_help = true)]
    pub(super) fold: Switch,
    /// Draw equal blocks once only if there are at least this many
    #[arg(long, value_name = "N", default_value_t = 2, hide_short_help = true)]
    pub(super) fold_min: usize,
    /// Values with many far uses: as named pills, or as lines (off)
    #[arg(long, value_name = "auto|off", default_value = "auto", hide_short_help = true)]
    pub(super) hubs: Switch,
    /// The form of lines
    #[arg(long, value_name = "curved|polyline|ortho", default_value = "curved", hide_short_help = true)]
    pub(super) splines: SplinesName,
    /// The layout engine: ours, or the crate layout-rs for small pictures
    #[arg(long, value_name = "layered|layout-rs", default_value = "layered", hide_short_help = true)]
    pub(super) engine: EngineName,
    /// Wrap the picture into this many columns
    #[arg(long, value_name = "N", conflicts_with = "aspect")]
    pub(super) columns: Option<u32>,
    /// Wrap the picture towards this width for a height of 1, such as 1.5
    #[arg(long, value_name = "RATIO")]
    pub(super) aspect: Option<f64>,
    /// Pixels of a PNG for each pixel of the picture
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, conflicts_with = "dpi")]
    pub(super) scale: f64,
    /// The same in dots per inch, where 96 is one to one
    #[arg(long, value_name = "DPI", hide_short_help = true)]
    pub(super) dpi: Option<f64>,
    /// How many pixels wide a PNG is
    #[arg(long, value_name = "PIXELS", conflicts_with_all = ["scale", "dpi"], hide_short_help = true)]
    pub(super) width: Option<u32>,
    /// The paper of a PDF, which is as large as the picture otherwise
    #[arg(long, value_name = "a4|a3|letter", hide_short_help = true)]
    pub(super) page: Option<PaperName>,
    /// Spread a PDF over several sheets rather than fit it into one
    #[arg(long, requires = "page", hide_short_help = true)]
    pub(super) tile: bool,
    /// Write nothing; exit with 1 if the output is not what would be drawn now
    #[arg(long)]
    pub(super) check: bool,
    /// Print the time of each step to standard error
    #[arg(long, hide_short_help = true)]
    pub(super) timings: bool,
    #[command(flatten)]
    pub(super) types: TypeArgs,
}

/// Options on sizes.
#[derive(Debug, clap::Args)]
pub(super) struct TypeArgs {
    /// Set a symbolic dimension: `batch=1`
    #[arg(long, value_name = "NAME=SIZE")]
    pub(super) dim: Vec<String>,
    /// Give an input another shape, of numbers and names: `x=batch,3,224,224`
    #[arg(long, value_name = "NAME=SHAPE", hide_short_help = true)]
    pub(super) input_shape: Vec<String>,
    /// Ask tract for types that no rule derives
    #[arg(long, value_name = "auto|off", default_value = "auto", hide_short_help = true)]
    pub(super) infer: Switch,
    /// Derive all shapes from those of the inputs, whatever the file declares
    #[arg(long, hide_short_help = true)]
    pub(super) ignore_declared: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Info {
    /// The model file; `-` is standard input
    #[arg(value_name = "MODEL")]
    pub(super) model: PathBuf,
    /// List every value with its type
    #[arg(long)]
    pub(super) values: bool,
    /// List every operator with what it holds and costs
    #[arg(long)]
    pub(super) nodes: bool,
    /// List every scope with all that is inside it
    #[arg(long)]
    pub(super) scopes: bool,
    /// Print JSON, with stable keys
    #[arg(long)]
    pub(super) json: bool,
    /// Print one of the lists as CSV
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
    #[command(flatten)]
    pub(super) types: TypeArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct Summary {
    /// The model file; `-` is standard input
    #[arg(value_name = "MODEL")]
    pub(super) model: PathBuf,
    /// How deep nested scopes are listed [default: as fits a page]
    #[arg(long, value_name = "N")]
    pub(super) depth: Option<usize>,
    /// Print JSON, with stable keys
    #[arg(long)]
    pub(super) json: bool,
    /// Print CSV
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
    #[command(flatten)]
    pub(super) types: TypeArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Report {
    Text,
    Json,
}

/// The kinds of files, with a line on each.
pub(super) const OUTPUTS: &[(Kind, &str)] = &[
    (Kind::Svg, "light and dark in one file, real text"),
    (Kind::Png, "pixels, with the embedded font"),
    (Kind::Pdf, "vector shapes and real text"),
    (Kind::Dot, "the graph for Graphviz"),
    (Kind::Json, "boxes and lines with their positions"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    Svg,
    Png,
    Pdf,
    Dot,
    Json,
}

impl Kind {
    pub(super) fn extension(self) -> &'static str {
        match self {
            Kind::Svg => "svg",
            Kind::Png => "png",
            Kind::Pdf => "pdf",
            Kind::Dot => "dot",
            Kind::Json => "json",
        }
    }

    /// Its counterpart in the library.
    pub(super) fn output(self) -> Output {
        match self {
            Kind::Svg => Output::Svg,
            Kind::Png => Output::Png,
            Kind::Pdf => Output::Pdf,
            Kind::Dot => Output::Dot,
            Kind::Json => Output::Json,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Rankdir {
    #[value(name = "TB")]
    TopBottom,
    #[value(name = "LR")]
    LeftRight,
}

impl From<Rankdir> for Direction {
    fn from(rankdir: Rankdir) -> Self {
        match rankdir {
            Rankdir::TopBottom => Direction::TopBottom,
            Rankdir::LeftRight => Direction::LeftRight,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum StyleName {
    Full,
    Compact,
    Plain,
}

impl From<StyleName> for Style {
    fn from(name: StyleName) -> Self {
        match name {
            StyleName::Full => Style::Full,
            StyleName::Compact => Style::Compact,
            StyleName::Plain => Style::Plain,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PaperName {
    A4,
    A3,
    Letter,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ThemeName {
    Auto,
    Light,
    Dark,
}

impl From<ThemeName> for Theme {
    fn from(name: ThemeName) -> Self {
        match name {
            ThemeName::Auto => Theme::Auto,
            ThemeName::Light => Theme::Light,
            ThemeName::Dark => Theme::Dark,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum EngineName {
    Layered,
    #[cfg(feature = "layout-rs")]
    LayoutRs,
}

impl From<EngineName> for Engine {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Layered => Engine::Layered,
            #[cfg(feature = "layout-rs")]
            EngineName::LayoutRs => Engine::LayoutRs,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum SplinesName {
    Curved,
    Polyline,
    Ortho,
}

impl From<SplinesName> for Splines {
    fn from(name: SplinesName) -> Self {
        match name {
            SplinesName::Curved => Splines::Curved,
            SplinesName::Polyline => Splines::Polyline,
            SplinesName::Ortho => Splines::Ortho,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    Auto,
    Off,
}
