//! Settings of layers, as rules need them.

use crate::model::{AttributeValue, Expr};
use crate::ops::facts::call::Call;
use crate::ops::facts::fact::{Size, known};
use crate::ops::shape::{Padding, Window};

/// A text setting.
pub(super) fn text<'a>(call: &'a Call<'_>, name: &str) -> Option<&'a str> {
    match setting(call, name)? {
        AttributeValue::String(text) => Some(text.as_str()),
        _ => None,
    }
}

/// A number.
pub(super) fn int(call: &Call<'_>, name: &str) -> Option<i64> {
    match setting(call, name)? {
        AttributeValue::Int(n) => Some(*n),
        AttributeValue::Ints(list) => match list.as_slice() {
            [n] => Some(*n),
            _ => None,
        },
        _ => None,
    }
}

/// Several numbers; one stands for all.
pub(super) fn ints(call: &Call<'_>, name: &str, count: usize) -> Option<Vec<i64>> {
    match setting(call, name)? {
        AttributeValue::Int(n) => Some(vec![*n; count]),
        AttributeValue::Ints(list) => Some(list.clone()),
        _ => None,
    }
}

/// A setting that is on or off.
pub(super) fn is_on(call: &Call<'_>, name: &str, usual: bool) -> bool {
    match setting(call, name) {
        Some(AttributeValue::String(text)) => text.as_str() == "true",
        Some(AttributeValue::Int(n)) => *n != 0,
        _ => usual,
    }
}

/// How many spatial axes a class has: the digit before its `D`.
pub(super) fn spatial_rank(class: &str) -> usize {
    let digit = class.as_bytes().windows(2).find(|w| w[0].is_ascii_digit() && w[1] == b'D');
    digit.map_or(0, |w| usize::from(w[0] - b'0'))
}

/// Whether the channels stand before the spatial axes.
pub(super) fn channels_first(call: &Call<'_>) -> bool {
    text(call, "data_format") == Some("channels_first") || text(call, "dim_ordering") == Some("th")
}

/// Batch, spatial axes and channels of an image; nothing if its rank is another.
pub(super) fn image(call: &Call<'_>, rank: usize) -> Option<(Size, Vec<Size>, Size)> {
    let shape = call.shape(0)?;
    if shape.len() != rank + 2 {
        call.conflict(
            "O105",
            format!("an input of rank {} is expected, and this is of {}", rank + 2, shape.len()),
        );
        return None;
    }
    let (batch, rest) = shape.split_first()?;
    Some(if channels_first(call) {
        (batch.clone(), rest[1..].to_vec(), rest[0].clone())
    } else {
        (batch.clone(), rest[..rank].to_vec(), rest[rank].clone())
    })
}

/// The reverse of [`image`].
pub(super) fn shape_of(call: &Call<'_>, batch: Size, spatial: Vec<Size>, channels: Size) -> Vec<Size> {
    let mut shape = vec![batch];
    if channels_first(call) {
        shape.push(channels);
        shape.extend(spatial);
    } else {
        shape.extend(spatial);
        shape.push(channels);
    }
    shape
}

/// The window of a convolution or of a pooling.
pub(super) fn window(call: &Call<'_>, rank: usize) -> Option<Window> {
    let pool = ints(call, "pool_size", rank);
    let old = || match (int(call, "nb_row"), int(call, "nb_col")) {
        (Some(rows), Some(columns)) => Some(vec![rows, columns]),
        _ => int(call, "filter_length").or_else(|| int(call, "pool_length")).map(|n| vec![n; rank]),
    };
    let kernel = pool.clone().or_else(|| ints(call, "kernel_size", rank)).or_else(old)?;
    let strides = ints(call, "strides", rank).or_else(|| int(call, "stride").map(|n| vec![n; rank]));
    // A pooling without strides takes those of its window.
    let strides = strides.or(pool).unwrap_or_else(|| vec![1; rank]);
    let dilations = ints(call, "dilation_rate", rank).unwrap_or_else(|| vec![1; rank]);
    let kernel: Vec<Size> = kernel.into_iter().map(known).collect();
    let padding = match text(call, "padding") {
        Some("same") => Padding::Same,
        // As much before as the window reaches back.
        Some("causal") => {
            let reach = (0..rank)
                .map(|i| kernel.get(i)?.as_ref()?.known()?.checked_sub(1)?.checked_mul(*dilations.get(i)?));
            let before: Vec<i64> = reach.collect::<Option<_>>()?;
            Padding::Given(before.into_iter().chain(vec![0; rank]).collect())
        }
        _ => Padding::Valid,
    };
    let fits = kernel.len() == rank && strides.len() == rank && dilations.len() == rank;
    fits.then_some(Window { kernel, strides, dilations, padding, round_up: false, starts_inside: false })
}

/// A size and a number added.
pub(super) fn plus(size: &Size, n: i64) -> Size {
    size.as_ref()?.plus(&Expr::from(n))
}

/// A size times a number.
pub(super) fn times(size: &Size, n: i64) -> Size {
    size.as_ref()?.times(&Expr::from(n))
}

/// The attribute under its name of today, or of Keras 1.
fn setting<'a>(call: &'a Call<'_>, name: &str) -> Option<&'a AttributeValue> {
    let old = match name {
        "padding" => "border_mode",
        "strides" => "subsample",
        "filters" => "nb_filter",
        "units" => "output_dim",
        "use_bias" => "bias",
        "dilation_rate" => "atrous_rate",
        "rate" => "p",
        _ => "",
    };
    call.attribute(name).or_else(|| call.attribute(old))
}
