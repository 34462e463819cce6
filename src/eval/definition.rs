//! What a definition is.

use super::call::Call;
use super::engine::Engine;
use super::failure::Failure;
use super::value::Value;

/// An operator's definition: its results by output slot. It gives at least as many as the node
/// has output slots, or says why it cannot. It holds for all versions of the operator up to
/// the newest one known (`table.rs`), and tells them apart by the call's operator set.
pub(crate) type Kernel = fn(&Call<'_>, &mut dyn Engine) -> Result<Vec<Value>, Failure>;

/// A table of definitions: domain (empty for the default one), operator, definition.
pub(in crate::eval) type Table = &'static [(&'static str, &'static str, Kernel)];

/// The default domain has two spellings.
pub(super) fn plain(domain: &str) -> &str {
    if domain == "ai.onnx" { "" } else { domain }
}
