//! The patches of an image that a kernel lies over, as a matrix.

use std::ops::Range;

use crate::eval::elements::count;
use crate::eval::{Call, Failure};

/// One spatial axis of a convolution.
#[derive(Clone, Copy, Debug)]
struct Axis {
    input: i64,
    kernel: i64,
    output: i64,
    stride: i64,
    dilation: i64,
    /// Zeros before the first element.
    before: i64,
}

/// The geometry of a convolution.
#[derive(Clone, Debug)]
pub(super) struct Patches {
    axes: Vec<Axis>,
}

impl Patches {
    /// As a call's attributes say, for spatial axes of these sizes.
    pub(super) fn of(call: &Call<'_>, input: &[i64], kernel: &[i64]) -> Result<Patches, Failure> {
        let n = input.len();
        if n == 0 || kernel.len() != n {
            return Failure::invalid("the operand and the kernel have different numbers of axes");
        }
        if call.ints("kernel_shape")?.is_some_and(|shape| shape != kernel) {
            return Failure::invalid("kernel_shape is not the kernel's shape");
        }
        let list = |name: &str, len: usize, default: i64, least: i64| -> Result<Vec<i64>, Failure> {
            match call.ints(name)? {
                None => Ok(vec![default; len]),
                Some(list) if list.len() == len && list.iter().all(|x| (least..1 << 31).contains(x)) => {
                    Ok(list)
                }
                Some(_) => Failure::invalid(format!("{name} is not {len} numbers from {least} up")),
            }
        };
        let (strides, dilations) = (list("strides", n, 1, 1)?, list("dilations", n, 1, 1)?);
        let pads = list("pads", 2 * n, 0, 0)?;
        let auto = call.text("auto_pad", "NOTSET")?;
        let mut axes = Vec::new();
        for at in 0..n {
            if !(0..1 << 31).contains(&input[at]) || !(1..1 << 31).contains(&kernel[at]) {
                return Failure::invalid("an axis is too long, or a kernel is empty");
            }
            let span = (kernel[at] - 1).saturating_mul(dilations[at]).saturating_add(1);
            let (before, after) = match auto.as_str() {
                "NOTSET" => (pads[at], pads[at + n]),
                "VALID" => (0, 0),
                "SAME_UPPER" | "SAME_LOWER" => {
                    let output = (input[at] + strides[at] - 1) / strides[at];
                    let all =
                        ((output - 1).saturating_mul(strides[at]).saturating_add(span) - input[at]).max(0);
                    let less = all / 2;
                    if auto == "SAME_UPPER" { (less, all - less) } else { (all - less, less) }
                }
                other => return Failure::invalid(format!("auto_pad is {other}")),
            };
            let room = (input[at] + before).saturating_add(after).saturating_sub(span);
            if room < 0 {
                return Failure::invalid("the kernel is larger than the operand");
            }
            axes.push(Axis {
                input: input[at],
                kernel: kernel[at],
                output: room / strides[at] + 1,
                stride: strides[at],
                dilation: dilations[at],
                before,
            });
        }
        Ok(Patches { axes })
    }

    /// The spatial dimensions of the result.
    pub(super) fn output(&self) -> Vec<i64> {
        self.axes.iter().map(|axis| axis.output).collect()
    }

    /// The number of rows of the result, and their length.
    pub(super) fn rows(&self) -> Result<(usize, usize), Failure> {
        let output = self.output();
        let (outer, row) = output.split_at(output.len() - 1);
        Ok((count(outer)?, count(row)?))
    }

    /// Fills in the matrix of some rows of the result: it has a row for each channel and position
    /// of the kernel, and a column for each of the result's positions.
    pub(super) fn fill(&self, x: &[i16], channels: usize, rows: Range<usize>, into: &mut Vec<i16>) {
        into.clear();
        let image = x.len() / channels.max(1);
        let kernel: i64 = self.axes.iter().map(|axis| axis.kernel).product();
        let (last, outer) = match self.axes.split_last() {
            Some((last, outer)) => (*last, outer),
            None => return,
        };
        for channel in 0..channels {
            let x = &x[channel * image..(channel + 1) * image];
            for offset in 0..kernel {
                for row in rows.clone() {
                    let first = offset % last.kernel * last.dilation - last.before;
                    match begin(outer, row as i64, offset / last.kernel) {
                        Some(row) => last.row(&x[(row * last.input) as usize..], first, into),
                        None => into.extend(std::iter::repeat_n(0, last.output as usize)),
                    }
                }
            }
        }
    }
}

/// The row of the operand where a row of the result finds a position of the kernel; `None` where
/// that is outside.
fn begin(axes: &[Axis], mut row: i64, mut offset: i64) -> Option<i64> {
    let (mut found, mut step) = (0, 1);
    for axis in axes.iter().rev() {
        let at = row % axis.output * axis.stride + offset % axis.kernel * axis.dilation - axis.before;
        if !(0..axis.input).contains(&at) {
            return None;
        }
        found += at * step;
        (row, offset, step) = (row / axis.output, offset / axis.kernel, step * axis.input);
    }
    Some(found)
}

impl Axis {
    /// The elements of a row that one position of the kernel meets, the first one at `first`.
    fn row(&self, x: &[i16], first: i64, into: &mut Vec<i16>) {
        let inside = |at: i64| (0..self.input).contains(&at);
        if self.stride == 1 {
            let before = (-first).clamp(0, self.output);
            let end = (self.input - first).clamp(before, self.output);
            into.extend(std::iter::repeat_n(0, before as usize));
            into.extend_from_slice(&x[(first + before) as usize..][..(end - before) as usize]);
            into.extend(std::iter::repeat_n(0, (self.output - end) as usize));
        } else {
            let places = (0..self.output).map(|o| first + o * self.stride);
            into.extend(places.map(|at| if inside(at) { x[at as usize] } else { 0 }));
        }
    }
}
