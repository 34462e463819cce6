//! What operators compute: our own definitions, as ONNX's specification states them, and the
//! machine that runs a graph by them, node by node.
//!
//! Each definition is a function of operands and attributes in one of the tables of this folder.
//! It gives the operator's results for every value of its operands, special ones (NaN,
//! infinities, nothing at all) included, or says why it cannot: a number that comes out is the
//! operator's. Only matrix products and convolutions are computed by an [`Engine`] that is given
//! in; samples of its results are recomputed.
//!
//! Specification: <https://onnx.ai/onnx/operators/>.

mod algebra;
mod attention;
mod call;
mod convolution;
mod definition;
mod elements;
mod elementwise;
mod engine;
mod failure;
mod functions;
mod indices;
mod known;
mod learning;
mod machine;
mod matrix;
mod normalize;
mod quantize;
mod range;
mod recurrent;
mod reduce;
mod sample;
mod sequence;
mod shape;
mod signal;
mod table;
#[cfg(test)]
mod testing;
mod value;
mod wide;
mod window;

pub(crate) use call::Call;
pub(crate) use engine::Engine;
pub(crate) use failure::{Computed, Failure};
pub(crate) use known::undefined;
pub(crate) use machine::{Machine, Watch};
pub use machine::{Oddity, Sighting};
pub(crate) use value::Value;
