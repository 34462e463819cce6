//! Recurrent networks.

use super::rule::Rule;

use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size, known};

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "GRU" | "LSTM" | "RNN" => recurrent,
        _ => return None,
    })
}

/// All states, the last one, and of an LSTM the last cell.
fn recurrent(call: &Call<'_>) -> Outputs {
    let directions: Size = known(if call.text("direction") == Some("bidirectional") { 2 } else { 1 });
    let hidden: Size = match call.int_if("hidden_size") {
        Some(n) => known(n),
        None => call.shape(2).and_then(|r| r.get(2)).cloned().flatten(),
    };
    let at = |i: usize| call.shape(0).and_then(|s| s.get(i)).cloned().flatten();
    let batch_first = call.int("layout", 0) != 0;
    let (steps, batch) = if batch_first { (at(1), at(0)) } else { (at(0), at(1)) };
    let (all, last) = if batch_first {
        (vec![batch.clone(), steps, directions.clone(), hidden.clone()], vec![batch, directions, hidden])
    } else {
        (vec![steps, directions.clone(), batch.clone(), hidden.clone()], vec![directions, batch, hidden])
    };
    let dtype = call.dtype(0);
    let last = Fact::tensor(dtype, Some(last));
    vec![Fact::tensor(dtype, Some(all)), last.clone(), last]
}
