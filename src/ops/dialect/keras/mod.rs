//! The words of Keras: its layers, and those operations of Keras 3 that stand in a graph.
//!
//! Classes of Keras 1 that were renamed later are taken for what they became.

use std::borrow::Cow;

use super::definition::Defined;
use super::entry::Dialect;
use super::signature::{Signature, s};
use crate::model::{AttributeValue, DType, Op, Tensor};

mod classes;
mod cost;
mod rules;
mod settings;
mod shapes;

pub(super) const DIALECT: Dialect = Dialect {
    format: "keras",
    meaning: classes::meaning,
    signature,
    defined: |_, _, _| Defined::Foreign,
    newest: |_| None,
    sets: &[],
    constant,
    outputs: rules::outputs,
    cost: cost::cost,
    dtype,
};

/// Settings that mean the same when they are left out, in whatever layer they stand.
static USUAL: Signature = s(
    "",
    "",
    0,
    "",
    "padding=valid border_mode=valid data_format=channels_last dim_ordering=tf groups=1 use_bias=true \
     bias=true activation=linear center=true scale=true epsilon=0.001 momentum=0.99 axis=-1 \
     depth_multiplier=1 synchronized=false renorm=false renorm_momentum=0.99 go_backwards=false stateful=false \
     unroll=false time_major=false zero_output_for_mask=false return_state=false sparse=false \
     ragged=false keepdims=false recurrent_activation=sigmoid reset_after=true implementation=2 \
     unit_forget_bias=true interpolation=nearest mask_zero=false dropout=0 recurrent_dropout=0 \
     merge_mode=concat use_gate=false negative_slope=0 threshold=0 return_sequences=false",
);

fn signature(_: &str, _: &str, _: Option<i64>) -> Option<&'static Signature> {
    Some(&USUAL)
}

fn constant(_: &Op) -> Option<Cow<'_, Tensor>> {
    None
}

fn dtype(_: &str, _: &AttributeValue) -> Option<DType> {
    None
}
