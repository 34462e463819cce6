//! Elements of matrix products and convolutions by their definitions.

use super::call::Call;
use super::failure::Failure;
use crate::files::arrays::Array;

/// All elements of a call's result.
pub(super) fn direct(call: &Call<'_>) -> Result<Vec<Array>, Failure> {
    Failure::unsupported(format!("{} is not computed directly", call.op))
}
