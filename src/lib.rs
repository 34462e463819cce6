//! Draws neural-network model files, edits them without losing a byte, and proves that the
//! edited model still works. No Graphviz, no Python, no network.
//!
//! ```
//! use modelgram::{DrawOptions, Output, derive_types, draw, open};
//!
//! let mut model = open("models/digits.onnx".as_ref())?;
//! derive_types(&mut model, &Default::default()); // the shape of every value
//! let mut options = DrawOptions::default();
//! options.output = Output::Svg;
//! let drawing = draw(&model, &options)?;
//! assert!(drawing.bytes.starts_with(b"<svg"));
//! # Ok::<(), modelgram::Error>(())
//! ```
//!
//! # The whole ways
//!
//! | to | call |
//! |---|---|
//! | read a model from a file, from memory, by formats of your own | [`open`], [`read`], [`formats::open_with`] |
//! | derive the type of each value, and what each operator costs | [`derive_types`] |
//! | draw it | [`draw`](draw()) |
//! | know what it holds | [`report::info`], [`report::summary`], [`ops::parameters`] |
//! | hold it to rules, also to rules of your own | [`rules::check`], [`rules::check_with`] |
//! | edit it | [`edit::rename`], [`edit::strip`], [`edit::onnx::head`] give an [`Edit`] |
//! | write the edit once it is proved | [`save`](save()), with a [`Runner`](infer::Runner) |
//! | prove that a model works, or is as another | [`prove::validate`] |
//! | know what differs between two models | [`diff::diff`] |
//!
//! Between a model and its picture are five stages, each in a folder of its own:
//!
//! ```text
//! bytes --formats--> Model --view--> View --diagram--> Diagram --layout--> Layout --picture--> Picture --export--> bytes
//! ```
//!
//! # What always holds
//!
//! * Model files are untrusted: bad input gives an [`Error`] with its place, the fact and a way
//!   out, or a [`Finding`]; memory and depth are bounded.
//! * The same model and options give the same bytes on every machine.
//! * Weights are never copied: a file is mapped, and [`bytes::Bytes`] (re-exported as
//!   [`Bytes`]) shares it.
//! * Between a model and its picture nothing touches files, clock or environment, so that the
//!   library without features runs on `wasm32-unknown-unknown` too.
//! * Options are `#[non_exhaustive]`: make the default, then set fields.
//!
//! # Features
//!
//! | feature | what it brings | default |
//! |---|---|---|
//! | `png` | PNG images, by resvg | yes |
//! | `pdf` | PDF documents, by krilla | yes |
//! | `infer` | tract: types that no rule knows, and [`infer::InProcess`], which runs models; ten minutes to build | yes |
//! | `layout-rs` | a second layout engine, to compare with | yes |
//! | `cli` | the command line ([`cli::main`]), for the program | yes |
//! | `draw` | all but `infer`: the program without tract, which builds in two to five minutes | yes |
//!
//! No type has a field or a variant more or less for a feature: what is not built in is an
//! error of kind [`error::ErrorKind::Unsupported`].

#[cfg(feature = "cli")]
#[allow(clippy::print_stdout, clippy::print_stderr)]
pub mod cli;
mod diagram;
pub mod diff;
pub mod draw;
pub mod edit;
pub mod error;
// Without the engine there are no runs: only what says which operators are defined is used.
#[cfg_attr(not(feature = "infer"), allow(dead_code, unused_imports))]
mod eval;
mod export;
pub mod files;
pub mod finding;
pub mod formats;
pub mod infer;
mod layout;
pub mod model;
pub mod ops;
mod picture;
pub mod prove;
pub mod report;
pub mod rules;
pub mod save;
#[doc(hidden)] // for our own tests and benches alone
pub mod stages;
pub mod text;
mod view;

pub use bytes::Bytes;

pub use draw::{DrawOptions, Drawing, Output, draw};
pub use error::{Error, Result};
pub use finding::Finding;
pub use formats::{open, read};
pub use model::{Edit, Model};
pub use ops::derive_types;
pub use save::save;
