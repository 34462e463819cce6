//! Convolutions and pooling.

use super::layout::of_rank;
use super::rule::Rule;
use crate::model::{DType, Expr};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size, known};
use crate::ops::shape::{Padding, Window};

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "AveragePool" | "LpPool" => |call| pool(call, false),
        "CausalConvWithState" => causal,
        "Col2Im" => col2im,
        "Conv" => |call| convolution(call, 0, 1, call.dtype(0)),
        "ConvInteger" => |call| convolution(call, 0, 1, DType::I32),
        "ConvTranspose" => transposed,
        "DeformConv" => |call| convolution(call, 0, 1, call.dtype(0)),
        "GlobalAveragePool" | "GlobalLpPool" | "GlobalMaxPool" => global,
        "MaxPool" => |call| pool(call, true),
        "MaxRoiPool" => |call| regions(call, call.ints("pooled_shape").map(<[i64]>::to_vec)),
        "MaxUnpool" => unpool,
        "QLinearConv" => |call| convolution(call, 0, 3, call.dtype(7)),
        "RoiAlign" => {
            |call| regions(call, Some(vec![call.int("output_height", 1), call.int("output_width", 1)]))
        }
        _ => return None,
    })
}

/// The window that the attributes describe, for a kernel of these sizes.
pub(super) fn window(call: &Call<'_>, kernel: Vec<Size>) -> Window {
    let axes = kernel.len();
    let list =
        |name: &str| call.ints(name).filter(|v| v.len() == axes).map_or(vec![1; axes], <[i64]>::to_vec);
    let padding = match call.text("auto_pad") {
        Some("SAME_UPPER" | "SAME_LOWER") => Padding::Same,
        Some("VALID") => Padding::Valid,
        _ => Padding::Given(call.ints("pads").map_or(vec![0; 2 * axes], <[i64]>::to_vec)),
    };
    Window {
        kernel,
        strides: list("strides").into_iter().map(|n| n.max(1)).collect(),
        dilations: list("dilations"),
        padding,
        round_up: call.int("ceil_mode", 0) != 0,
        starts_inside: true,
    }
}

/// The kernel by its attribute, else by the shape of the weights.
fn kernel(call: &Call<'_>, weights: usize) -> Option<Vec<Size>> {
    match call.ints("kernel_shape") {
        Some(sizes) => Some(sizes.iter().map(|&n| known(n)).collect()),
        None => call.shape(weights).and_then(|s| s.get(2..)).map(<[Size]>::to_vec),
    }
}

fn convolution(call: &Call<'_>, data: usize, weights: usize, dtype: DType) -> Outputs {
    let rank = call.rank(data).or_else(|| call.rank(weights));
    let shape = call.shape(data).filter(|s| s.len() >= 2).map(|shape| {
        let space = &shape[2..];
        let channels = call.shape(weights).and_then(|w| w.first()).cloned().flatten();
        let kernel = kernel(call, weights).filter(|k| k.len() == space.len());
        if let Some(weights) = call.shape(weights).filter(|w| w.len() == shape.len()) {
            let group = Expr::from(call.int("group", 1));
            let wanted = weights[1].as_ref().and_then(|n| n.times(&group));
            crate::ops::shape::same(call, &shape[1], &wanted, "channels of the input and of the kernel");
        }
        let space = kernel.map_or(vec![None; space.len()], |kernel| window(call, kernel).output(space));
        [vec![shape[0].clone(), channels], space].concat()
    });
    vec![Fact::tensor(dtype, shape.or_else(|| of_rank(rank?)))]
}

fn causal(call: &Call<'_>) -> Outputs {
    let like = |n: usize| call.input(n).map_or(Fact::default(), Fact::bare);
    let state = match call.input(3) {
        Some(state) => state.bare(),
        None => {
            let length = call.shape(1).and_then(|w| w.last()).cloned().flatten();
            let length = length.and_then(|n| n.plus(&Expr::from(-1)));
            let shape = call.shape(0).filter(|s| s.len() == 3);
            Fact::tensor(call.dtype(0), shape.map(|s| vec![s[0].clone(), s[1].clone(), length]))
        }
    };
    vec![like(0), state]
}

fn transposed(call: &Call<'_>) -> Outputs {
    let shape = call.shape(0).filter(|s| s.len() >= 2).map(|shape| {
        let space = &shape[2..];
        let group = Expr::from(call.int("group", 1));
        let channels = call.shape(1).and_then(|w| w.get(1)).cloned().flatten();
        let channels = channels.and_then(|n| n.times(&group));
        let sizes = match call.ints("output_shape") {
            Some(wanted) if wanted.len() == space.len() => wanted.iter().map(|&n| known(n)).collect(),
            Some(wanted) if wanted.len() == shape.len() => wanted[2..].iter().map(|&n| known(n)).collect(),
            _ => {
                let kernel = kernel(call, 1).filter(|k| k.len() == space.len());
                let extra = call.ints("output_padding").unwrap_or_default();
                kernel.map_or(vec![None; space.len()], |k| window(call, k).transposed_output(space, extra))
            }
        };
        [vec![shape[0].clone(), channels], sizes].concat()
    });
    vec![Fact::tensor(call.dtype(0), shape.or_else(|| of_rank(call.rank(0)?)))]
}

fn pool(call: &Call<'_>, positions: bool) -> Outputs {
    let shape = call.shape(0).filter(|s| s.len() >= 2).map(|shape| {
        let space = &shape[2..];
        let kernel = kernel(call, usize::MAX).filter(|k| k.len() == space.len());
        let space = kernel.map_or(vec![None; space.len()], |kernel| window(call, kernel).output(space));
        [vec![shape[0].clone(), shape[1].clone()], space].concat()
    });
    let mut outputs = vec![Fact::tensor(call.dtype(0), shape.clone())];
    if positions {
        outputs.push(Fact::tensor(DType::I64, shape));
    }
    outputs
}

fn global(call: &Call<'_>) -> Outputs {
    let shape = call.shape(0).map(|shape| {
        let sizes = shape.iter().enumerate();
        sizes.map(|(axis, size)| if axis < 2 { size.clone() } else { known(1) }).collect()
    });
    vec![Fact::tensor(call.dtype(0), shape)]
}

/// One window for each region of interest.
fn regions(call: &Call<'_>, size: Option<Vec<i64>>) -> Outputs {
    let count = call.shape(1).and_then(|s| s.first()).cloned().flatten();
    let channels = call.shape(0).and_then(|s| s.get(1)).cloned().flatten();
    let size = size.filter(|s| s.len() == 2);
    let shape = size.map(|s| vec![count, channels, known(s[0]), known(s[1])]);
    vec![Fact::tensor(call.dtype(0), shape)]
}

fn unpool(call: &Call<'_>) -> Outputs {
    let rank = call.rank(0);
    if call.has(2) {
        let sizes = call.input(2).and_then(Fact::sizes);
        return vec![Fact::tensor(call.dtype(0), sizes.or_else(|| of_rank(rank?)))];
    }
    let shape = call.shape(0).filter(|s| s.len() >= 2).and_then(|shape| {
        let kernel = kernel(call, usize::MAX).filter(|k| k.len() == shape.len() - 2)?;
        let sizes = window(call, kernel).transposed_output(&shape[2..], &[]);
        Some([shape[..2].to_vec(), sizes].concat())
    });
    vec![Fact::tensor(call.dtype(0), shape.or_else(|| of_rank(rank?)))]
}

fn col2im(call: &Call<'_>) -> Outputs {
    let image = call.input(1).and_then(Fact::sizes);
    let block = call.input(2).and_then(Fact::sizes);
    let shape = call.shape(0).filter(|s| s.len() == 3).and_then(|shape| {
        let image = match image {
            Some(image) => image,
            None => vec![None; super::layout::list_length(call, 1)?.min(64)],
        };
        let area = block.as_deref().and_then(crate::ops::facts::fact::product);
        let channels = shape[1].as_ref().and_then(|n| n.exact_quotient(&area?));
        Some([vec![shape[0].clone(), channels], image].concat())
    });
    vec![Fact::tensor(call.dtype(0), shape)]
}
